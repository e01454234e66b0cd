"""A school whose diary speaks: a deployment with a source, and what people have in their rooms."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

import aiohttp

from appservice.diary.personal_rooms import personal_room_key
from appservice.rooms.identity import key_parts, room_alias
from appservice.school.model import MemberRole, Roster
from appservice.school.sample import sample_school
from appservice.storage.database import Database
from tests.service.deployment import DeploymentOnTrial, until

_SCHOOL = sample_school(classes=1, students=1, subjects=1).schools[0]
SCHOOL = _SCHOOL.school_id
TOKEN = "token-of-the-journal-of-this-school-0123456789"
SECRET = "secret-of-the-timetable-of-this-school-0123456789"
DIARY = f"""
diary:
  sources:
    journal: {{token: {TOKEN}}}
    timetable: {{hmac_secret: {SECRET}}}
  settle: {{grade: 0, homework: 0, timetable: 0, absence: 0}}
  quiet: {{begin: "00:00", end: "00:00", weekend: [], holidays: false}}
"""


def today() -> date:
    """At the school, where it may be tomorrow already."""
    return datetime.now(ZoneInfo(_SCHOOL.time_zone)).date()


def event(number: int, kind: str, payload: Mapping[str, object], **more: object) -> dict[str, Any]:
    """One event of the school of `variant` (tests/service/deployment.py)."""
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {
        "event_id": f"e{number}-{more.get('revision', 1)}",
        "source": "journal",
        "type": kind,
        "school": SCHOOL,
        "external_id": f"x{number}",
        "revision": 1,
        "occurred_at": now,
        "published_at": now,
        "payload": dict(payload),
        **more,
    }


def grade(number: int, student: str, value: str = "5", **more: object) -> dict[str, Any]:
    payload = {
        "student": student,
        "subject": "Математика",
        "value": value,
        "day": today().isoformat(),
    }
    return event(number, "grade.posted", payload, **more)


def homework(number: int, place: str, text: str) -> dict[str, Any]:
    payload = {
        "place": place,
        "subject": "Математика",
        "text": text,
        "due": today().isoformat(),
    }
    return event(number, "homework.assigned", payload)


@dataclass(frozen=True)
class DiarySchool:
    deployment: DeploymentOnTrial
    roster: Roster

    @property
    def students(self) -> Sequence[str]:
        return [
            one.person_id
            for one in self.roster.memberships
            if one.role is MemberRole.STUDENT and one.target_id in self.roster.classes
        ]

    def guardians(self, student: str) -> Sequence[str]:
        return [
            tie.guardian_id
            for tie in self.roster.guardianships
            if tie.student_id == student and tie.may_view_diary
        ]

    async def send(self, *events: Mapping[str, object], port: int | None = None) -> list[str]:
        """The verdicts."""
        url = f"http://127.0.0.1:{port or self.deployment.slot.port}/diary/v1/events"
        headers = {"Authorization": f"Bearer {TOKEN}"}
        async with (
            aiohttp.ClientSession(headers=headers) as session,
            session.post(url, json=list(events)) as answer,
        ):
            said = await answer.json()
            assert answer.status == 202, said
            return [one["verdict"] for one in said["verdicts"]]

    def personal(self, person: str) -> str:
        secret = self.deployment.slot.as_token.encode()  # as its configuration has it
        return personal_room_key(SCHOOL, person, secret=secret)

    async def room_id(self, key: str) -> str:
        parts = key_parts(key)
        slot = self.deployment.slot
        alias = room_alias(slot.id, slot.server_name, parts.school_id, parts.kind, parts.target_id)
        return await self.deployment.bot.room_id(alias)

    async def said(self, key: str) -> list[Mapping[str, Any]]:
        """The contents of the bot's messages in a room (key), the oldest first."""
        room_id = quote(await self.room_id(key), safe="")
        only = quote(
            json.dumps({"types": ["m.room.message"], "senders": [self.deployment.slot.bot_id]})
        )
        found: list[Mapping[str, Any]] = []
        path = f"/_matrix/client/v3/rooms/{room_id}/messages?dir=f&limit=500&filter={only}"
        answer: Any = await self.deployment.bot.ask("GET", path)
        while True:
            found += [one["content"] for one in answer["chunk"]]
            if "end" not in answer:
                return found
            answer = await self.deployment.bot.ask("GET", f"{path}&from={answer['end']}")

    async def all_is_sent(self) -> None:
        """Returns when nothing waits any more, neither to settle nor to be sent, however much it
        is.
        """
        async with Database.connect(self.deployment.database, connections=1) as database:
            left: int | None = None

            async def fewer() -> bool:
                nonlocal left
                before = left
                async with database.connection() as connection:
                    left = await connection.fetchval(
                        "SELECT (SELECT count(*) FROM diary_entry WHERE due IS NOT NULL)"
                        " + (SELECT count(*) FROM diary_outbox)"
                    )
                return not left or (before is not None and left < before)

            while left != 0:
                await until(fewer)
