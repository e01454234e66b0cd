"""From an empty configuration to a school that lives, as an administrator types it."""

import asyncio
import json
import re
import shutil
import signal
import time
import urllib.request

from appservice.embedded.homeserver_config import free_port
from appservice.embedded.postgres import EmbeddedPostgres
from appservice.storage.database import Database
from appservice.storage.observed import ObservedStore
from tests.cli.administrator import Administrator, ended_by, without_digests
from tests.ground import AppserviceSlot


def test_an_administrator_looks_plans_applies_and_has_nothing_left_to_do(
    at_the_terminal: Administrator, appservice_slot: AppserviceSlot, database: str
) -> None:
    administrator = at_the_terminal
    administrator.has_configured(appservice_slot, database)
    administrator.has_a_roster()

    # The secret for account names is still missing, and that is all.
    assert administrator.types("plan").err == (
        f"{administrator.config}: 1 mistake\n"
        "  config.yaml:1:1: accounts.localpart_secret: This secret is still to be made: run"
        " `school-spaces registration -g`.\n"
    )
    made = administrator.types("registration", "-g", "--json")
    assert made.object == {
        "registration": str(administrator.folder / "registration.yaml"),
        "generated": ["accounts.localpart_secret"],
    }

    seen = administrator.types("doctor", "--json").object
    assert {check["check"]: check["verdict"] for check in seen["checks"]} == {
        "homeserver": "ok",
        "clock": "ok",
        "registration": "ok",
        "rate_limits": "ok",
        "token": "ok",
        "synapse": "ok",
        "room_version": "ok",
        "admin": "ok",
        "module": "ok",
        "community": "warning",  # nothing was applied yet
        "ping": "warning",  # the service does not run yet
        "namespaces": "ok",
        "database": "ok",
        "roster": "ok",
    }

    planned = administrator.types("plan")
    assert (planned.code, planned.err) == (0, "")
    assert without_digests(planned.out) == FIRST_PLAN
    digest = planned.out.rpartition(" ")[2].strip()

    applied = administrator.types("apply", digest)
    assert (applied.code, applied.err) == (0, "")
    assert applied.out == FIRST_APPLY

    nothing = "Nothing to do: everything is as the roster says."
    again = administrator.types("plan")
    assert (again.code, again.out) == (0, nothing)
    assert administrator.types("apply").out == nothing
    assert administrator.types("audit").out == "Read: 14 rooms, 11 accounts. Corrected: 0."

    log = [
        json.loads(line) for line in administrator.types("audit", "log", "--json").out.split("\n")
    ]
    assert [(one["actor"], one["action"], one["object"]) for one in log] == [
        ("terminal", "plan_applied", "")
    ]
    assert (log[0]["details"]["digest"], log[0]["details"]["outcome"]) == (digest, "done")

    status = administrator.types("status", "--json").object
    assert status["kept"] == {"accounts": 11, "rooms": 14, "memberships": 92}
    assert [(run["kind"], run["outcome"]) for run in status["runs"]] == [
        ("audit", "done"),
        ("apply", "done"),
        ("apply", "done"),
    ]


FIRST_PLAN = """\
Plan <digest>: 130 actions

 Phase      Action                        Kind of room             Count
 ───────────────────────────────────────────────────────────────────────
 Accounts   create an account                                         11
 Rooms      create a room                 school_space                 1
                                          announcements                1
                                          class_space                  1
                                          club                         1
                                          school_guardians             1
                                          school_students              1
                                          staff_room                   1
                                          class_announcements          1
                                          class_chat                   1
                                          guardians_only               1
                                          guardians_with_teacher       1
                                          subject_room                 3
 Spaces     put the room into its space   class_announcements          1
                                          class_chat                   1
                                          guardians_only               1
                                          guardians_with_teacher       1
                                          subject_room                 3
                                          announcements                1
                                          class_space                  1
                                          club                         1
                                          school_guardians             1
                                          school_students              1
                                          staff_room                   1
 Members    bring into the room           announcements               11
                                          class_announcements         10
                                          class_chat                   6
                                          class_space                 10
                                          club                         5
                                          guardians_only               4
                                          guardians_with_teacher       6
                                          school_guardians             5
                                          school_space                11
                                          school_students              4
                                          staff_room                   4
                                          subject_room                16

To carry it out: school-spaces apply <digest>"""

FIRST_APPLY = """
 Action                        Done   Failed   Skipped
 ─────────────────────────────────────────────────────
 create an account               11
 create a room                   14
 bring into the room             92
 put the room into its space     13

Done: everything is as the roster says."""


def test_a_plan_that_has_moved_is_refused(administrator: Administrator) -> None:
    digest = administrator.types("plan", "--json").object["digest"]
    memberships = administrator.folder / "roster" / "memberships.csv"
    all_but_one = memberships.read_text(encoding="utf-8").splitlines()[:-1]
    memberships.write_text("\n".join(all_but_one) + "\n", encoding="utf-8")
    refused = administrator.types("apply", digest, "--json")
    now = administrator.types("plan", "--json").object["digest"]
    assert refused.code == 2
    assert refused.object == {
        "error": {
            "kind": "refused",
            "reasons": [
                f"The plan has changed since it was approved: it is {now} now, not {digest}."
                " Nothing was done. Look at `school-spaces plan` and approve anew."
            ],
        }
    }
    assert administrator.types("status", "--json").object["kept"]["accounts"] == 0


