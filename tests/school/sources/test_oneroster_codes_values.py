"""Codes: truths, days, ids and names in OneRoster's tables.

One change to a valid delivery gives one problem.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.school.sources.one_change import Case, prove
from tests.school.sources.tiny_deliveries import (
    cell,
    line,
)

CASES = [
    Case(
        "a truth with a capital letter",
        "1.2",
        cell("users.csv", 4, "enabledUser", "True"),
        (
            "bad_enum",
            "users.csv",
            4,
            "enabledUser",
            "T*** is not one of: true, false. Mind small and capital letters.",
        ),
    ),
    Case(
        "a status that there is not",
        "1.2",
        cell("enrollments.csv", 4, "status", "old"),
        (
            "bad_enum",
            "enrollments.csv",
            4,
            "status",
            ("o* is not one of: active, tobedeleted, inactive. Mind small and capital letters."),
        ),
    ),
    Case(
        "a year of two digits",
        "1.2",
        cell("academicSessions.csv", 3, "schoolYear", "27"),
        (
            "bad_date",
            "academicSessions.csv",
            3,
            "schoolYear",
            "2* is not a year. Write four digits, for example 2027.",
        ),
    ),
    Case(
        "a day that there is not",
        "1.2",
        cell("enrollments.csv", 2, "beginDate", "2026-09-31"),
        (
            "bad_date",
            "enrollments.csv",
            2,
            "beginDate",
            "2*** is not a date. Write year-month-day, for example 2026-09-01.",
        ),
    ),
    Case(
        "a birth date in another order",
        "1.2",
        cell("demographics.csv", 2, "birthDate", "02.03.2015"),
        (
            "bad_date",
            "demographics.csv",
            2,
            "birthDate",
            "0*** is not a date. Write year-month-day, for example 2026-09-01.",
        ),
    ),
    Case(
        "a session without its end",
        "1.2",
        cell("academicSessions.csv", 3, "endDate", ""),
        (
            "missing_value",
            "academicSessions.csv",
            3,
            "endDate",
            "This cell must not be empty. Fill it in.",
        ),
    ),
    Case(
        "an id with a Russian letter",
        "1.2",
        line("users.csv", "у9,,,true,u9,,Вера,Орлова,,,,,,,,,,,,,,"),
        (
            "bad_guid",
            "users.csv",
            5,
            "sourcedId",
            (
                "у* cannot be an id. Use 1 to 255 Latin letters, digits and the characters . "
                "/ @ _ - only, without spaces."
            ),
        ),
    ),
    Case(
        "an enrolment id with a space",
        "1.2",
        cell("enrollments.csv", 2, "sourcedId", "e 1"),
        (
            "bad_guid",
            "enrollments.csv",
            2,
            "sourcedId",
            (
                "e* cannot be an id. Use 1 to 255 Latin letters, digits and the characters . "
                "/ @ _ - only, without spaces."
            ),
        ),
    ),
    Case(
        "user ids without braces",
        "1.2",
        cell("users.csv", 4, "userIds", "esia:77"),
        (
            "bad_guid",
            "users.csv",
            4,
            "userIds",
            "e*** is not of the form {type:id}. Several stand with commas between.",
        ),
    ),
    Case(
        "a name that is a formula",
        "1.1",
        cell("users.csv", 4, "givenName", "=1+1"),
        (
            "formula_in_name",
            "users.csv",
            4,
            "givenName",
            (
                "=*** begins like a spreadsheet formula. A name cannot begin with =: enter "
                "the name itself."
            ),
        ),
    ),
    Case(
        "a name with a control character",
        "1.2",
        cell("users.csv", 4, "givenName", "Ве\x1bра"),
        (
            "control_character",
            "users.csv",
            4,
            "givenName",
            "В*** holds an invisible control character. Type the text anew.",
        ),
    ),
    Case(
        "a space after a name",
        "1.2",
        cell("users.csv", 4, "familyName", "Орлова "),
        (
            "trailing_space",
            "users.csv",
            4,
            "familyName",
            "A space stands before or after the value. It was left out; remove it.",
        ),
    ),
]


@pytest.mark.parametrize("case", CASES, ids=[case.sentence for case in CASES])
def test_one_change_gives_one_problem(case: Case, tmp_path: Path) -> None:
    prove(case, tmp_path)
