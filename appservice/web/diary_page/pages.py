"""One view for one guest: what is read, what is made of it, and the HTML that comes out."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Final

from appservice.diary import payloads as said
from appservice.diary.payloads import Kind
from appservice.diary.school_year import AHEAD, school_year_began
from appservice.diary.settings import DiarySettings
from appservice.diary.sight import SeenClass
from appservice.diary.wording.phrases import Voice, phrase
from appservice.language import Language, speaking
from appservice.school.model import Role
from appservice.storage.diary_wishes import Wishes, WishStore
from appservice.web.diary_page.choosing import settings_values
from appservice.web.diary_page.drawing import draw, span_words
from appservice.web.diary_page.guests import Guest
from appservice.web.diary_page.reading import DiaryReading, Seen
from appservice.web.diary_page.scene import OF_EVERYBODY, VIEWS, Cast
from appservice.web.diary_page.views import (
    Noted,
    absences,
    class_year,
    dates,
    grades,
    missing_on,
    week_of,
)
from appservice.web.diary_page.week import days
from appservice.web.diary_page.wording import absence_words, change_words, remarks

_DAY: Final = timedelta(days=1)
_LATELY: Final = timedelta(days=7)
_FOUR_WEEKS: Final = timedelta(weeks=4)
_PAST_HOMEWORK: Final = timedelta(days=14)
_FARTHEST_WEEK: Final = 60

_OF_PLACES: Final = (Kind.TIMETABLE, Kind.HOMEWORK, Kind.EXAM)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the browser wants to see: a view, of whom ("" for the first of all), how many weeks from
    this one, and whether the whole school year where less is shown otherwise.
    """

    view: str = "today"
    of: str = ""
    week: int = 0
    is_year: bool = False


