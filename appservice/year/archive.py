"""Rooms that end: what becomes of them, which year they are marked with, how long they are kept.
Pure.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final, Literal, NamedTuple

from pydantic import Field

from appservice.school.settings import Section

_YEAR: Final = re.compile(r"(\d{4})\s*[/–-]\s*(\d{4})")
# Until here the rosters of the next year may come, and what ends belonged to the last one.
_TURN: Final = (9, 15)  # month, day
_NEW_YEAR: Final = 8  # the month in which a school year begins, where the roster names none


class ArchiveSettings(Section):
    """What becomes of a room that the roster no longer gives."""

    # archived: its members keep it to read. emptied: everyone goes, the bot keeps it.
    mode: Literal["archived", "emptied"] = "archived"
    # After so many days an archived room is deleted with all that was said in it; null: never.
    keep_days: int | None = Field(default=365, ge=1)


class Archived(NamedTuple):
    """The mark of an archived room. `on` is None where it cannot be read: such a room is never
    deleted.
    """

    year: str
    on: date | None


def archived_in(content: Mapping[str, object]) -> Archived | None:
    """The mark in the content of a room's key event, if there is one."""
    year, day = content.get("archived"), content.get("archived_on")
    if not isinstance(year, str):
        return None
    try:
        return Archived(year, date.fromisoformat(day) if isinstance(day, str) else None)
    except ValueError:
        return Archived(year, None)


def with_mark(content: Mapping[str, object], mark: Archived) -> Mapping[str, object]:
    """The content of a key event, marked."""
    on = {} if mark.on is None else {"archived_on": mark.on.isoformat()}
    return {**content, "archived": mark.year, **on}


@dataclass(frozen=True, slots=True)
class Archive:
    """What decides about rooms that end, on the day `today`. `years`: the school year that each
    school's roster names, by school id.
    """

    today: date
    settings: ArchiveSettings = field(default_factory=ArchiveSettings)
    years: Mapping[str, str] = field(default_factory=dict)

    def mark_of(self, school_id: str) -> Archived:
        """The mark of a room of this school that ends today."""
        return Archived(ended_year(self.years.get(school_id, ""), self.today), self.today)

    def is_over(self, mark: Archived) -> bool:
        """Whether a room has been kept for long enough."""
        days = self.settings.keep_days
        return (
            days is not None
            and mark.on is not None
            and (self.today >= mark.on + timedelta(days=days))
        )


def ended_year(named: str, today: date) -> str:
    """The school year that a room which ends today belonged to; `named` is that of the roster.

    In summer a roster of the coming year ends the rooms of the one before it.
    """
    if not named:
        first = today.year if today.month >= _NEW_YEAR else today.year - 1
        named = f"{first}/{first + 1}"
    match = _YEAR.fullmatch(named.strip())
    if match and int(match[1]) == today.year and (today.month, today.day) < _TURN:
        return f"{today.year - 1}/{today.year}"
    return named
