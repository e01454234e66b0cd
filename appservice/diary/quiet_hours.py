"""When nobody is to be disturbed, by the clock of the school, and when that is over."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from appservice.diary.preferences import QuietWish

_FARTHEST: Final = 800  # days that are looked through: no school sleeps for longer
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Quiet:
    """Every night from `begin` to `end`, exclusive (alike: no hour), and whole days: those of
    `weekend` (1: Monday) and, if `holidays`, those without lessons.
    """

    begin: time
    end: time
    weekend: frozenset[int] = frozenset()
    holidays: bool = False


SCHOOL_NIGHT: Final = Quiet(time(21), time(7), frozenset({7}), holidays=True)
"""Of a school that says nothing else."""


@dataclass(frozen=True, slots=True)
class SchoolCalendar:
    """The clock of a school and its days without lessons."""

    zone: ZoneInfo
    is_holiday: Callable[[date], bool]

    def today(self, now: datetime) -> date:
        return now.astimezone(self.zone).date()


def nearest(*layers: QuietWish, otherwise: Quiet) -> Quiet:
    """Of each part the wish of the first layer that has one: the person, the role, the school."""
    begin, end, weekend, holidays = (
        otherwise.begin,
        otherwise.end,
        otherwise.weekend,
        otherwise.holidays,
    )
    for layer in reversed(layers):
        begin = layer.begin if layer.begin is not None else begin
        end = layer.end if layer.end is not None else end
        weekend = layer.weekend if layer.weekend is not None else weekend
        holidays = layer.holidays if layer.holidays is not None else holidays
    return Quiet(begin, end, weekend, holidays)


def is_quiet(quiet: Quiet, calendar: SchoolCalendar, moment: datetime) -> bool:
    """Whether people are left alone at this moment."""
    local = moment.astimezone(calendar.zone)
    if _whole_day(quiet, calendar, local.date()):
        return True
    clock = local.time()
    return not any(begin <= clock and (end is None or clock < end) for begin, end in _open(quiet))


def first_open(quiet: Quiet, calendar: SchoolCalendar, moment: datetime) -> datetime:
    """The first moment from `moment` on (UTC) that is not quiet."""
    moment = moment.astimezone(UTC)
    if not is_quiet(quiet, calendar, moment):
        return moment
    today = calendar.today(moment)
    for day in _days(today):
        if _whole_day(quiet, calendar, day):
            continue
        for begin, _end in _open(quiet):
            found = at_clock(calendar, day, begin)
            if found < moment:
                # The hour that the clocks repeat: of the two the second one.
                found = at_clock(calendar, day, begin, fold=1)
            if found >= moment:
                return found
    return moment + _FARTHEST * _DAY


def at_clock(calendar: SchoolCalendar, day: date, clock: time, *, fold: int = 0) -> datetime:
    """The moment (UTC) at which the clock of the school shows this; of an hour that the clocks
    leave out, the moment after as much of it.
    """
    local = datetime.combine(day, clock.replace(fold=fold), tzinfo=calendar.zone)
    return local.astimezone(UTC)


def _whole_day(quiet: Quiet, calendar: SchoolCalendar, day: date) -> bool:
    return day.isoweekday() in quiet.weekend or (quiet.holidays and calendar.is_holiday(day))


def _open(quiet: Quiet) -> tuple[tuple[time, time | None], ...]:
    """The stretches of a day that are not quiet: from, and until (exclusive; None: midnight)."""
    if quiet.begin == quiet.end:
        return ((time.min, None),)
    if quiet.begin > quiet.end:
        return ((quiet.end, quiet.begin),)
    before = ((time.min, quiet.begin),) if quiet.begin > time.min else ()
    return (*before, (quiet.end, None))


def _days(first: date) -> Iterator[date]:
    return (first + number * _DAY for number in range(_FARTHEST))
