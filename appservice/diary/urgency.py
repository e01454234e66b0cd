"""What cannot wait for the morning."""

from __future__ import annotations

from datetime import date, timedelta

from appservice.diary.events import DiaryEvent, EventType
from appservice.diary.payloads import (
    AbsenceLate,
    AbsenceRecorded,
    Announcement,
    LessonMoved,
    LessonPayload,
)

_FIRST = 1
"""The number of the first lesson; 0 is before it."""


def is_urgent(event: DiaryEvent, *, today: date) -> bool:
    """Whether it passes quiet hours: an absence of today, a change of the first lesson of today or
    tomorrow, an announcement that is marked so. No other event passes, however it is marked.

    `today` is the day at the school.
    """
    payload = event.payload
    match payload:
        case AbsenceRecorded() | AbsenceLate():
            return event.type is not EventType.ABSENCE_EXCUSED and payload.day == today
        case LessonMoved():
            places = ((payload.day, payload.lesson), (payload.to_day, payload.to_lesson))
            return any(_begins_the_day(day, lesson, today) for day, lesson in places)
        case LessonPayload():
            return _begins_the_day(payload.day, payload.lesson, today)
        case Announcement():
            return event.urgency == "urgent"
        case _:
            return False


def _begins_the_day(day: date, lesson: int, today: date) -> bool:
    return lesson <= _FIRST and day in (today, today + timedelta(days=1))
