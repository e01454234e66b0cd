"""Which year a room that ends is marked with, and how long it is kept."""

from datetime import date

import pytest

from appservice.year.archive import (
    Archive,
    Archived,
    ArchiveSettings,
    archived_in,
    ended_year,
    with_mark,
)


@pytest.mark.parametrize(
    ("named", "today", "year"),
    [
        ("2025/2026", date(2026, 6, 20), "2025/2026"),
        # The roster of the next year comes in summer, and ends the rooms of this one.
        ("2026/2027", date(2026, 8, 25), "2025/2026"),
        ("2026/2027", date(2026, 9, 14), "2025/2026"),
        ("2026/2027", date(2026, 9, 15), "2026/2027"),
        ("2026–2027", date(2026, 8, 25), "2025/2026"),
        ("2026/2027", date(2027, 1, 10), "2026/2027"),
        ("", date(2026, 6, 20), "2025/2026"),
        ("", date(2026, 8, 20), "2025/2026"),
        ("", date(2026, 10, 1), "2026/2027"),
        ("Jahr 7", date(2026, 8, 20), "Jahr 7"),
    ],
)
def test_a_room_is_marked_with_the_year_that_it_lived_in(
    named: str, today: date, year: str
) -> None:
    assert ended_year(named, today) == year


def test_the_mark_is_read_back_from_the_room() -> None:
    mark = Archived("2025/2026", date(2026, 6, 1))
    content = with_mark({"key": "17/class_chat/5a", "kind": "class_chat"}, mark)
    assert content == {
        "key": "17/class_chat/5a",
        "kind": "class_chat",
        "archived": "2025/2026",
        "archived_on": "2026-06-01",
    }
    assert archived_in(content) == mark


@pytest.mark.parametrize(
    ("content", "mark"),
    [
        ({}, None),
        ({"archived": 5}, None),
        ({"archived": "2025/2026"}, Archived("2025/2026", None)),
        ({"archived": "2025/2026", "archived_on": 7}, Archived("2025/2026", None)),
        ({"archived": "2025/2026", "archived_on": "soon"}, Archived("2025/2026", None)),
    ],
)
def test_a_damaged_mark_never_leads_to_a_deletion(
    content: dict[str, object], mark: Archived | None
) -> None:
    assert archived_in(content) == mark
    assert mark is None or not Archive(date(2040, 1, 1)).is_over(mark)


def test_after_the_retention_time_a_room_is_over_and_never_where_none_is_set() -> None:
    mark = Archived("2025/2026", date(2026, 6, 1))
    assert not Archive(date(2027, 5, 31)).is_over(mark)
    assert Archive(date(2027, 6, 1)).is_over(mark)
    assert not Archive(date(2040, 1, 1), ArchiveSettings(keep_days=None)).is_over(mark)
