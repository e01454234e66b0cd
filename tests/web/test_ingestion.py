"""What a diary system is answered: let in or not, taken or not, and why."""

from __future__ import annotations

import asyncio
import gzip
import json
import sys
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import hypothesis
import pytest
import schemathesis
from aiohttp import web
from pydantic import SecretStr

from appservice.accounts.settings import AccountsSettings
from appservice.delivery.intake import Intake
from appservice.diary.settings import DiarySettings, SourceSettings
from appservice.embedded.homeserver_config import free_port
from appservice.rooms.kinds.settings import RoomsSettings
from appservice.rooms.planning.safety import SafetySettings
from appservice.school.problem import Delivery
from appservice.school.sample import sample_school
from appservice.storage.database import Database
from appservice.storage.diary import DiaryStore
from appservice.storage.standing import StandingStore
from appservice.upkeep.living import LivingWish
from appservice.upkeep.reconcile import Deployment
from appservice.web.ingestion.answering import EVENTS, MOST_BYTES, add_ingestion
from appservice.web.ingestion.credentials import SIGNATURE, SOURCE, TIMESTAMP, signature
from appservice.web.listening import listening

ROSTER = sample_school(classes=1, students=2, subjects=1)
SCHOOL = ROSTER.schools[0].school_id
TOKEN, SECRET = "t" * 32, "s" * 32
SETTINGS = DiarySettings(
    sources={
        "journal": SourceSettings(token=SecretStr(TOKEN)),
        "timetable": SourceSettings(hmac_secret=SecretStr(SECRET)),
        "other": SourceSettings(token=SecretStr("o" * 32), schools=("elsewhere",)),
    }
)
DEPLOYMENT = Deployment(
    server_name="school.test",
    bot="@school:school.test",
    accounts=AccountsSettings(localpart_secret=SecretStr("x" * 32)),
    rooms=RoomsSettings(),
    safety=SafetySettings(),
)
NOON = datetime(2026, 10, 1, 12, tzinfo=UTC)
BEARER = {"Authorization": f"Bearer {TOKEN}"}


def event(**changed: object) -> dict[str, Any]:
    return {
        "event_id": "e1",
        "source": "journal",
        "type": "grade.removed",
        "school": SCHOOL,
        "external_id": "g1",
        "revision": 1,
        "occurred_at": "2026-10-01T11:00:00Z",
        "published_at": "2026-10-01T11:00:00Z",
        "payload": {"student": "anna", "subject": "Математика"},
        **changed,
    }


@dataclass(frozen=True)
class Gate:
    url: str
    counted: dict[str, int]

    async def post(self, body: bytes, headers: Mapping[str, str]) -> tuple[int, Any]:
        async with (
            aiohttp.ClientSession(headers=dict(headers)) as session,
            session.post(self.url + EVENTS, data=body) as answer,
        ):
            return answer.status, await answer.json()

    async def send(self, *events: object) -> list[Mapping[str, Any]]:
        status, said = await self.post(json.dumps(events).encode(), BEARER)
        assert status == 202, said
        verdicts: list[Mapping[str, Any]] = said["verdicts"]
        return verdicts


@pytest.fixture
async def gate(database: str) -> AsyncIterator[Gate]:
    async with Database.connect(database) as opened:
        await StandingStore(opened).accept(Delivery(ROSTER), namespace=SCHOOL, at=NOON)
        living = LivingWish(opened, lambda _namespace: DEPLOYMENT, NOON.date)
        intake = Intake(DiaryStore(opened), living, SETTINGS, now=lambda: NOON)
        counted: dict[str, int] = {}

        def count(verdict: str, number: int) -> None:
            counted[verdict] = counted.get(verdict, 0) + number

        app = web.Application()
        add_ingestion(app, intake, SETTINGS, count, now=lambda: NOON)
        port = free_port()
        async with listening(app, "127.0.0.1", port):
            yield Gate(f"http://127.0.0.1:{port}", counted)


async def test_each_event_of_a_batch_has_its_verdict(gate: Gate) -> None:
    wrong = event(event_id="e2", external_id="g2", payload={"student": "anna"})
    later = event(event_id="e3", revision=2)

    assert await gate.send(event(), wrong, later, event(), later, 5) == [
        {"event_id": "e1", "verdict": "accepted"},
        {
            "event_id": "e2",
            "verdict": "rejected",
            "errors": [
                {
                    "code": "missing_key",
                    "pointer": "/payload/subject",
                    "text": "This key is needed. Add it.",
                }
            ],
        },
        {"event_id": "e3", "verdict": "accepted"},
        {"event_id": "e1", "verdict": "stale"},
        {"event_id": "e3", "verdict": "duplicate"},
        {
            "event_id": "",
            "verdict": "rejected",
            "errors": [
                {
                    "code": "wrong_type",
                    "pointer": "",
                    "text": "An object is needed here: keys with their values.",
                }
            ],
        },
    ]
    assert gate.counted == {"accepted": 2, "rejected": 2, "stale": 1, "duplicate": 1}
    batch = [event(external_id=f"g{number}", revision=7) for number in range(1000)]
    assert {one["verdict"] for one in await gate.send(*batch)} == {"accepted"}
    assert {one["verdict"] for one in await gate.send(*batch)} == {"duplicate"}


