"""What one person wants of the diary."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time
from enum import StrEnum
from typing import Final

from appservice.diary.payloads import Kind
from appservice.language import Language

PERSONAL_KINDS: Final = (
    Kind.GRADE,
    Kind.RESULT,
    Kind.ABSENCE,
    Kind.REMARK,
    Kind.MEETING,
    Kind.ANNOUNCEMENT,
)
"""What is told to a person alone; the rest goes to rooms, which have no pace."""


class Pace(StrEnum):
    IMMEDIATE = "immediate"
    DAILY = "daily"
    WEEKLY = "weekly"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class QuietWish:
    """A layer of quiet hours: None leaves it to the layer above.

    `weekend` are whole quiet days, 1 (Monday) to 7; `holidays`: whether those are quiet.
    """

    begin: time | None = None
    end: time | None = None
    weekend: frozenset[int] | None = None
    holidays: bool | None = None


@dataclass(frozen=True, slots=True)
class Preferences:
    """Of one person in one school; what is not chosen is as the school has it."""

    paces: Mapping[Kind, Pace] = field(default_factory=dict)
    quiet: QuietWish = QuietWish()
    hide_values: bool = False
    language: Language | None = None


NO_WISHES = Preferences()
"""Of somebody who has chosen nothing, and of rooms."""


def pace_of(kind: Kind, own: Preferences, school: Mapping[Kind, Pace]) -> Pace:
    """The person's choice, else the school's, else at once."""
    return own.paces.get(kind, school.get(kind, Pace.IMMEDIATE))
