"""Codes: what may stand in a row of OneRoster's tables.

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
        "a row with a cell too few",
        "1.2",
        line("enrollments.csv", "e9,,,5a,17,s1,student,,"),
        (
            "row_width",
            "enrollments.csv",
            6,
            "",
            (
                "This row has 9 cells and the header 10. Look for a comma or a quote too many"
                " or too few."
            ),
        ),
    ),
    Case(
        "a user whose row has a cell too many",
        "1.2",
        swap("users.csv", "Вера,Орлова,", "Вера,Орлова,,"),
        (
            "row_width",
            "users.csv",
            4,
            "",
            (
                "This row has 23 cells and the header 22. Look for a comma or a quote too "
                "many or too few."
            ),
        ),
    ),
    Case(
        "a user without a given name",
        "1.2",
        cell("users.csv", 2, "givenName", ""),
        ("missing_value", "users.csv", 2, "givenName", "This cell must not be empty. Fill it in."),
    ),
    Case(
        "a user without a login",
        "1.1",
        cell("users.csv", 2, "username", ""),
        ("missing_value", "users.csv", 2, "username", "This cell must not be empty. Fill it in."),
    ),
    Case(
        "an enrolment without a school",
        "1.2",
        cell("enrollments.csv", 4, "schoolSourcedId", ""),
        (
            "missing_value",
            "enrollments.csv",
            4,
            "schoolSourcedId",
            "This cell must not be empty. Fill it in.",
        ),
    ),
    Case(
        "a class without terms",
        "1.2",
        cell("classes.csv", 3, "termSourcedIds", ""),
        (
            "missing_value",
            "classes.csv",
            3,
            "termSourcedIds",
            "This cell must not be empty. Fill it in.",
        ),
    ),
    Case(
        "a session of no known type",
        "1.2",
        cell("academicSessions.csv", 3, "type", "quarter"),
        (
            "bad_enum",
            "academicSessions.csv",
            3,
            "type",
            (
                "q*** is not one of: gradingPeriod, semester, schoolYear, term. Mind small "
                "and capital letters."
            ),
        ),
    ),
    Case(
        "an organisation of no known type",
        "1.2",
        cell("orgs.csv", 2, "type", "region"),
        (
            "bad_enum",
            "orgs.csv",
            2,
            "type",
            (
                "r*** is not one of: department, school, district, local, state, national. "
                "Mind small and capital letters."
            ),
        ),
    ),
    Case(
        "a class of no known type",
        "1.2",
        cell("classes.csv", 3, "classType", "lesson"),
        (
            "bad_enum",
            "classes.csv",
            3,
            "classType",
            "l*** is not one of: homeroom, scheduled. Mind small and capital letters.",
        ),
    ),
    Case(
        "an enrolment in no known role",
        "1.2",
        cell("enrollments.csv", 4, "role", "pupil"),
        (
            "bad_enum",
            "enrollments.csv",
            4,
            "role",
            (
                "p*** is not one of: administrator, proctor, student, teacher. Mind small and"
                " capital letters."
            ),
        ),
    ),
    Case(
        "a user in a role of the other version",
        "1.1",
        cell("users.csv", 4, "role", "principal"),
        (
            "bad_enum",
            "users.csv",
            4,
            "role",
            (
                "p*** is not one of: administrator, aide, guardian, parent, proctor, "
                "relative, student, teacher. Mind small and capital letters."
            ),
        ),
    ),
    Case(
        "a role of the other version",
        "1.2",
        cell("roles.csv", 4, "role", "administrator"),
        (
            "bad_enum",
            "roles.csv",
            4,
            "role",
            (
                "a****** is not one of: aide, counselor, districtAdministrator, guardian, "
                "parent, principal, proctor, relative, siteAdministrator, student, "
                "systemAdministrator, teacher. Mind small and capital letters."
            ),
        ),
    ),
    Case(
        "a role neither primary nor secondary",
        "1.2",
        cell("roles.csv", 4, "roleType", "third"),
        (
            "bad_enum",
            "roles.csv",
            4,
            "roleType",
            "t*** is not one of: primary, secondary. Mind small and capital letters.",
        ),
    ),
]


@pytest.mark.parametrize("case", CASES, ids=[case.sentence for case in CASES])
def test_one_change_gives_one_problem(case: Case, tmp_path: Path) -> None:
    prove(case, tmp_path)
