"""From what a person typed, or a button they pressed, to what they ask for. Pure; both languages
are understood always.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from appservice.commands.parsing import number_said
from appservice.commands.vocabulary import PREFIXES
from appservice.language import current_language


class Ask(StrEnum):
    """What can be asked."""

    TODAY = "today"
    TOMORROW = "tomorrow"
    HOMEWORK = "homework"
    GRADES = "grades"
    TIMETABLE = "timetable"
    ABSENCE = "absence"
    DIARY = "diary"
    SETTINGS = "settings"
    HELP = "help"


WORDS: Final[Mapping[Ask, tuple[str, ...]]] = MappingProxyType(
    {
        Ask.TODAY: ("today", "сегодня"),
        Ask.TOMORROW: ("tomorrow", "завтра"),
        Ask.HOMEWORK: ("homework", "дз", "задания", "домашка", "уроки"),
        Ask.GRADES: ("grades", "оценки", "marks", "отметки"),
        Ask.TIMETABLE: ("timetable", "расписание", "lessons"),
        Ask.ABSENCE: ("absence", "болеет", "ill", "sick", "отсутствие", "заболел", "заболела"),
        Ask.DIARY: ("diary", "дневник", "page", "страница"),
        Ask.SETTINGS: ("settings", "настройки"),
        Ask.HELP: ("help", "помощь", "справка"),
    }
)
"""The first word is the English name, the second the Russian one; the rest are understood too."""

BUTTONS: Final[Mapping[str, Ask]] = MappingProxyType(
    {
        "📅": Ask.TODAY,
        "⏭": Ask.TOMORROW,
        "📚": Ask.HOMEWORK,
        "📊": Ask.GRADES,
        "🗓": Ask.TIMETABLE,
        "📖": Ask.DIARY,
        "⚙": Ask.SETTINGS,
        "❓": Ask.HELP,
    }
)
"""Reactions that the bot puts below its answers: a press asks the same as the word."""

NUMBERS: Final = ("1️⃣", "2️⃣", "3️⃣", "4️⃣", "5️⃣", "6️⃣", "7️⃣", "8️⃣", "9️⃣")
"""Reactions below a list of ours: a press chooses that line."""

CONFIRMS: Final = "✅"

_ASKS: Final = {word: ask for ask, words in WORDS.items() for word in words}
_LONGEST: Final = 300  # characters of a message that may be for us
_VARIATION: Final = "\ufe0f"
_PICKED: Final = {
    key.replace(_VARIATION, ""): number for number, key in enumerate(NUMBERS, start=1)
}
_DAYS_SAID: Final = {"today": 0, "сегодня": 0, "tomorrow": 1, "завтра": 1, "послезавтра": 2}
_WEEKDAYS: Final[Mapping[str, int]] = {
    word: number
    for number, words in enumerate(
        (
            "monday понедельник",
            "tuesday вторник",
            "wednesday среда среду",
            "thursday четверг",
            "friday пятница пятницу",
            "saturday суббота субботу",
            "sunday воскресенье",
        )
    )
    for word in words.split()
}
_BEFORE_A_DAY: Final = ("on", "for", "в", "во", "на")
_DAY: Final = re.compile(r"(\d{4})-(\d{2})-(\d{2})|(\d{1,2})\.(\d{1,2})(?:\.(\d{4}))?")
_FARTHEST: Final = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked; `text` is what stands behind the word. `child` is a person_id, "" before it is
    known.
    """

    ask: Ask
    text: str = ""
    child: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a list that was shown."""

    number: int


def word_of(ask: Ask) -> str:
    """Its name in the language spoken."""
    return WORDS[ask][current_language() == "ru"]


def button(key: str) -> Ask | None:
    """What a reaction asks for."""
    return BUTTONS.get(key.rstrip(_VARIATION))


OF_A_DIARY: Final = (Ask.TODAY, Ask.TOMORROW, Ask.HOMEWORK, Ask.GRADES)
"""For those alone who may read somebody's diary."""


def buttons(*, has_page: bool, reads: bool = True) -> tuple[str, ...]:
    """Those that go below an answer. `reads`: whether the asker may read somebody's diary."""
    left_out = {
        *(() if has_page else (Ask.DIARY,)),
        *(() if reads else (*OF_A_DIARY, Ask.TIMETABLE)),  # of a class it takes its name
    }
    return tuple(key for key, ask in BUTTONS.items() if ask not in left_out)


def picked(key: str) -> Choice | None:
    """What a reaction to a list chooses; clients write these with and without a variation sign."""
    number = _PICKED.get(key.replace(_VARIATION, ""))
    return None if number is None else Choice(number)


def confirms(key: str) -> bool:
    return key.rstrip(_VARIATION) == CONFIRMS


def wanted(body: str) -> Wanted | Choice | None:
    """None: not one of our words."""
    if len(body) > _LONGEST:
        return None
    number = number_said(body)
    if number is not None:
        return Choice(number)
    lines = [line for line in body.splitlines() if not line.startswith(">")]
    said = " ".join(lines).split()
    if said and said[0].casefold() in PREFIXES:
        del said[0]
    if not said:
        return None
    ask = _ASKS.get(said[0].casefold().strip("!/?.,"))
    return None if ask is None else Wanted(ask, " ".join(said[1:]))


def day_said(text: str, today: date) -> tuple[date, str] | None:
    """(the day that a text begins with, the rest of it); without one it is today. A day of the week
    is the next one, today included. None for a day that does not exist, is past, or far away.
    """
    words = text.split()
    if len(words) > 1 and words[0].casefold() in _BEFORE_A_DAY:
        del words[0]
    first, rest = (words[0].casefold(), " ".join(words[1:])) if words else ("", "")
    if first in _DAYS_SAID:
        return today + timedelta(days=_DAYS_SAID[first]), rest
    if first in _WEEKDAYS:
        return today + timedelta(days=(_WEEKDAYS[first] - today.weekday()) % 7), rest
    match = _DAY.fullmatch(first)
    if match is None:
        return today, text.strip()
    year, month, day, day2, month2, year2 = match.groups()
    try:
        found = date(int(year or year2 or today.year), int(month or month2), int(day or day2))
        if found < today and not (year or year2):  # in December of a day in January
            found = found.replace(year=found.year + 1)
    except ValueError:
        return None
    return (found, rest) if today <= found <= today + _FARTHEST else None
