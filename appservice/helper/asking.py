"""What is asked of the diary, looked up and put into words. Reads the database; says nothing."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from appservice.commands.paper import Answer, said
from appservice.delivery.circumstances import Circumstances, event_in, preferences_of
from appservice.diary.events import DiaryEvent
from appservice.diary.preferences import Preferences
from appservice.diary.pull.reading import Lesson
from appservice.diary.routing import Reader
from appservice.diary.school_year import AHEAD, school_year_began
from appservice.diary.wording.phrases import Voice
from appservice.helper.answers import (
    day_answer,
    grades_answer,
    homework_answer,
    timetable_answer,
)
from appservice.helper.family import Child, class_named, is_staff, places_of_class
from appservice.language import _
from appservice.school.model import Role
from appservice.storage.database import Database
from appservice.storage.diary import DiaryStore, Entry
from appservice.storage.diary_wishes import Wishes, WishStore
from appservice.storage.outbox import PersonalRoom
from appservice.storage.timetable import TimetableStore

_WEEK: Final = timedelta(days=6)


@dataclass(frozen=True, slots=True)
class Scene:
    """Who asks, in which room, and the school of today."""

    room: PersonalRoom
    circumstances: Circumstances
    own: Preferences
    now: datetime

    @property
    def today(self) -> date:
        return self.circumstances.calendar(self.room.school).today(self.now)

    @property
    def roles(self) -> frozenset[Role]:
        return self.circumstances.directory.roles_of(self.room.school, self.room.person_id)

    @property
    def voice(self) -> Voice:
        reader = Reader(self.room.room, self.room.person_id, Role.STUDENT)
        return self.circumstances.voice(self.room.school, reader, self.own)


class DiaryAsked:
    def __init__(self, database: Database, sources: Collection[str]) -> None:
        """`sources`: the names of those that may know a timetable."""
        self._store = DiaryStore(database)
        self._known = TimetableStore(database, sources)
        self._wishes = WishStore(database)

    async def wishes(self, room: PersonalRoom) -> Preferences:
        found = await self._wishes.of(room.school, [room.person_id])
        return preferences_of(found.get(room.person_id, Wishes()))

    async def choose(self, room: PersonalRoom, wishes: Preferences) -> None:
        quiet = wishes.quiet
        await self._wishes.choose(
            room.school,
            room.person_id,
            Wishes(
                paces={kind.value: pace.value for kind, pace in wishes.paces.items()},
                quiet_begin=quiet.begin,
                quiet_end=quiet.end,
                quiet_weekend=None if quiet.weekend is None else tuple(sorted(quiet.weekend)),
                quiet_holidays=quiet.holidays,
                hide_values=wishes.hide_values,
                language=wishes.language,
            ),
        )

    async def day(self, scene: Scene, child: Child, day: date) -> Answer:
        events = [
            *await self._of_places(scene, child.places, day, day),
            *await self._of_student(scene, child, day, day, ("absence",)),
        ]
        return day_answer(
            child, day, await self._lessons(scene, child.places, day, day), events, scene.voice
        )

    async def homework(self, scene: Scene, child: Child) -> Answer:
        today = scene.today
        events = await self._of_places(scene, child.places, today, today + AHEAD)
        return homework_answer(child, today, events)

    async def grades(self, scene: Scene, child: Child, subject: str) -> Answer:
        today = scene.today
        begin = school_year_began(today)
        events = await self._of_student(scene, child, begin, today + AHEAD, ("grade",))
        return grades_answer(child, subject, events, scene.voice)

    async def week(self, scene: Scene, child: Child) -> Answer:
        return await self._timetable(scene, child.name, child.places)

    async def class_week(self, scene: Scene, label: str, children: Sequence[Child]) -> Answer:
        """The timetable of a class: any for those who work here, their own for others."""
        roster = scene.circumstances.roster
        allowed = (
            None if is_staff(scene.roles) else {one for each in children for one in each.places}
        )
        class_id = class_named(roster, scene.room.school, label, allowed)
        if class_id is None:
            return said(_("I know no such class, or it is not yours."))
        return await self._timetable(
            scene, roster.classes[class_id].label, places_of_class(roster, class_id)
        )

    async def _timetable(self, scene: Scene, name: str, places: Sequence[str]) -> Answer:
        monday = scene.today - timedelta(days=scene.today.weekday())
        sunday = monday + _WEEK
        events = await self._of_places(scene, places, monday, sunday)
        lessons = await self._lessons(scene, places, monday, sunday)
        return timetable_answer(name, monday, lessons, events, scene.voice)

    async def _lessons(
        self, scene: Scene, places: Collection[str], first: date, last: date
    ) -> list[Lesson]:
        found = await self._known.of_places(scene.room.school, places, first, last)
        return [
            Lesson(
                one.place,
                one.day.isoformat(),
                one.lesson,
                one.begins,
                one.subject,
                one.room,
                one.cancelled,
            )
            for one in found
        ]

    async def _of_places(
        self, scene: Scene, places: Collection[str], first: date, last: date
    ) -> list[DiaryEvent]:
        kinds = ("homework", "timetable", "exam")
        return _events(await self._store.of_places(scene.room.school, places, first, last, kinds))

    async def _of_student(
        self, scene: Scene, child: Child, first: date, last: date, kinds: Collection[str]
    ) -> list[DiaryEvent]:
        return _events(
            await self._store.of_student(scene.room.school, child.person_id, first, last, kinds)
        )


def _events(entries: Sequence[Entry]) -> list[DiaryEvent]:
    found = (event_in(entry.document) for entry in entries)
    return [event for event in found if event is not None]
