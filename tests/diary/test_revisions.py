"""Said again, said anew, taken back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appservice.diary.events import DiaryEvent
from appservice.diary.revisions import (
    Correct,
    Deed,
    Edit,
    Lineage,
    Post,
    Sent,
    Silence,
    Standing,
    Verdict,
    deed,
    deed_where_it_does_not_belong,
    lineage_of,
    standing_of,
    verdict,
)
from tests.diary.documents import event

NOON = datetime(2026, 10, 1, 9, 0, tzinfo=UTC)
POSTED = event(revision=1)
CHANGED = event("grade.changed", revision=2)
REMOVED = event("grade.removed", revision=3)


def test_what_is_said_of_one_grade_is_one_lineage_and_of_others_another() -> None:
    grade = lineage_of(POSTED)
    assert grade == Lineage("journal", "17", "x-1", POSTED.kind)
    assert {lineage_of(each) for each in (CHANGED, REMOVED)} == {grade}
    others = (
        event("homework.assigned"),
        event(school="18"),
        event(source="other"),
        event(external_id="x-2"),
    )
    assert len({grade, *map(lineage_of, others)}) == 5


@pytest.mark.parametrize(
    ("said", "known", "wanted"),
    [
        (POSTED, None, Verdict.ACCEPTED),
        (POSTED, POSTED, Verdict.DUPLICATE),
        (event(revision=1, event_id="sent-again"), POSTED, Verdict.DUPLICATE),
        (CHANGED, POSTED, Verdict.ACCEPTED),
        (POSTED, CHANGED, Verdict.STALE),
        (event("grade.removed", revision=1), POSTED, Verdict.ACCEPTED),
        (POSTED, event("grade.removed", revision=1), Verdict.STALE),
        (event(revision=4), REMOVED, Verdict.ACCEPTED),
    ],
    ids=[
        "the first is accepted",
        "the same again is a duplicate",
        "the same under another name is a duplicate",
        "a higher revision is accepted",
        "a lower revision is stale",
        "a removal that repeats the revision still removes",
        "a grade that comes in after its removal is stale",
        "a grade posted anew after its removal is accepted",
    ],
)
def test_revisions_are_judged(said: DiaryEvent, known: DiaryEvent | None, wanted: Verdict) -> None:
    assert verdict(said, standing_of(known) if known else None) is wanted


sayings = st.builds(
    lambda event_type, revision: event(event_type, revision=revision),
    st.sampled_from(["grade.posted", "grade.changed", "grade.removed"]),
    st.integers(0, 3),
)


@given(st.lists(sayings, min_size=1, max_size=8), st.randoms(use_true_random=False))
def test_in_whatever_order_they_come_the_same_one_counts(
    said: list[DiaryEvent], random: Any
) -> None:
    def counts(order: list[DiaryEvent]) -> Standing | None:
        known: Standing | None = None
        for each in order:
            if verdict(each, known) is Verdict.ACCEPTED:
                known = standing_of(each)
        return known

    assert counts(random.sample(said, len(said))) == counts(said)


def sent(hours: float, what: DiaryEvent = POSTED) -> Sent:
    return Sent("$message", NOON - timedelta(hours=hours), what)


@pytest.mark.parametrize(
    ("latest", "before", "wanted"),
    [
        (POSTED, None, Post()),
        (CHANGED, None, Post()),
        (REMOVED, None, Silence()),
        (CHANGED, sent(24), Edit("$message")),
        (REMOVED, sent(1), Edit("$message")),
        (CHANGED, sent(24.01), Correct("$message")),
        (REMOVED, sent(48), Correct("$message")),
        (event(revision=9, published_at="2026-10-01T10:20:59+03:00"), sent(1), Silence()),
    ],
    ids=[
        "a grade is told",
        "several changes before anybody was told are one message",
        "a grade that was removed before anybody was told is silence",
        "a change within a day is an edit",
        "a removal within a day is an edit",
        "a change after a day is a correction",
        "a removal after a day is a correction",
        "a new revision that says the same is silence",
    ],
)
def test_what_becomes_of_the_message(latest: DiaryEvent, before: Sent | None, wanted: Deed) -> None:
    assert deed(latest, before, now=NOON) == wanted


def test_what_was_said_in_a_room_that_it_no_longer_concerns_is_taken_back() -> None:
    assert deed_where_it_does_not_belong(sent(100)) == Edit("$message")
    assert deed_where_it_does_not_belong(None) == Silence()