async def test_a_source_speaks_in_its_own_name_for_its_own_schools(gate: Gate) -> None:
    said = await gate.send(event(source="timetable"), event(school="elsewhere"))
    assert [[error["code"] for error in one["errors"]] for one in said] == [
        ["other_source"],
        ["unknown_school"],
    ]
    status, answer = await gate.post(
        json.dumps(event(source="other")).encode(), {"Authorization": f"Bearer {'o' * 32}"}
    )
    assert (status, answer["verdicts"][0]["errors"][0]["code"]) == (202, "unknown_school")


async def test_what_is_signed_is_taken_while_it_is_fresh_and_unchanged(gate: Gate) -> None:
    body = json.dumps(event(source="timetable")).encode()

    def signed(at: int, name: str = "timetable", secret: str = SECRET) -> dict[str, str]:
        stamp = str(at)
        return {SOURCE: name, TIMESTAMP: stamp, SIGNATURE: signature(secret, stamp, body)}

    now = int(NOON.timestamp())
    assert (await gate.post(body, signed(now - 299)))[0] == 202
    for content, headers in (
        (body, signed(now - 301)),
        (body, signed(now + 301)),
        (body + b" ", signed(now)),
        (body, signed(now, secret="x" * 32)),
        (body, signed(now, name="journal")),
        (body, {**signed(now), TIMESTAMP: "soon"}),
        (body, {"Authorization": "Bearer wrong"}),
        (body, {"Authorization": "Bearer \udcff"}),  # a byte that is no UTF-8
        (body, {**signed(now), SIGNATURE: "sha256=\udcff"}),
        (body, {}),
    ):
        status, said = await gate.post(content, headers)
        assert (status, said["code"]) == (401, "not_let_in")
    for scheme in ("bearer", "BEARER"):
        status, said = await gate.post(
            json.dumps(event()).encode(), {"Authorization": f"{scheme} {TOKEN}"}
        )
        assert status == 202


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"{", 400, "not_json"),
        (b"\xff", 400, "not_json"),
        (b"[NaN]", 400, "not_json"),
        (b"[" * 100_000, 400, "not_json"),
        (b"[]", 400, "too_few"),
        (b"[" + b",".join([b"1"] * 1001) + b"]", 400, "too_many"),
        (b" " * (MOST_BYTES + 1), 413, "too_large"),
    ],
)
async def test_what_cannot_be_read_is_refused_as_a_whole(
    gate: Gate, body: bytes, status: int, code: str
) -> None:
    answered, said = await gate.post(body, BEARER)
    assert (answered, said["code"]) == (status, code)
    assert gate.counted == {}


async def test_what_is_packed_is_measured_and_read_as_it_is_once_unpacked(gate: Gate) -> None:
    packed = {**BEARER, "Content-Encoding": "gzip"}
    answers = [
        (status, said.get("code", "taken"))
        for body in (
            gzip.compress(json.dumps(event()).encode()),
            gzip.compress(b" " * (MOST_BYTES + 1)),
            b"garbage",
        )
        for status, said in [await gate.post(body, packed)]
    ]
    assert answers == [(202, "taken"), (413, "too_large"), (400, "not_packed")]


async def test_before_the_first_roster_everything_is_to_be_sent_again(database: str) -> None:
    async with Database.connect(database) as opened:
        living = LivingWish(opened, lambda _namespace: DEPLOYMENT, NOON.date)
        app = web.Application()
        add_ingestion(app, Intake(DiaryStore(opened), living, SETTINGS), SETTINGS, _nothing)
        port = free_port()
        async with listening(app, "127.0.0.1", port):
            gate = Gate(f"http://127.0.0.1:{port}", {})
            status, said = await gate.post(json.dumps(event()).encode(), BEARER)
    assert (status, said["code"]) == (503, "away")


async def test_the_service_keeps_to_its_openapi_document(gate: Gate) -> None:
    """Documents made up by schemathesis from what is served; each is taken or answered as said."""

    def tried() -> None:
        schema = schemathesis.openapi.from_url(f"{gate.url}/diary/v1/openapi.json")
        operation = schema[EVENTS]["POST"]

        @hypothesis.settings(
            max_examples=40,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(hypothesis.HealthCheck),
        )
        @hypothesis.given(case=operation.as_strategy())
        def holds(case: schemathesis.Case[Any]) -> None:
            case.call_and_validate(headers=BEARER)

        holds()

    await asyncio.to_thread(tried)
    assert sum(gate.counted.values()) > 0


def _nothing(_verdict: str, _number: int) -> None:
    """Nobody counts."""


async def test_the_example_program_sends_what_stands_in_a_file(gate: Gate, tmp_path: Path) -> None:
    file = tmp_path / "events.json"
    file.write_text(json.dumps([event(), event(revision=0)]), encoding="utf-8")
    program = Path(__file__).parents[2] / "examples" / "send_diary_events.py"

    running = await asyncio.create_subprocess_exec(
        sys.executable, program, gate.url, TOKEN, file, stdout=asyncio.subprocess.PIPE
    )
    said, _nothing = await running.communicate()

    assert [json.loads(line)["verdict"] for line in said.splitlines()] == ["accepted", "stale"]