def test_ctrl_c_in_the_middle_says_how_far_it_came_and_the_next_run_does_the_rest(
    administrator: Administrator, appservice_slot: AppserviceSlot, database: str
) -> None:
    shutil.rmtree(administrator.folder / "roster")
    administrator.has_a_roster(classes=4, students=40, subjects=4)
    applying = administrator.starts("apply")
    while not asyncio.run(accounts_on_record(database, appservice_slot.bot_id)):
        assert applying.poll() is None
    said = ended_by(applying, signal.SIGINT)
    assert (said.code, said.out) == (130, "")
    lines = said.err.splitlines()
    assert lines[0] == "Interrupted."
    assert lines[-1] == "What is done stays. Run `school-spaces apply` again to do the rest."
    assert lines[1].startswith("  Accounts: ")
    assert administrator.types("apply").code == 0
    assert administrator.types("plan", "--json").object["empty"]


def test_the_service_runs_until_it_is_told_to_end(
    administrator: Administrator, appservice_slot: AppserviceSlot
) -> None:
    service = administrator.starts("run")
    port = appservice_slot.port
    wait_for(f"http://127.0.0.1:{port}/health")
    second = administrator.starts("run")
    _out, err = second.communicate(timeout=60)
    assert (second.returncode, err) == (
        2,
        f"Somebody else listens at 127.0.0.1:{port} already: another `school-spaces run`, or"
        " another program. End it, or change `appservice.port` (and the registration).\n",
    )
    seen = administrator.types("doctor", "--json").object
    assert seen["ok"]
    wanting = {check["check"] for check in seen["checks"] if check["verdict"] != "ok"}
    assert wanting == {"community"}  # nothing was applied yet
    assert administrator.types("status", "--json").object["service"] == {"listens": True}
    said = ended_by(service, signal.SIGTERM)
    assert said.code == 0
    assert [line for line in said.out.splitlines() if "reaches" not in line] == [
        f"School Spaces listens at 127.0.0.1:{port} for school.test.",
        "Ready. Ctrl-C ends it.",
        "Ended.",
    ]


def test_a_service_that_waits_for_its_database_can_be_told_to_end(
    at_the_terminal: Administrator, appservice_slot: AppserviceSlot
) -> None:
    administrator = at_the_terminal
    nobody = f"postgresql://us@127.0.0.1:{free_port()}/ours"
    administrator.has_configured(appservice_slot, nobody)
    administrator.has_a_roster()
    assert administrator.types("registration", "-g").code == 0
    service = administrator.starts("run")
    assert service.stderr is not None
    assert "The database cannot be reached" in service.stderr.readline()
    said = ended_by(service, signal.SIGTERM)
    assert (said.code, said.out) == (0, "Ended.\n")


async def accounts_on_record(database: str, bot: str) -> int:
    async with Database.connect(database, connections=1) as connected:
        return (await ObservedStore(connected, bot=bot).totals()).accounts


def wait_for(url: str) -> None:
    """Returns when somebody answers there."""
    give_up = time.monotonic() + 60
    while True:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except OSError:
            if time.monotonic() > give_up:
                raise
            time.sleep(0.05)


def test_over_an_emptied_database_the_plan_says_how_to_find_everything_again(
    administrator: Administrator, postgres: EmbeddedPostgres, database_template: str
) -> None:
    assert administrator.types("apply").code == 0
    emptied = postgres.create_database("emptied_on_the_first_day", template=database_template)
    text = administrator.config.read_text(encoding="utf-8")
    administrator.config.write_text(re.sub(r"postgresql://\S+", emptied, text), encoding="utf-8")
    assert administrator.types("plan", "--json").object["notes"] == [
        "The database is empty, but the homeserver has rooms of ours. `school-spaces audit` finds"
        " them again (so does apply, by itself); then make the plan anew."
    ]
    assert administrator.types("apply").code == 0
    assert administrator.types("plan", "--json").object["empty"]
    audited = administrator.types("audit", "--json").object
    assert (audited["rooms"], audited["accounts"], audited["corrections"]) == (14, 11, [])


def test_an_export_that_is_wrong_stops_the_plan(administrator: Administrator) -> None:
    people = administrator.folder / "roster" / "people.csv"
    first, *rest = people.read_text(encoding="utf-8").splitlines()
    people.write_text("\n".join([first, *rest, rest[0]]) + "\n", encoding="utf-8")
    said = administrator.types("plan")
    assert (said.code, said.out) == (2, "")
    assert said.err == (
        "The roster was not accepted: 1 problem. Nothing was changed. See `school-spaces roster"
        " check`.\nduplicate_id: 1\n"
    )


def test_what_failed_and_what_had_to_wait_for_it_is_named(
    administrator: Administrator, appservice_slot: AppserviceSlot
) -> None:
    with administrator.config.open("a", encoding="utf-8") as config:
        config.write("  backend: external\n")
    people = administrator.folder / "roster" / "people.csv"
    header, first, *rest = people.read_text(encoding="utf-8").splitlines()
    column = header.split(",").index("external_ids")
    cells = first.split(",")
    cells[column] = f"matrix:{appservice_slot.id}-ghost"
    people.write_text("\n".join([header, ",".join(cells), *rest]) + "\n", encoding="utf-8")
    ghost = f"@{appservice_slot.id}-ghost:school.test"
    said = administrator.types("apply")
    assert (said.code, said.err) == (1, "")
    text = " ".join(said.out.split())
    assert (
        f"Failed: • There is no account {ghost} on this homeserver. It is kept elsewhere: have it"
        f" made there, or correct the roster. create an account: {ghost}"
    ) in text
    assert f"Skipped, because something before it failed: • The account {ghost} could not" in text
    assert text.endswith("Mend what is named above and run `school-spaces apply` again.")
    digest = administrator.types("plan", "--json").object["digest"]
    again = administrator.types("apply", digest, "--json")
    assert again.code == 1
    assert [failed["code"] for failed in again.object["failed"]] == ["unknown_account"]
    assert {skipped["because"] for skipped in again.object["skipped"]} == {
        f"The account {ghost} could not be made."
    }
