"""How fast the diary reaches people.

    python -m benchmarks.deliver [--events 5000] [--students 500] [--stored 1000000] [--json]

On a real Synapse with PostgreSQL. Everybody's room stands before the clock runs. `floor_per_s`: a
bare loop that sends as many messages into as many rooms, one half before ours and one half after;
`ours_per_s`: from the first POST until the last message has arrived; `ratio`. `p50_ms`, `p95_ms`:
with nothing else to do, from a POST until a client sees the message in /sync. `stored_per_s`:
events that are taken and told to nobody, with the memory before and after.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
import time
from collections import deque
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Annotated, Any
from urllib.parse import quote

import aiohttp
import psutil
import typer
from aiohttp import web
from pydantic import SecretStr

from appservice.delivery.intake import Intake
from appservice.delivery.office import Delivery
from appservice.delivery.rooms import DiaryRooms
from appservice.diary.settings import DiarySettings, SourceSettings
from appservice.embedded.homeserver_config import free_port
from appservice.matrix.homeserver import Homeserver
from appservice.rooms.kinds.settings import RoomsSettings
from appservice.school.model import MemberRole, Roster
from appservice.school.problem import Delivery as RosterDelivery
from appservice.school.sample import sample_school
from appservice.storage import jobs
from appservice.storage.database import Database
from appservice.storage.diary import DiaryStore
from appservice.storage.outbox import OutboxStore
from appservice.upkeep.apply import apply
from appservice.upkeep.living import LivingWish
from appservice.upkeep.reconcile import wish_of
from appservice.web.ingestion.answering import EVENTS, add_ingestion
from appservice.web.listening import listening
from benchmarks.ground import (
    DEPLOYMENT,
    TODAY,
    Ground,
    connected,
    fresh_homeserver,
    fresh_postgres,
    workplace,
)

_TOKEN = "t" * 40
_AT_ONCE = 16
_OFF = ("announcements", "school_guardians", "school_students", "staff_room", "class_announcements")
_ROOMS = RoomsSettings.model_validate(
    {"kinds": dict.fromkeys((*_OFF, "guardians_with_teacher", "guardians_only"), "off")}
)
_PLACE = replace(DEPLOYMENT, rooms=_ROOMS)
_SETTINGS = DiarySettings.model_validate(
    {
        "sources": {"journal": SourceSettings(token=SecretStr(_TOKEN))},
        "settle": {"grade": 0},
        "quiet": {"begin": "00:00", "end": "00:00", "weekend": [], "holidays": False},
    }
)


@dataclass
class Service:
    """A service at work in this process. `sent`: how many messages have arrived."""

    url: str
    outbox: OutboxStore
    database: Database
    sent: int = 0

    async def post(self, events: Sequence[Mapping[str, object]]) -> None:
        async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {_TOKEN}"}) as session:
            for at in range(0, len(events), 1000):
                async with session.post(self.url + EVENTS, json=events[at : at + 1000]) as answer:
                    said = await answer.json()
                    verdicts = {one["verdict"] for one in said["verdicts"]}
                    if verdicts != {"accepted"}:
                        raise RuntimeError(str(said)[:500])

    async def is_empty(self) -> None:
        while True:
            async with self.database.connection() as connection:
                left = await connection.fetchval(
                    "SELECT (SELECT count(*) FROM diary_entry WHERE due IS NOT NULL)"
                    " + (SELECT count(*) FROM diary_outbox)"
                )
            if not left:
                return
            await asyncio.sleep(0.02)


@asynccontextmanager
async def service(
    ground: Ground, database: Database, homeserver: Homeserver, *, delivers: bool = True
) -> AsyncIterator[Service]:
    living = LivingWish(database, lambda _namespace: _PLACE, lambda: TODAY)
    port = free_port()
    found = Service(f"http://127.0.0.1:{port}", OutboxStore(database), database)

    def noted(outcome: str, _waited_s: float) -> None:
        found.sent += outcome in ("sent", "found")

    async def tell(_matter: str, text: str) -> None:
        raise RuntimeError(text)

    impatient = Homeserver(
        ground.url,
        ground.registration.as_token,
        server_name=_PLACE.server_name,
        bot=_PLACE.bot,
        patience=0,
    )
    async with impatient:
        at_work = replace(workplace(homeserver, database), deployment=_PLACE)
        delivery = Delivery(
            _SETTINGS,
            database,
            living,
            DiaryRooms(living, database, lambda _deployment: at_work),
            impatient,
            tell=tell,
            noted=noted,
        )
        app = web.Application()
        intake = Intake(DiaryStore(database), living, _SETTINGS)
        add_ingestion(app, intake, _SETTINGS, lambda _verdict, _count: None)
        async with listening(app, "127.0.0.1", port):
            working = asyncio.create_task(
                jobs.work(database, delivery.entrypoints() if delivers else ())
            )
            try:
                yield found
            finally:
                working.cancel()
                await asyncio.gather(working, return_exceptions=True)


def students_of(roster: Roster) -> Sequence[str]:
    return [
        one.person_id
        for one in roster.memberships
        if one.role is MemberRole.STUDENT and one.target_id in roster.classes
    ]


def grades(roster: Roster, name: str, count: int) -> list[dict[str, object]]:
    """So many grades, the students taking turns."""
    students, school = students_of(roster), roster.schools[0].school_id
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return [
        {
            "event_id": f"{name}-{number}",
            "source": "journal",
            "type": "grade.posted",
            "school": school,
            "external_id": f"{name}-{number}",
            "revision": 1,
            "occurred_at": now,
            "published_at": now,
            "payload": {
                "student": students[number % len(students)],
                "subject": "Математика",
                "value": "5",
                "day": TODAY.isoformat(),
            },
        }
        for number in range(count)
    ]


async def floor(ground: Ground, rooms: Sequence[str], count: int, name: str) -> float:
    """Messages a second of the bare loop."""
    content = {
        "msgtype": "m.text",
        "body": "Анна: Математика: оценка 5",
        "format": "org.matrix.custom.html",
        "formatted_body": "<p><strong>Анна: Математика: оценка 5</strong></p>",
        "m.mentions": {"user_ids": ["@school-abcdefghijkl:school.bench"]},
    }
    waiting = deque((number, rooms[number % len(rooms)]) for number in range(count))
    headers = {"Authorization": f"Bearer {ground.registration.as_token}"}
    connector = aiohttp.TCPConnector(limit=_AT_ONCE)
    async with aiohttp.ClientSession(ground.url, connector=connector, headers=headers) as session:

        async def work() -> None:
            while waiting:
                number, room = waiting.popleft()
                path = f"/_matrix/client/v3/rooms/{quote(room)}/send/m.room.message/{name}{number}"
                async with session.put(path, json=content) as answer:
                    answer.raise_for_status()
                    await answer.read()

        began = time.perf_counter()
        await asyncio.gather(*(work() for _each in range(_AT_ONCE)))
        return count / (time.perf_counter() - began)


async def latencies(
    ground: Ground, running: Service, roster: Roster, user: str, rounds: int
) -> list[float]:
    """Seconds from a POST until the student's client sees the message."""
    headers = {"Authorization": f"Bearer {ground.registration.as_token}"}
    async with aiohttp.ClientSession(ground.url, headers=headers) as session:
        path = f"/_synapse/admin/v1/users/{quote(user, safe='')}/login"
        async with session.post(path, json={}) as answer:
            token = (await answer.json())["access_token"]
    found = []
    headers = {"Authorization": f"Bearer {token}"}
    async with aiohttp.ClientSession(ground.url, headers=headers) as session:

        async def sync(since: str = "") -> dict[str, Any]:
            query = {"timeout": "30000", **({"since": since} if since else {"timeout": "0"})}
            async with session.get("/_matrix/client/v3/sync", params=query) as answer:
                said: dict[str, Any] = await answer.json()
                return said

        since = (await sync())["next_batch"]
        for number in range(rounds):
            one = grades(roster, f"idle{number}", 1)
            began = time.perf_counter()
            posting = asyncio.create_task(running.post(one))
            seen = False
            while not seen:
                said = await sync(since)
                since = said["next_batch"]
                seen = any(
                    event["type"] == "m.room.message"
                    for room in said.get("rooms", {}).get("join", {}).values()
                    for event in room["timeline"]["events"]
                )
            found.append(time.perf_counter() - began)
            await posting
            await running.is_empty()
    return found


