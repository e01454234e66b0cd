"""The oldest Synapse that is promised: the module and the service work on it.

It is the one of `make oldest-synapse`, or that of another Python, to try another version:
SCHOOL_SPACES_SYNAPSE_PYTHON=/path/to/python pytest tests/synapse_module/test_oldest.py
"""

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path

import aiohttp
import pytest

from appservice.doctor.judge_synapse import OLDEST_SYNAPSE
from appservice.embedded.postgres import EmbeddedPostgres
from tests import ground
from tests.cli.administrator import Administrator
from tests.synapse_module.caller import DOOR, School, join, kick, put
from tests.synapse_module.conftest import WithModule, homeserver_with_module
from tests.synapse_module.town import OUTSIDER, PEOPLE, Town, document, entry, why
from tests.upkeep.conftest import FEW_KINDS, SchoolOnTrial, open_workplace

NAMED = os.environ.get("SCHOOL_SPACES_SYNAPSE_PYTHON", "")
PYTHON = Path(NAMED or Path(__file__).parents[2] / ".venv-oldest" / "bin" / "python")

pytestmark = pytest.mark.skipif(
    not NAMED and not PYTHON.exists(),
    reason="The oldest Synapse is not installed: make oldest-synapse",
)


def _started(
    name: str, folder: Path, postgres: EmbeddedPostgres, *, one_by_one: bool
) -> AbstractContextManager[WithModule]:
    # Nothing beside ours: where a module looks at events, the oldest Synapse cannot make a room of
    # version 12.
    return homeserver_with_module(
        name, folder, postgres, one_by_one=one_by_one, python=str(PYTHON), beside=()
    )


@pytest.fixture(scope="module")
def oldest(ground_folder: Path, postgres: EmbeddedPostgres) -> Iterator[WithModule]:
    """That Synapse, with the module."""
    with _started("oldest", ground_folder, postgres, one_by_one=False) as server:
        yield server


@pytest.fixture(scope="module")
def oldest_singly(ground_folder: Path, postgres: EmbeddedPostgres) -> Iterator[WithModule]:
    """That Synapse, with a module that goes by the promised module API alone."""
    with _started("oldest_singly", ground_folder, postgres, one_by_one=True) as server:
        yield server


@pytest.fixture
def appservice_slot(oldest: WithModule) -> Iterator[ground.AppserviceSlot]:
    """An application service of the test's own, on the oldest Synapse."""
    with ground.school_slot(oldest.pool, oldest.homeserver) as slot:
        yield slot


@pytest.fixture
async def town(
    oldest: WithModule, appservice_slot: ground.AppserviceSlot, session: aiohttp.ClientSession
) -> Town:
    """The little school, closed."""
    town = await Town.build(School(appservice_slot, session, oldest.homeserver, "bulk"))
    await town.close()
    return town


@pytest.mark.skipif(bool(NAMED), reason="SCHOOL_SPACES_SYNAPSE_PYTHON names another Synapse")
async def test_it_is_the_promised_one_and_goes_in_bulk(town: Town) -> None:
    told = await town.school.well("GET", f"{DOOR}/abilities")
    assert {key: told[key] for key in ("synapse_version", "abilities", "batch")} == {
        "synapse_version": OLDEST_SYNAPSE,
        "abilities": ["rooms.batch", "rooms.create", "policy"],
        "batch": "bulk",
    }


@pytest.mark.parametrize("version", ["11", "12"])
@pytest.mark.parametrize("way", ["bulk", "one_by_one"])
async def test_a_room_is_made_and_a_batch_changes_it(
    way: str, version: str, request: pytest.FixtureRequest, session: aiohttp.ClientSession
) -> None:
    server: WithModule = request.getfixturevalue("oldest" if way == "bulk" else "oldest_singly")
    with ground.school_slot(server.pool, server.homeserver) as slot:
        await _a_room_changes(School(slot, session, server.homeserver, way), way, version)


