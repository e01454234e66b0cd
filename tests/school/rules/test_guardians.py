"""Guardians: every student under age has one, who is of age and somebody else."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from appservice.school.model import Guardianship
from appservice.school.problem import Problem, Severity
from tests.school.rules.tiny_school import (
    ANNA,
    ANNAS_FATHER,
    BORIS,
    BORIS_MOTHER,
    TINY,
    TODAY,
    judged,
    with_one_more,
    with_person,
    with_row,
    without_row,
)


def test_a_student_needs_a_guardian() -> None:
    assert judged(without_row("guardianships", 4)) == [
        Problem(
            "student_without_guardian",
            Severity.ERROR,
            "people.csv",
            3,
            "person_id",
            "The student П*** has no guardian. Add one, or leave the student out until there is"
            " one.",
        )
    ]


def test_one_of_two_guardians_is_enough() -> None:
    assert judged(without_row("guardianships", 3)) == []


def test_a_guardian_who_left_is_no_guardian() -> None:
    assert [one.code for one in judged(with_person(BORIS_MOTHER, active=False))] == [
        "student_without_guardian"
    ]
    ended = with_row("guardianships", 4, end=TODAY)
    assert [one.code for one in judged(ended)] == ["student_without_guardian"]


def test_a_student_of_age_needs_no_guardian() -> None:
    of_age = with_person(BORIS, birth_date=date(2008, 11, 23))
    grown = replace(
        without_row("guardianships", 4, of_age),
        consents=tuple(one for one in TINY.consents if one.row != 3),
    )
    assert judged(grown) == []


@pytest.mark.parametrize(
    ("strictness", "severities"), [("warning", [Severity.WARNING]), ("off", [])]
)
def test_a_school_may_take_students_without_guardians(
    strictness: str, severities: list[Severity]
) -> None:
    found = judged(
        without_row("guardianships", 4), guardian_needed=strictness, consent_needed="off"
    )
    assert [one.severity for one in found] == severities
    assert {one.code for one in found} <= {"student_without_guardian"}


def test_nobody_is_their_own_guardian() -> None:
    assert judged(with_row("guardianships", 4, guardian_id=BORIS)) == [
        Problem(
            "self_guardian",
            Severity.ERROR,
            "guardians.csv",
            4,
            "guardian_id",
            "The student П*** is named as their own guardian. Name the guardian.",
        )
    ]


def test_a_guardian_is_of_age() -> None:
    assert judged(with_person(BORIS_MOTHER, birth_date=date(2008, 11, 24))) == [
        Problem(
            "guardian_is_minor",
            Severity.ERROR,
            "guardians.csv",
            4,
            "guardian_id",
            "The guardian П*** is under 18 years old. Check that student and guardian are not"
            " swapped, and the guardian's birth date (row 6).",
        )
    ]
    assert judged(with_person(BORIS_MOTHER, birth_date=date(2008, 11, 23))) == []


def test_a_guardian_without_rights_is_pointed_out() -> None:
    assert judged(with_row("guardianships", 3, legal=False)) == [
        Problem(
            "restricted_guardian",
            Severity.WARNING,
            "guardians.csv",
            3,
            "legal",
            "The guardian И*** is not a legal guardian: they cannot sign a consent."
            " Check that they belong in the rooms of the class.",
        )
    ]


def test_a_guardian_who_may_not_view_the_diary_is_pointed_out() -> None:
    assert judged(with_row("guardianships", 3, may_view_diary=False)) == [
        Problem(
            "restricted_guardian",
            Severity.WARNING,
            "guardians.csv",
            3,
            "may_view_diary",
            "The guardian И*** may not view the diary of this student."
            " Check that they belong in the rooms of the class.",
        )
    ]


def test_a_teacher_may_be_a_guardian() -> None:
    assert judged(with_one_more("guardianships", Guardianship(ANNA, "t1", "aunt", row=5))) == []


def test_a_delivery_without_guardians_is_one_warning() -> None:
    nobody = replace(
        TINY,
        guardianships=(),
        files={kind: file for kind, file in TINY.files.items() if kind != "guardianships"},
    )
    assert judged(nobody) == [
        Problem(
            "student_without_guardian",
            Severity.WARNING,
            "guardians.csv",
            0,
            "",
            "The delivery names no guardians at all, so no rule about guardians was applied."
            " Deliver them, or set rules: guardian_needed: off.",
        )
    ]
    assert judged(nobody, guardian_needed="off") == []


def test_an_empty_table_of_guardians_is_no_missing_table() -> None:
    assert [(one.code, one.row) for one in judged(replace(TINY, guardianships=()))] == [
        ("student_without_guardian", 2),
        ("student_without_guardian", 3),
    ]


def test_where_guardians_are_a_column_that_nobody_fills_it_is_one_warning() -> None:
    files = {**TINY.files, "people": "users.csv", "guardianships": "users.csv"}
    found = judged(replace(TINY, guardianships=(), files=files))
    assert [(one.code, one.severity, one.file, one.row) for one in found] == [
        ("student_without_guardian", Severity.WARNING, "users.csv", 0)
    ]


def test_a_guardianship_of_somebody_unknown_harms_nothing() -> None:
    """The structural checks report it; the rules about people look past it."""
    stray = with_one_more("guardianships", Guardianship("ghost", ANNAS_FATHER, row=9))
    assert judged(with_one_more("guardianships", Guardianship(ANNA, "ghost", row=10), stray)) == []
