"""Codes: what OneRoster's classes, courses, terms and roles refer to.

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
    whole,
)

CASES = [
    Case(
        "a class of no course",
        "1.2",
        cell("classes.csv", 3, "courseSourcedId", "x9"),
        (
            "dangling_ref",
            "classes.csv",
            3,
            "courseSourcedId",
            "x* stands in no row of courses.csv. Correct the id, or add the row.",
        ),
    ),
    Case(
        "a class of no term",
        "1.2",
        cell("classes.csv", 3, "termSourcedIds", "x9"),
        (
            "dangling_ref",
            "classes.csv",
            3,
            "termSourcedIds",
            "x* stands in no row of academicSessions.csv. Correct the id, or add the row.",
        ),
    ),
    Case(
        "a course of no year",
        "1.2",
        cell("courses.csv", 3, "schoolYearSourcedId", "x9"),
        (
            "dangling_ref",
            "courses.csv",
            3,
            "schoolYearSourcedId",
            "x* stands in no row of academicSessions.csv. Correct the id, or add the row.",
        ),
    ),
    Case(
        "a course of no organisation",
        "1.2",
        cell("courses.csv", 3, "orgSourcedId", "x9"),
        (
            "dangling_ref",
            "courses.csv",
            3,
            "orgSourcedId",
            "x* stands in no row of orgs.csv. Correct the id, or add the row.",
        ),
    ),
    Case(
        "a session below no other",
        "1.2",
        cell("academicSessions.csv", 3, "parentSourcedId", "x9"),
        (
            "dangling_ref",
            "academicSessions.csv",
            3,
            "parentSourcedId",
            "x* stands in no row of academicSessions.csv. Correct the id, or add the row.",
        ),
    ),
    Case(
        "an organisation below no other",
        "1.2",
        cell("orgs.csv", 3, "parentSourcedId", "x9"),
        (
            "dangling_ref",
            "orgs.csv",
            3,
            "parentSourcedId",
            "x* stands in no row of orgs.csv. Correct the id, or add the row.",
        ),
    ),
    Case(
        "a user of no organisation",
        "1.1",
        cell("users.csv", 4, "orgSourcedIds", "x9"),
        (
            "dangling_ref",
            "users.csv",
            4,
            "orgSourcedIds",
            "x* stands in no row of orgs.csv. Correct the id, or add the row.",
        ),
    ),
    Case(
        "a user whose first organisation is not there",
        "1.2",
        cell("users.csv", 4, "primaryOrgSourcedId", "x9"),
        (
            "dangling_ref",
            "users.csv",
            4,
            "primaryOrgSourcedId",
            "x* stands in no row of orgs.csv. Correct the id, or add the row.",
        ),
    ),
    Case(
        "a role of nobody",
        "1.2",
        line("roles.csv", "r9,,,x9,primary,aide,,,17,"),
        (
            "dangling_ref",
            "roles.csv",
            5,
            "userSourcedId",
            "x* stands in no row of users.csv. Correct the id, or add the row.",
        ),
    ),
    Case(
        "a role in no organisation",
        "1.2",
        cell("roles.csv", 4, "orgSourcedId", "x9"),
        (
            "dangling_ref",
            "roles.csv",
            4,
            "orgSourcedId",
            "x* stands in no row of orgs.csv. Correct the id, or add the row.",
        ),
    ),
    Case(
        "a role with a profile that is not there",
        "1.2",
        both(
            cell("roles.csv", 4, "userProfileSourcedId", "x9"),
            swap("manifest.csv", "file.userProfiles,absent", "file.userProfiles,bulk"),
            whole("userProfiles.csv", "sourcedId,status\np1,\n"),
        ),
        (
            "dangling_ref",
            "roles.csv",
            4,
            "userProfileSourcedId",
            "x* stands in no row of userProfiles.csv. Correct the id, or add the row.",
        ),
    ),
    Case(
        "a birth date of nobody",
        "1.2",
        line("demographics.csv", "x9,,,2015-03-02,"),
        (
            "dangling_ref",
            "demographics.csv",
            4,
            "sourcedId",
            "x* stands in no row of users.csv. Correct the id, or add the row.",
        ),
    ),
    Case(
        "an agent who is nobody",
        "1.2",
        swap("users.csv", ",,,,,g1,05", ',,,,,"g1,x9",05'),
        (
            "dangling_ref",
            "users.csv",
            2,
            "agentSourcedIds",
            "x* stands in no row of users.csv. Correct the id, or add the row.",
        ),
    ),
]


@pytest.mark.parametrize("case", CASES, ids=[case.sentence for case in CASES])
def test_one_change_gives_one_problem(case: Case, tmp_path: Path) -> None:
    prove(case, tmp_path)
