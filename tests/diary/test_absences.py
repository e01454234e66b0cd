"""A guardian's excuse and the journal's record of one day are one absence."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from appservice.diary.absences import days_excused, is_excused
from appservice.diary.revisions import Post, Silence, deed
from tests.diary.documents import event

DAY = "2026-10-01"
NOON = datetime(2026, 10, 1, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("event_type", "changes", "excuse", "wanted"),
    [
        ("absence.recorded", {"lessons": []}, {}, True),
        ("absence.recorded", {"lessons": [1, 2]}, {}, True),
        ("absence.recorded", {"student": "boris"}, {}, False),
        ("absence.recorded", {"day": "2026-10-02"}, {}, False),
        ("absence.recorded", {}, {"lessons": [1]}, False),
        ("absence.excused", {}, {}, False),
        ("absence.late", {}, {}, False),
        ("grade.posted", {}, {}, False),
    ],
    ids=[
        "the day",
        "lessons of the day",
        "another student",
        "another day",
        "an excuse for one lesson leaves the others",
        "an excuse is what is told",
        "coming late is another thing",
        "a grade is none",
    ],
)
def test_an_absence_that_is_excused_already_is_no_news(
    event_type: str, changes: Mapping[str, Any], excuse: Mapping[str, Any], wanted: bool
) -> None:
    excused = days_excused(
        [event("absence.excused", **{"day": DAY, "lessons": [], **excuse}).payload]
    )
    said = event(event_type, **changes)
    is_known = is_excused(said.payload, excused)
    assert is_known is wanted
    assert deed(said, None, now=NOON, is_known=is_known) == (Silence() if wanted else Post())
