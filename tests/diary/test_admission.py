"""Who may say what, beyond its form."""

from datetime import UTC, datetime

from appservice.diary.admission import admitted
from tests.diary.documents import event

NOW = datetime(2026, 10, 1, 8, 0, tzinfo=UTC)


def test_a_source_speaks_for_itself_its_schools_and_the_past() -> None:
    assert admitted(event(), source="journal", schools={"17"}, now=NOW) == ()


def test_everything_that_speaks_against_an_event_is_told() -> None:
    said = event(published_at="2026-10-01T11:10:01+03:00")
    found = admitted(said, source="other", schools={"18"}, now=NOW)
    assert [(each.code, each.pointer) for each in found] == [
        ("other_source", "/source"),
        ("unknown_school", "/school"),
        ("in_the_future", "/published_at"),
    ]


def test_a_clock_that_is_a_little_fast_is_forgiven() -> None:
    said = event(published_at="2026-10-01T11:10:00+03:00")
    assert admitted(said, source="journal", schools={"17"}, now=NOW) == ()
