"""How long a thing is left to settle before anybody is told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from appservice.diary.events import DiaryEvent
from appservice.diary.payloads import AbsenceLate, AbsenceRecorded, LessonMoved, LessonPayload
from appservice.diary.quiet_hours import SchoolCalendar
from appservice.diary.revisions import standing_of, withdraws
from appservice.diary.routing import Missing, Route
from appservice.diary.settings import SettleSettings

KNOWN_WITHIN: Final = timedelta(days=3)
"""So long the roster may take to learn of somebody whom the diary knows."""

_LOOKED_FOR_EVERY: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Kept:
    """An accepted event, and when we received it."""

    event: DiaryEvent
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Settled:
    """What several sayings of one thing come to: the last of them, and when it is due."""

    latest: DiaryEvent
    due: datetime


def settle(unsaid: Sequence[Kept], delays: SettleSettings, calendar: SchoolCalendar) -> Settled:
    """`unsaid` are the accepted events of one lineage of which nobody was told yet, at least one.

    The delay runs from the first of them, so that changes upon changes put nothing off for ever;
    one that cannot wait brings the whole forward.
    """
    latest = max(unsaid, key=lambda kept: standing_of(kept.event))
    due = min(due_of(kept, delays, calendar) for kept in unsaid)
    return Settled(latest.event, due)


def due_of(kept: Kept, delays: SettleSettings, calendar: SchoolCalendar) -> datetime:
    """When the delay of one event is over."""
    if _of_today(kept.event, calendar.today(kept.received_at)):
        return kept.received_at
    return kept.received_at + delays.delay(kept.event.kind)


def looked_for_again(kept: Kept, route: Route, *, now: datetime) -> datetime | None:
    """When it is due once more, because whom it concerns is not in the roster yet; None: what it
    comes to now is all.
    """
    if route.recipients or withdraws(kept.event):
        return None
    if all(one.why is not Missing.NOT_HERE for one in route.left_out):
        return None
    later = now + _LOOKED_FOR_EVERY
    return later if later <= kept.received_at + KNOWN_WITHIN else None


def _of_today(event: DiaryEvent, today: date) -> bool:
    match event.payload:
        case LessonMoved(day=day, to_day=to_day):
            return today in (day, to_day)
        case LessonPayload(day=day) | AbsenceRecorded(day=day) | AbsenceLate(day=day):
            return day == today
        case _:
            return False