async def _a_room_changes(school: School, way: str, version: str) -> None:
    ann, ben, leo = await school.people(3)
    room_id = await school.room(version, members=[ann])
    items = [join(ben), join(leo), join(ann), put("m.room.name", {"name": "5Б"}), kick(ann)]
    answer = await school.batch(room_id, items)
    assert (answer.status, answer.body["mode"]) == (200, way)
    outcomes = [result["outcome"] for result in answer.body["results"]]
    assert outcomes == ["done", "done", "unchanged", "done", "done"]
    assert await school.members(room_id) == {
        school.bot: "join",
        ann: "leave",
        ben: "join",
        leo: "join",
    }
    assert (await school.state(room_id))["m.room.name", ""] == {"name": "5Б"}
    assert (await school.create(school.wanted(version))).status == 409


async def test_the_policy_that_is_pushed_holds(town: Town) -> None:
    room_id = await town.room("ann", "ben")
    encryption = {"algorithm": "m.megolm.v1.aes-sha2"}
    told = {
        "invite": await town.invite("ann", room_id, "leo"),
        "third": await town.invite("ann", room_id, "mia"),
        "encrypt": await town.set_state("ann", room_id, "m.room.encryption", encryption),
        "make": await town.make("ann", "leo"),
        "outsider": await town.make(OUTSIDER, "ann"),
    }
    assert {what: why(answer) for what, answer in told.items()} == {
        "invite": "not_a_contact",
        "third": "only_two",
        "encrypt": "no_encryption",
        "make": "not_a_contact",
        "outsider": "outsider",
    }
    left = (await town.act("ann", "GET", "/_matrix/client/v3/joined_rooms")).body["joined_rooms"]
    assert left == [room_id]
    moved = {town.ids["leo"]: entry("student", "class:1/5a student")}
    assert (await town.put(document(2, moved, base=1))).status == 200
    assert why(await town.make("ann", "leo")) == "yes"


async def test_nobody_is_found_by_who_may_not_write_to_them(town: Town) -> None:
    await town.school.room(members=[town.ids[name] for name in PEOPLE])
    wanted = town.school.slot.id
    await town.directory_is_filled(wanted)
    shown = await town.found("ann", wanted) - {town.school.bot}
    assert shown == {"ben", "mia", "mother", "teacher"}


@pytest.mark.parametrize(("by_module", "version"), [(False, "12"), (True, "11")])
async def test_a_school_stands_and_a_second_run_does_nothing(
    by_module: bool, version: str, appservice_slot: ground.AppserviceSlot, database: str
) -> None:
    async with open_workplace(appservice_slot, database) as workplace:
        school = SchoolOnTrial(replace(workplace, use_module=by_module), appservice_slot)
        school.with_rooms(version=version, kinds=FEW_KINDS)
        report = await school.apply(approved=False)
        assert (report.failed, report.skipped, report.exit_status) == ((), (), 0)
        assert await school.seen() == school.wanted()
        again = await school.apply(approved=False)
        assert (again.results, (await school.plan()).actions) == ((), ())
        assert (await school.audit()).corrections == ()


def test_an_administrator_applies_a_roster_and_the_doctor_is_content(
    appservice_slot: ground.AppserviceSlot,
    database: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SCHOOL_SPACES_LANGUAGE", "en")
    administrator = Administrator(tmp_path, capsys)
    administrator.has_configured(appservice_slot, database)
    administrator.has_a_roster()
    assert administrator.types("registration", "-g").code == 0
    assert administrator.types("apply").code == 0
    again = administrator.types("apply")
    assert (again.code, again.out) == (0, "Nothing to do: everything is as the roster says.")
    seen = administrator.types("doctor", "--json").object
    verdicts = {check["check"]: check["verdict"] for check in seen["checks"]}
    assert {check: verdict for check, verdict in verdicts.items() if verdict != "ok"} == {
        "ping": "warning"  # the service does not run yet
    }
