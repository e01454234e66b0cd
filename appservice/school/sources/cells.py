"""What may stand in a cell, kind by kind.

A kind reads the canonical spelling alone and raises BadValue for everything else, so that a good
row costs next to nothing. What is odd is looked at again, slowly, by `rows.py`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from appservice.language import _
from appservice.school.masking import masked

Reader = Callable[[str], Any]  # the value of a cell, or BadValue


class BadValue(Exception):
    """A cell that holds what its column cannot. `code` as in docs/roster.md."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True, slots=True)
class Kind:
    """`parse` reads a cell that is not empty; `blank` stands for an empty one, and for one that is
    wrong.

    `repeats`: few different values stand in many rows, so each is parsed once.
    """

    parse: Reader
    blank: Any = ""
    repeats: bool = False

    def reader(self, *, needed: bool) -> Reader:
        """Reads a cell of a column of this kind; an empty cell is a BadValue when one is needed."""
        if self.repeats:
            return _Remembered(self, needed=needed).__getitem__
        parse, blank = self.parse, self.blank
        if needed:
            return lambda cell: parse(cell) if cell else _missing()
        return lambda cell: parse(cell) if cell else blank


class _Remembered(dict[str, Any]):
    """The parsed values so far. What is wrong is not remembered, so it cannot fill the memory."""

    def __init__(self, kind: Kind, *, needed: bool) -> None:
        super().__init__()
        self._parse = kind.parse
        if not needed:
            self[""] = kind.blank

    def __missing__(self, cell: str) -> Any:
        if not cell:
            return _missing()
        value = self[cell] = self._parse(cell)
        return value


def _missing() -> Any:
    raise BadValue("missing_value", _("This cell must not be empty. Fill it in."))


# --- ids ---------------------------------------------------------------------------------------

_SOURCED_ID = re.compile(r"[0-9A-Za-z./@_-]{1,255}").fullmatch  # OneRoster 1.2 CSV, GUID
_NATIVE_ID = re.compile(r"[\w./@:+-]{1,255}").fullmatch  # letters of any language


def _sourced_id(cell: str) -> str:
    if _SOURCED_ID(cell):
        return cell
    raise BadValue(
        "bad_guid",
        _(
            "{value} cannot be an id. Use 1 to 255 Latin letters, digits and the characters"
            " . / @ _ - only, without spaces."
        ).format(value=masked(cell)),
    )


def _native_id(cell: str) -> str:
    if _NATIVE_ID(cell):
        return cell
    raise BadValue(
        "bad_guid",
        _(
            "{value} cannot be an id. Use 1 to 255 letters, digits and the characters"
            " . / @ _ : + - only, without spaces."
        ).format(value=masked(cell)),
    )


def _list_of(parse_one: Reader, separator: re.Pattern[str]) -> Reader:
    def parse(cell: str) -> tuple[Any, ...]:
        return tuple(parse_one(part) for part in separator.split(cell) if part)

    return parse


_COMMA = re.compile(r"\s*,\s*")
_ANY_SEPARATOR = re.compile(r"[\s,;|]+")
_USER_ID = re.compile(r"\{([^:{}]+):([^{}]+)\}").fullmatch


def _user_id(part: str) -> tuple[str, str]:
    found = _USER_ID(part)
    if found is None:
        raise BadValue(
            "bad_guid",
            _("{value} is not of the form {{type:id}}. Several stand with commas between.").format(
                value=masked(part)
            ),
        )
    return found[1].strip(), found[2].strip()


def _external_id(part: str) -> tuple[str, str]:
    provider, colon, name = part.partition(":")
    if not (provider and colon and name):
        raise BadValue(
            "bad_guid",
            _("{value} is not of the form provider:id. Several stand with | between.").format(
                value=masked(part)
            ),
        )
    return provider, name


# --- days --------------------------------------------------------------------------------------

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}").fullmatch
_MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]\.[0-9]{3}Z"
).fullmatch
_FIRST_YEAR, _LAST_YEAR = 1900, 2200


