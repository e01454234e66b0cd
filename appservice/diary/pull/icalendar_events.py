"""One VEVENT as the timetable needs it: read by the icalendar library, judged here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, tzinfo
from typing import Any, Final
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event

from appservice.diary.pull.icalendar_lines import BrokenCalendar, Lines, lines_of
from appservice.language import _

_FIRST_YEAR, _LAST_YEAR = 2000, 2099
_LONGEST_UID: Final = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarEvent:
    """`starts` is a wall clock time in `zone`; `series` the moment (UTC) that RECURRENCE-ID names,
    None for the series itself. `teacher` is the address or name of the ORGANIZER.
    """

    row: int
    uid: str
    sequence: int
    cancelled: bool
    starts: datetime
    zone: tzinfo
    series: datetime | None
    rule: Any  # icalendar's vRecur, or None
    also: tuple[datetime, ...]  # RDATE, UTC
    but: frozenset[datetime]  # EXDATE, UTC
    but_days: frozenset[date]  # EXDATE as days
    subject: str
    room: str
    teacher: str
    categories: tuple[str, ...]


def events_of(raw: bytes, zone: ZoneInfo) -> tuple[CalendarEvent, ...]:
    """The events with a time of day; what lasts whole days is no lesson. Times without a zone are
    those of `zone`. Raises BrokenCalendar.
    """
    lines = lines_of(raw)
    found = []
    for block, event in _components(lines):
        if event.errors:
            name = str(event.errors[0][0] or "")
            raise _broken(block.row, name)
        try:
            read = _read(event, block.row, zone)
        except BrokenCalendar:
            raise
        except (ValueError, TypeError, KeyError, AttributeError, OverflowError):
            raise _broken(block.row, "") from None
        if read is not None:
            found.append(read)
    return tuple(found)


def _components(lines: Lines) -> Iterable[tuple[Any, Event]]:
    whole = lines.frame.rsplit("END:VCALENDAR", 1)
    text = whole[0] + "".join(block.text for block in lines.events) + "END:VCALENDAR\r\n"
    try:
        calendar = Calendar.from_ical(text)
        events = [each for each in calendar.walk("VEVENT") if isinstance(each, Event)]
    except Exception:  # whatever the library says of a hostile file, it is the file's fault
        raise BrokenCalendar(*_first_broken(lines)) from None
    if len(events) != len(lines.events):
        raise BrokenCalendar("bad_calendar", 0, _("The calendar cannot be read. Export it anew."))
    return zip(lines.events, events, strict=True)


def _first_broken(lines: Lines) -> tuple[str, int, str]:
    for block in lines.events:
        try:
            Event.from_ical(block.text)
        except Exception:
            broken = _broken(block.row, "")
            return broken.code, broken.row, broken.message
    return "bad_calendar", 1, _("The calendar cannot be read. Export it anew.")


def _broken(row: int, name: str) -> BrokenCalendar:
    if name:
        text = _("The event that begins here has a {name} that cannot be read.").format(
            name=name[:40]
        )
    else:
        text = _("The event that begins here cannot be read.")
    return BrokenCalendar("bad_event", row, text)


def _read(event: Any, row: int, zone: ZoneInfo) -> CalendarEvent | None:
    uid = str(event.get("UID") or "").strip()
    if not uid or len(uid) > _LONGEST_UID:
        raise BrokenCalendar(
            "missing_value", row, _("The event that begins here has no UID. Every event needs one.")
        )
    if "DTSTART" not in event:
        raise BrokenCalendar("missing_value", row, _("The event that begins here has no DTSTART."))
    start = event["DTSTART"].dt
    if not isinstance(start, datetime):
        return None
    if not _FIRST_YEAR <= start.year <= _LAST_YEAR:
        raise BrokenCalendar(
            "bad_date", row, _("The event that begins here is not of this century.")
        )
    own_zone = start.tzinfo or zone
    series = event.get("RECURRENCE-ID")
    if series is not None and series.params.get("RANGE"):
        raise BrokenCalendar(
            "not_understood",
            row,
            _(
                "RECURRENCE-ID with a RANGE is not understood. Change each lesson, or begin a new"
                " series."
            ),
        )
    rules = event.get("RRULE")
    if isinstance(rules, list) or "EXRULE" in event:
        raise BrokenCalendar(
            "not_understood", row, _("An event may have one RRULE, and no EXRULE.")
        )
    but = _moments(event.get("EXDATE"), own_zone)
    return CalendarEvent(
        row=row,
        uid=uid,
        sequence=max(0, int(event.get("SEQUENCE") or 0)),
        cancelled=str(event.get("STATUS") or "").upper() == "CANCELLED",
        starts=start.replace(tzinfo=None),
        zone=own_zone,
        series=None if series is None else _utc(series.dt, own_zone, start.time()),
        rule=rules,
        also=tuple(
            _utc(each, own_zone, start.time()) for each in _moments(event.get("RDATE"), zone)
        ),
        but=frozenset(_utc(each, own_zone, time()) for each in but if isinstance(each, datetime)),
        but_days=frozenset(each for each in but if not isinstance(each, datetime)),
        subject=_text(event.get("SUMMARY")),
        room=_text(event.get("LOCATION")),
        teacher=_person(event.get("ORGANIZER")),
        categories=_categories(event.get("CATEGORIES")),
    )


def _utc(moment: date | datetime, zone: tzinfo, clock: time) -> datetime:
    if not isinstance(moment, datetime):
        moment = datetime.combine(moment, clock)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone)
    return moment.astimezone(UTC)


def _moments(said: Any, zone: tzinfo) -> list[date | datetime]:
    lists = said if isinstance(said, list) else [said] if said is not None else []
    found: list[date | datetime] = []
    for each in lists:
        for one in each.dts:
            if isinstance(one.dt, tuple):  # a period: its beginning
                found.append(one.dt[0])
            else:
                found.append(one.dt)
    return found


def _text(said: Any) -> str:
    """One line, without what no event may hold."""
    if isinstance(said, list):
        said = said[0]
    text = " ".join(str(said or "").split())
    return "".join(char for char in text if char.isprintable())[:200]


def _person(said: Any) -> str:
    if isinstance(said, list):
        said = said[0]
    text = str(said or "").strip()
    address = text.removeprefix("mailto:").removeprefix("MAILTO:")
    return address or _text(getattr(said, "params", {}).get("CN"))


def _categories(said: Any) -> tuple[str, ...]:
    lists = said if isinstance(said, list) else [said] if said is not None else []
    return tuple(_text(one) for each in lists for one in getattr(each, "cats", ()))
