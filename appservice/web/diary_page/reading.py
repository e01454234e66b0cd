"""The events that a view needs, from the diary's store; what is about another student than the one
asked for never leaves here.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date

from appservice.diary import payloads as said
from appservice.diary.events import payload_in
from appservice.diary.payloads import Kind
from appservice.diary.sight import SeenClass, SeenStudent
from appservice.school.model import Role
from appservice.storage.diary import Addressee, DiaryStore, Entry
from appservice.storage.timetable import TimetableLesson, TimetableStore
from appservice.web.diary_page.views import Marks, Noted

log = logging.getLogger(__name__)

Seen = SeenStudent | SeenClass


class DiaryReading:
    """Days are those of the school, the last one included."""

    def __init__(self, store: DiaryStore, timetable: TimetableStore) -> None:
        self._store = store
        self._timetable = timetable

    async def personal(
        self, seen: Seen, first: date, last: date, kinds: Collection[Kind]
    ) -> tuple[Noted, ...]:
        """What is about the student, or about each student of the class."""
        students = {each.student for each in _students(seen)}
        found = await self._store.of_students(seen.school, students, first, last, kinds)
        return tuple(
            event
            for event in _events(found)
            if isinstance(event.payload, said.OfStudent) and event.payload.student in students
        )

    async def marks(self, seen: SeenClass, first: date, last: date) -> tuple[Marks, ...]:
        """Grades and results of each student of the class."""
        students = [each.student for each in seen.students]
        kinds = (Kind.GRADE, Kind.RESULT)
        found = await self._store.marks(seen.school, students, first, last, kinds)
        return tuple(Marks(*each) for each in found)

    async def lessons(self, seen: Seen, first: date, last: date) -> Sequence[TimetableLesson]:
        """The timetable of the student, or of the class and its groups."""
        return await self._timetable.of_places(seen.school, seen.places, first, last)

    async def of_places(
        self, seen: Seen, first: date, last: date, kinds: Collection[Kind]
    ) -> tuple[Noted, ...]:
        """What is about the student's class and groups, or the class and its groups."""
        found = await self._store.of_places(seen.school, seen.places, first, last, kinds)
        return tuple(_events(found))

    async def news(self, seen: Seen, reader: str, first: date, last: date) -> tuple[Noted, ...]:
        """Announcements and meetings to the reader, or to what the reader is to the one seen."""
        audiences = _audiences(seen)
        whom = [
            Addressee("person", reader),
            *(Addressee("place", place) for place in seen.places),
            *(Addressee("school", audience) for audience in sorted(audiences)),
        ]
        found = await self._store.addressed(seen.school, whom, first, last)
        return tuple(
            event
            for event in _events(found)
            if isinstance(event.payload, said.Addressed)
            and any(_is_for(to, seen, reader, audiences) for to in event.payload.to)
        )


def _students(seen: Seen) -> tuple[SeenStudent, ...]:
    return seen.students if isinstance(seen, SeenClass) else (seen,)


def _audiences(seen: Seen) -> frozenset[str]:
    if isinstance(seen, SeenClass) or seen.role is Role.CLASS_TEACHER:
        return frozenset({"everyone", "staff"})
    if seen.role is Role.GUARDIAN:
        return frozenset({"everyone", "guardians"})
    return frozenset({"everyone", "students"})


def _is_for(to: said.Addressee, seen: Seen, reader: str, audiences: frozenset[str]) -> bool:
    match to:
        case said.ToPerson(id=person):
            return person == reader
        case said.ToPlace(id=place, audience=audience):
            return place in seen.places and (audience in audiences or "staff" in audiences)
        case said.ToSchool(audience=audience):
            return audience in audiences


def _events(entries: Iterable[Entry]) -> Iterator[Noted]:
    for entry in entries:
        payload = payload_in(entry.type, json.loads(entry.document))
        if payload is not None:
            yield Noted(payload, Kind(entry.thing.kind), entry.occurred_at)
        else:
            log.error(
                "A kept event of the diary (number %d) cannot be read any more.", entry.number
            )
