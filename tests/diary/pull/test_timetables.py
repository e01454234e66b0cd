"""Lessons of a calendar that fall out, move, change or are added."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appservice.diary.pull.icalendar_events import events_of
from appservice.diary.pull.icalendar_occurrences import occurrences
from appservice.diary.pull.icalendar_source import TimetableSource
from appservice.diary.pull.reading import Lesson
from appservice.diary.pull.settings import TimetableSettings
from tests.diary.pull.delivered import MOSCOW, THURSDAY, events, read, said, told

SOURCE = TimetableSource(
    TimetableSettings(
        bells=("8:30", "9:25", "10:30"),
        places={"5a.ics": "5a", "6Б": "6b"},
        teachers={"orlova@school.example": "t-1", "belova@school.example": "t-2"},
        days=14,
    )
)
ZONE = """\
BEGIN:VTIMEZONE
TZID:Europe/Moscow
BEGIN:STANDARD
DTSTART:19700101T000000
TZOFFSETFROM:+0300
TZOFFSETTO:+0300
END:STANDARD
END:VTIMEZONE
"""


def event(uid: str = "maths", *lines: str, **properties: str) -> str:
    """A lesson of mathematics, on Fridays at 08:30 from September on, unless told otherwise."""
    said = {
        "DTSTART;TZID=Europe/Moscow": "20260904T083000",
        "RRULE": "FREQ=WEEKLY;BYDAY=FR",
        "SUMMARY": "Математика",
        "LOCATION": "12",
        "ORGANIZER": "mailto:orlova@school.example",
    }
    for name, value in properties.items():
        said[{"start": "DTSTART;TZID=Europe/Moscow"}.get(name, name)] = value
    body = [f"{name}:{value}" for name, value in said.items() if value]
    return "\n".join(("BEGIN:VEVENT", f"UID:{uid}", *body, *lines, "END:VEVENT", ""))


def exception(recurrence: str, *lines: str, **properties: str) -> str:
    return event("maths", f"RECURRENCE-ID;TZID=Europe/Moscow:{recurrence}", *lines,
                 RRULE="", start=recurrence, **properties)  # fmt: skip


def calendar(*parts: str) -> str:
    return "\n".join(
        ("BEGIN:VCALENDAR", "VERSION:2.0", ZONE + "".join(parts) + "END:VCALENDAR", "")
    )


FRIDAY = {"place": "5a", "subject": "Математика", "day": "2026-10-02", "lesson": 1}


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        pytest.param([event()], [event()], [], id="nothing is told of what stays as it is"),
        pytest.param(
            [event()],
            [event("maths", "SEQUENCE:3", "EXDATE;TZID=Europe/Moscow:20261002T083000")],
            [(3, {"change": "cancelled"} | FRIDAY)],
            id="a lesson left out of its series is cancelled, by the sequence of the series",
        ),
        pytest.param(
            [event()],
            [event(), exception("20261002T083000", "STATUS:CANCELLED", "SEQUENCE:2")],
            [(2, {"change": "cancelled"} | FRIDAY)],
            id="a lesson that is called cancelled is cancelled",
        ),
        pytest.param(
            [event()],
            [event(), exception("20261002T083000", "SEQUENCE:1", LOCATION="31")],
            [(1, {"change": "room", "room": "31"} | FRIDAY)],
            id="another room",
        ),
        pytest.param(
            [event()],
            [
                event(),
                exception("20261002T083000", ORGANIZER="mailto:belova@school.example"),
            ],
            [(0, {"change": "substitution", "teacher": "t-2"} | FRIDAY)],
            id="another teacher",
        ),
        pytest.param(
            [event()],
            [event(), exception("20261002T083000", SUMMARY="Физика")],
            [(0, {"change": "substitution", "new_subject": "Физика"} | FRIDAY)],
            id="another subject",
        ),
        pytest.param(
            [event()],
            [
                event(),
                event("maths", "RECURRENCE-ID;TZID=Europe/Moscow:20261002T083000", RRULE="",
                      start="20261005T092500"),
            ],
            [(0, {"change": "moved", "to_day": "2026-10-05", "to_lesson": 2} | FRIDAY)],
            id="a lesson that is moved",
        ),
        pytest.param(
            [event()],
            [event(), event("more", RRULE="", start="20261006T103000", SUMMARY="Хор")],
            [
                (
                    0,
                    {
                        "change": "added",
                        "place": "5a",
                        "subject": "Хор",
                        "day": "2026-10-06",
                        "lesson": 3,
                        "room": "12",
                    },
                )
            ],
            id="a lesson that is added",
        ),
        pytest.param(
            [event("old")],
            [event("new", LOCATION="31")],
            [
                (0, {"change": "room", "room": "31"} | FRIDAY),
                (0, {"change": "room", "room": "31"} | FRIDAY | {"day": "2026-10-09"}),
            ],
            id="a calendar that names its lessons anew each time",
        ),
    ],
)  # fmt: skip
def test_what_changes_between_two_readings_is_told(
    tmp_path: Path, before: list[str], after: list[str], expected: list[Any]
) -> None:
    first = read(SOURCE, tmp_path, {"5a.ics": calendar(*before)})
    second = read(SOURCE, tmp_path, {"5a.ics": calendar(*after)}, first.memory)
    assert (said(first), told(first), told(second)) == ([], [], [])
    assert said(second) == [("timetable.changed", *each) for each in expected]


def test_a_lesson_that_takes_place_after_all_replaces_its_cancellation(tmp_path: Path) -> None:
    first = read(SOURCE, tmp_path, {"5a.ics": calendar(event())})
    gone = calendar(event("maths", "EXDATE;TZID=Europe/Moscow:20261002T083000"))
    second = read(SOURCE, tmp_path, {"5a.ics": gone}, first.memory)
    third = read(SOURCE, tmp_path, {"5a.ics": calendar(event())}, second.memory)
    cancelled, added = events(second)[0], events(third)[0]
    assert said(second) == [("timetable.changed", 0, {"change": "cancelled"} | FRIDAY)]
    assert said(third) == [("timetable.changed", 1, {"change": "added", "room": "12"} | FRIDAY)]
    assert cancelled.external_id == added.external_id


def test_the_same_reading_again_says_the_same_events(tmp_path: Path) -> None:
    first = read(SOURCE, tmp_path, {"5a.ics": calendar(event())})
    changed = {"5a.ics": calendar(event(), exception("20261002T083000", LOCATION="31"))}
    assert read(SOURCE, tmp_path, changed, first.memory) == read(
        SOURCE, tmp_path, changed, first.memory
    )


def test_weeks_that_come_into_sight_are_no_news(tmp_path: Path) -> None:
    first = read(SOURCE, tmp_path, {"5a.ics": calendar(event())})
    week_later = read(
        SOURCE, tmp_path, {"5a.ics": calendar(event())}, first.memory, now=THURSDAY + timedelta(7)
    )
    assert (said(week_later), told(week_later)) == ([], [])


def test_the_timetable_is_known_from_monday_on(tmp_path: Path) -> None:
    text = calendar(event("m", "CATEGORIES:6Б", RRULE="FREQ=WEEKLY;BYDAY=MO,FR;UNTIL=20261006"))
    reading = read(SOURCE, tmp_path, {"all.ics": text})
    assert reading.lessons == tuple(
        Lesson("6b", day, 1, "08:30", "Математика", "12")
        for day in ("2026-09-28", "2026-10-02", "2026-10-05")
    )


def test_a_lesson_keeps_its_hour_when_the_clocks_are_changed() -> None:
    text = calendar(event()).replace(ZONE, "").replace("Europe/Moscow", "Europe/Berlin")
    found = occurrences(
        events_of(text.encode(), MOSCOW),
        datetime(2026, 10, 23, tzinfo=UTC),
        datetime(2026, 10, 31, tzinfo=UTC),
    )
    assert [one.starts for one in found] == [
        datetime(2026, 10, 23, 6, 30, tzinfo=UTC),
        datetime(2026, 10, 30, 7, 30, tzinfo=UTC),
    ]


def test_a_lesson_at_an_hour_that_is_none_stays_where_it_was(tmp_path: Path) -> None:
    first = read(SOURCE, tmp_path, {"5a.ics": calendar(event())})
    odd = event("maths", "RECURRENCE-ID:20261002T053000Z", RRULE="", start="20261002T110000")
    second = read(SOURCE, tmp_path, {"5a.ics": calendar(event(), odd)}, first.memory)
    assert (said(second), told(second)) == ([], [("no_lesson", "5a.ics", 19, "DTSTART")])
    assert second.lessons == first.lessons


def test_an_emptied_calendar_cancels_no_school(tmp_path: Path) -> None:
    lessons = [event(f"l{number}", RRULE="FREQ=DAILY") for number in range(3)]
    first = read(SOURCE, tmp_path, {"5a.ics": calendar(*lessons)})
    second = read(SOURCE, tmp_path, {"5a.ics": calendar()}, first.memory)
    assert said(second) == []
    assert told(second) == [("too_many_gone", "5a.ics", 0, "")]
    assert second.memory == first.memory

    # Somebody says that there are no lessons any more.
    third = read(SOURCE, tmp_path, {"5a.ics": calendar()}, second.memory, gone_indeed=True)
    left = [one for one in first.lessons if one.day >= "2026-10-01"]
    assert (len(said(third)), told(third), third.lessons) == (len(left), [], ())
    assert {payload["change"] for _type, _revision, payload in said(third)} == {"cancelled"}


def test_a_lesson_of_no_class_or_hour_is_told_with_its_line(tmp_path: Path) -> None:
    text = calendar(event(), event("odd", start="20261002T110000", RRULE=""))
    assert told(read(SOURCE, tmp_path, {"5a.ics": text})) == [
        ("no_lesson", "5a.ics", 19, "DTSTART")
    ]
    assert told(read(SOURCE, tmp_path, {"7v.ics": calendar(event())})) == [
        ("no_place", "7v.ics", 11, "CATEGORIES")
    ]


@settings(max_examples=60, deadline=None)
@given(
    freq=st.sampled_from(["DAILY", "WEEKLY"]),
    interval=st.integers(1, 4),
    count=st.one_of(st.none(), st.integers(1, 30)),
    days=st.lists(st.sampled_from(["MO", "TU", "WE", "TH", "FR"]), max_size=3, unique=True),
)
def test_rules_give_the_days_that_a_calendar_on_paper_would(
    freq: str, interval: int, count: int | None, days: list[str]
) -> None:
    rule = f"FREQ={freq};INTERVAL={interval}" + (f";COUNT={count}" if count else "")
    rule += f";BYDAY={','.join(days)}" if days else ""
    end = datetime(2026, 10, 20, tzinfo=UTC)
    found = occurrences(
        events_of(calendar(event(RRULE=rule)).encode(), MOSCOW),
        datetime(2026, 9, 1, tzinfo=UTC),
        end,
    )
    assert {one.starts.astimezone(MOSCOW).date().isoformat() for one in found} == set(
        _on_paper(freq, interval, count, days)
    )


def _on_paper(freq: str, interval: int, count: int | None, days: list[str]) -> list[str]:
    names = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]
    first = datetime(2026, 9, 4).date()  # a Friday
    monday = first - timedelta(days=first.weekday())
    found = []
    for number in range(46):
        day = first + timedelta(days=number)
        if freq == "DAILY":
            fits = number % interval == 0 and (not days or names[day.weekday()] in days)
        else:
            week = (day - monday).days // 7
            fits = week % interval == 0 and names[day.weekday()] in (days or ["FR"])
        if fits:
            found.append(day.isoformat())
    found = found[:count] if count else found
    return sorted({*found, first.isoformat()})
