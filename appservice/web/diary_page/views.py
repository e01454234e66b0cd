"""What each view of the diary shows, made of events. Pure.

Events are those that count, as the store gives them; what was withdrawn is not among them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from appservice.diary import payloads as said
from appservice.diary.events import DiaryEvent
from appservice.web.diary_page.chart import Chart, chart_of

_NUMBER: Final = re.compile(r"([0-9]{1,3}(?:[.,][0-9]{1,2})?)[+−-]?")


@dataclass(frozen=True, slots=True)
class Lesson:
    """What is known of one lesson. `changes` are in the order in which they were said; "moved here"
    is a LessonMoved that ends here.
    """

    number: int
    subject: str
    changes: tuple[said.LessonPayload, ...]


@dataclass(frozen=True, slots=True)
class Day:
    day: date
    lessons: tuple[Lesson, ...] = ()
    homework: tuple[said.HomeworkAssigned, ...] = ()
    exams: tuple[said.ExamScheduled, ...] = ()

    @property
    def is_empty(self) -> bool:
        return not (self.lessons or self.homework or self.exams)


@dataclass(frozen=True, slots=True)
class SubjectGrades:
    """The latest grade last. `average` of those that are numbers, None without one."""

    subject: str
    grades: tuple[said.GradePosted, ...]
    results: tuple[said.TermResult, ...]
    average: float | None
    chart: Chart | None


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


def days(first: date, count: int, events: Iterable[DiaryEvent]) -> tuple[Day, ...]:
    """Each of `count` days from `first` on."""
    lessons: dict[date, dict[int, list[said.LessonPayload]]] = {}
    homework: dict[date, list[said.HomeworkAssigned]] = {}
    exams: dict[date, list[said.ExamScheduled]] = {}
    for event in events:
        match event.payload:
            case said.LessonPayload() as lesson:
                lessons.setdefault(lesson.day, {}).setdefault(lesson.lesson, []).append(lesson)
                if isinstance(lesson, said.LessonMoved):
                    place = lessons.setdefault(lesson.to_day, {})
                    if (lesson.to_day, lesson.to_lesson) != (lesson.day, lesson.lesson):
                        place.setdefault(lesson.to_lesson, []).append(lesson)
            case said.HomeworkAssigned() as work:
                homework.setdefault(work.due, []).append(work)
            case said.ExamScheduled() as exam:
                exams.setdefault(exam.day, []).append(exam)
            case _:
                pass
    return tuple(
        Day(
            day,
            tuple(
                Lesson(number, subject, tuple(changes))
                for number, changes in sorted(lessons.get(day, {}).items())
                for subject, changes in _by_subject(changes).items()
            ),
            tuple(homework.get(day, ())),
            tuple(exams.get(day, ())),
        )
        for day in (first + timedelta(days=number) for number in range(count))
    )


def grades(events: Iterable[DiaryEvent]) -> tuple[SubjectGrades, ...]:
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


def _subject(
    subject: str, marks: Sequence[said.GradePosted], results: Sequence[said.TermResult]
) -> SubjectGrades:
    ordered = tuple(sorted(marks, key=lambda one: one.day))
    numbers = [number for one in ordered if (number := number_of(one.value)) is not None]
    return SubjectGrades(
        subject,
        ordered,
        tuple(results),
        sum(numbers) / len(numbers) if numbers else None,
        chart_of(numbers),
    )


def number_of(mark: str) -> float | None:
    """Of a mark that is one: "5", "4-", "8,5"."""
    found = _NUMBER.fullmatch(mark.strip())
    return float(found[1].replace(",", ".")) if found else None


def absences(events: Iterable[DiaryEvent]) -> Absences:
    entries = [
        event.payload
        for event in events
        if isinstance(event.payload, said.AbsenceRecorded | said.AbsenceLate)
    ]
    # A guardian's excuse and the journal's record of the same day are one absence.
    excused = {
        (one.student, one.day)
        for one in entries
        if isinstance(one, said.AbsenceExcused) and not one.lessons
    }
    entries = [
        one
        for one in entries
        if isinstance(one, said.AbsenceExcused | said.AbsenceLate)
        or (one.student, one.day) not in excused
    ]
    entries.sort(key=lambda one: one.day, reverse=True)
    missed = [one for one in entries if isinstance(one, said.AbsenceRecorded)]
    return Absences(
        tuple(entries),
        days=sum(not one.lessons for one in missed),
        lessons=sum(len(one.lessons) for one in missed),
        late=len(entries) - len(missed),
        excused=sum(isinstance(one, said.AbsenceExcused) for one in missed),
    )


def missing_on(day: date, events: Iterable[DiaryEvent]) -> Mapping[str, said.OfStudent]:
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


def school_year_began(day: date) -> date:
    """1 September, as in the calendars of the schools that we know."""
    return date(day.year if day.month >= 9 else day.year - 1, 9, 1)


def _by_subject(
    changes: Sequence[said.LessonPayload],
) -> Mapping[str, list[said.LessonPayload]]:
    found: dict[str, list[said.LessonPayload]] = {}
    for change in changes:
        found.setdefault(change.subject, []).append(change)
    return found
