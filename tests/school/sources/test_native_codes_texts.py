"""Codes: names that are none, ids and references, periods, in native tables.

One change to a valid delivery gives one problem.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.school.sources.one_change import Case, prove
from tests.school.sources.tiny_deliveries import (
    both,
    cell,
    line,
    swap,
)

CASES = [
    Case(
        "a name that is a formula",
        "native",
        cell("people.csv", 2, "given_name", "=HYPERLINK(1)"),
        (
            "formula_in_name",
            "people.csv",
            2,
            "given_name",
            (
                "=****** begins like a spreadsheet formula. A name cannot begin with =: enter"
                " the name itself."
            ),
        ),
    ),
    Case(
        "a family name that begins with an at sign",
        "native",
        cell("people.csv", 3, "family_name", "@SUM(A1)"),
        (
            "formula_in_name",
            "people.csv",
            3,
            "family_name",
            (
                "@*** begins like a spreadsheet formula. A name cannot begin with @: enter "
                "the name itself."
            ),
        ),
    ),
    Case(
        "a class whose label begins with a plus",
        "native",
        cell("classes.csv", 2, "label", "+7"),
        (
            "formula_in_name",
            "classes.csv",
            2,
            "label",
            (
                "+* begins like a spreadsheet formula. A name cannot begin with +: enter the "
                "name itself."
            ),
        ),
    ),
    Case(
        "a name written from right to left",
        "native",
        cell("people.csv", 2, "given_name", "Анна\u202e"),
        (
            "control_character",
            "people.csv",
            2,
            "given_name",
            "А*** holds an invisible control character. Type the text anew.",
        ),
    ),
    Case(
        "a name with a line break in it",
        "native",
        swap("people.csv", "Вера", '"Ве\nра"'),
        (
            "control_character",
            "people.csv",
            4,
            "given_name",
            "В*** holds an invisible control character. Type the text anew.",
        ),
    ),
    Case(
        "a person who stands twice",
        "native",
        line("people.csv", "t1,Орлова,Вера,,,,,,"),
        (
            "duplicate_id",
            "people.csv",
            5,
            "person_id",
            "t* stands in row 4 already. Every id may stand once.",
        ),
    ),
    Case(
        "a class that stands twice",
        "native",
        line("classes.csv", "5a,5А,5,"),
        (
            "duplicate_id",
            "classes.csv",
            3,
            "class_id",
            "5* stands in row 2 already. Every id may stand once.",
        ),
    ),
    Case(
        "a group with the id of a class",
        "native",
        line("groups.csv", "5a,5a,Физика,"),
        (
            "duplicate_id",
            "groups.csv",
            3,
            "group_id",
            "5* is the id of a class already. Give the group another id.",
        ),
    ),
    Case(
        "a role of nobody",
        "native",
        line("roles.csv", "x9,student,,"),
        (
            "dangling_ref",
            "roles.csv",
            5,
            "person_id",
            "x* stands in no row of people.csv. Correct the id, or add the row.",
        ),
    ),
    Case(
        "a membership of nobody",
        "native",
        line("memberships.csv", "x9,5a,student,,"),
        (
            "dangling_ref",
            "memberships.csv",
            6,
            "person_id",
            "x* stands in no row of people.csv. Correct the id, or add the row.",
        ),
    ),
    Case(
        "a membership of a class that there is not",
        "native",
        line("memberships.csv", "t1,9z,teacher,,"),
        (
            "dangling_ref",
            "memberships.csv",
            6,
            "class_or_group_id",
            ("9* stands in no row of classes.csv, groups.csv. Correct the id, or add the row."),
        ),
    ),
    Case(
        "a group of a class that there is not",
        "native",
        cell("groups.csv", 2, "class_ids", "5a|9z"),
        (
            "dangling_ref",
            "groups.csv",
            2,
            "class_ids",
            "9* stands in no row of classes.csv. Correct the id, or add the row.",
        ),
    ),
    Case(
        "a guardian who is nobody",
        "native",
        line("guardians.csv", "s1,x9,mother,true,true"),
        (
            "dangling_ref",
            "guardians.csv",
            3,
            "guardian_id",
            "x* stands in no row of people.csv. Correct the id, or add the row.",
        ),
    ),
    Case(
        "a guardian of nobody",
        "native",
        line("guardians.csv", "x9,g1,mother,true,true"),
        (
            "dangling_ref",
            "guardians.csv",
            3,
            "student_id",
            "x* stands in no row of people.csv. Correct the id, or add the row.",
        ),
    ),
    Case(
        "a consent for nobody",
        "native",
        line("consents.csv", "x9,photo,1,g1,2026-08-20,"),
        (
            "dangling_ref",
            "consents.csv",
            3,
            "person_id",
            "x* stands in no row of people.csv. Correct the id, or add the row.",
        ),
    ),
    Case(
        "a consent given by nobody",
        "native",
        line("consents.csv", "s1,photo,1,x9,2026-08-20,"),
        (
            "dangling_ref",
            "consents.csv",
            3,
            "given_by",
            "x* stands in no row of people.csv. Correct the id, or add the row.",
        ),
    ),
    Case(
        "a membership that ends before it begins",
        "native",
        cell("memberships.csv", 2, "end", "2026-08-31"),
        (
            "end_before_begin",
            "memberships.csv",
            2,
            "end",
            "This day lies before the first one. Correct one of them.",
        ),
    ),
    Case(
        "a role that ends before it begins",
        "native",
        cell("roles.csv", 4, "end", "2020-08-31"),
        (
            "end_before_begin",
            "roles.csv",
            4,
            "end",
            "This day lies before the first one. Correct one of them.",
        ),
    ),
    Case(
        "a consent withdrawn before it was given",
        "native",
        both(line("consents.csv", "s1,photo,1,g1,2026-08-20,2026-08-19")),
        (
            "end_before_begin",
            "consents.csv",
            3,
            "withdrawn_at",
            "This day lies before the first one. Correct one of them.",
        ),
    ),
    Case(
        "a space before a name",
        "native",
        cell("people.csv", 2, "family_name", " Иванова"),
        (
            "trailing_space",
            "people.csv",
            2,
            "family_name",
            "A space stands before or after the value. It was left out; remove it.",
        ),
    ),
    Case(
        "a space after a reference",
        "native",
        cell("roles.csv", 3, "person_id", "g1 "),
        (
            "trailing_space",
            "roles.csv",
            3,
            "person_id",
            "A space stands before or after the value. It was left out; remove it.",
        ),
    ),
    Case(
        "a space that does not break",
        "native",
        cell("people.csv", 2, "given_name", "Анна\xa0"),
        (
            "trailing_space",
            "people.csv",
            2,
            "given_name",
            "A space stands before or after the value. It was left out; remove it.",
        ),
    ),
]


@pytest.mark.parametrize("case", CASES, ids=[case.sentence for case in CASES])
def test_one_change_gives_one_problem(case: Case, tmp_path: Path) -> None:
    prove(case, tmp_path)
