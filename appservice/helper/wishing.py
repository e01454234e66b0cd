"""What people choose about the diary, said in words. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import time
from typing import Final

from appservice.commands.paper import Answer, Bullets, Paragraph, Title
from appservice.diary.payloads import Kind
from appservice.diary.preferences import (
    PERSONAL_KINDS,
    Pace,
    Preferences,
    QuietWish,
    pace_of,
)
from appservice.diary.quiet_hours import Quiet
from appservice.helper.understanding import Ask, word_of
from appservice.language import _, current_language

KINDS: Final[Mapping[Kind, tuple[str, ...]]] = {
    Kind.GRADE: ("grades", "оценки", "grade"),
    Kind.HOMEWORK: ("homework", "задания", "дз"),
    Kind.TIMETABLE: ("timetable", "расписание"),
    Kind.ABSENCE: ("absences", "пропуски", "absence"),
    Kind.EXAM: ("exams", "контрольные", "exam"),
    Kind.REMARK: ("remarks", "замечания", "remark"),
    Kind.RESULT: ("results", "итоги", "result"),
    Kind.MEETING: ("meetings", "собрания", "meeting"),
    Kind.ANNOUNCEMENT: ("announcements", "объявления", "announcement"),
}
PACES: Final[Mapping[Pace, tuple[str, ...]]] = {
    Pace.IMMEDIATE: ("now", "сразу", "immediate"),
    Pace.DAILY: ("daily", "ежедневно"),
    Pace.WEEKLY: ("weekly", "еженедельно"),
    Pace.OFF: ("off", "выкл"),
}
_QUIET: Final = ("quiet", "тишина")
_HIDE: Final = ("hide", "скрыть")
_LANGUAGE: Final = ("language", "язык")
_ALL: Final = ("all", "всё", "все")
_ON: Final = ("on", "вкл", "yes", "да")
_OFF: Final = ("off", "выкл", "no", "нет")
_SCHOOL: Final = ("school", "школа")
_CLOCK: Final = re.compile(r"([01]?\d|2[0-3])(?::([0-5]\d))?")

_KIND_OF: Final = {word: kind for kind, words in KINDS.items() for word in words}
_PACE_OF: Final = {word: pace for pace, words in PACES.items() for word in words}


def told_in_rooms(text: str) -> bool:
    """Whether a pace is wished for what rooms are told: those have no pace of one person."""
    match text.casefold().split():
        case [what, pace]:
            return _KIND_OF.get(what, PERSONAL_KINDS[0]) not in PERSONAL_KINDS and pace in _PACE_OF
        case _:
            return False


def changed(wishes: Preferences, text: str) -> Preferences | None:
    """The wishes after "grades daily", "all off", "quiet 21:00 7:00", "quiet school", "hide on",
    "language en"; None where that is not understood.
    """
    match text.casefold().replace("-", " ").split():
        case [what, pace] if pace in _PACE_OF and (what in _KIND_OF or what in _ALL):
            kinds = PERSONAL_KINDS if what in _ALL else (_KIND_OF[what],)
            return replace(wishes, paces={**wishes.paces, **dict.fromkeys(kinds, _PACE_OF[pace])})
        case [what, word] if what in _QUIET and word in _SCHOOL:
            return replace(wishes, quiet=QuietWish())
        case [what, word] if what in _QUIET and word in _OFF:
            night = replace(wishes.quiet, begin=time(), end=time(), weekend=frozenset())
            return replace(wishes, quiet=night)
        case [what, begin, end] if what in _QUIET:
            first, last = _clock(begin), _clock(end)
            if first is None or last is None:
                return None
            return replace(wishes, quiet=replace(wishes.quiet, begin=first, end=last))
        case [what, word] if what in _HIDE and word in (*_ON, *_OFF):
            return replace(wishes, hide_values=word in _ON)
        case [what, word] if what in _LANGUAGE and word in ("ru", "русский", "russian"):
            return replace(wishes, language="ru")
        case [what, word] if what in _LANGUAGE and word in ("en", "английский", "english"):
            return replace(wishes, language="en")
        case _:
            return None


def settings_answer(
    wishes: Preferences, paces: Mapping[Kind, Pace], quiet: Quiet, *, done: bool = False
) -> Answer:
    """What holds now, the school's where nothing was chosen (`quiet`), and how to change it."""
    russian = current_language() == "ru"
    rows = [
        f"{KINDS[kind][russian]}: {PACES[pace_of(kind, wishes, paces)][russian]}"
        for kind in Kind
        if kind in PERSONAL_KINDS
    ]
    if quiet.begin == quiet.end:
        rows.append(_("quiet hours: none"))
    else:
        rows.append(
            _("quiet hours: {begin} to {end}").format(
                begin=f"{quiet.begin:%H:%M}", end=f"{quiet.end:%H:%M}"
            )
        )
    rows.append(_("values are hidden") if wishes.hide_values else _("values are shown"))
    title = _("Done. What you are told:") if done else _("What you are told:")
    return Answer(
        (
            Title(title),
            Bullets(tuple(rows)),
            Paragraph(ways_to_change()),
        )
    )


def ways_to_change() -> str:
    """Examples of what is understood, in the language spoken."""
    word = word_of(Ask.SETTINGS)
    russian = current_language() == "ru"
    examples = ", ".join(
        f"`{word} {example}`"
        for example in (
            f"{KINDS[Kind.GRADE][russian]} {PACES[Pace.DAILY][russian]}",
            f"{_ALL[russian]} {PACES[Pace.IMMEDIATE][russian]}",
            f"{_QUIET[russian]} 21:00 7:00",
            f"{_HIDE[russian]} {_ON[russian]}",
            f"{_LANGUAGE[russian]} {'en' if russian else 'ru'}",
        )
    )
    return _("To change it: {examples}").format(examples=examples)


def _clock(text: str) -> time | None:
    found = _CLOCK.fullmatch(text)
    return time(int(found[1]), int(found[2] or 0)) if found else None
