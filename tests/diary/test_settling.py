"""How long a thing is left alone before anybody is told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appservice.diary.events import DiaryEvent
from appservice.diary.quiet_hours import SchoolCalendar
from appservice.diary.revisions import Post, Silence, deed
from appservice.diary.routing import LeftOut, Missing, Room, Route
from appservice.diary.settings import SettleSettings
from appservice.diary.settling import Kept, Settled, looked_for_again, settle
from tests.diary.documents import event

NOON = datetime(2026, 10, 1, 9, 0, tzinfo=UTC)  # 12:00 in Moscow
CALENDAR = SchoolCalendar(ZoneInfo("Europe/Moscow"), lambda _day: False)
DELAYS = SettleSettings()


def minutes(number: float) -> timedelta:
    return timedelta(minutes=number)


@pytest.mark.parametrize(
    ("said", "delay"),
    [
        (event(), 15),
        (event("term.result"), 15),
        (event("homework.assigned"), 5),
        (event("timetable.changed", day="2026-10-02"), 5),
        (event("timetable.changed", day="2026-10-01"), 0),
        (
            event("timetable.changed", change="moved", to_day="2026-10-01", to_lesson=5),
            0,
        ),
        (event("absence.recorded", day="2026-10-01"), 0),
        (event("absence.recorded", day="2026-09-30"), 0),
        (event("announcement"), 0),
    ],
    ids=[
        "a grade a quarter of an hour",
        "a term's result too",
        "homework five minutes",
        "another day's lesson five minutes",
        "today's lesson not at all",
        "a lesson that moves to today not at all",
        "today's absence not at all",
        "yesterday's absence neither",
        "an announcement not at all",
    ],
)
def test_each_kind_settles_in_its_own_time(said: DiaryEvent, delay: int) -> None:
    assert settle([Kept(said, NOON)], DELAYS, CALENDAR) == Settled(said, NOON + minutes(delay))


def test_today_is_the_day_at_the_school() -> None:
    late = datetime(2026, 10, 1, 21, 30, tzinfo=UTC)  # past midnight in Moscow
    said = event("absence.recorded", day="2026-10-02")
    assert settle([Kept(said, late)], DELAYS, CALENDAR).due == late


def test_changes_upon_changes_put_nothing_off() -> None:
    changes = [
        Kept(event("grade.changed", revision=number, value=str(number)), NOON + minutes(number))
        for number in range(1, 15)
    ]
    assert settle(changes, DELAYS, CALENDAR) == Settled(changes[-1].event, NOON + minutes(16))


NOT_HERE = Route(left_out=(LeftOut("anna", Missing.NOT_HERE),))
POSTED, REMOVED = event(), event("grade.removed")


@pytest.mark.parametrize(
    ("said", "route", "after", "again"),
    [
        (POSTED, NOT_HERE, 15, 15 + 60),
        (POSTED, NOT_HERE, 71 * 60, 72 * 60),
        (POSTED, NOT_HERE, 71 * 60 + 1, None),
        (REMOVED, NOT_HERE, 15, None),
        (POSTED, Route(left_out=(LeftOut("anna", Missing.NO_ACCOUNT),)), 15, None),
        (POSTED, Route((Room("17/class/5a"),), NOT_HERE.left_out), 15, None),
        (POSTED, Route(), 15, None),
    ],
    ids=[
        "an hour later",
        "for three days",
        "and no longer",
        "what was withdrawn is over",
        "who has no account is known",
        "where somebody is told that is all",
        "where nobody is meant nobody is looked for",
    ],
)
def test_whom_the_roster_does_not_know_yet_is_looked_for_again(
    said: DiaryEvent, route: Route, after: float, again: float | None
) -> None:
    found = looked_for_again(Kept(said, NOON), route, now=NOON + minutes(after))
    assert found == (None if again is None else NOON + minutes(again))


kinds = st.sampled_from(["grade.posted", "grade.changed", "grade.removed"])


@given(st.lists(st.tuples(kinds, st.integers(0, 4), st.floats(0, 15)), min_size=1, max_size=6))
def test_a_grade_is_told_once_by_its_last_saying_or_not_at_all(
    sayings: list[tuple[str, int, float]],
) -> None:
    unsaid = [
        Kept(event(kind, revision=revision), NOON + minutes(after))
        for kind, revision, after in sayings
    ]
    found = settle(unsaid, DELAYS, CALENDAR)
    ranks = ["grade.posted", "grade.changed", "grade.removed"]
    last = max(sayings, key=lambda each: (each[1], ranks.index(each[0])))
    assert (found.latest.type, found.latest.revision) == last[:2]
    assert found.due == min(kept.received_at for kept in unsaid) + minutes(15)
    wanted = Silence() if last[0] == "grade.removed" else Post()
    assert deed(found.latest, None, now=found.due) == wanted
