"""Calendars that are broken, or meant to break the reader: told with file and line, and no more."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appservice.diary.pull.icalendar_events import events_of
from appservice.diary.pull.icalendar_lines import MOST_BYTES, MOST_EVENTS, BrokenCalendar
from tests.diary.pull.delivered import MOSCOW, read, said, told
from tests.diary.pull.test_timetables import SOURCE, calendar, event

GOOD = calendar(event())
NEVER = "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            calendar(event(RRULE="FREQ=SECONDLY")), ("not_understood", 11), id="every second"
        ),
        pytest.param(
            calendar(event(), event("b", RRULE="FREQ=DAILY;BYHOUR=1,2,3,4,5")),
            ("not_understood", 19),
            id="every hour",
        ),
        pytest.param(
            calendar(event(RRULE="FREQ=DAILY;INTERVAL=0")), ("bad_rule", 11), id="no step"
        ),
        pytest.param(
            calendar(*(event(str(n), RRULE=NEVER) for n in range(21))),
            ("too_large", 171),
            id="rules that are never met",
        ),
        pytest.param(
            calendar(*(event(str(n), RRULE="FREQ=DAILY") for n in range(1300))),
            ("too_large", None),
            id="more lessons than a school has",
        ),
        pytest.param(
            calendar(event(start="00010101T083000")), ("bad_date", 11), id="the year one"
        ),
        pytest.param(calendar(event(start="tomorrow")), ("bad_event", 11), id="no date"),
        pytest.param(calendar(event("")), ("missing_value", 11), id="no UID"),
        pytest.param(calendar(event()[:-12]), ("cut_off", 11), id="an event without end"),
        pytest.param(GOOD[:200], ("cut_off", None), id="a file that is cut off"),
        pytest.param("UID;Name\n1;2\n", ("not_a_calendar", 1), id="no calendar"),
        pytest.param("", ("not_a_calendar", 1), id="an empty file"),
        pytest.param("END:VCALENDAR\n", ("not_a_calendar", 1), id="only an end"),
        pytest.param(GOOD.encode("cp1251"), ("not_utf8", 15), id="another encoding"),
        pytest.param(GOOD.encode("utf-16"), ("nul_byte", 1), id="sixteen bits"),
        pytest.param(
            calendar("BEGIN:X\n" * 10 + "END:X\n" * 10), ("too_deep", 15), id="nested too deep"
        ),
        pytest.param(
            calendar(event("x" * 70_000)), ("row_too_long", 12), id="an endless line"
        ),
        pytest.param(
            calendar(event("\n ".join("x" * 60 for _n in range(2000)))),
            ("row_too_long", None),
            id="an endless folded line",
        ),
        pytest.param(
            calendar("BEGIN:VEVENT\nEND:VEVENT\n" * (MOST_EVENTS + 1)),
            ("too_large", None),
            id="too many events",
        ),
        pytest.param(b" " * (MOST_BYTES + 1), ("too_large", 0), id="too many bytes"),
    ],
)  # fmt: skip
def test_a_broken_calendar_is_told_with_its_line_and_the_timetable_stays(
    tmp_path: Path, text: str | bytes, expected: tuple[str, int | None]
) -> None:
    first = read(SOURCE, tmp_path, {"5a.ics": GOOD})
    second = read(SOURCE, tmp_path, {"5a.ics": text}, first.memory)
    code, row = expected
    [(found_code, file, found_row, _column)] = told(second)
    assert (found_code, file) == (code, "5a.ics")
    assert row is None or found_row == row
    assert (said(second), second.memory, second.lessons) == ([], first.memory, first.lessons)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_damaged_calendar_is_read_or_refused_and_nothing_else(data: st.DataObject) -> None:
    lines = GOOD.splitlines()
    for _time in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(lines) - 1))
        lines[place] = data.draw(
            st.one_of(
                st.text(max_size=40),
                st.sampled_from(lines),
                st.builds(lambda tail, line=lines[place]: line[: len(line) // 2] + tail,
                          st.text(max_size=10)),
            )
        )  # fmt: skip
    row = 0
    try:
        events_of("\n".join(lines).encode(errors="replace"), MOSCOW)
    except BrokenCalendar as broken:
        row = broken.row
    assert 0 <= row <= len("\n".join(lines).splitlines()) + 1