async def measured(events: int, students: int, stored: int, rounds: int) -> dict[str, object]:
    classes = max(1, students // 25)
    roster = sample_school(classes=classes, students=students, subjects=1)
    with fresh_postgres() as postgres:
        async with (
            fresh_homeserver(postgres, "deliver", module=True) as ground,
            Database.connect(ground.dsn, connections=20) as database,
            connected(ground.url, ground.registration.as_token) as homeserver,
        ):
            wish = wish_of(RosterDelivery(roster), _PLACE, today=TODAY)
            at_work = replace(workplace(homeserver, database), deployment=_PLACE)
            await apply(wish, at_work, approved=True)
            result: dict[str, object] = {"events": events, "students": students}
            async with service(ground, database, homeserver) as running:
                await running.post(grades(roster, "first", len(students_of(roster))))
                await running.is_empty()
                keys = [room.room for room in await running.outbox.personal_rooms()]
                room_ids = await at_work.store.room_ids()
                rooms = [room_ids[key] for key in keys]
                running.sent = 0
                messages = events * len(rooms) // len(students_of(roster))
                before = await floor(ground, rooms, messages // 2, "before")
                began = time.perf_counter()
                await running.post(grades(roster, "many", events))
                await running.is_empty()
                ours = running.sent / (time.perf_counter() - began)
                after = await floor(ground, rooms, messages // 2, "after")
                bare = statistics.harmonic_mean((before, after))
                result |= {
                    "rooms": len(rooms),
                    "messages": running.sent,
                    "floor_per_s": round(bare, 1),
                    "ours_per_s": round(ours, 1),
                    "ratio": round(ours / bare, 3),
                }
                user = wish.user_ids[students_of(roster)[0]]
                took = sorted(await latencies(ground, running, roster, user, rounds))
                result |= {
                    "p50_ms": round(statistics.median(took) * 1000),
                    "p95_ms": round(took[int(len(took) * 0.95)] * 1000),
                }
            async with service(ground, database, homeserver, delivers=False) as running:
                result |= await _stored(running, roster, stored)
    return result


async def _stored(running: Service, roster: Roster, count: int) -> dict[str, object]:
    process = psutil.Process()
    batch = 10_000
    first = grades(roster, "warm", batch)
    await running.post(first)
    before = process.memory_info().rss
    began, over = time.perf_counter(), 0
    while over < count:
        await running.post(grades(roster, f"s{over}", min(batch, count - over)))
        over += batch
    took = time.perf_counter() - began
    return {
        "stored": count,
        "stored_per_s": round(count / took),
        "memory_before_mib": before // 2**20,
        "memory_after_mib": process.memory_info().rss // 2**20,
    }


def main(
    events: Annotated[int, typer.Option()] = 5000,
    students: Annotated[int, typer.Option()] = 500,
    stored: Annotated[int, typer.Option()] = 1_000_000,
    rounds: Annotated[int, typer.Option()] = 50,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    result = asyncio.run(measured(events, students, stored, rounds))
    if as_json:
        json.dump(result, sys.stdout)
        return
    for name, value in result.items():
        print(f"{name:20} {value}")


if __name__ == "__main__":
    typer.run(main)
