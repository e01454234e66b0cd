"""Events of a source, whatever way they came, become entries of the diary."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from appservice.diary.admission import admitted
from appservice.diary.events import DiaryEvent, parse
from appservice.diary.payloads import (
    AbsenceLate,
    AbsenceRecorded,
    Addressed,
    ExamScheduled,
    GradePosted,
    HomeworkAssigned,
    LessonMoved,
    LessonPayload,
    MeetingScheduled,
    OfPlace,
    OfStudent,
    ToPerson,
    ToPlace,
    ToSchool,
)
from appservice.diary.quiet_hours import SchoolCalendar
from appservice.diary.rejections import Rejection
from appservice.diary.revisions import lineage_of, standing_of, withdraws
from appservice.diary.settings import DiarySettings
from appservice.diary.settling import Kept, due_of
from appservice.errors import Temporary
from appservice.language import _
from appservice.storage.diary import Addressee, DiaryStore, Saying, Taken, Thing
from appservice.upkeep.living import LivingWish

AT_ONCE: Final = 1_000
"""Events that are taken together at most."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one document; None: it was rejected, and `why` says what is wrong."""

    event_id: str
    verdict: Taken | None
    why: tuple[Rejection, ...] = ()


class Intake:
    """For every kind of source the one way in."""

    def __init__(
        self,
        store: DiaryStore,
        living: LivingWish,
        settings: DiarySettings,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._store = store
        self._living = living
        self._settings = settings
        self._now = now

    async def take(
        self, source: str, documents: Sequence[object], schools: Collection[str] = ()
    ) -> Sequence[Answer]:
        """A verdict for each, in their order, once what was accepted is kept for good.

        `source` is who was let in, `schools` are those it speaks for; empty: for all. At most
        AT_ONCE documents, each what a JSON reader made. Raises Temporary while no roster was
        accepted or the database is away.
        """
        calendars = await self._calendars(schools)
        now = self._now()
        # A batch takes a tenth of a second: the loop goes on meanwhile.
        judged = await asyncio.to_thread(
            lambda: [self._judged(source, each, calendars, now) for each in documents]
        )
        taken = iter(await self._store.take([each for each in judged if isinstance(each, Saying)]))
        return [
            Answer(each.event_id, next(taken)) if isinstance(each, Saying) else each
            for each in judged
        ]

    async def _calendars(self, schools: Collection[str]) -> dict[str, SchoolCalendar]:
        living = await self._living.now()
        roster = None if living is None else living.standing.delivery.roster
        if roster is None:
            raise Temporary(_("No roster was accepted yet: nobody knows whom this concerns."))
        return {
            school.school_id: SchoolCalendar(
                ZoneInfo(school.time_zone), self._settings.in_school(school.school_id).is_holiday
            )
            for school in roster.schools
            if not schools or school.school_id in schools
        }

    def _judged(
        self,
        source: str,
        document: object,
        calendars: dict[str, SchoolCalendar],
        now: datetime,
    ) -> Saying | Answer:
        event = parse(document)
        if not isinstance(event, DiaryEvent):
            return Answer(_event_id(document), None, event)
        wrong = admitted(event, source=source, schools=calendars, now=now)
        if wrong:
            return Answer(event.event_id, None, wrong)
        calendar = calendars[event.school]
        due = due_of(Kept(event, now), self._settings.settle, calendar)
        return saying_of(event, document, calendar, received_at=now, due=due)


def saying_of(
    event: DiaryEvent,
    document: object,
    calendar: SchoolCalendar,
    *,
    received_at: datetime,
    due: datetime | None,
) -> Saying:
    """An event as it is kept. `document` is what it was read from."""
    payload = event.payload
    standing = standing_of(event)
    return Saying(
        thing=Thing(*lineage_of(event)),
        standing=(standing.revision, standing.rank),
        type=event.type.value,
        event_id=event.event_id,
        day=_day_of(event, calendar),
        other_day=payload.to_day if isinstance(payload, LessonMoved) else None,
        occurred_at=event.occurred_at,
        published_at=event.published_at,
        received_at=received_at,
        withdrawn=withdraws(event),
        document=json.dumps(document, ensure_ascii=False, separators=(",", ":")),
        due=due,
        person_id=payload.student if isinstance(payload, OfStudent) else "",
        place=payload.place if isinstance(payload, OfPlace) else "",
        addressees=_addressees(payload) if isinstance(payload, Addressed) else (),
    )


def _day_of(event: DiaryEvent, calendar: SchoolCalendar) -> date:
    """The day at the school that it concerns; where it names none, the one on which it happened."""
    match event.payload:
        case HomeworkAssigned(due=day) | ExamScheduled(day=day) | GradePosted(day=day):
            return day
        case LessonPayload(day=day) | AbsenceRecorded(day=day) | AbsenceLate(day=day):
            return day
        case MeetingScheduled(begins=begins):
            return calendar.today(begins)
        case _:
            return calendar.today(event.occurred_at)


def _addressees(payload: Addressed) -> tuple[Addressee, ...]:
    found = []
    for each in payload.to:
        match each:
            case ToPerson(id=who):
                found.append(Addressee("person", who))
            case ToPlace(id=place):
                found.append(Addressee("place", place))
            case ToSchool(audience=audience):
                found.append(Addressee("school", audience))
    found += [Addressee("about", each) for each in payload.about]
    return tuple(dict.fromkeys(found))


def _event_id(document: object) -> str:
    """How a rejected document calls itself, for the answer to who sent it."""
    said = document.get("event_id") if isinstance(document, dict) else None
    return said if isinstance(said, str) and len(said) <= 255 else ""
