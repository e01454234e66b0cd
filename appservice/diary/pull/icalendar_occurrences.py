"""From events to lessons: rules expanded inside a window, and never further.

The recurrence itself is dateutil's. A rule could ask it to count seconds to the end of the
calendar, so only what timetables use is let through, and only as much.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from typing import Any, Final, NamedTuple

from dateutil.rrule import rrulestr

from appservice.diary.pull.icalendar_events import CalendarEvent
from appservice.diary.pull.icalendar_lines import BrokenCalendar
from appservice.language import _

MOST_LESSONS: Final = 20_000
"""Of one file in one window."""

_MOST_STEPS: Final = 2_000_000
_MOST_SLOW: Final = 20  # rules that may find nothing for thousands of years
_PARTS: Final = frozenset({"FREQ", "INTERVAL", "COUNT", "UNTIL", "BYDAY", "WKST"})
_SLOW_PARTS: Final = frozenset({"BYMONTH", "BYMONTHDAY", "BYSETPOS"})


class Occurrence(NamedTuple):
    """`original` is the moment (UTC) that names it for ever, `starts` when it is now."""

    event: CalendarEvent
    original: datetime
    starts: datetime


def occurrences(
    events: Iterable[CalendarEvent], begin: datetime, end: datetime
) -> tuple[Occurrence, ...]:
    """Those that were or are now in [begin, end), cancelled ones too. Raises BrokenCalendar."""
    series: dict[str, CalendarEvent] = {}
    changes: dict[tuple[str, datetime], CalendarEvent] = {}
    for event in events:
        if event.series is None:
            known = series.get(event.uid)
            if known is None or event.sequence > known.sequence:
                series[event.uid] = event
        else:
            key = (event.uid, event.series)
            old = changes.get(key)
            if old is None or event.sequence >= old.sequence:
                changes[key] = event
    found: dict[tuple[str, datetime], Occurrence] = {}
    budget = _Budget()
    for event in series.values():
        for original in _originals(event, end, budget):
            if begin <= original < end:
                found[event.uid, original] = Occurrence(event, original, original)
                if len(found) > MOST_LESSONS:
                    raise _too_many(event.row)
    for (uid, original), event in changes.items():
        starts = _moment(event.starts, event)
        if begin <= original < end or begin <= starts < end:
            found[uid, original] = Occurrence(event, original, starts)
    return tuple(found[key] for key in sorted(found))


class _Budget:
    """What the rules of one file may cost together."""

    def __init__(self) -> None:
        self._steps = 0
        self._slow = 0

    def step(self, row: int) -> None:
        self._steps += 1
        if self._steps > _MOST_STEPS:
            raise _too_many(row)

    def slow(self, row: int) -> None:
        self._slow += 1
        if self._slow > _MOST_SLOW:
            raise _too_many(row)


def _originals(event: CalendarEvent, end: datetime, budget: _Budget) -> Iterator[datetime]:
    for each in {*_by_rule(event, end, budget), *event.also}:
        if each not in event.but and each.astimezone(event.zone).date() not in event.but_days:
            yield each


def _by_rule(event: CalendarEvent, end: datetime, budget: _Budget) -> Iterator[datetime]:
    first = _moment(event.starts, event)
    yield first
    if event.rule is None:
        return
    rule = {str(name).upper(): value for name, value in dict(event.rule).items()}
    count = _whole(rule, "COUNT", event.row, default=0)
    last = min(end.astimezone(event.zone).replace(tzinfo=None), _until(rule, event))
    text = _vetted(rule, event, budget)
    if text is None:
        return
    try:
        steps = iter(rrulestr(text, dtstart=event.starts).replace(until=last))
    except (ValueError, TypeError, OverflowError):
        raise _bad_rule(event.row) from None
    for wall in islice(steps, count) if count else steps:
        budget.step(event.row)
        yield _moment(wall, event)


def _vetted(rule: dict[str, Any], event: CalendarEvent, budget: _Budget) -> str | None:
    """The rule without its end; None: it finds nothing but the beginning."""
    freq = str(_one(rule.get("FREQ"))).upper()
    slow = freq in ("MONTHLY", "YEARLY") or not _SLOW_PARTS.isdisjoint(rule)
    if freq not in ("DAILY", "WEEKLY", "MONTHLY", "YEARLY") or not rule.keys() <= (
        _PARTS | _SLOW_PARTS
    ):
        raise BrokenCalendar(
            "not_understood",
            event.row,
            _(
                "The event that begins here recurs in a way that no timetable does. Understood are"
                " days, weeks, months and years, with BYDAY, BYMONTH, BYMONTHDAY and BYSETPOS."
            ),
        )
    if freq in ("DAILY", "WEEKLY") and not {"BYMONTHDAY", "BYSETPOS"}.isdisjoint(rule):
        raise _bad_rule(event.row)
    interval = _whole(rule, "INTERVAL", event.row, default=1)
    if not 1 <= interval <= 60:
        raise _bad_rule(event.row)
    days = [str(day).upper() for day in _many(rule.get("BYDAY"))]
    if freq == "DAILY" and interval % 7 == 0 and days:
        return (
            None
            if event.starts.strftime("%a").upper()[:2] not in days
            else (f"FREQ=WEEKLY;INTERVAL={interval // 7}")
        )
    if slow:
        budget.slow(event.row)
    parts = [f"FREQ={freq}", f"INTERVAL={interval}"]
    for name in sorted(rule.keys() - {"FREQ", "INTERVAL", "COUNT", "UNTIL"}):
        parts.append(f"{name}={','.join(str(each) for each in _many(rule[name]))}")
    return ";".join(parts)


def _until(rule: dict[str, Any], event: CalendarEvent) -> datetime:
    said = _one(rule.get("UNTIL"))
    if said is None:
        return datetime.max
    if isinstance(said, datetime):
        return said.astimezone(event.zone).replace(tzinfo=None) if said.tzinfo else said
    if isinstance(said, date):
        return datetime.combine(said, time.max)
    raise _bad_rule(event.row)


def _whole(rule: dict[str, Any], name: str, row: int, *, default: int) -> int:
    try:
        return int(_one(rule.get(name, default)))
    except (TypeError, ValueError):
        raise _bad_rule(row) from None


def _many(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list) else [] if value is None else [value]


def _one(value: Any) -> Any:
    return value[0] if isinstance(value, list) and value else value


def _moment(wall: datetime, event: CalendarEvent) -> datetime:
    return wall.replace(tzinfo=event.zone).astimezone(UTC)


def _bad_rule(row: int) -> BrokenCalendar:
    return BrokenCalendar(
        "bad_rule", row, _("The RRULE of the event that begins here cannot be understood.")
    )


def _too_many(row: int) -> BrokenCalendar:
    return BrokenCalendar(
        "too_large",
        row,
        _("The rules of this calendar make more lessons than a school has. Look at this event."),
    )


def window(today: date, zone: Any, days: int) -> tuple[datetime, datetime]:
    """From the Monday of this week, `days` days from today on."""
    monday = today - timedelta(days=today.weekday())
    begin = datetime.combine(monday, time(), tzinfo=zone)
    end = datetime.combine(today + timedelta(days=days), time(), tzinfo=zone)
    return begin.astimezone(UTC), end.astimezone(UTC)