class Pages:
    def __init__(
        self,
        reading: DiaryReading,
        wishes: WishStore,
        settings: DiarySettings,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._reading = reading
        self._wishes = wishes
        self._settings = settings
        self._now = now

    async def language(self, guest: Guest, accepts: Language | None) -> Language:
        """What the person has chosen, else the browser's, else the school's."""
        schools = guest.sight.schools or ((guest.home[0],) if guest.home else ())
        for school in schools:
            chosen = (await self.wishes(guest, school)).language
            if chosen is not None:
                return "ru" if chosen == "ru" else "en"
        if accepts is not None:
            return accepts
        schools = schools or tuple(each.school_id for each in guest.roster.schools)
        return "ru" if guest.school(schools[0]).language[:2].lower() == "ru" else "en"

    async def wishes(self, guest: Guest, school: str) -> Wishes:
        """What the guest has chosen in this school."""
        person = guest.person.person_id
        return (await self._wishes.of(school, [person])).get(person, Wishes())

    async def page(self, guest: Guest, asked: Asked, key: bytes, language: Language) -> str:
        """The HTML of the view. `key` is the session's own (see Cast).

        Whom the guest may not see is answered as the first of those whom the guest may.
        """
        with speaking(language):
            cast = Cast(guest, key)
            seen = cast.find(asked.of)
            if seen is None:
                seen = cast.find("")
            view = asked.view if asked.view in VIEWS else "today"
            if seen is None:
                view = view if view in OF_EVERYBODY else "today"
            scene = cast.scene(seen, view, language)
            if seen is None:
                if view == "settings" and guest.home is not None:
                    return draw(view, scene=scene, **await self._chosen(guest, *guest.home))
                return draw("nothing", scene=scene)
            guest = guest.at(seen.school, self._now())
            template, values = await self._values(guest, cast, seen, asked, view)
            return draw(template, scene=scene, today=guest.today, **values)

    async def _values(
        self, guest: Guest, cast: Cast, seen: Seen, asked: Asked, view: str
    ) -> tuple[str, Mapping[str, object]]:
        voice = Voice("en", guest.roster.people, guest.zone(seen.school))
        of_class = isinstance(seen, SeenClass)
        match view:
            case "week":
                return view, await self._week(guest, seen, asked, voice)
            case "homework":
                return view, await self._homework(guest, seen, asked)
            case "grades" if isinstance(seen, SeenClass):
                if asked.is_year:
                    return "class_year", await self._class_year(guest, cast, seen)
                return "class_grades", await self._class_grades(guest, cast, seen)
            case "grades":
                kinds = (Kind.GRADE, Kind.RESULT)
                return view, {"subjects": grades(await self._of_year(guest, seen, kinds))}
            case "absences" if of_class:
                return "class_absences", await self._class_absences(guest, cast, seen, voice, asked)
            case "absences":
                found = await self._of_year(guest, seen, (Kind.ABSENCE,))
                words = partial(absence_words, voice=voice)
                return view, {"absences": absences(found), "absence_words": words}
            case "remarks":
                found = await self._of_year(guest, seen, (Kind.REMARK,))
                return view, {
                    "remarks": remarks(found, voice, student=cast.name if of_class else _nobody)
                }
            case "ahead":
                return view, await self._ahead(guest, seen, asked, voice)
            case "settings":
                return view, await self._chosen(guest, seen.school, _reader_role(seen))
            case _:
                return view, await self._today(guest, cast, seen, voice)

    async def _chosen(self, guest: Guest, school: str, role: Role) -> Mapping[str, object]:
        wishes = await self.wishes(guest, school)
        return settings_values(wishes, self._settings.in_school(school), role)

    async def _of_year(
        self, guest: Guest, seen: Seen, kinds: Collection[Kind]
    ) -> tuple[Noted, ...]:
        """Of this school year, what is known of the days to come too."""
        began = school_year_began(guest.today)
        return await self._reading.personal(seen, began, guest.today + AHEAD, kinds)

    async def _homework(self, guest: Guest, seen: Seen, asked: Asked) -> Mapping[str, object]:
        began = school_year_began(guest.today)
        first = began if asked.is_year else guest.today - _PAST_HOMEWORK
        last = guest.today + AHEAD
        found = await self._reading.of_places(seen, first, last, (Kind.HOMEWORK,))
        return {"days": days(first, (last - first).days + 1, found), "is_year": asked.is_year}

    async def _ahead(
        self, guest: Guest, seen: Seen, asked: Asked, voice: Voice
    ) -> Mapping[str, object]:
        """Tests and meetings, by day; of the whole school year those that are over too."""
        began = school_year_began(guest.today)
        first = began if asked.is_year else guest.today
        last = began.replace(year=began.year + 1) - _DAY
        tests = await self._reading.of_places(seen, first, last, (Kind.EXAM,))
        news = await self._reading.news(seen, guest.person.person_id, first, last)
        meetings = [each for each in news if isinstance(each.payload, said.MeetingScheduled)]
        return {
            "dates": dates([*tests, *meetings], voice.zone),
            "meeting_words": lambda one: phrase(one, Kind.MEETING, voice),
            "is_year": asked.is_year,
        }

    async def _today(
        self, guest: Guest, cast: Cast, seen: Seen, voice: Voice
    ) -> Mapping[str, object]:
        today = guest.today
        noted = await self._reading.of_places(seen, today, today + _DAY, _OF_PLACES)
        lessons = await self._reading.lessons(seen, today, today + _DAY)
        lately = await self._reading.personal(
            seen, today - _LATELY, today + _DAY, (Kind.ABSENCE, Kind.GRADE)
        )
        news = await self._reading.news(
            seen, guest.person.person_id, today - _LATELY, today + AHEAD
        )
        missing = missing_on(today, lately)
        is_class = isinstance(seen, SeenClass)
        marks = [each.payload for each in lately if isinstance(each.payload, said.GradePosted)]
        return {
            "days": days(today, 2, noted, lessons),
            "missing": [
                f"{cast.name(student)}: {absence_words(one, voice)}"
                if is_class
                else absence_words(one, voice)
                for student, one in missing.items()
            ],
            "marks": [] if is_class else marks[::-1],
            "news": [
                (found.line, found.below)
                for event in reversed(news)
                for found in (phrase(event.payload, event.kind, voice),)
            ],
            "change_words": partial(change_words, voice=voice),
        }

    async def _week(
        self, guest: Guest, seen: Seen, asked: Asked, voice: Voice
    ) -> Mapping[str, object]:
        offset = max(-_FARTHEST_WEEK, min(asked.week, _FARTHEST_WEEK))
        monday = week_of(guest.today, offset)
        found = days(
            monday,
            7,
            await self._reading.of_places(seen, monday, monday + 6 * _DAY, _OF_PLACES),
            await self._reading.lessons(seen, monday, monday + 6 * _DAY),
        )
        if found[-1].is_empty and guest.today != found[-1].day:
            found = found[:-1]
        first, last = span_words(found[0].day, found[-1].day)
        return {
            "days": found,
            "week": offset,
            "first_words": first,
            "last_words": last,
            "change_words": partial(change_words, voice=voice),
        }

    async def _class_grades(
        self, guest: Guest, cast: Cast, seen: SeenClass
    ) -> Mapping[str, object]:
        events = await self._reading.personal(
            seen, guest.today - _FOUR_WEEKS, guest.today + _DAY, (Kind.GRADE,)
        )
        own: dict[str, list[Noted]] = {each.student: [] for each in seen.students}
        for event in events:
            if isinstance(event.payload, said.OfStudent):
                own[event.payload.student].append(event)
        return {
            "students": [
                {
                    "of": cast.of(one),
                    "label": cast.name(one.student),
                    "subjects": grades(own[one.student]),
                }
                for one in sorted(seen.students, key=lambda each: _sorted_by(guest, each.student))
            ]
        }

    async def _class_year(self, guest: Guest, cast: Cast, seen: SeenClass) -> Mapping[str, object]:
        began = school_year_began(guest.today)
        found = class_year(await self._reading.marks(seen, began, guest.today + AHEAD))
        return {
            "students": [
                {
                    "of": cast.of(one),
                    "label": cast.name(one.student),
                    "subjects": found.get(one.student, ()),
                }
                for one in sorted(seen.students, key=lambda each: _sorted_by(guest, each.student))
            ]
        }

    async def _class_absences(
        self, guest: Guest, cast: Cast, seen: Seen, voice: Voice, asked: Asked
    ) -> Mapping[str, object]:
        began = school_year_began(guest.today)
        first = began if asked.is_year else guest.today - _FOUR_WEEKS
        events = await self._reading.personal(seen, first, guest.today + _LATELY, (Kind.ABSENCE,))
        by_day: dict[date, list[tuple[str, str]]] = {}
        for one in absences(events).entries:
            line = (cast.name(one.student), absence_words(one, voice))
            by_day.setdefault(one.day, []).append(line)
        return {"by_day": list(by_day.items()), "is_year": asked.is_year}


def _nobody(_person_id: str) -> str:
    """Where it is plain whom something is about."""
    return ""


def _reader_role(seen: Seen) -> Role:
    return Role.CLASS_TEACHER if isinstance(seen, SeenClass) else seen.role


def _sorted_by(guest: Guest, person_id: str) -> tuple[str, str]:
    person = guest.roster.people[person_id]
    return person.family_name.casefold(), person.given_name.casefold()
