"""What the doctor says of what it sees. Its eyes are tested where everything is well, on the first
day; here is what may be wrong.
"""

import json
import urllib.request
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from appservice.config.load import load_config
from appservice.config.model import Config
from appservice.config.registration import read_registration, registration_of
from appservice.contacts.document import rules_digest
from appservice.contacts.settings import ContactsSettings
from appservice.doctor.facts import (
    DatabaseSeen,
    Facts,
    Finding,
    ModuleSeen,
    NotSeen,
    Pinged,
    PolicySeen,
    Reached,
    Verdict,
)
from appservice.doctor.judge import is_well, judge
from appservice.doctor.judge_synapse import OLDEST_SYNAPSE
from appservice.doctor.probe import serves_openid
from appservice.embedded.homeserver_config import free_port
from appservice.embedded.postgres import EmbeddedPostgres
from appservice.embedded.synapse import EmbeddedSynapse
from appservice.matrix.homeserver import Homeserver
from tests.cli.administrator import Administrator
from tests.ground import AppservicePool, AppserviceSlot, apart, homeserver_settings

NOW = datetime(2026, 9, 1, 8, tzinfo=UTC)


@pytest.fixture
def config(tmp_path: Path) -> Config:
    path = tmp_path / "config.yaml"
    path.write_text(
        "homeserver: {url: 'http://hs', server_name: school.test}\nroster: {path: roster}\n",
        encoding="utf-8",
    )
    return load_config(path, {})


def expected(config: Config) -> dict[str, object]:
    return registration_of(config).content("school.test")


def well(config: Config) -> Facts:
    return Facts(
        reached=Reached(0.02, NOW, NOW),
        registration=expected(config),
        database=DatabaseSeen(
            "18.4",
            2,
            2,
            embedded=False,
            policy_version=7,
            policy_digest="d",
            policy_rules=rules_digest(config.contacts.rules()),
            policy_checked_at=NOW,
        ),
        roster_is_there=True,
        service_listens=True,
        who="@school:school.test",
        synapse="1.163.2",
        room_versions=frozenset({"11", "12"}),
        bot_is_admin=True,
        module=ModuleSeen(frozenset({"rooms.create", "rooms.batch", "policy"})),
        policy=PolicySeen(7, "d", 2580),
        pinged=Pinged(3),
        people_in_namespaces=0,
    )


def said(config: Config, facts: Facts, check: str) -> Finding:
    found = {finding.check: finding for finding in judge(config, facts, expected(config))}
    return found[check]


def test_all_is_well(config: Config) -> None:
    findings = judge(config, well(config), expected(config))
    assert {finding.verdict for finding in findings} == {Verdict.OK}
    assert {finding.advice for finding in findings} == {""}
    assert is_well(findings)


@pytest.mark.parametrize(
    ("check", "changed", "verdict", "text"),
    [
        (
            "homeserver",
            {"reached": NotSeen("refused")},
            Verdict.FAILED,
            "http://hs does not answer: refused",
        ),
        (
            "clock",
            {"reached": Reached(0.02, NOW + timedelta(minutes=2), NOW)},
            Verdict.WARNING,
            "120 s away from the homeserver's",
        ),
        (
            "clock",
            {"reached": Reached(0.02, None, NOW)},
            Verdict.NOT_SEEN,
            "the homeserver names no time",
        ),
        (
            "token",
            {"who": NotSeen("M_UNKNOWN_TOKEN")},
            Verdict.FAILED,
            "Synapse does not take our as_token: M_UNKNOWN_TOKEN",
        ),
        (
            "token",
            {"who": "@school:other.test"},
            Verdict.FAILED,
            "Synapse takes us for @school:other.test, we are @school:school.test",
        ),
        (
            "synapse",
            {"synapse": "1.99.0 (b=main,1a2b3c4)"},
            Verdict.WARNING,
            "1.99.0 (b=main,1a2b3c4), older than any that School Spaces is tested with",
        ),
        (
            "synapse",
            {"synapse": "1.135.0"},
            Verdict.WARNING,
            "1.135.0, older than any that School Spaces is tested with",
        ),
        (
            "room_version",
            {"room_versions": frozenset({"10", "11"})},
            Verdict.FAILED,
            "this Synapse has no rooms of version 12",
        ),
        (
            "admin",
            {"bot_is_admin": False},
            Verdict.FAILED,
            "@school:school.test is none, so it can make no accounts and join nobody",
        ),
        ("module", {"module": None}, Verdict.WARNING, "not loaded"),
        (
            "module",
            {"module": NotSeen("M_FORBIDDEN")},
            Verdict.WARNING,
            "loaded, but not for us: M_FORBIDDEN",
        ),
        (
            "module",
            {"module": ModuleSeen(frozenset({"rooms.create", "rooms.batch"}), "another shape")},
            Verdict.WARNING,
            "loaded, but slow: another shape",
        ),
        (
            "module",
            {"module": ModuleSeen(frozenset({"rooms.batch"}))},
            Verdict.WARNING,
            "loaded, but it cannot: rooms.create",
        ),
        (
            "ping",
            {"pinged": Pinged(code="M_CONNECTION_FAILED"), "service_listens": False},
            Verdict.WARNING,
            "the service is not running here, so this cannot be tried",
        ),
        (
            "ping",
            {"pinged": Pinged(code="M_CONNECTION_FAILED")},
            Verdict.FAILED,
            "it does not reach http://localhost:29380",
        ),
        (
            "ping",
            {"pinged": Pinged(code="M_BAD_STATUS")},
            Verdict.FAILED,
            "somebody else answers at http://localhost:29380, or with another hs_token",
        ),
        (
            "namespaces",
            {"people_in_namespaces": 7},
            Verdict.FAILED,
            "7 accounts of people are in them: Synapse sends us their private chats",
        ),
        (
            "database",
            {"database": NotSeen("no route")},
            Verdict.FAILED,
            "no route",
        ),
        (
            "database",
            {"database": DatabaseSeen("12.9", 2, 2, embedded=False)},
            Verdict.FAILED,
            "PostgreSQL 12.9",
        ),
        (
            "database",
            {"database": DatabaseSeen("18.4", 9, 2, embedded=True)},
            Verdict.FAILED,
            "embedded PostgreSQL 18.4, made by a newer School Spaces (schema 9)",
        ),
        ("registration", {"registration": None}, Verdict.WARNING, "there is no file"),
        ("rate_limits", {"registration": None}, Verdict.NOT_SEEN, "the registration was not read"),
        ("rate_limits", {"registration": {}}, Verdict.WARNING, "Synapse limits us"),
        ("roster", {"roster_is_there": False}, Verdict.FAILED, "there is nothing at"),
    ],
)
def test_what_may_be_wrong_is_said_with_what_to_do(
    config: Config, check: str, changed: dict[str, object], verdict: Verdict, text: str
) -> None:
    found = said(config, replace(well(config), **changed), check)  # type: ignore[arg-type]
    assert found.verdict is verdict
    assert found.text.startswith(text)
    assert bool(found.advice) == (verdict in (Verdict.FAILED, Verdict.WARNING))


