"""How quick the diary page is over a year of one class's data.

    python -m benchmarks.page [--students 30] [--subjects 12] [--requests 59] [--json]

On a real PostgreSQL, the page as the service serves it, asked over HTTP; the homeserver has no part
in it. `views`: for each view p50 and p95 of the time on the server, in milliseconds, from the
request to its answer, with the session, the roster and everything read anew each time; `slowest`
is the view with the greatest p95.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Annotated, Any, Final

import aiohttp
import typer
from aiohttp import web

from appservice.delivery.intake import Intake
from appservice.diary.settings import DiarySettings
from appservice.embedded.homeserver_config import free_port
from appservice.matrix.homeserver import Homeserver
from appservice.school.model import MemberRole, Roster
from appservice.school.problem import Delivery
from appservice.school.sample import sample_school
from appservice.storage.database import Database
from appservice.storage.diary import DiaryStore
from appservice.storage.diary_pull import PullStore, Timetable
from appservice.storage.diary_wishes import WishStore
from appservice.storage.page_sessions import PageSessions
from appservice.storage.standing import StandingStore
from appservice.storage.timetable import TimetableLesson, TimetableStore
from appservice.upkeep.living import LivingWish
from appservice.web.diary_page.guests import Guests
from appservice.web.diary_page.pages import Pages
from appservice.web.diary_page.reading import DiaryReading
from appservice.web.diary_page.serving import PREFIX, DiaryPage
from appservice.web.diary_page.settings import PageSettings
from appservice.web.diary_page.signing_in import Door
from appservice.web.listening import listening
from benchmarks.ground import DEPLOYMENT, connected, fresh_postgres

_NOW: Final = date.today()
_YEAR: Final = _NOW.year - (1 if date(_NOW.year, 5, 31) < _NOW else 2)
_BEGIN: Final = date(_YEAR, 9, 1)  # of the last school year that is over
_TODAY: Final = date(_YEAR + 1, 5, 31)  # the day on which the page is asked
_NOON: Final = datetime(_YEAR + 1, 5, 31, 12, tzinfo=UTC)
_SCHOOL_DAYS: Final = 180
_LESSONS: Final = 6
_SOURCE: Final = "journal"
_AT_ONCE: Final = 1000

View = tuple[str, str, Mapping[str, object]]
"""(name, who looks, what is asked for)."""


@dataclass(frozen=True, slots=True)
class SchoolClass:
    """The only class; `subjects` are (group_id, subject)."""

    school: str
    students: Sequence[str]
    guardian: str
    teacher: str
    subjects: Sequence[tuple[str, str]]


def class_of(roster: Roster) -> SchoolClass:
    (class_id,) = roster.classes
    students = sorted(
        one.person_id
        for one in roster.memberships
        if one.target_id == class_id and one.role is MemberRole.STUDENT
    )
    return SchoolClass(
        roster.schools[0].school_id,
        students,
        next(
            tie.guardian_id
            for tie in roster.guardianships
            if tie.student_id == students[0] and tie.may_view_diary
        ),
        next(one.person_id for one in roster.memberships if one.role is MemberRole.CLASS_TEACHER),
        [(one.group_id, one.subject) for one in roster.groups.values() if one.subject],
    )


def school_days() -> list[date]:
    """From Monday to Friday, without holidays: as many as a year has."""
    every = (_BEGIN + timedelta(days=number) for number in range((_TODAY - _BEGIN).days + 1))
    found = [day for day in every if day.isoweekday() < 6]
    step = len(found) / _SCHOOL_DAYS
    return [found[int(number * step)] for number in range(_SCHOOL_DAYS)]


def a_year(of: SchoolClass, seed: int = 1) -> Iterator[dict[str, Any]]:
    """What a diary says: of each student five grades a week, an absence in three weeks, a remark a
    month, four term results in each subject; of the class homework for every lesson, a change of
    the timetable a day, a test a week, a meeting a month.
    """
    chance = Random(seed)
    number = 0

    def event(kind: str, said_on: date, /, **payload: object) -> dict[str, Any]:
        nonlocal number
        number += 1
        moment = f"{said_on}T12:00:00Z"
        return {
            "event_id": f"e{number}",
            "source": _SOURCE,
            "type": kind,
            "school": of.school,
            "external_id": f"x{number}",
            "revision": 1,
            "occurred_at": moment,
            "published_at": moment,
            "payload": {
                key: str(one) if isinstance(one, date) else one for key, one in payload.items()
            },
        }

    for at, day in enumerate(school_days()):
        lessons = chance.sample(of.subjects, min(_LESSONS, len(of.subjects)))
        for place, subject in lessons:
            text = (
                f"§ {at + 1}, упражнения {chance.randint(1, 20)}–{chance.randint(21, 40)} письменно"
            )
            yield event("homework.assigned", day, place=place, subject=subject, text=text, due=day)
        place, subject = lessons[0]
        change = {"change": "room", "room": "31"} if at % 2 else {"change": "cancelled"}
        yield event(
            "timetable.changed", day, place=place, subject=subject, day=day, lesson=1, **change
        )
        for student in of.students:
            _group, subject = chance.choice(lessons)
            yield event(
                "grade.posted",
                day,
                student=student,
                subject=subject,
                value=chance.choice("23444555"),
                day=day,
                work=chance.choice(("Ответ у доски", "Контрольная работа", "Домашняя работа")),
            )
            if chance.random() < 1 / 15:
                yield event("absence.recorded", day, student=student, day=day)
            if chance.random() < 1 / 20:
                text = "Не сделано домашнее задание, тетради на уроке нет."
                yield event("remark.added", day, student=student, text=text, subject=subject)
        if at % 5 == 0:
            title = "Контрольная работа"
            yield event("exam.scheduled", day, place=place, subject=subject, title=title, day=day)
        if at % 20 == 0:
            to = [{"kind": "school", "audience": "everyone"}]
            begins = f"{day}T15:00:00Z"
            yield event("meeting.scheduled", day, to=to, title="Собрание", begins=begins)
    for term in range(1, 5):
        for student in of.students:
            for _place, subject in of.subjects:
                day = _BEGIN + timedelta(days=60 * term)
                yield event(
                    "term.result",
                    day,
                    student=student,
                    subject=subject,
                    term=f"{term} четверть",
                    value="4",
                )


def a_timetable(of: SchoolClass, seed: int = 1) -> list[TimetableLesson]:
    chance = Random(seed)
    return [
        TimetableLesson(place, day, lesson, f"{7 + lesson:02}:30", subject, "12")
        for day in school_days()
        for lesson, (place, subject) in enumerate(
            chance.sample(of.subjects, min(_LESSONS, len(of.subjects))), 1
        )
    ]


def views(of: SchoolClass) -> Iterator[View]:
    """Every view, of the student and of the class, as much as it can show."""
    for who, name, person in (
        ("student", "", of.students[0]),
        ("guardian", "", of.guardian),
        ("class", "class: ", of.teacher),
    ):
        for view in ("today", "week", "homework", "grades", "absences", "remarks", "ahead"):
            if who == "guardian" and view != "grades":
                continue  # the same as the student's
            label = f"{name}{view}" if who != "guardian" else "guardian: grades"
            yield f"{label}, year", person, {"view": view, "span": "year", "week": -10}
            if who == "class" and view in ("grades", "absences"):
                yield f"{label}, four weeks", person, {"view": view}
    yield "settings", of.students[0], {"view": "settings"}


@dataclass
class Served:
    """The page of one process; `took_ms` is of the answers since it was emptied."""

    database: Database
    living: LivingWish
    homeserver: Homeserver
    took_ms: list[float]

    @asynccontextmanager
    async def page(self) -> AsyncIterator[str]:
        """Its address. A new one has no memory of how often somebody called."""
        settings = DiarySettings.model_validate({"sources": {_SOURCE: {"token": "t" * 40}}})
        guests, sessions = Guests(self.living), PageSessions(self.database)
        wishes = WishStore(self.database)
        reading = DiaryReading(
            DiaryStore(self.database), TimetableStore(self.database, ["timetable"])
        )
        port = free_port()
        page = DiaryPage(
            PageSettings(address=f"http://127.0.0.1:{port}{PREFIX}"),
            "ru",
            guests,
            sessions,
            Door(self.homeserver, sessions, guests),
            Pages(reading, wishes, settings, now=lambda: _NOON),
            wishes,
        )
        application = web.Application(middlewares=[self._timed()])
        page.add_to(application)
        async with listening(application, "127.0.0.1", port):
            yield f"http://127.0.0.1:{port}{PREFIX}/"

    def _timed(self) -> Callable[..., Any]:
        @web.middleware
        async def timed(request: web.Request, handler: Callable[..., Any]) -> web.StreamResponse:
            began = time.perf_counter()
            answer: web.StreamResponse = await handler(request)
            self.took_ms.append((time.perf_counter() - began) * 1000)
            return answer

        return timed


async def measured(served: Served, view: View, requests: int) -> dict[str, float]:
    _name, person, asked = view
    async with served.page() as address, aiohttp.ClientSession() as http:
        link = await PageSessions(served.database).give_link(person, now=datetime.now(UTC))
        async with http.post(address + "session", json={"link": link}) as answer:
            session = (await answer.json())["session"]
        headers = {"Authorization": f"Bearer {session}", "Accept-Language": "ru"}
        size = 0
        # One to warm up; more in a row would be too much at once.
        for number in range(min(requests, 59) + 1):
            if number == 1:
                served.took_ms.clear()
            async with http.post(address + "view", json=asked, headers=headers) as answer:
                answer.raise_for_status()
                size = len(await answer.read())
    took = sorted(served.took_ms)
    return {
        "p50_ms": round(statistics.median(took), 1),
        "p95_ms": round(took[max(0, -(-len(took) * 95 // 100) - 1)], 1),
        "kilobytes": round(size / 1000, 1),
    }


async def bench(students: int, subjects: int, requests: int) -> dict[str, Any]:
    roster = sample_school(classes=1, students=students, subjects=subjects, year=_YEAR)
    of = class_of(roster)
    with fresh_postgres() as postgres:
        dsn = postgres.create_database("ours_page", c_locale=False)
        async with (
            Database.connect(dsn) as database,
            connected("http://127.0.0.1:9", "nobody is asked") as homeserver,
        ):
            await StandingStore(database).accept(
                Delivery(roster), namespace="bench", at=datetime.now(UTC)
            )
            living = LivingWish(database, lambda _namespace: DEPLOYMENT, lambda: _TODAY)
            counts = await stored(database, living, of)
            served = Served(database, living, homeserver, [])
            found = {view[0]: await measured(served, view, requests) for view in views(of)}
    slowest = max(found, key=lambda name: found[name]["p95_ms"])
    return {
        "students": len(of.students),
        "subjects": len(of.subjects),
        "entries": counts,
        "views": found,
        "slowest": slowest,
        "slowest_p95_ms": found[slowest]["p95_ms"],
    }


async def stored(database: Database, living: LivingWish, of: SchoolClass) -> dict[str, int]:
    """How many of each type, once all are kept."""
    settings = DiarySettings.model_validate({"sources": {_SOURCE: {"token": "t" * 40}}})
    intake = Intake(DiaryStore(database), living, settings)
    events = list(a_year(of))
    for at in range(0, len(events), _AT_ONCE):
        answers = await intake.take(_SOURCE, events[at : at + _AT_ONCE], (of.school,))
        refused = [each for each in answers if each.why]
        if refused:
            raise RuntimeError(str(refused[0])[:500])
    timetable = Timetable(of.school, _BEGIN, a_timetable(of))
    await PullStore(database).keep("timetable", "", {}, datetime.now(UTC), timetable)
    async with database.connection() as connection:
        await connection.execute("ANALYZE")
    counts: dict[str, int] = {"timetable": len(timetable.lessons)}
    for event in events:
        counts[event["type"]] = counts.get(event["type"], 0) + 1
    return counts


def main(
    students: int = 30,
    subjects: int = 12,
    requests: int = 59,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    result = asyncio.run(bench(students, subjects, requests))
    if as_json:
        print(json.dumps(result, ensure_ascii=False, indent=2))
        return
    print(f"{result['students']} students, {sum(result['entries'].values())} entries")
    for name, figures in result["views"].items():
        print(f"{name:32} p50 {figures['p50_ms']:6.1f} ms  p95 {figures['p95_ms']:6.1f} ms")
    print(f"the slowest: {result['slowest']}, p95 {result['slowest_p95_ms']} ms")


if __name__ == "__main__":
    typer.run(main)
