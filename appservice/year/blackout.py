"""Days on which nothing is synced: exams, the end of a term. Pure."""

from __future__ import annotations

from datetime import date

from appservice.year.settings import BlackoutSettings, CalendarSettings


def may_sync(today: date, settings: CalendarSettings) -> bool:
    """Whether the school may be brought in line with its roster today."""
    return blackout_on(today, settings) is None


def blackout_on(today: date, settings: CalendarSettings) -> BlackoutSettings | None:
    """The stretch of days that holds `today`; of several the one that ends last."""
    held = [each for each in settings.blackout if each.begin <= today <= each.end]
    return max(held, key=lambda each: each.end, default=None)
