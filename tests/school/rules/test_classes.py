"""Classes and groups: one class teacher, one class a student, fitting ages, no empty groups."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from appservice.school.model import MemberRole, Membership
from appservice.school.problem import Problem, Severity
from tests.school.rules.tiny_school import (
    ANNA,
    ANNAS_MOTHER,
    BORIS,
    COLLEAGUE,
    TEACHER,
    TINY,
    TODAY,
    judged,
    with_class,
    with_one_more,
    with_person,
    with_row,
    without_row,
)

C9_WITHOUT_TEACHER = Problem(
    "class_without_teacher",
    Severity.ERROR,
    "classes.csv",
    3,
    "class_id",
    "The class 9Б has no class teacher on 2026-11-23. Name one.",
)
MIXED_AGES = with_class("c9", grade=None)


def test_a_class_needs_a_class_teacher() -> None:
    assert judged(without_row("memberships", 4)) == [C9_WITHOUT_TEACHER]
    assert judged(with_row("memberships", 4, role=MemberRole.TEACHER)) == [C9_WITHOUT_TEACHER]


def test_a_class_teacher_who_left_is_none() -> None:
    assert judged(with_row("memberships", 4, end=TODAY)) == [C9_WITHOUT_TEACHER]
    assert judged(with_person(COLLEAGUE, active=False)) == [C9_WITHOUT_TEACHER]
    assert judged(with_row("memberships", 4, end=date(2026, 11, 24))) == []


def test_a_class_that_begins_in_september_has_its_teacher_then() -> None:
    september = date(2027, 9, 1)
    next_year = with_row(
        "memberships", 4, with_row("memberships", 5, begin=september), begin=september
    )
    assert judged(next_year) == []
    too_late = with_row("memberships", 4, next_year, begin=date(2027, 9, 2))
    assert judged(too_late) == [
        C9_WITHOUT_TEACHER._replace(
            message="The class 9Б has no class teacher on 2027-09-01. Name one."
        )
    ]


def test_a_class_that_everybody_has_left_needs_no_teacher() -> None:
    left = with_row("memberships", 4, with_row("memberships", 5, end=TODAY), end=TODAY)
    assert judged(left) == []


@pytest.mark.parametrize(
    ("strictness", "severities"), [("warning", [Severity.WARNING]), ("off", [])]
)
def test_a_school_may_have_classes_without_class_teachers(
    strictness: str, severities: list[Severity]
) -> None:
    found = judged(without_row("memberships", 4), class_teacher_needed=strictness)
    assert [one.severity for one in found] == severities


def test_a_class_has_one_class_teacher_at_a_time() -> None:
    second = Membership(TEACHER, "c9", MemberRole.CLASS_TEACHER, row=9)
    assert judged(with_one_more("memberships", second)) == [
        Problem(
            "two_primary_teachers",
            Severity.ERROR,
            "memberships.csv",
            9,
            "role",
            "The class 9Б has another class teacher at the same time (row 4). Leave one of them,"
            " or make one a teacher.",
        )
    ]


def test_one_class_teacher_may_follow_another() -> None:
    day = date(2027, 1, 11)
    first = with_row("memberships", 4, end=day)
    second = Membership(TEACHER, "c9", MemberRole.CLASS_TEACHER, begin=day, row=9)
    assert judged(with_one_more("memberships", second, first)) == []


def test_a_student_is_in_one_class_at_a_time() -> None:
    second = Membership(ANNA, "c9", MemberRole.STUDENT, row=9)
    assert judged(with_one_more("memberships", second, MIXED_AGES)) == [
        Problem(
            "two_homerooms",
            Severity.ERROR,
            "memberships.csv",
            9,
            "class_or_group_id",
            "The student И*** is in two classes at the same time: 5А (row 3) and 9Б. Leave one, or"
            " set the day on which the first ends.",
        ),
    ]


def test_a_student_may_change_class() -> None:
    day = date(2027, 1, 11)
    first = with_row("memberships", 3, MIXED_AGES, end=day)
    second = Membership(ANNA, "c9", MemberRole.STUDENT, begin=day, row=9)
    assert judged(with_one_more("memberships", second, first)) == []


def test_a_student_may_be_in_any_number_of_groups() -> None:
    more = Membership(ANNA, "g2", MemberRole.STUDENT, row=9)
    assert judged(with_one_more("memberships", more)) == []


@pytest.mark.parametrize("birth", [date(2018, 1, 1), date(2012, 8, 1)], ids=["8", "14"])
def test_an_age_that_does_not_fit_the_grade_is_said(birth: date) -> None:
    age = 8 if birth.year == 2018 else 14
    found = judged(with_person(ANNA, birth_date=birth), consent_needed="off")
    assert found == [
        Problem(
            "age_grade_mismatch",
            Severity.WARNING,
            "people.csv",
            2,
            "birth_date",
            f"The student И*** of the class 5А is {age} years old on 1 September. Check the birth"
            " date and the class.",
        )
    ]


@pytest.mark.parametrize("birth", [date(2017, 9, 1), date(2012, 9, 2)], ids=["9", "13"])
def test_an_early_start_or_a_repeated_year_is_nothing_odd(birth: date) -> None:
    assert judged(with_person(ANNA, birth_date=birth), consent_needed="off") == []


def test_the_age_is_that_of_the_school_year_of_the_class() -> None:
    ten_years_ago = with_class("c5", year="2016/2017")
    assert [one.code for one in judged(ten_years_ago)] == ["age_grade_mismatch"]
    of_the_school = with_class("c5", year="")
    assert judged(of_the_school) == []
    nowhere = replace(of_the_school, schools=(TINY.schools[0]._replace(year=""),))
    assert judged(nowhere) == []
    later = judged(nowhere, today=date(2036, 8, 1), consent_needed="off")
    assert [(one.code, one.row) for one in later] == [("age_grade_mismatch", 2)]


def test_without_a_grade_or_a_birth_date_nothing_can_be_said_of_the_age() -> None:
    assert (
        judged(
            with_person(ANNA, with_class("c5", grade=None), birth_date=date(1950, 1, 1)),
            consent_needed="off",
            guardian_needed="off",
        )
        == []
    )
    assert judged(with_person(ANNA, birth_date=None)) == []


def test_a_group_without_students_is_said() -> None:
    assert judged(without_row("memberships", 7)) == [
        Problem(
            "empty_group",
            Severity.WARNING,
            "groups.csv",
            2,
            "group_id",
            "The group Математика 5А has no members besides its teachers. Add its students, or"
            " remove the group.",
        )
    ]


def test_a_council_of_guardians_is_not_empty() -> None:
    council = with_row("memberships", 8, person_id=ANNAS_MOTHER, role=MemberRole.GUARDIAN)
    assert judged(council) == []


def test_a_student_who_left_fills_no_group() -> None:
    found = judged(with_person(BORIS, active=False))
    assert [(one.code, one.file, one.row) for one in found] == [("empty_group", "groups.csv", 3)]
