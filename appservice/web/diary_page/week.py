"""The days of a timetable: its lessons, what is otherwise in them, homework and tests. Pure.

Lessons come from the timetable where a source brings one; what was said of a lesson is laid over it
by its number and subject, or by its number and its group where the subject is called otherwise.
Without a timetable there are the lessons of which something was said.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from appservice.diary import payloads as said
from appservice.storage.timetable import TimetableLesson
from appservice.web.diary_page.views import Noted


@dataclass(frozen=True, slots=True)
class Lesson:
    """What is known of one lesson. `changes` are in the order in which they were said; "moved here"
    is a LessonMoved that ends here. `begins` and `room` are "" where no timetable has them.
    """

    number: int
    subject: str
    changes: tuple[said.LessonPayload, ...] = ()
    begins: str = ""
    room: str = ""
    cancelled: bool = False

    @property
    def is_silently_cancelled(self) -> bool:
        """The timetable alone says so."""
        return self.cancelled and not any(
            isinstance(each, said.LessonCancelled) for each in self.changes
        )


@dataclass(frozen=True, slots=True)
class Day:
    day: date
    lessons: tuple[Lesson, ...] = ()
    homework: tuple[said.HomeworkAssigned, ...] = ()
    exams: tuple[said.ExamScheduled, ...] = ()

    @property
    def is_empty(self) -> bool:
        return not (self.lessons or self.homework or self.exams)


def days(
    first: date,
    count: int,
    events: Iterable[Noted],
    timetable: Iterable[TimetableLesson] = (),
) -> tuple[Day, ...]:
    """Each of `count` days from `first` on."""
    changes: dict[date, list[tuple[int, said.LessonPayload]]] = {}
    homework: dict[date, list[said.HomeworkAssigned]] = {}
    exams: dict[date, list[said.ExamScheduled]] = {}
    for event in events:
        match event.payload:
            case said.LessonPayload() as lesson:
                for day, number in _slots(lesson):
                    changes.setdefault(day, []).append((number, lesson))
            case said.HomeworkAssigned() as work:
                homework.setdefault(work.due, []).append(work)
            case said.ExamScheduled() as exam:
                exams.setdefault(exam.day, []).append(exam)
            case _:
                pass
    known: dict[date, list[TimetableLesson]] = {}
    for one in timetable:
        known.setdefault(one.day, []).append(one)
    return tuple(
        Day(
            day,
            _lessons(known.get(day, ()), changes.get(day, ())),
            tuple(homework.get(day, ())),
            tuple(exams.get(day, ())),
        )
        for day in (first + timedelta(days=number) for number in range(count))
    )


def _slots(lesson: said.LessonPayload) -> set[tuple[date, int]]:
    """Where a change is shown: of a moved lesson in both places."""
    here = {(lesson.day, lesson.lesson)}
    if isinstance(lesson, said.LessonMoved):
        here.add((lesson.to_day, lesson.to_lesson))
    return here


def _lessons(
    timetable: Sequence[TimetableLesson], changes: Sequence[tuple[int, said.LessonPayload]]
) -> tuple[Lesson, ...]:
    """Of one day, in their order."""
    found: dict[tuple[int, str], Lesson] = {}
    places: dict[tuple[int, str], list[tuple[int, str]]] = {}
    for one in timetable:
        key = (one.lesson, one.subject.casefold())
        if key not in found:
            found[key] = Lesson(
                one.lesson,
                one.subject,
                begins=one.begins,
                room=one.room,
                cancelled=one.cancelled,
            )
            places.setdefault((one.lesson, one.place), []).append(key)
    for number, change in changes:
        key = (number, change.subject.casefold())
        if key not in found:
            there = places.get((number, change.place), ())
            if len(there) == 1:
                key = there[0]
        before = found.get(key) or Lesson(number, change.subject)
        found[key] = replace(before, changes=(*before.changes, change))
    return tuple(sorted(found.values(), key=lambda each: (each.number, each.begins, each.subject)))
