"""What it costs to look again: an unchanged roster, and one student who moves to another class.

    python -m benchmarks.resync --people 100000 [--rounds 3] [--json]

From roster files (OneRoster 1.2) to an empty plan, in a process of its own, over a database that
holds what an apply of that roster leaves there. Every request to the homeserver is counted, and
must be none. A tenth of the people is measured beside it, in turn, for the growth; of several looks
at each size the quickest counts, for a busy machine only ever adds. The student moves on a real
Synapse, in a school of two classes: the requests of that apply are counted too.
"""

from __future__ import annotations

import asyncio
import json
import resource
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path
from typing import Annotated, NamedTuple

import typer
from rich.console import Console
from rich.table import Table

from appservice.embedded.homeserver_config import free_port
from appservice.embedded.postgres import EmbeddedPostgres
from appservice.rooms.desired import Desired, children_of, whole_state
from appservice.rooms.observed import ObservedAccount, ObservedRoom
from appservice.school.model import MemberRole, Roster
from appservice.school.problem import Delivery
from appservice.school.read import read_roster
from appservice.school.sample import sample_school, sample_schools, write_oneroster
from appservice.school.settings import RosterSettings
from appservice.storage.database import Database
from appservice.storage.observed import ObservedStore
from appservice.upkeep.apply import apply
from appservice.upkeep.reconcile import Wish, wish_of
from benchmarks.check_roster import PEOPLE_OF_A_SCHOOL
from benchmarks.ground import (
    DEPLOYMENT,
    TODAY,
    connected,
    desired_of,
    fresh_homeserver,
    fresh_postgres,
    workplace,
)

_WRITERS = 8
_OWN_PROCESS = get_context("spawn")


class Look(NamedTuple):
    """One look at an unchanged roster."""

    people: int
    rooms: int
    memberships: int
    actions: int
    requests: int
    seconds: float
    peak_rss_mb: float


def write_delivery(schools: int, folder: Path) -> None:
    """The roster files."""
    write_oneroster(sample_schools(schools), folder, "1.2")


def read_wish(folder: Path) -> Wish:
    """What the files ask for."""
    return wish_of(read_roster(RosterSettings(path=folder), today=TODAY), DEPLOYMENT, today=TODAY)


def remember(folder: Path, dsn: str) -> None:
    """Write down what an apply of the delivery would have left in the database."""
    asyncio.run(_remember(read_wish(folder).desired, dsn))


async def _remember(desired: Desired, dsn: str) -> None:
    ids = {key: f"!{number}" for number, key in enumerate(desired.rooms)}
    children = children_of(desired)
    at = int(time.time() * 1000)
    async with Database.connect(dsn) as database:
        store = ObservedStore(database, bot=desired.bot)
        await store.account_kept(
            ObservedAccount(one.user_id, one.display_name, one.external_ids)
            for one in desired.accounts.values()
        )
        waiting = list(desired.rooms.values())

        async def write() -> None:
            while waiting:
                room = waiting.pop()
                state = whole_state(
                    room,
                    ids.get,
                    server_name=desired.server_name,
                    children=children.get(room.key, ()),
                )
                members = dict.fromkeys(room.members, "join")
                made = ObservedRoom(room.key, ids[room.key], room.version, state, members)
                await store.room_made(made, at=at)

        async with asyncio.TaskGroup() as group:
            for _ in range(_WRITERS):
                group.create_task(write())
        async with database.connection() as connection:
            await connection.execute("ANALYZE")  # autovacuum would have, long before


def look(folder: Path, dsn: str) -> Look:
    """From the files to an empty plan, in this process."""
    return asyncio.run(_look(folder, dsn))


async def _look(folder: Path, dsn: str) -> Look:
    nowhere = f"http://127.0.0.1:{free_port()}"
    began = time.perf_counter()
    wish = await asyncio.to_thread(read_wish, folder)
    async with (
        Database.connect(dsn) as database,
        connected(nowhere, "unused") as homeserver,
    ):
        report = await apply(wish, workplace(homeserver, database))
        seconds = time.perf_counter() - began
        return Look(
            people=len(wish.desired.accounts),
            rooms=len(wish.desired.rooms),
            memberships=sum(len(room.members) for room in wish.desired.rooms.values()),
            actions=len(report.results),
            requests=homeserver.requests,
            seconds=round(seconds, 2),
            peak_rss_mb=round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
        )


