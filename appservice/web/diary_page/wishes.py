"""What a person has chosen, from the form of the settings view."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import time
from typing import Final

from appservice.diary.preferences import PERSONAL_KINDS, Pace
from appservice.language import LANGUAGES
from appservice.storage.diary_wishes import Wishes

_HOLIDAYS: Final[Mapping[str, bool | None]] = {"": None, "yes": True, "no": False}


class BadForm(ValueError):
    """Not what our own form can say."""


class HalfOfHours(BadForm):
    """Quiet hours that begin and do not end, or the other way round."""


def wishes_from(form: Mapping[str, str], before: Wishes) -> Wishes:
    """The whole of it as it is from now on; kinds that the form does not show stay.

    Raises BadForm, HalfOfHours.
    """
    paces = {kind: pace for kind, pace in before.paces.items() if kind not in PERSONAL_KINDS}
    for kind in PERSONAL_KINDS:
        if said := form.get(f"pace:{kind}", ""):
            paces[kind.value] = _one_of(said, [pace.value for pace in Pace])
    begin, end = _clock(form.get("quiet_begin", "")), _clock(form.get("quiet_end", ""))
    if (begin is None) != (end is None):
        raise HalfOfHours
    holidays = form.get("quiet_holidays", "")
    if holidays not in _HOLIDAYS:
        raise BadForm
    language = form.get("language", "")
    return replace(
        before,
        paces=paces,
        quiet_begin=begin,
        quiet_end=end,
        quiet_weekend=weekend_from(form.get("quiet_weekend", "")),
        quiet_holidays=_HOLIDAYS[holidays],
        hide_values=form.get("hide_values", "") == "yes",
        language=_one_of(language, LANGUAGES) if language else None,
    )


def weekend_from(text: str) -> tuple[int, ...] | None:
    """ "6,7" → (6, 7), "none" → (), "" → None. One day of the week must be left."""
    if text in ("", "none"):
        return () if text else None
    parts = text.split(",")
    if not all(each in {"1", "2", "3", "4", "5", "6", "7"} for each in parts):
        raise BadForm
    found = tuple(sorted({int(each) for each in parts}))
    if len(found) == 7:
        raise BadForm
    return found


def weekend_text(days: tuple[int, ...] | None) -> str:
    """The other way round."""
    if days is None:
        return ""
    return ",".join(map(str, days)) or "none"


def _one_of(said: str, known: tuple[str, ...] | list[str]) -> str:
    if said not in known:
        raise BadForm
    return said


def _clock(text: str) -> time | None:
    if not text:
        return None
    try:
        found = time.fromisoformat(text)
    except ValueError:
        raise BadForm from None
    if found.tzinfo is not None:
        raise BadForm
    return found.replace(second=0, microsecond=0)