@pytest.mark.parametrize("version", [OLDEST_SYNAPSE, "1.163.2", "1.200rc1", "2.0.0", "ours"])
def test_every_synapse_from_the_promised_one_on_is_well(config: Config, version: str) -> None:
    found = said(config, replace(well(config), synapse=version), "synapse")
    assert found == Finding("synapse", "Synapse", Verdict.OK, version)


OPEN = (
    "open: everyone with an account on this homeserver can find everyone, write to them, and make"
    " rooms, addresses and public rooms"
)


@pytest.mark.parametrize(
    ("changed", "text", "advice"),
    [
        (
            {"module": None},
            OPEN,
            "Load the Synapse module: docs/synapse-module.md. Until then the service undoes what it"
            " sees in the school's rooms, and sees nothing of other rooms.",
        ),
        (
            {"module": ModuleSeen(frozenset({"rooms.create", "rooms.batch"}))},
            OPEN,
            "Update the module in Synapse to the version of this service.",
        ),
        (
            {"policy": None},
            OPEN,
            "Synapse has no rules yet: `school-spaces apply` gives it those of the school.",
        ),
        (
            {"policy": PolicySeen(6, "c", 1)},
            "version 6, 1 person; but it is not what this service gave it last",
            "`school-spaces apply` gives it the rules of the school again.",
        ),
        (
            {"reached": Reached(0.02, NOW + timedelta(days=3), NOW + timedelta(days=3))},
            "version 7, 2580 people; last compared with the roster on 2026-09-01",
            "Who is what changes with the date: let `school-spaces run` run.",
        ),
    ],
)
def test_what_stays_open_is_said_plainly(
    config: Config, changed: dict[str, object], text: str, advice: str
) -> None:
    found = said(config, replace(well(config), **changed), "community")  # type: ignore[arg-type]
    assert found == Finding("community", "Contact rules", Verdict.WARNING, text, advice)


def test_other_rules_in_the_configuration_than_in_synapse_are_told(config: Config) -> None:
    facts = well(config)
    stricter = ContactsSettings.model_validate({"may_write_to": {"student": []}})
    found = said(config.model_copy(update={"contacts": stricter}), facts, "community")
    assert (found.verdict, found.text) == (
        Verdict.WARNING,
        "version 7, 2580 people; the configuration says other rules by now",
    )
    assert said(config, facts, "community") == Finding(
        "community", "Contact rules", Verdict.OK, "version 7, 2580 people"
    )


def test_a_registration_of_before_is_compared_key_by_key(config: Config) -> None:
    before = {**expected(config), "as_token": "another", "url": "http://elsewhere"}
    found = said(config, replace(well(config), registration=before), "registration")
    assert found.verdict is Verdict.FAILED
    assert found.text.endswith("does not fit the configuration: as_token, url")
    assert "another" not in found.text


