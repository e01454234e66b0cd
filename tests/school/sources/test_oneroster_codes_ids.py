"""Codes: ids that stand twice in OneRoster's tables, and references that lead nowhere.

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
        "an enrolment that stands twice",
        "1.2",
        line("enrollments.csv", "e4,,,alg,17,t1,teacher,,,"),
        (
            "duplicate_id",
            "enrollments.csv",
            6,
            "sourcedId",
            "e* stands in another row already. Every id may stand once.",
        ),
    ),
    Case(
        "a user who stands twice",
        "1.1",
        line("users.csv", "t1,,,true,17,teacher,t1,,Вера,Орлова,Ильинична,,,,,,,"),
        (
            "duplicate_id",
            "users.csv",
            5,
            "sourcedId",
            "t* stands in another row already. Every id may stand once.",
        ),
    ),
    Case(
        "a class that stands twice",
        "1.2",
        line("classes.csv", "alg,,,Алгебра 5А,05,c1,,scheduled,,17,y27,,,"),
        (
            "duplicate_id",
            "classes.csv",
            4,
            "sourcedId",
            "a* stands in another row already. Every id may stand once.",
        ),
    ),
    Case(
        "an organisation that stands twice",
        "1.2",
        line("orgs.csv", "17,,,School 17,school,,d1"),
        (
            "duplicate_id",
            "orgs.csv",
            4,
            "sourcedId",
            "1* stands in another row already. Every id may stand once.",
        ),
    ),
    Case(
        "a session that stands twice",
        "1.2",
        line("academicSessions.csv", "q1,,,Quarter 1,term,2026-09-01,2026-11-01,y27,2027"),
        (
            "duplicate_id",
            "academicSessions.csv",
            4,
            "sourcedId",
            "q* stands in another row already. Every id may stand once.",
        ),
    ),
    Case(
        "a course that stands twice",
        "1.2",
        line("courses.csv", "c1,,,y27,Алгебра,,5,17,Алгебра,"),
        (
            "duplicate_id",
            "courses.csv",
            4,
            "sourcedId",
            "c* stands in another row already. Every id may stand once.",
        ),
    ),
    Case(
        "a role that stands twice",
        "1.2",
        line("roles.csv", "r3,,,t1,secondary,teacher,,,17,"),
        (
            "duplicate_id",
            "roles.csv",
            5,
            "sourcedId",
            "r* stands in another row already. Every id may stand once.",
        ),
    ),
    Case(
        "a birth date that stands twice",
        "1.2",
        line("demographics.csv", "s1,,,2015-03-02,"),
        (
            "duplicate_id",
            "demographics.csv",
            4,
            "sourcedId",
            "s* stands in another row already. Every id may stand once.",
        ),
    ),
    Case(
        "an enrolment of nobody",
        "1.2",
        cell("enrollments.csv", 4, "userSourcedId", "x9"),
        (
            "dangling_ref",
            "enrollments.csv",
            4,
            "userSourcedId",
            "x* stands in no row of users.csv. Correct the id, or add the row.",
        ),
    ),
    Case(
        "an enrolment in no class",
        "1.2",
        cell("enrollments.csv", 5, "classSourcedId", "x9"),
        (
            "dangling_ref",
            "enrollments.csv",
            5,
            "classSourcedId",
            "x* stands in no row of classes.csv. Correct the id, or add the row.",
        ),
    ),
    Case(
        "an enrolment in no school",
        "1.2",
        cell("enrollments.csv", 4, "schoolSourcedId", "x9"),
        (
            "dangling_ref",
            "enrollments.csv",
            4,
            "schoolSourcedId",
            "x* stands in no row of orgs.csv. Correct the id, or add the row.",
        ),
    ),
    Case(
        "a class of no school",
        "1.2",
        cell("classes.csv", 3, "schoolSourcedId", "x9"),
        (
            "dangling_ref",
            "classes.csv",
            3,
            "schoolSourcedId",
            "x* stands in no row of orgs.csv. Correct the id, or add the row.",
        ),
    ),
    Case(
        "a class of a district",
        "1.2",
        cell("classes.csv", 3, "schoolSourcedId", "d1"),
        (
            "dangling_ref",
            "classes.csv",
            3,
            "schoolSourcedId",
            "d* is no school and belongs to none. Name the school of the class.",
        ),
    ),
]


@pytest.mark.parametrize("case", CASES, ids=[case.sentence for case in CASES])
def test_one_change_gives_one_problem(case: Case, tmp_path: Path) -> None:
    prove(case, tmp_path)
