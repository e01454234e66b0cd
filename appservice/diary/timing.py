"""When one recipient is told of one event: at once, with the next digest, or never."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from appservice.diary.events import DiaryEvent
from appservice.diary.preferences import NO_WISHES, Pace, Preferences, pace_of
from appservice.diary.quiet_hours import Quiet, SchoolCalendar, at_clock, first_open, is_quiet
from appservice.diary.routing import Recipient, Room
from appservice.diary.settings import DiarySettings
from appservice.diary.urgency import is_urgent


@dataclass(frozen=True, slots=True)
class Alone:
    """A message of its own, now."""


@dataclass(frozen=True, slots=True)
class InDigest:
    """With everything else that this room is told at `at` (UTC)."""

    at: datetime


@dataclass(frozen=True, slots=True)
class Never:
    """The person wants nothing of this kind."""


When = Alone | InDigest | Never


def when(
    event: DiaryEvent,
    recipient: Recipient,
    preferences: Preferences,
    settings: DiarySettings,
    calendar: SchoolCalendar,
    *,
    now: datetime,
) -> When:
    """`now` is when the event is due or later. Rooms have no preferences of their own.

    What is urgent goes out at once, also to those who read once a day or a week: they would read of
    tomorrow's first lesson after it. Who wants nothing of the kind is told nothing.
    """
    pace, quiet = _chosen(event, recipient, preferences, settings)
    if pace is Pace.OFF:
        return Never()
    if is_urgent(event, today=calendar.today(now)):
        return Alone()
    if pace is Pace.IMMEDIATE:
        if not is_quiet(quiet, calendar, now):
            return Alone()
        return InDigest(first_open(quiet, calendar, now))
    return InDigest(_next_digest(pace, quiet, settings, calendar, now))


def is_wanted(
    event: DiaryEvent, recipient: Recipient, preferences: Preferences, settings: DiarySettings
) -> bool:
    """Whether it is still to be told that has waited for a digest meanwhile."""
    return _chosen(event, recipient, preferences, settings)[0] is not Pace.OFF


def held_until(
    event: DiaryEvent,
    recipient: Recipient,
    preferences: Preferences,
    settings: DiarySettings,
    calendar: SchoolCalendar,
    *,
    now: datetime,
) -> datetime | None:
    """When what should have gone out before may call its reader, if an outage has held it up into
    quiet hours. None: now.
    """
    quiet = _chosen(event, recipient, preferences, settings)[1]
    if is_urgent(event, today=calendar.today(now)) or not is_quiet(quiet, calendar, now):
        return None
    return first_open(quiet, calendar, now)


def _chosen(
    event: DiaryEvent, recipient: Recipient, preferences: Preferences, settings: DiarySettings
) -> tuple[Pace, Quiet]:
    settings = settings.in_school(event.school)
    if isinstance(recipient, Room):
        return Pace.IMMEDIATE, settings.quiet_for(None, NO_WISHES.quiet)
    return (
        pace_of(event.kind, preferences, settings.paces),
        settings.quiet_for(recipient.role, preferences.quiet),
    )


def _next_digest(
    pace: Pace, quiet: Quiet, settings: DiarySettings, calendar: SchoolCalendar, now: datetime
) -> datetime:
    """The next time of the digest that has not passed, after the quiet hours that it falls into."""
    day = calendar.today(now)
    while True:
        found = at_clock(calendar, day, settings.digest.at)
        weekly = pace is Pace.WEEKLY and day.isoweekday() != settings.digest.weekly_on
        if found >= now and not weekly:
            return first_open(quiet, calendar, found)
        day += timedelta(days=1)
