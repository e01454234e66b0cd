"""What the roster section of a configuration cannot say."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from appservice.school.settings import RosterSettings


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        (
            {"into": "roles", "columns": {"person_id": "a"}},
            "The table roles needs role: name a column or a constant for it.",
        ),
        (
            {"into": "roles", "columns": {"person_id": "a", "role": "b", "nick": "c"}},
            "The table roles has no column nick. It has: person_id, role, begin, end.",
        ),
        (
            {
                "into": "roles",
                "columns": {"person_id": "a", "role": "b"},
                "constants": {"role": "student"},
            },
            "role: give either a column or a constant, not both.",
        ),
    ],
)
def test_a_column_map_that_makes_no_sense_is_a_mistake_in_the_configuration(
    entry: dict[str, object], message: str
) -> None:
    with pytest.raises(ValidationError) as caught:
        RosterSettings.model_validate({"path": "x", "tables": [{"file": "a.csv", **entry}]})
    assert [error["msg"] for error in caught.value.errors()] == [f"Value error, {message}"]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"encoding": "cp12510"}, "We do not know the encoding cp12510. Write utf-8 or cp1251."),
        ({"encoding": "base64"}, "We do not know the encoding base64. Write utf-8 or cp1251."),
        (
            {"school": {"time_zone": "Europe/Atlantis"}},
            "E****** is not a time zone. Write it like Europe/Moscow.",
        ),
        (
            {"school": {"id": "1 7"}},
            "1* cannot be an id. Use 1 to 255 letters, digits and the characters . / @ _ : + -"
            " only, without spaces.",
        ),
    ],
)
def test_settings_that_cannot_be_are_mistakes_in_the_configuration(
    settings: dict[str, object], message: str
) -> None:
    with pytest.raises(ValidationError) as caught:
        RosterSettings.model_validate({"path": "x", **settings})
    assert [error["msg"] for error in caught.value.errors()] == [f"Value error, {message}"]
