"""Templates to HTML, in the language that is spoken. What comes from outside is escaped, always."""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path
from typing import Final

from babel.dates import format_date
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from appservice.diary.preferences import Pace
from appservice.diary.wording.phrases import day_words
from appservice.language import _, current_language
from appservice.web.diary_page.chart import HEIGHT, WIDTH

LOOK: Final = Path(__file__).parent / "look"


def draw(template: str, **values: object) -> str:
    """One template of `look/`; an unknown name in it is an error."""
    return _environment().get_template(f"{template}.html").render(**values)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(LOOK),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.globals.update(
        _=_,
        day_words=day_words,
        short_day=_short_day,
        number=_number,
        pace_words=pace_words,
        width=WIDTH,
        height=HEIGHT,
    )
    return environment


def _short_day(day: date) -> str:
    """ "01.10", "10/1"."""
    return f"{day:%d.%m}" if current_language() == "ru" else f"{day.day}/{day.month}"


def _number(value: float) -> str:
    """ "4,33", "4.5": of a class there are hundreds, for which Babel takes too long."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return text.replace(".", ",") if current_language() == "ru" else text


def span_words(first: date, last: date) -> tuple[str, str]:
    """The two ends of some days: "28 September", "4 October"."""
    language = current_language()
    return (
        str(format_date(first, "d MMMM", language)),
        str(format_date(last, "d MMMM", language)),
    )


def pace_words(pace: str) -> str:
    """How often somebody is told."""
    match Pace(pace):
        case Pace.IMMEDIATE:
            return _("at once")
        case Pace.DAILY:
            return _("once a day")
        case Pace.WEEKLY:
            return _("once a week")
        case Pace.OFF:
            return _("never")
