"""Codes: what OneRoster asks of organisations, periods, teachers and agents.

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
        "an organisation below itself",
        "1.2",
        cell("orgs.csv", 2, "parentSourcedId", "17"),
        (
            "org_cycle",
            "orgs.csv",
            2,
            "parentSourcedId",
            "d* stands below itself. Correct which organisation it belongs to.",
        ),
    ),
    Case(
        "an enrolment that ends before it begins",
        "1.2",
        cell("enrollments.csv", 2, "endDate", "2026-08-31"),
        (
            "end_before_begin",
            "enrollments.csv",
            2,
            "endDate",
            "This day lies before the first one. Correct one of them.",
        ),
    ),
    Case(
        "a role that ends before it begins",
        "1.2",
        cell("roles.csv", 4, "endDate", "2020-08-31"),
        (
            "end_before_begin",
            "roles.csv",
            4,
            "endDate",
            "This day lies before the first one. Correct one of them.",
        ),
    ),
    Case(
        "a session that ends before it begins",
        "1.2",
        cell("academicSessions.csv", 3, "endDate", "2026-08-31"),
        (
            "end_before_begin",
            "academicSessions.csv",
            3,
            "endDate",
            "This day lies before the first one. Correct one of them.",
        ),
    ),
    Case(
        "two primary teachers of a homeroom",
        "1.2",
        both(
            line("users.csv", "t2,,,true,t2,,Ольга,Белова,,,,,,,,,,,,,17,"),
            line("roles.csv", "r4,,,t2,primary,teacher,,,17,"),
            line("enrollments.csv", "e9,,,5a,17,t2,teacher,true,,"),
        ),
        (
            "two_primary_teachers",
            "enrollments.csv",
            6,
            "primary",
            (
                "This class has a primary teacher already at that time. Make one of them not "
                "primary."
            ),
        ),
    ),
    Case(
        "two primary roles in one school",
        "1.2",
        line("roles.csv", "r4,,,t1,primary,aide,,,17,"),
        (
            "two_primary_roles",
            "roles.csv",
            5,
            "roleType",
            ("This person has a primary role in this organisation already. Make one secondary."),
        ),
    ),
    Case(
        "a teacher as the agent of a student",
        "1.1",
        swap("users.csv", ",,,,,g1,05", ',,,,,"g1,t1",05'),
        (
            "teacher_as_agent",
            "users.csv",
            2,
            "agentSourcedIds",
            (
                "t* is no agent for this person: agents are students' guardians, parents and "
                "relatives (here: teacher). Remove the id, or give the agent such a role."
            ),
        ),
    ),
    Case(
        "a teacher who is also a guardian, as one who is neither's agent",
        "1.2",
        cell("users.csv", 4, "agentSourcedIds", "s1"),
        (
            "teacher_as_agent",
            "users.csv",
            4,
            "agentSourcedIds",
            (
                "s* is no agent for this person: agents are students' guardians, parents and "
                "relatives (here: teacher). Remove the id, or give the agent such a role."
            ),
        ),
    ),
    Case(
        "a teacher and a student who name each other",
        "1.2",
        both(
            swap("users.csv", ",,,,,g1,05", ',,,,,"g1,t1",05'),
            cell("users.csv", 4, "agentSourcedIds", "s1"),
        ),
        (
            "teacher_as_agent",
            "users.csv",
            2,
            "agentSourcedIds",
            (
                "t* is no agent for this person: agents are students' guardians, parents and "
                "relatives (here: teacher). Remove the id, or give the agent such a role."
            ),
        ),
    ),
    Case(
        "a guardian who does not name the student",
        "1.1",
        swap("users.csv", "+79990000001,,s1,,", "+79990000001,,,,"),
        (
            "agent_not_reciprocal",
            "users.csv",
            2,
            "agentSourcedIds",
            (
                "g* is named here but does not name this person in return. Enter the id in "
                "both rows, or in neither."
            ),
        ),
    ),
    Case(
        "a student who does not name the guardian",
        "1.2",
        cell("users.csv", 2, "agentSourcedIds", ""),
        (
            "agent_not_reciprocal",
            "users.csv",
            3,
            "agentSourcedIds",
            (
                "s* is named here but does not name this person in return. Enter the id in "
                "both rows, or in neither."
            ),
        ),
    ),
    Case(
        "a role that extends the standard",
        "1.2",
        line("roles.csv", "r4,,,t1,secondary,ext:librarian,,,17,"),
        (
            "unknown_metadata",
            "roles.csv",
            5,
            "role",
            "We do not know the role ext:librarian. It gives no right in any room.",
        ),
    ),
    Case(
        "a status where none belongs",
        "1.1",
        cell("enrollments.csv", 4, "status", "active"),
        (
            "filled_status_in_bulk",
            "enrollments.csv",
            4,
            "status",
            (
                "In a bulk file status and dateLastModified stay empty (rows where they are "
                "filled: 1). Rows marked as deleted or inactive were left out."
            ),
        ),
    ),
    Case(
        "a time where none belongs",
        "1.2",
        cell("users.csv", 2, "dateLastModified", "2026-09-01"),
        (
            "filled_status_in_bulk",
            "users.csv",
            2,
            "dateLastModified",
            (
                "In a bulk file status and dateLastModified stay empty (rows where they are "
                "filled: 1). Rows marked as deleted or inactive were left out."
            ),
        ),
    ),
]


@pytest.mark.parametrize("case", CASES, ids=[case.sentence for case in CASES])
def test_one_change_gives_one_problem(case: Case, tmp_path: Path) -> None:
    prove(case, tmp_path)
