"""What the diary of the sample school knows of the weeks before: nobody is told of it any more, but
grades have a course and a class its year. Pure, and the same for the same roster, day and seed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Final
from zoneinfo import ZoneInfo

from appservice.demo.school_day import (
    class_of,
    event,
    grade,
    homework,
    language_of,
    school_day_before,
    students_of,
    week_of_lessons,
)
from appservice.demo.sign_ins import people_shown
from appservice.diary.school_year import school_year_began
from appservice.language import _, speaking
from appservice.school.model import Role, Roster

_WEEKS: Final = timedelta(weeks=6)
_MARKED: Final = 0.25  # of the lessons that somebody is at
_MISSED: Final = 0.03  # of the days
_TERMS: Final = ((11, 1), (1, 1), (4, 1))  # months and days on which one is over

Said = tuple[str, Mapping[str, object]]


def school_past(
    roster: Roster, now: datetime, *, seed: int = 1
) -> tuple[Mapping[str, object], ...]:
    """Documents of the six weeks before the day of which `school_day` speaks, of the class of those
    who are shown and of their brothers and sisters; in the language of the school.
    """
    with speaking(language_of(roster)):
        return _school_past(roster, now, seed)


def _school_past(roster: Roster, now: datetime, seed: int) -> tuple[Mapping[str, object], ...]:
    school = roster.schools[0]
    zone = ZoneInfo(school.time_zone)
    today = school_day_before(now.astimezone(zone).date())
    found = []
    for place in _classes(roster):
        for days in range(_WEEKS.days, -1, -1):
            day = today - timedelta(days=days)
            at = datetime.combine(day, time(14), zone)
            for number, (kind, payload) in enumerate(_day(roster, place, day, seed)):
                if not days and kind != "homework.assigned":
                    continue  # the day itself tells the rest
                name = f"past-{place}-{day}-{number}"
                found.append(event(kind, payload, name, school.school_id, at))
        for term, ended in _terms(today):
            at = datetime.combine(ended, time(14), zone)
            for number, payload in enumerate(_results(roster, place, term, seed)):
                name = f"past-{place}-{ended}-result-{number}"
                found.append(event("term.result", payload, name, school.school_id, at))
    return tuple(found)


def _classes(roster: Roster) -> list[str]:
    shown = {one.role: one.person_id for one in people_shown(roster)}
    children = {shown[Role.STUDENT]} | {
        tie.student_id
        for tie in roster.guardianships
        if tie.guardian_id == shown[Role.GUARDIAN] and tie.may_view_diary
    }
    return sorted({class_of(roster, one) for one in children})


def _day(roster: Roster, place: str, day: date, seed: int) -> Iterator[Said]:
    week = week_of_lessons(roster, place, seed)
    if day.weekday() >= len(week):
        return
    lessons = [group for group, _room in week[day.weekday()]]
    chance = Random(f"{seed} {place} {day}")  # noqa: S311 - made-up marks
    for group in lessons:
        yield "homework.assigned", homework(group, day, chance)
    for student in students_of(roster, place):
        lot = chance.random()
        if lot < _MISSED:
            yield "absence.excused", {"student": student, "day": str(day)}
            continue
        if lot < 2 * _MISSED:
            minutes = chance.choice((5, 10, 15))
            yield (
                "absence.late",
                {"student": student, "day": str(day), "lesson": 1, "minutes": minutes},
            )
        for group in lessons:
            if chance.random() < _MARKED:
                yield "grade.posted", grade(student, group, day, _mark(student, chance))


def _results(roster: Roster, place: str, term: str, seed: int) -> Iterator[Mapping[str, object]]:
    groups = sorted(one for one in roster.groups.values() if one.class_ids == (place,))
    for student in students_of(roster, place):
        chance = Random(f"{seed} {student} {term}")  # noqa: S311 - made-up marks
        for group in groups:
            value = _mark(student, chance)
            yield {"student": student, "subject": group.subject, "term": term, "value": value}


def _terms(today: date) -> Iterator[tuple[str, date]]:
    """Those of this school year that are over, and the day after each."""
    began = school_year_began(today).year
    for number, (month, day) in enumerate(_TERMS, 1):
        ended = date(began if month >= 9 else began + 1, month, day)
        if ended < today:
            yield _("Quarter {number}").format(number=number), ended


def _mark(student: str, chance: Random) -> str:
    """Some are better at school than others."""
    ability = Random(student).choice(("5554", "5443", "5543", "4433"))  # noqa: S311
    return chance.choice(ability)
