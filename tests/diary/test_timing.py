"""At once, with the next digest, or never."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appservice.diary.events import DiaryEvent
from appservice.diary.payloads import Kind
from appservice.diary.preferences import NO_WISHES, Pace, Preferences, QuietWish
from appservice.diary.quiet_hours import SchoolCalendar, is_quiet
from appservice.diary.routing import Reader, Recipient, Room
from appservice.diary.settings import DiarySettings
from appservice.diary.timing import (
    Alone,
    InDigest,
    Never,
    When,
    held_until,
    is_wanted,
    when,
)
from appservice.school.model import Role
from tests.diary.documents import PAYLOADS, event
from tests.diary.test_quiet_hours import at

SETTINGS = DiarySettings.model_validate(
    {"quiet_by_role": {"student": {"begin": "20:00"}}, "paces": {"remark": "daily"}}
)
MOTHER = Reader("17/diary/m", "annas_mother", Role.GUARDIAN, "anna")
ANNA = Reader("17/diary/a", "anna", Role.STUDENT, "anna")
ROOM = Room("17/subject_room/5a-maths")
FIRST_TOMORROW = event("timetable.changed", day="2026-10-02", lesson=1)
SECOND_TOMORROW = event("timetable.changed", day="2026-10-02", lesson=2)


def timed(said: DiaryEvent, to: Recipient, now: str, wishes: Preferences = NO_WISHES) -> When:
    calendar = SchoolCalendar(ZoneInfo("Europe/Moscow"), SETTINGS.is_holiday)
    return when(said, to, wishes, SETTINGS, calendar, now=at(now))


def paces(**own: str) -> Preferences:
    return Preferences(paces={Kind(kind): Pace(pace) for kind, pace in own.items()})


DAY, EVENING, NIGHT = "2026-10-01T12:00", "2026-10-01T20:30", "2026-10-01T22:00"


@pytest.mark.parametrize(
    ("said", "to", "now", "wishes", "wanted"),
    [
        (event(), MOTHER, DAY, NO_WISHES, Alone()),
        (event(), MOTHER, NIGHT, NO_WISHES, InDigest(at("2026-10-02T07:00"))),
        (event(), MOTHER, EVENING, NO_WISHES, Alone()),
        (event(), ANNA, EVENING, NO_WISHES, InDigest(at("2026-10-02T07:00"))),
        (
            event(),
            ANNA,
            EVENING,
            Preferences(quiet=QuietWish(begin=time(23))),
            Alone(),
        ),
        (event("homework.assigned"), ROOM, NIGHT, NO_WISHES, InDigest(at("2026-10-02T07:00"))),
        (event("homework.assigned"), ROOM, EVENING, paces(homework="off"), Alone()),
        (event(), MOTHER, DAY, paces(grade="off"), Never()),
        (event(), MOTHER, DAY, paces(grade="daily"), InDigest(at("2026-10-01T18:00"))),
        (event(), MOTHER, EVENING, paces(grade="daily"), InDigest(at("2026-10-02T18:00"))),
        (event("remark.added"), MOTHER, DAY, NO_WISHES, InDigest(at("2026-10-01T18:00"))),
        (event("remark.added"), MOTHER, DAY, paces(remark="immediate"), Alone()),
        (event(), MOTHER, DAY, paces(grade="weekly"), InDigest(at("2026-10-02T18:00"))),
        (
            event(),
            MOTHER,
            "2026-10-02T19:00",
            paces(grade="weekly"),
            InDigest(at("2026-10-09T18:00")),
        ),
        (
            event(),
            MOTHER,
            "2026-10-03T19:00",
            paces(grade="daily"),
            InDigest(at("2026-10-05T07:00")),
        ),
        (event("absence.recorded"), MOTHER, NIGHT, paces(absence="daily"), Alone()),
        (event("absence.late"), MOTHER, NIGHT, NO_WISHES, Alone()),
        (event("absence.recorded"), MOTHER, NIGHT, paces(absence="off"), Never()),
        (
            event("absence.recorded", day="2026-09-30"),
            MOTHER,
            NIGHT,
            NO_WISHES,
            InDigest(at("2026-10-02T07:00")),
        ),
        (
            event("absence.excused", day="2026-10-01"),
            MOTHER,
            NIGHT,
            NO_WISHES,
            InDigest(at("2026-10-02T07:00")),
        ),
        (FIRST_TOMORROW, ROOM, NIGHT, NO_WISHES, Alone()),
        (SECOND_TOMORROW, ROOM, NIGHT, NO_WISHES, InDigest(at("2026-10-02T07:00"))),
        (
            event("timetable.changed", change="moved", lesson=5, to_day="2026-10-02", to_lesson=0),
            ROOM,
            NIGHT,
            NO_WISHES,
            Alone(),
        ),
        (event("announcement", urgency="urgent"), ROOM, NIGHT, NO_WISHES, Alone()),
        (
            event("announcement"),
            ROOM,
            NIGHT,
            NO_WISHES,
            InDigest(at("2026-10-02T07:00")),
        ),
        (
            event(urgency="urgent"),
            MOTHER,
            NIGHT,
            NO_WISHES,
            InDigest(at("2026-10-02T07:00")),
        ),
    ],
    ids=[
        "a grade by day at once",
        "a grade at night in the morning",
        "a guardian in the evening at once",
        "a student in the evening in the morning, by the role",
        "a student who stays up late at once, by the own wish",
        "a room at night in the morning",
        "a room has no wishes",
        "off is never",
        "daily is the evening",
        "daily after the evening is the next one",
        "the school may have chosen daily",
        "the own choice goes over the school's",
        "weekly is Friday evening",
        "weekly after Friday evening is the next one",
        "a daily digest that falls into quiet days waits for them to end",
        "today's absence passes at night, whatever the pace",
        "coming late today passes",
        "off is off, even of today's absence",
        "yesterday's absence waits",
        "an excuse waits",
        "tomorrow's first lesson passes",
        "tomorrow's second lesson waits",
        "a lesson that moves before tomorrow's first passes",
        "an announcement marked urgent passes",
        "another announcement waits",
        "a grade is never urgent",
    ],
)
def test_everybody_is_told_in_time(
    said: DiaryEvent, to: Recipient, now: str, wishes: Preferences, wanted: When
) -> None:
    assert timed(said, to, now, wishes) == wanted


@pytest.mark.parametrize(
    ("said", "to", "now", "wishes", "until"),
    [
        (event(), MOTHER, DAY, NO_WISHES, None),
        (event(), MOTHER, NIGHT, NO_WISHES, "2026-10-02T07:00"),
        (event(), ANNA, EVENING, NO_WISHES, "2026-10-02T07:00"),
        (event(), ANNA, EVENING, Preferences(quiet=QuietWish(begin=time(23))), None),
        (event("absence.recorded"), MOTHER, NIGHT, NO_WISHES, None),
        (event("announcement", urgency="urgent"), ROOM, NIGHT, NO_WISHES, None),
    ],
    ids=["by day", "at night", "by role", "by the own wish", "urgent", "urgent in a room"],
)
def test_what_was_held_up_into_quiet_hours_waits_for_their_end(
    said: DiaryEvent, to: Recipient, now: str, wishes: Preferences, until: str | None
) -> None:
    calendar = SchoolCalendar(ZoneInfo("Europe/Moscow"), SETTINGS.is_holiday)
    held = held_until(said, to, wishes, SETTINGS, calendar, now=at(now))
    assert held == (None if until is None else at(until))


def test_each_school_has_its_own_night() -> None:
    settings = DiarySettings.model_validate({"schools": {"18": {"quiet": {"begin": "23:00"}}}})
    calendar = SchoolCalendar(ZoneInfo("Europe/Moscow"), settings.is_holiday)
    assert [
        when(event(school=school), MOTHER, NO_WISHES, settings, calendar, now=at(NIGHT))
        for school in ("17", "18")
    ] == [InDigest(at("2026-10-02T07:00")), Alone()]


def test_what_was_turned_off_is_not_wanted_any_more() -> None:
    for to, wishes, wanted in (
        (MOTHER, NO_WISHES, True),
        (MOTHER, paces(grade="weekly"), True),
        (MOTHER, paces(grade="off"), False),
        (MOTHER, paces(homework="off"), True),
        (ROOM, paces(grade="off"), True),
    ):
        assert is_wanted(event(), to, wishes, SETTINGS) is wanted


@given(
    st.sampled_from(sorted(PAYLOADS)),
    st.sampled_from([MOTHER, ANNA, ROOM]),
    st.sampled_from(Pace),
    st.datetimes(datetime(2026, 9, 1), datetime(2027, 6, 1), timezones=st.just(UTC)),
)
def test_no_digest_comes_in_quiet_hours_or_before_its_events(
    event_type: str, to: Recipient, pace: Pace, now: datetime
) -> None:
    calendar = SchoolCalendar(ZoneInfo("Europe/Moscow"), SETTINGS.is_holiday)
    said = event(event_type)
    own = Preferences(paces={said.kind: pace})
    found: Any = when(said, to, own, SETTINGS, calendar, now=now)
    if isinstance(found, InDigest):
        role = to.role if isinstance(to, Reader) else None
        quiet = SETTINGS.quiet_for(role, own.quiet)
        assert found.at >= now
        assert not is_quiet(quiet, calendar, found.at)
