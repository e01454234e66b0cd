"""What may stand in one field of an event: its reader, and the JSON Schema of exactly the same.

Each kind of field is one regular expression (or range) from which both are made, in the syntax that
Python and ECMA-262 share. `$(?!\\n)` is the end of the text in either: Python's `$` alone would let
a last line break pass.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Annotated, Any, Final

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import PydanticCustomError, core_schema

from appservice.language import _

ID_LIMIT: Final = 255
LARGEST: Final = 2**53 - 1
"""The largest whole number that every JSON reader keeps exactly."""

# Control characters (PostgreSQL cannot keep NUL), line and paragraph separators, marks that turn
# the direction of what follows, halves of surrogate pairs.
_INVISIBLE: Final = (
    r"\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\u0000-\u0008\u000b\u000c"
    r"\u000e-\u001f"
)
_LINE_BREAKS: Final = r"\t\n\r"
_BLANK: Final = r" \u00a0\u1680\u2000-\u200f\u202f\u205f\u3000\ufeff"
_END: Final = r"$(?!\n)"

# Exact for the years 2000 to 2099, of which every fourth is a leap year.
_DATE: Final = (
    r"20[0-9]{2}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])"
    r"|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)|02-(?:0[1-9]|1[0-9]|2[0-8]))"
    r"|20(?:[02468][048]|[13579][26])-02-29"
)
_CLOCK: Final = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]"
_SECONDS: Final = r":[0-5][0-9](?:\.[0-9]{1,6})?"
_OFFSET: Final = r"(?:Z|[+-](?:0[0-9]|1[0-4]):[0-5][0-9])"

_NAIVE: Final = re.compile(rf"^(?:{_DATE})T{_CLOCK}{_SECONDS}{_END}")


@dataclass(frozen=True, slots=True)
class Form:
    """Stands in `Annotated`. `read` makes the value, or raises PydanticCustomError whose type is
    the code of the rejection and whose text says what to do.
    """

    read: Callable[[object], Any]
    schema: dict[str, Any]

    def __get_pydantic_core_schema__(
        self, _source: object, _handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        return core_schema.no_info_plain_validator_function(self.read)

    def __get_pydantic_json_schema__(
        self, _schema: core_schema.CoreSchema, _handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return dict(self.schema)


def _refused(code: str, text: str) -> PydanticCustomError:
    return PydanticCustomError(code, "{text}", {"text": text})


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise _refused("wrong_type", _("A text is needed here, in quotes."))
    return value


def _shaped(
    pattern: str, code: str, what_to_do: Callable[[], str], becomes: Callable[[str], Any] = str
) -> Form:
    """A text of one form."""
    form = re.compile(pattern)

    def read(value: object) -> Any:
        text = _text(value)
        if form.search(text) is None:
            raise _refused(code, what_to_do())
        return becomes(text)

    return Form(read, {"type": "string", "pattern": pattern})


def _prose(limit: int, *, needed: bool, lines: bool = False) -> Form:
    """A text that people read, of at most `limit` characters."""
    hidden = _INVISIBLE if lines else _INVISIBLE + _LINE_BREAKS
    blank = _BLANK + (_LINE_BREAKS if lines else "")
    if needed:
        pattern = f"^[^{hidden}]*[^{hidden}{blank}][^{hidden}]*{_END}"
    else:
        pattern = f"^[^{hidden}]*{_END}"
    form, clean = re.compile(pattern), re.compile(f"^[^{hidden}]*{_END}")

    def read(value: object) -> str:
        text = _text(value)
        if len(text) > limit:
            raise _refused("too_long", _("Shorten it to {limit} characters.").format(limit=limit))
        if form.search(text) is None:
            if clean.search(text) is None:
                raise _refused(
                    "control_character",
                    _("Take the control characters and marks of direction out of it.")
                    if lines
                    else _(
                        "Take the line breaks, control characters and marks of direction out of it."
                    ),
                )
            raise _refused("blank", _("Nothing can be read here. Write a text."))
        return text

    return Form(read, {"type": "string", "maxLength": limit, "pattern": pattern})


def _whole(least: int, most: int) -> Form:
    """A whole number; 3.0 is one, as in JSON Schema."""

    def read(value: object) -> int:
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int):
            raise _refused("wrong_type", _("A whole number is needed here, without quotes."))
        if not least <= value <= most:
            raise _refused(
                "out_of_range",
                _("Write a number from {least} to {most}.").format(least=least, most=most),
            )
        return value

    return Form(read, {"type": "integer", "minimum": least, "maximum": most})


def _moment(value: object) -> datetime:
    text = _text(value)
    if _MOMENT_FORM.search(text) is None:
        if _NAIVE.search(text) is not None:
            raise _refused(
                "no_time_zone",
                _("Add the time zone: 2026-10-01T10:15:00+03:00, or Z for UTC."),
            )
        raise _refused(
            "bad_time",
            _("Write a time of this century with its zone: 2026-10-01T10:15:00+03:00."),
        )
    return datetime.fromisoformat(text)


def _id_words() -> str:
    return _("An id is 1 to {limit} characters without spaces.").format(limit=ID_LIMIT)


def _day_words() -> str:
    return _("Write a day of this century that exists: 2026-10-01.")


def _clock_words() -> str:
    return _("Write a time of day: 08:30.")


def _source_words() -> str:
    return _("Write the name of the source: small Latin letters, digits, - and _, at most 40.")


_MOMENT_PATTERN: Final = rf"^(?:{_DATE})T{_CLOCK}{_SECONDS}{_OFFSET}{_END}"
_MOMENT_FORM: Final = re.compile(_MOMENT_PATTERN)
_UNSEEN: Final = f"[^{_INVISIBLE}{_LINE_BREAKS}{_BLANK}]"

Id = Annotated[str, _shaped(rf"^{_UNSEEN}{{1,{ID_LIMIT}}}{_END}", "bad_id", _id_words)]
OptionalId = Annotated[str, _shaped(rf"^{_UNSEEN}{{0,{ID_LIMIT}}}{_END}", "bad_id", _id_words)]
SourceName = Annotated[
    str, _shaped(rf"^[a-z][a-z0-9_-]{{0,39}}{_END}", "bad_source", _source_words)
]
Day = Annotated[date, _shaped(rf"^(?:{_DATE}){_END}", "bad_day", _day_words, date.fromisoformat)]
OptionalDay = Annotated[
    date | None, _shaped(rf"^(?:{_DATE}){_END}", "bad_day", _day_words, date.fromisoformat)
]
OptionalClock = Annotated[
    time | None, _shaped(rf"^{_CLOCK}{_END}", "bad_time", _clock_words, time.fromisoformat)
]
Moment = Annotated[datetime, Form(_moment, {"type": "string", "pattern": _MOMENT_PATTERN})]
Revision = Annotated[int, _whole(0, LARGEST)]
Lesson = Annotated[int, _whole(0, 20)]  # 0: before the first one
OptionalLesson = Annotated[int | None, _whole(0, 20)]
OptionalMinutes = Annotated[int | None, _whole(1, 600)]

Mark = Annotated[str, _prose(20, needed=True)]  # "5", "н/а", "зачёт", "B+"
Name = Annotated[str, _prose(200, needed=True)]
OptionalName = Annotated[str, _prose(200, needed=False)]
Note = Annotated[str, _prose(1000, needed=False, lines=True)]
Prose = Annotated[str, _prose(4000, needed=True, lines=True)]
OptionalProse = Annotated[str, _prose(4000, needed=False, lines=True)]
