"""Codes: what may stand in a row of a native table.

One change to a valid delivery gives one problem.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.school.sources.one_change import Case, prove
from tests.school.sources.tiny_deliveries import (
    cell,
    line,
    swap,
)

CASES = [
    Case(
        "a row with a cell too many",
        "native",
        line("roles.csv", "s1,student,,,"),
        (
            "row_width",
            "roles.csv",
            5,
            "",
            (
                "This row has 5 cells and the header 4. Look for a comma or a quote too many "
                "or too few."
            ),
        ),
    ),
    Case(
        "a row with a cell too few",
        "native",
        line("guardians.csv", "s1,g1,father,true"),
        (
            "row_width",
            "guardians.csv",
            3,
            "",
            (
                "This row has 4 cells and the header 5. Look for a comma or a quote too many "
                "or too few."
            ),
        ),
    ),
    Case(
        "a person whose row has a cell too many",
        "native",
        swap("people.csv", "Пётр,,", "Пётр,,,"),
        (
            "row_width",
            "people.csv",
            3,
            "",
            (
                "This row has 10 cells and the header 9. Look for a comma or a quote too many"
                " or too few."
            ),
        ),
    ),
    Case(
        "a person without a family name",
        "native",
        cell("people.csv", 2, "family_name", ""),
        (
            "missing_value",
            "people.csv",
            2,
            "family_name",
            "This cell must not be empty. Fill it in.",
        ),
    ),
    Case(
        "a person without an id",
        "native",
        line("people.csv", ",Петров,Иван,,,,,,"),
        ("missing_value", "people.csv", 5, "person_id", "This cell must not be empty. Fill it in."),
    ),
    Case(
        "a role without its word",
        "native",
        line("roles.csv", "t1,,,"),
        ("missing_value", "roles.csv", 5, "role", "This cell must not be empty. Fill it in."),
    ),
    Case(
        "a class without a label",
        "native",
        cell("classes.csv", 2, "label", ""),
        ("missing_value", "classes.csv", 2, "label", "This cell must not be empty. Fill it in."),
    ),
    Case(
        "a group with neither subject nor title",
        "native",
        cell("groups.csv", 2, "subject", ""),
        (
            "missing_value",
            "groups.csv",
            2,
            "title",
            "A group needs a subject or a title. Fill in one of them.",
        ),
    ),
    Case(
        "a consent without a day",
        "native",
        cell("consents.csv", 2, "given_at", ""),
        (
            "missing_value",
            "consents.csv",
            2,
            "given_at",
            "This cell must not be empty. Fill it in.",
        ),
    ),
    Case(
        "a role that there is not",
        "native",
        line("roles.csv", "t1,headmaster,,"),
        (
            "bad_enum",
            "roles.csv",
            5,
            "role",
            (
                "h*** is not one of: student, guardian, teacher, class_teacher, school_admin,"
                " staff, observer. Mind small and capital letters."
            ),
        ),
    ),
    Case(
        "a role with a capital letter",
        "native",
        cell("roles.csv", 4, "role", "Teacher"),
        (
            "bad_enum",
            "roles.csv",
            4,
            "role",
            (
                "T*** is not one of: student, guardian, teacher, class_teacher, school_admin,"
                " staff, observer. Mind small and capital letters."
            ),
        ),
    ),
    Case(
        "a grade beyond any school",
        "native",
        cell("classes.csv", 2, "grade", "14"),
        (
            "bad_enum",
            "classes.csv",
            2,
            "grade",
            "1* is not a grade. Write a whole number from 0 to 13.",
        ),
    ),
    Case(
        "a truth that is neither true nor false",
        "native",
        cell("guardians.csv", 2, "legal", "yes"),
        (
            "bad_enum",
            "guardians.csv",
            2,
            "legal",
            "y* is not one of: true, false. Mind small and capital letters.",
        ),
    ),
    Case(
        "a status that there is not",
        "native",
        cell("people.csv", 4, "status", "gone"),
        (
            "bad_enum",
            "people.csv",
            4,
            "status",
            "g*** is not one of: active, inactive. Mind small and capital letters.",
        ),
    ),
    Case(
        "a day that there is not",
        "native",
        cell("people.csv", 2, "birth_date", "2015-02-30"),
        (
            "bad_date",
            "people.csv",
            2,
            "birth_date",
            "2*** is not a date. Write year-month-day, for example 2026-09-01.",
        ),
    ),
    Case(
        "a day in the Russian order",
        "native",
        cell("memberships.csv", 2, "begin", "01.09.2026"),
        (
            "bad_date",
            "memberships.csv",
            2,
            "begin",
            "0*** is not a date. Write year-month-day, for example 2026-09-01.",
        ),
    ),
    Case(
        "a day of another age",
        "native",
        cell("people.csv", 4, "birth_date", "0985-01-05"),
        (
            "bad_date",
            "people.csv",
            4,
            "birth_date",
            "0*** is not a date. Write year-month-day, for example 2026-09-01.",
        ),
    ),
    Case(
        "an id with a space",
        "native",
        line("people.csv", "p 9,Петров,Иван,,,,,,"),
        (
            "bad_guid",
            "people.csv",
            5,
            "person_id",
            (
                "p* cannot be an id. Use 1 to 255 letters, digits and the characters . / @ _ "
                ": + - only, without spaces."
            ),
        ),
    ),
    Case(
        "external ids without a provider",
        "native",
        cell("people.csv", 3, "external_ids", "77"),
        (
            "bad_guid",
            "people.csv",
            3,
            "external_ids",
            "7* is not of the form provider:id. Several stand with | between.",
        ),
    ),
]


@pytest.mark.parametrize("case", CASES, ids=[case.sentence for case in CASES])
def test_one_change_gives_one_problem(case: Case, tmp_path: Path) -> None:
    prove(case, tmp_path)
