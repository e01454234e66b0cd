"""When a school sleeps, by its own clock."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appservice.diary.preferences import QuietWish
from appservice.diary.quiet_hours import (
    SCHOOL_NIGHT,
    Quiet,
    SchoolCalendar,
    first_open,
    is_quiet,
    nearest,
)

MOSCOW = ZoneInfo("Europe/Moscow")
BERLIN = ZoneInfo("Europe/Berlin")  # clocks go forward on 28 March 2027, back on 25 October 2026
NIGHT = SCHOOL_NIGHT


def holidays(day: date) -> bool:
    return date(2026, 10, 26) <= day <= date(2026, 11, 3)


def calendar(zone: ZoneInfo = MOSCOW) -> SchoolCalendar:
    return SchoolCalendar(zone, holidays)


def at(text: str, zone: ZoneInfo = MOSCOW, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone, fold=fold).astimezone(UTC)


@pytest.mark.parametrize(
    ("now", "opens"),
    [
        ("2026-10-01T20:59:59", "2026-10-01T20:59:59"),
        ("2026-10-01T21:00", "2026-10-02T07:00"),
        ("2026-10-02T06:59", "2026-10-02T07:00"),
        ("2026-10-02T07:00", "2026-10-02T07:00"),
        ("2026-10-03T22:00", "2026-10-05T07:00"),
        ("2026-10-04T12:00", "2026-10-05T07:00"),
        ("2026-10-24T21:30", "2026-11-04T07:00"),
        ("2026-10-30T12:00", "2026-11-04T07:00"),
    ],
    ids=[
        "the evening is open",
        "from nine it is quiet",
        "until seven",
        "at seven it is open",
        "Saturday night lasts until Monday",
        "Sunday is quiet",
        "a weekend and holidays are one stretch",
        "holidays are quiet by day",
    ],
)
def test_quiet_hours_end_in_the_morning_of_a_day_with_lessons(now: str, opens: str) -> None:
    assert first_open(NIGHT, calendar(), at(now)) == at(opens)


def test_hours_in_the_middle_of_the_day_may_be_quiet() -> None:
    lessons = Quiet(time(8, 30), time(14))
    assert [
        first_open(lessons, calendar(), at(each))
        for each in ("2026-10-01T00:00", "2026-10-01T08:30", "2026-10-01T23:59:59.999999")
    ] == [at("2026-10-01T00:00"), at("2026-10-01T14:00"), at("2026-10-01T23:59:59.999999")]


def test_when_the_clocks_go_forward_the_morning_comes_an_hour_sooner() -> None:
    night = Quiet(time(22), time(7))
    evening = at("2027-03-27T22:00", BERLIN)
    assert first_open(night, calendar(BERLIN), evening) - evening == timedelta(hours=8)
    evening = at("2026-10-24T22:00", BERLIN)
    assert first_open(night, calendar(BERLIN), evening) - evening == timedelta(hours=10)


def test_an_end_that_the_clocks_leave_out_or_repeat_is_still_an_end() -> None:
    night = Quiet(time(22), time(2, 30))
    skipped = first_open(night, calendar(BERLIN), at("2027-03-28T01:00", BERLIN))
    assert skipped == datetime(2027, 3, 28, 1, 30, tzinfo=UTC)
    again = at("2026-10-25T02:10", BERLIN, fold=1)
    assert first_open(night, calendar(BERLIN), again) == at("2026-10-25T02:30", BERLIN, fold=1)


def test_the_nearest_wish_wins_part_by_part() -> None:
    person = QuietWish(end=time(9))
    role = QuietWish(begin=time(20), end=time(8), weekend=frozenset({6, 7}))
    school = QuietWish(time(21), time(7), frozenset({7}), True)
    assert nearest(person, role, school, otherwise=SCHOOL_NIGHT) == Quiet(
        time(20), time(9), frozenset({6, 7}), holidays=True
    )
    assert nearest(QuietWish(), otherwise=SCHOOL_NIGHT) == SCHOOL_NIGHT


clocks = st.times().map(lambda each: each.replace(microsecond=0))
quiets = st.builds(
    Quiet,
    clocks,
    clocks,
    st.frozensets(st.integers(1, 7), max_size=6),
    holidays=st.booleans(),
)
moments = st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC))
zones = st.sampled_from(["Europe/Moscow", "Europe/Berlin", "America/St_Johns", "Asia/Kamchatka"])


@given(quiets, moments, zones.map(ZoneInfo))
def test_people_are_told_in_an_open_hour_and_as_soon_as_there_is_one(
    quiet: Quiet, now: datetime, zone: ZoneInfo
) -> None:
    here = calendar(zone)
    found = first_open(quiet, here, now)
    assert found >= now
    assert not is_quiet(quiet, here, found)
    if is_quiet(quiet, here, now):
        before = [now + (found - now) * part / 7 for part in range(7)]
        assert all(is_quiet(quiet, here, each) for each in before)
    else:
        assert found == now
