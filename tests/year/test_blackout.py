"""Days without syncs, the first and the last included."""

from datetime import date

import pytest
from pydantic import ValidationError

from appservice.year.blackout import blackout_on, may_sync
from appservice.year.settings import CalendarSettings


def calendar(*stretches: tuple[str, str]) -> CalendarSettings:
    return CalendarSettings.model_validate(
        {"blackout": [{"from": begin, "to": end} for begin, end in stretches]}
    )


@pytest.mark.parametrize(
    ("day", "free"),
    [
        (date(2027, 5, 23), True),
        (date(2027, 5, 24), False),
        (date(2027, 6, 10), False),
        (date(2027, 6, 11), True),
    ],
)
def test_nothing_is_synced_from_the_first_to_the_last_day(day: date, free: bool) -> None:
    assert may_sync(day, calendar(("2027-05-24", "2027-06-10"))) is free


def test_without_dates_every_day_is_free() -> None:
    assert may_sync(date(2027, 5, 24), CalendarSettings())


def test_of_stretches_that_overlap_the_one_that_ends_last_is_told() -> None:
    settings = calendar(("2027-05-24", "2027-06-10"), ("2027-06-01", "2027-06-20"))
    found = blackout_on(date(2027, 6, 2), settings)
    assert found is not None
    assert found.end == date(2027, 6, 20)


def test_a_stretch_that_ends_before_it_begins_is_a_mistake() -> None:
    with pytest.raises(ValidationError, match="is before the first"):
        calendar(("2027-06-10", "2027-05-24"))
