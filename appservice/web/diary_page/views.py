"""What each view of the diary shows, made of what was said. Pure.

What is noted counts: the store gives nothing that was withdrawn.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from appservice.diary import payloads as said
from appservice.diary.absences import days_excused, is_excused
from appservice.diary.payloads import Kind
from appservice.web.diary_page.chart import Chart, chart_of

_NUMBER: Final = re.compile(r"([0-9]{1,3}(?:[.,][0-9]{1,2})?)[+−-]?")


@dataclass(frozen=True, slots=True)
class SubjectGrades:
    """The latest grade last. `average` of those that are numbers, None without one."""

    subject: str
    grades: tuple[said.GradePosted, ...]
    results: tuple[said.TermResult, ...]
    average: float | None
    chart: Chart | None


class Noted(NamedTuple):
    """What was said, of an event that counts, and when it came to be."""

    payload: said.AnyPayload
    kind: Kind
    occurred_at: datetime


class Marks(NamedTuple):
    """The marks of one student in one subject, the oldest first; `term` is "" for grades."""

    student: str
    subject: str
    term: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SubjectYear:
    """How many grades, what they come to (None without a number), and the results: (term, mark)."""

    subject: str
    count: int
    average: float | None
    results: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Dates:
    """What a day has that is no lesson."""

    day: date
    entries: tuple[said.ExamScheduled | said.MeetingScheduled, ...]


@dataclass(frozen=True, slots=True)
class Absences:
    """The latest first; how many whole days, single lessons and late arrivals, and how many of the
    first two are excused.
    """

    entries: tuple[said.AbsenceRecorded | said.AbsenceLate, ...]
    days: int
    lessons: int
    late: int
    excused: int


def grades(events: Iterable[Noted]) -> tuple[SubjectGrades, ...]:
    """By subject, in the order of the alphabet."""
    marks: dict[str, list[said.GradePosted]] = {}
    results: dict[str, list[said.TermResult]] = {}
    for event in events:
        if isinstance(event.payload, said.GradePosted):
            marks.setdefault(event.payload.subject, []).append(event.payload)
        elif isinstance(event.payload, said.TermResult):
            results.setdefault(event.payload.subject, []).append(event.payload)
    return tuple(
        _subject(subject, marks.get(subject, ()), results.get(subject, ()))
        for subject in sorted(marks.keys() | results.keys(), key=str.casefold)
    )


def class_year(marks: Iterable[Marks]) -> Mapping[str, tuple[SubjectYear, ...]]:
    """By student, the subjects in the order of the alphabet."""
    found: dict[str, dict[str, list[Marks]]] = {}
    for one in marks:
        found.setdefault(one.student, {}).setdefault(one.subject, []).append(one)
    return {
        student: tuple(
            _year(subject, subjects[subject]) for subject in sorted(subjects, key=str.casefold)
        )
        for student, subjects in found.items()
    }


def _year(subject: str, marks: Sequence[Marks]) -> SubjectYear:
    values = [value for one in marks if not one.term for value in one.values]
    return SubjectYear(
        subject,
        len(values),
        _average(number for value in values if (number := number_of(value)) is not None),
        tuple((one.term, one.values[-1]) for one in marks if one.term),
    )


def _average(numbers: Iterable[float]) -> float | None:
    known = tuple(numbers)
    return sum(known) / len(known) if known else None


def _subject(
    subject: str, marks: Sequence[said.GradePosted], results: Sequence[said.TermResult]
) -> SubjectGrades:
    ordered = tuple(sorted(marks, key=lambda one: one.day))
    numbers = [number for one in ordered if (number := number_of(one.value)) is not None]
    return SubjectGrades(
        subject,
        ordered,
        tuple(results),
        _average(numbers),
        chart_of(numbers),
    )


def number_of(mark: str) -> float | None:
    """Of a mark that is one: "5", "4-", "8,5"."""
    found = _NUMBER.fullmatch(mark.strip())
    return float(found[1].replace(",", ".")) if found else None


def absences(events: Iterable[Noted]) -> Absences:
    entries = [
        event.payload
        for event in events
        if isinstance(event.payload, said.AbsenceRecorded | said.AbsenceLate)
    ]
    # A guardian's excuse and the journal's record of the same day are one absence.
    excused = days_excused(entries)
    entries = [one for one in entries if not is_excused(one, excused)]
    entries.sort(key=lambda one: one.day, reverse=True)
    missed = [one for one in entries if isinstance(one, said.AbsenceRecorded)]
    return Absences(
        tuple(entries),
        days=sum(not one.lessons for one in missed),
        lessons=sum(len(one.lessons) for one in missed),
        late=len(entries) - len(missed),
        excused=sum(isinstance(one, said.AbsenceExcused) for one in missed),
    )


def dates(events: Iterable[Noted], zone: ZoneInfo) -> tuple[Dates, ...]:
    """Tests and meetings by day, those of a day in the order in which they begin."""
    found: dict[date, list[tuple[time, said.ExamScheduled | said.MeetingScheduled]]] = {}
    for event in events:
        match event.payload:
            case said.ExamScheduled(day=day, begins=begins) as one:
                found.setdefault(day, []).append((begins or time(), one))
            case said.MeetingScheduled(begins=moment) as other:
                here = moment.astimezone(zone)
                found.setdefault(here.date(), []).append((here.time(), other))
            case _:
                pass
    return tuple(
        Dates(day, tuple(one for _at, one in sorted(found[day], key=lambda each: each[0])))
        for day in sorted(found)
    )


def missing_on(day: date, events: Iterable[Noted]) -> Mapping[str, said.OfStudent]:
    """Of a class: who is absent or late on this day, by person_id."""
    return {
        event.payload.student: event.payload
        for event in events
        if isinstance(event.payload, said.AbsenceRecorded | said.AbsenceLate)
        and event.payload.day == day
    }


def week_of(day: date, offset: int = 0) -> date:
    """The Monday of this day's week, or of one `offset` weeks later."""
    return day - timedelta(days=day.weekday()) + timedelta(weeks=offset)
