"""Names in one alphabet, and ids that keep naming the same person."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appservice.school.fingerprint import Fingerprint, fingerprint
from appservice.school.model import Person
from appservice.school.problem import Problem, Severity
from tests.school.rules.tiny_school import ANNA, BORIS_MOTHER, TINY, judged, with_person

KNOWN = {person_id: fingerprint(person) for person_id, person in TINY.people.items()}


@pytest.mark.parametrize(
    "name",
    ["Ивaнова", "Иванова-Cмирнова", "Ива0ова", "Αнна", "Smitн"],
    ids=["Latin a", "Latin C in one half", "zero", "Greek alpha", "Cyrillic н"],
)
def test_letters_of_two_alphabets_in_one_word_are_said(name: str) -> None:
    masked = name[0] + ("******" if len(name) > 12 else "***")
    assert judged(with_person(ANNA, family_name=name)) == [
        Problem(
            "name_homoglyph",
            Severity.WARNING,
            "people.csv",
            2,
            "family_name",
            f"The name {masked} mixes characters of two alphabets that look alike. Write it again"
            " in one alphabet.",
        )
    ]


def test_a_badge_in_a_name_is_said() -> None:
    assert judged(with_person(ANNA, given_name="Анна 🎓")) == [
        Problem(
            "name_homoglyph",
            Severity.WARNING,
            "people.csv",
            2,
            "given_name",
            "The name А*** holds a sign that is not a letter and may pass for a badge. Remove it.",
        )
    ]


@pytest.mark.parametrize(
    "name",
    [
        "Салтыков-Щедрин", "Ли", "д’Артаньян", "O'Brien", "Müller", "Nguyễn", "Ёлкина", "Ә́лия",
        "Қасым", "Smith Иванова", "王", "محمد", "-",
    ],
)  # fmt: skip
def test_names_of_every_people_are_fine(name: str) -> None:
    assert judged(with_person(ANNA, family_name=name)) == []


def test_an_id_that_now_names_another_person_is_refused() -> None:
    other = with_person(
        ANNA, family_name="Кузнецова", given_name="Дарья", birth_date=date(2015, 7, 7)
    )
    assert judged(other, known=KNOWN) == [
        Problem(
            "id_reused_other_person",
            Severity.ERROR,
            "people.csv",
            2,
            "person_id",
            "This id belonged to another person until now; here it is К***. Ids are never given"
            " twice: give this person a new one, or correct the name.",
        )
    ]


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"family_name": "Смирнова"},
        {"family_name": "Смирнова", "given_name": "Анастасия"},
        {"birth_date": date(2015, 6, 2)},
        {"birth_date": None},
        {"birth_date": None, "family_name": "Смирнова"},
        {"family_name": " иванова ", "birth_date": date(2015, 6, 2)},
    ],
    ids=[
        "nothing", "family name", "both names", "birth date", "birth date no longer known",
        "family name, no birth date", "letter case and birth date",
    ],
)  # fmt: skip
def test_a_person_may_be_renamed_or_have_a_birth_date_corrected(change: dict[str, Any]) -> None:
    assert judged(with_person(ANNA, **change), known=KNOWN) == []


def test_without_birth_dates_both_names_tell_people_apart() -> None:
    married = with_person(BORIS_MOTHER, family_name="Зайцева")
    assert judged(married, known=KNOWN) == []
    other = with_person(BORIS_MOTHER, married, given_name="Инна")
    assert [one.code for one in judged(other, known=KNOWN)] == ["id_reused_other_person"]


def test_somebody_met_for_the_first_time_reuses_nothing() -> None:
    assert judged(TINY, known={"somebody-else": Fingerprint("00", "00", "00")}) == []


@given(st.text(max_size=30), st.text(max_size=30), st.none() | st.dates())
def test_a_fingerprint_says_nothing_but_three_bytes(
    family: str, given_name: str, birth: date | None
) -> None:
    taken = fingerprint(Person("p1", family, given_name, birth_date=birth))
    assert [len(part) for part in taken] == [2, 2, 0 if birth is None else 2]
    assert all(bytes.fromhex(part) is not None for part in taken)


@given(st.text(max_size=30), st.text(max_size=30), st.none() | st.dates())
def test_nobody_is_taken_for_another_person_than_themselves(
    family: str, given_name: str, birth: date | None
) -> None:
    person = Person(ANNA, family, given_name, birth_date=birth)
    renamed = with_person(ANNA, family_name=family, given_name=given_name, birth_date=birth)
    found = judged(renamed, known={ANNA: fingerprint(person)}, consent_needed="off")
    assert "id_reused_other_person" not in {one.code for one in found}