def _day(cell: str) -> date:
    if _DAY(cell):
        try:
            day = date.fromisoformat(cell)
        except ValueError:
            pass
        else:
            if _FIRST_YEAR <= day.year <= _LAST_YEAR:
                return day
    raise BadValue(
        "bad_date",
        _("{value} is not a date. Write year-month-day, for example 2026-09-01.").format(
            value=masked(cell)
        ),
    )


def _moment(cell: str) -> str:
    if _MOMENT(cell):
        _day(cell[:10])
        return cell
    raise BadValue(
        "bad_date",
        _("{value} is not a time. Write it like 2026-09-01T08:00:00.000Z.").format(
            value=masked(cell)
        ),
    )


def _year(cell: str) -> int:
    if len(cell) == 4 and cell.isdecimal() and cell.isascii():
        return int(cell)
    raise BadValue(
        "bad_date",
        _("{value} is not a year. Write four digits, for example 2027.").format(value=masked(cell)),
    )


# --- words -------------------------------------------------------------------------------------

_FORMULA_STARTS = "=+-@"


def _text(cell: str) -> str:
    if not cell.isprintable():
        raise BadValue(
            "control_character",
            _("{value} holds an invisible control character. Type the text anew.").format(
                value=masked(cell)
            ),
        )
    if cell[0] == " " or cell[-1] == " ":
        raise BadValue("trailing_space", "")
    return cell


def _name(cell: str) -> str:
    if cell[0] in _FORMULA_STARTS and cell != "-":
        raise BadValue(
            "formula_in_name",
            _(
                "{value} begins like a spreadsheet formula. A name cannot begin with {sign}:"
                " enter the name itself."
            ).format(value=masked(cell), sign=cell[0]),
        )
    return _text(cell)


def choice(options: Mapping[str, Any], *, pattern: str = "", blank: Any = "") -> Kind:
    """One of the words that `options` translate; also what `pattern` matches, which stands for
    itself.
    """
    matches = re.compile(pattern).fullmatch if pattern else None

    def parse(cell: str) -> Any:
        if cell in options:
            return options[cell]
        if matches is not None and matches(cell):
            return cell
        raise BadValue(
            "bad_enum",
            _("{value} is not one of: {options}. Mind small and capital letters.").format(
                value=masked(cell), options=", ".join(options)
            ),
        )

    return Kind(parse, blank=blank, repeats=True)


def words(options: Iterable[str], *, pattern: str = "") -> Kind:
    """One of these words, as it stands."""
    return choice({option: option for option in options}, pattern=pattern)


def _grade(cell: str) -> int:
    if cell.isdecimal() and cell.isascii() and int(cell) <= 13:
        return int(cell)
    raise BadValue(
        "bad_enum",
        _("{value} is not a grade. Write a whole number from 0 to 13.").format(value=masked(cell)),
    )


def _time_zone(cell: str) -> str:
    """An IANA name. Where the machine has no time zone data at all, any name is taken."""
    try:
        ZoneInfo(cell)
    except (OSError, ValueError, KeyError):
        if available_timezones():
            raise BadValue(
                "bad_enum",
                _("{value} is not a time zone. Write it like Europe/Moscow.").format(
                    value=masked(cell)
                ),
            ) from None
    return cell


SOURCED_ID = Kind(_sourced_id)
USER_IDS = Kind(_list_of(_user_id, _COMMA), blank=())
NATIVE_ID = Kind(_native_id)
NATIVE_IDS = Kind(_list_of(_native_id, _ANY_SEPARATOR), blank=())
EXTERNAL_IDS = Kind(_list_of(_external_id, _ANY_SEPARATOR), blank=())
DAY = Kind(_day, blank=None, repeats=True)
MOMENT = Kind(_moment)
YEAR = Kind(_year, blank=0, repeats=True)
GRADE = Kind(_grade, blank=None, repeats=True)
TEXT = Kind(_text)
REFERENCES = Kind(_list_of(_text, _COMMA), blank=(), repeats=True)
NAME = Kind(_name)
TIME_ZONE = Kind(_time_zone)
TRUE_OR_FALSE = {"true": True, "false": False}