class Remembered(NamedTuple):
    """A delivery, and a database that knows it."""

    delivery: Path
    dsn: str

    def look(self) -> Look:
        with ProcessPoolExecutor(1, _OWN_PROCESS) as process:
            return process.submit(look, self.delivery, self.dsn).result()


def remembered(postgres: EmbeddedPostgres, people: int, folder: Path) -> Remembered:
    """At least so many people, in schools of the default shape."""
    schools = -(-people // PEOPLE_OF_A_SCHOOL)
    dsn = postgres.create_database(f"ours_{schools}", c_locale=False)
    delivery = folder / f"delivery_{schools}"
    with ProcessPoolExecutor(1, _OWN_PROCESS) as process:
        process.submit(write_delivery, schools, delivery).result()
    with ProcessPoolExecutor(1, _OWN_PROCESS) as process:
        process.submit(remember, delivery, dsn).result()
    return Remembered(delivery, dsn)


def look_again(postgres: EmbeddedPostgres, people: int, rounds: int) -> tuple[Look, Look]:
    """The quickest looks at a tenth of the people and at all of them."""
    with tempfile.TemporaryDirectory(prefix="school-spaces-bench-") as folder:
        small = remembered(postgres, people // 10, Path(folder))
        large = remembered(postgres, people, Path(folder))
        looks = [(small.look(), large.look()) for _ in range(rounds)]
    return (
        min((few for few, _all in looks), key=lambda one: one.seconds),
        min((everyone for _few, everyone in looks), key=lambda one: one.seconds),
    )


async def move_one_student(postgres: EmbeddedPostgres) -> dict[str, int]:
    """A student changes class on a real Synapse, by the client and admin APIs alone."""
    roster = sample_school(classes=2)
    before = desired_of(roster)
    moved_roster, person = _moved(roster)
    wish = wish_of(Delivery(moved_roster), DEPLOYMENT, today=TODAY)
    student = DEPLOYMENT.identities.user_id_of(person)
    async with (
        fresh_homeserver(postgres, "moving", module=True) as ground,
        Database.connect(ground.dsn) as database,
        connected(ground.url, ground.registration.as_token) as homeserver,
    ):
        await apply(Wish(before, TODAY), workplace(homeserver, database))
        built = homeserver.requests
        report = await apply(wish, workplace(homeserver, database, use_module=False))
        assert report.exit_status == 0
        family = {student, *_guardians(moved_roster, person)}
        others = [one for one in report.results if getattr(one.action, "user", "") not in family]
        return {
            "one_student_requests": homeserver.requests - built,
            "one_student_actions": len(report.results),
            "actions_about_others": len(others),
        }


def _guardians(roster: Roster, student: str) -> set[str | None]:
    """The accounts of a student's guardians, who follow into the rooms of the new class."""
    return {
        DEPLOYMENT.identities.user_id_of(one.guardian_id)
        for one in roster.guardianships
        if one.student_id == student
    }


def _moved(roster: Roster) -> tuple[Roster, str]:
    """The first student of the first class goes to the second, with the lessons of that class."""
    here, there = sorted(roster.classes)[:2]
    students = [m for m in roster.memberships if m.role is MemberRole.STUDENT]
    person = next(m.person_id for m in students if m.target_id == here)
    their_places = {
        there,
        *(group.group_id for group in roster.groups.values() if group.class_ids == (there,)),
    }
    example = next(m for m in students if m.target_id == there)
    memberships = [
        m
        for m in roster.memberships
        if not (m.person_id == person and m.role is MemberRole.STUDENT)
    ] + [example._replace(person_id=person, target_id=place) for place in sorted(their_places)]
    return replace(roster, memberships=tuple(sorted(memberships))), person


def main(
    people: int = 100_000,
    rounds: int = 3,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Look again at an unchanged roster."""
    console = Console(stderr=True)
    with fresh_postgres() as postgres:
        with console.status(f"{people // 10} and {people} people …"):
            small, large = look_again(postgres, people, rounds)
        with console.status("one student moves …"):
            moving = asyncio.run(move_one_student(postgres))
    growth = round(large.seconds / small.seconds, 2)
    if as_json:
        found = large._asdict() | {"tenth": small._asdict(), "growth": growth} | moving
        sys.stdout.write(json.dumps(found) + "\n")
        return
    table = Table(*Look._fields, title="An unchanged roster, from files to an empty plan")
    for one in (small, large):
        table.add_row(*(str(value) for value in one))
    output = Console()
    output.print(table)
    output.print(f"growth: {growth}")
    for name, value in moving.items():
        output.print(f"{name}: {value}")


if __name__ == "__main__":
    typer.run(main)