def test_when_the_token_is_wrong_nothing_else_is_asked(
    administrator: Administrator, appservice_slot: AppserviceSlot
) -> None:
    text = administrator.config.read_text(encoding="utf-8")
    wrong = text.replace(appservice_slot.as_token, "f" * 64)
    administrator.config.write_text(wrong, encoding="utf-8")
    said = administrator.types("doctor", "--json")
    assert said.code == 1
    verdicts = {check["check"]: check["verdict"] for check in said.object["checks"]}
    assert verdicts == {
        "homeserver": "ok",
        "clock": "ok",
        "registration": "failed",
        "rate_limits": "ok",
        "token": "failed",
        "synapse": "not_seen",
        "room_version": "not_seen",
        "admin": "not_seen",
        "module": "not_seen",
        "community": "not_seen",
        "ping": "not_seen",
        "namespaces": "not_seen",
        "database": "ok",
        "roster": "ok",
    }


def test_real_people_in_the_namespaces_are_found(administrator: Administrator) -> None:
    assert administrator.types("apply").code == 0
    path = administrator.folder / "registration.yaml"
    registration = read_registration(path)
    wide = {**(registration or {}), "namespaces": {"users": [{"regex": "@.*"}]}}
    path.write_text(json.dumps(wide), encoding="utf-8")
    found = administrator.types("doctor", "--json")
    assert found.code == 1
    (namespaces,) = (check for check in found.object["checks"] if check["check"] == "namespaces")
    assert namespaces["verdict"] == "failed"
    assert int(namespaces["text"].split()[0]) >= 11  # ours, and those of others on this Synapse


@pytest.mark.parametrize(
    ("serves", "verdict"),
    [
        (True, Verdict.OK),
        (False, Verdict.FAILED),
        (NotSeen("silence"), Verdict.NOT_SEEN),
    ],
)
def test_a_page_in_rooms_needs_a_homeserver_that_says_who_is_there(
    tmp_path: Path, config: Config, serves: bool | NotSeen, verdict: Verdict
) -> None:
    facts = replace(well(config), serves_openid=serves)
    assert "page" not in {one.check for one in judge(config, facts, expected(config))}
    path = tmp_path / "config.yaml"
    page = "page: {address: 'https://d.test', clients: ['https://chat.test']}\n"
    path.write_text(path.read_text(encoding="utf-8") + page, encoding="utf-8")
    found = said(load_config(path, {}), facts, "page")
    assert (found.verdict, bool(found.advice)) == (verdict, verdict is Verdict.FAILED)


async def test_the_doctor_sees_whether_synapse_serves_openid(
    homeserver: EmbeddedSynapse, postgres: EmbeddedPostgres, tmp_path: Path
) -> None:
    port = free_port()
    listener = {
        "port": port,
        "type": "http",
        "bind_addresses": ["127.0.0.1"],
        "resources": [{"names": ["client"]}],
    }
    usual = homeserver_settings(postgres, "synapse_without_openid")
    without = replace(usual, port=port, extra={"listeners": [listener]})
    async with EmbeddedSynapse(tmp_path / "synapse", without) as other:
        seen = []
        for url in (homeserver.url, other.url, f"http://127.0.0.1:{free_port()}"):
            async with Homeserver(
                url,
                "not asked for",
                server_name="school.test",
                bot="@school:school.test",
                patience=0,
            ) as connection:
                seen.append(await serves_openid(connection))
    assert seen[:2] == [True, False]
    assert isinstance(seen[2], NotSeen)


def test_a_bot_that_is_no_server_admin_becomes_one_as_the_doctor_says(
    at_the_terminal: Administrator,
    homeserver: EmbeddedSynapse,
    appservice_pool: AppservicePool,
    database: str,
) -> None:
    registration, port = appservice_pool.take()
    apart(appservice_pool.introduce(homeserver))
    bot = f"@{registration.sender_localpart}:{homeserver.server_name}"
    slot = AppserviceSlot(registration, bot, port, homeserver.url, homeserver.server_name)
    at_the_terminal.has_configured(slot, database)
    at_the_terminal.has_a_roster()
    assert at_the_terminal.types("registration", "-g").code == 0

    def admin() -> tuple[str, str]:
        checks = at_the_terminal.types("doctor", "--json").object["checks"]
        (found,) = (check for check in checks if check["check"] == "admin")
        return found["verdict"], found["advice"]

    assert admin() == (
        "failed",
        f"As an administrator of Synapse: PUT /_synapse/admin/v2/users/{bot} with"
        ' {"admin": true} (docs/install.md has the command).',
    )
    request = urllib.request.Request(
        f"{homeserver.url}/_synapse/admin/v2/users/{bot}",
        data=b'{"admin": true}',
        headers={"Authorization": f"Bearer {apart(homeserver.admin_token())}"},
        method="PUT",
    )
    with urllib.request.urlopen(request, timeout=30):
        pass
    assert admin() == ("ok", "")
    assert at_the_terminal.types("apply").code == 0
