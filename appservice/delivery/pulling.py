"""Files that a diary leaves behind are read when they have changed, and every day."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, closing, suppress
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from hashlib import blake2b
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from appservice.delivery.intake import AT_ONCE, Answer, Intake
from appservice.diary.pull.reading import (
    TOO_MANY_GONE,
    Asked,
    Found,
    Memory,
    PullSource,
    Reading,
    problem,
)
from appservice.errors import SchoolSpacesError
from appservice.language import _, n_
from appservice.school.model import School
from appservice.school.problem import Problem
from appservice.school.sources.findings import Findings
from appservice.school.sources.opening import open_delivery
from appservice.storage.diary_pull import PullStore, Timetable
from appservice.storage.exclusive import LockTaken
from appservice.storage.timetable import TimetableLesson
from appservice.upkeep.living import LivingWish
from appservice.upkeep.watching import SourceState, at_rest, read_at_rest, source_state, watched

log = logging.getLogger(__name__)

PULL_LOCK: Final = "diary pull"
"""Whoever holds it is alone with what is remembered of files."""

SETTLE_S: Final = 2.0
"""Files that were written less long ago are not finished yet."""

_SHOWN: Final = 10

Tell = Callable[[str, str, str], Awaitable[None]]
"""(beginning of its matters, matter, text): tells the administrators, each matter once; an empty
text says that all is well again.
"""


@dataclass(frozen=True, slots=True)
class Place:
    """One configured source: its name, what reads it, and where its files lie: what is opened for
    it, and what else it reads; `school` is "" for the only one.
    """

    name: str
    source: PullSource
    paths: tuple[Path, ...]
    school: str = ""

    @property
    def path(self) -> Path:
        return self.paths[0]


class Pulling:
    def __init__(
        self,
        places: Sequence[Place],
        store: PullStore,
        intake: Intake,
        living: LivingWish,
        *,
        alone: Callable[[], AbstractAsyncContextManager[None]],
        tell: Tell,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """`alone` lets one process of all read at a time, and raises LockTaken in the others."""
        self._places = places
        self._store = store
        self._intake = intake
        self._living = living
        self._alone = alone
        self._tell = tell
        self._now = now
        self._said: dict[str, str] = {}  # what this process said last of a source

    async def keep(self) -> None:
        """Until cancelled: looks soon after something at the paths has changed."""
        async with watched(path for place in self._places for path in place.paths) as heard:
            while True:
                await heard.wait()
                heard.clear()
                await asyncio.sleep(SETTLE_S)
                with suppress(SchoolSpacesError):  # a minute later the clock makes up for it
                    if not await self._looked():
                        heard.set()  # nobody may tell of it a second time

    async def look(self) -> None:
        """Reads what has changed since it was read; what cannot be kept now is read again later."""
        await self._looked()

    async def _looked(self) -> bool:
        """False: somebody else is at it, or a file is being written; look again soon."""
        living = await self._living.now()
        roster = None if living is None else living.standing.delivery.roster
        if roster is None:
            return True
        is_done = True
        try:
            async with self._alone():
                for place in self._places:
                    state = await asyncio.to_thread(source_state, place.paths)
                    if at_rest(state, settle=SETTLE_S, now_ns=time.time_ns()):
                        await self._look_at(place, state, roster.schools)
                    else:
                        is_done = False
        except LockTaken:
            log.debug("The files of the diary are being read already.")
            return False
        return is_done

    async def _look_at(self, place: Place, state: SourceState, schools: Sequence[School]) -> None:
        asked = _asked(place, schools, self._now())
        if asked is None:
            await self._say(place, [_unknown_school(place)])
            return
        known = await self._store.of(place.name)
        asked = replace(asked, gone_indeed=known.accepted == state.stamp)
        if known.stamp == f"{state.stamp} {asked.today}":
            return
        reading, read = await asyncio.to_thread(
            read_at_rest, place.paths, lambda: _read(place, known.memory or {}, asked)
        )
        if asked.gone_indeed and read.stamp != state.stamp:
            return  # what was accepted is another state; this one is looked at anew
        is_stopped = any(one.code == TOO_MANY_GONE for one in reading.problems)
        rejected = await self._hand_in(asked, reading.found)
        # Before the documents are safe nothing is remembered: the same again does no harm.
        await self._store.keep(
            place.name,
            f"{read.stamp} {asked.today}",
            reading.memory,
            self._now(),
            _timetable(reading, asked),
            stopped=read.stamp if is_stopped else "",
        )
        log.info("Diary source %s: %d events.", place.name, len(reading.found))
        await self._say(place, [*reading.problems, *rejected])

    async def _hand_in(self, asked: Asked, found: Sequence[Found]) -> list[Problem]:
        problems = []
        for begin in range(0, len(found), AT_ONCE):
            part = found[begin : begin + AT_ONCE]
            answers = await self._intake.take(
                asked.source, [each.document for each in part], (asked.school,)
            )
            for one, answer in zip(part, answers, strict=True):
                problems += _refused(one, answer)
        return problems

    async def _say(self, place: Place, problems: Sequence[Problem]) -> None:
        beginning = f"diary source {place.name} "
        lines = [_line(each) for each in problems]
        whole = blake2b("\n".join(lines).encode(), digest_size=8).hexdigest()
        text = ""
        if lines:
            title = n_(
                "The diary source {name} has {count} problem. What is sound was read.",
                "The diary source {name} has {count} problems. What is sound was read.",
                len(lines),
            ).format(name=place.name, count=len(lines))
            more = ["…"] if len(lines) > _SHOWN else []
            if any(each.code == TOO_MANY_GONE for each in problems):
                how = _("If all of that is gone indeed, write `!school accept {name}`.")
                more.append(how.format(name=place.name))
            text = "\n".join((title, *lines[:_SHOWN], *more))
        if self._said.get(place.name) != whole:
            await self._tell(beginning, beginning + whole, text)
            self._said[place.name] = whole


def _timetable(reading: Reading, asked: Asked) -> Timetable:
    """Weeks that are over stay as they were known last."""
    return Timetable(
        asked.school,
        asked.today - timedelta(days=asked.today.weekday()),
        [
            TimetableLesson(
                each.place,
                date.fromisoformat(each.day),
                each.lesson,
                each.begins,
                each.subject,
                each.room,
                each.cancelled,
            )
            for each in reading.lessons
        ],
    )


def _asked(place: Place, schools: Sequence[School], now: datetime) -> Asked | None:
    for school in schools:
        if school.school_id == place.school or (not place.school and len(schools) == 1):
            return Asked(
                source=place.name,
                school=school.school_id,
                zone=ZoneInfo(school.time_zone),
                now=now.replace(microsecond=0),
            )
    return None


def _read(place: Place, memory: Memory, asked: Asked) -> Reading:
    findings = Findings()
    files = open_delivery(place.path, findings)
    if files is None:
        return Reading(problems=tuple(findings.problems), memory=memory)
    with closing(files):
        try:
            reading = place.source.read(files, memory, asked)
        except Exception as error:  # a source of somebody else; its words may quote people
            text = _("The source failed ({error}): tell those who made it.").format(
                error=type(error).__name__
            )
            wrong = problem("failed", place.path.name, 0, "", text)
            return Reading(problems=(wrong,), memory=memory)
    return replace(reading, problems=(*findings.problems, *reading.problems))


def _refused(found: Found, answer: Answer) -> list[Problem]:
    return [
        problem(each.code, found.file, found.row, each.pointer, each.text) for each in answer.why
    ]


def _unknown_school(place: Place) -> Problem:
    text = _("Name the school_id of the roster under diary: pull: {name}: school.")
    return problem("unknown_school", place.path.name, 0, "", text.format(name=place.name))


def _line(found: Problem) -> str:
    where = ":".join(part for part in (found.file, str(found.row or ""), found.column) if part)
    return f"{where} — {found.message}"
