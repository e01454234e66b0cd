"""How far the diary looks back and ahead, on its page and in the answers of the bot. Pure."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

AHEAD: Final = timedelta(days=60)
"""What is farther off is not shown yet."""


def school_year_began(day: date) -> date:
    """1 September, as in the calendars of the schools that we know."""
    return date(day.year if day.month >= 9 else day.year - 1, 9, 1)
