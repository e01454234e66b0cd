"""A school of two classes with nothing wrong in it, and ways to change one thing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any, Literal

from appservice.school.fingerprint import Fingerprint
from appservice.school.model import (
    Consent,
    Guardianship,
    MemberRole,
    Membership,
    Person,
    Role,
    RoleAssignment,
    Roster,
    School,
    SchoolClass,
    TeachingGroup,
)
from appservice.school.problem import Problem
from appservice.school.rules.judge import judge_people
from appservice.school.settings import RosterRules

TODAY = date(2026, 11, 23)

Relation = Membership | Guardianship | Consent
Relations = Literal["memberships", "guardianships", "consents"]

ANNA, BORIS = "s1", "s2"  # 11 and 15 years old
ANNAS_MOTHER, ANNAS_FATHER, BORIS_MOTHER = "m1", "f1", "m2"
TEACHER, COLLEAGUE = "t1", "t2"


def _people(*people: Person) -> dict[str, Person]:
    return {person.person_id: person for person in people}


TINY = Roster(
    schools=(School("school17", "Школа № 17", year="2026/2027", row=1),),
    people=_people(
        Person(
            ANNA,
            "Иванова",
            "Анна",
            "Петровна",
            date(2015, 5, 1),
            "a@example.org",
            "+79990000001",
            row=2,
        ),
        Person(
            BORIS, "Петров", "Борис", "", date(2011, 3, 1), "b@example.org", "+79990000002", row=3
        ),
        Person(
            ANNAS_MOTHER,
            "Иванова",
            "Ольга",
            "",
            date(1985, 2, 2),
            "m@example.org",
            "+79990000003",
            row=4,
        ),
        Person(ANNAS_FATHER, "Иванов", "Пётр", "", date(1983, 2, 2), row=5),
        Person(BORIS_MOTHER, "Петрова", "Мария", row=6),
        Person(TEACHER, "Сидорова", "Елена", "Ильинична", date(1979, 9, 9), "t@example.org", row=7),
        Person(COLLEAGUE, "O'Brien-Smith", "Mary Ann", row=8),
    ),
    roles=(
        RoleAssignment(ANNA, "school17", Role.STUDENT, row=2),
        RoleAssignment(BORIS, "school17", Role.STUDENT, row=3),
        RoleAssignment(ANNAS_MOTHER, "school17", Role.GUARDIAN, row=4),
        RoleAssignment(ANNAS_FATHER, "school17", Role.GUARDIAN, row=5),
        RoleAssignment(BORIS_MOTHER, "school17", Role.GUARDIAN, row=6),
        RoleAssignment(TEACHER, "school17", Role.TEACHER, row=7),
        RoleAssignment(COLLEAGUE, "school17", Role.TEACHER, row=8),
    ),
    classes={
        "c5": SchoolClass("c5", "school17", "5А", 5, "2026/2027", row=2),
        "c9": SchoolClass("c9", "school17", "9Б", 9, "2026/2027", row=3),
    },
    groups={
        "g1": TeachingGroup("g1", "school17", ("c5",), "Математика", "Математика 5А", row=2),
        "g2": TeachingGroup("g2", "school17", (), "", "Хор", row=3),
    },
    memberships=(
        Membership(TEACHER, "c5", MemberRole.CLASS_TEACHER, row=2),
        Membership(ANNA, "c5", MemberRole.STUDENT, row=3),
        Membership(COLLEAGUE, "c9", MemberRole.CLASS_TEACHER, row=4),
        Membership(BORIS, "c9", MemberRole.STUDENT, row=5),
        Membership(TEACHER, "g1", MemberRole.TEACHER, row=6),
        Membership(ANNA, "g1", MemberRole.STUDENT, row=7),
        Membership(BORIS, "g2", MemberRole.STUDENT, row=8),
    ),
    guardianships=(
        Guardianship(ANNA, ANNAS_MOTHER, "mother", row=2),
        Guardianship(ANNA, ANNAS_FATHER, "father", row=3),
        Guardianship(BORIS, BORIS_MOTHER, "mother", row=4),
    ),
    consents=(
        Consent(ANNA, "data_processing", "1", ANNAS_MOTHER, date(2026, 9, 1), row=2),
        Consent(BORIS, "data_processing", "1", BORIS_MOTHER, date(2026, 9, 1), row=3),
        Consent(BORIS, "data_processing", "1", BORIS, date(2026, 9, 1), row=4),
    ),
    files={
        "schools": "school.yaml",
        "people": "people.csv",
        "roles": "roles.csv",
        "classes": "classes.csv",
        "groups": "groups.csv",
        "memberships": "memberships.csv",
        "guardianships": "guardians.csv",
        "consents": "consents.csv",
    },
    columns={("memberships", "target_id"): "class_or_group_id"},
)


def judged(
    roster: Roster,
    *,
    today: date = TODAY,
    known: Mapping[str, Fingerprint] | None = None,
    **rules: Any,
) -> list[Problem]:
    return judge_people(roster, RosterRules(**rules), today=today, known=known or {})


def with_person(person_id: str, roster: Roster = TINY, **changes: Any) -> Roster:
    person = roster.people[person_id]._replace(**changes)
    return replace(roster, people={**roster.people, person_id: person})


def with_class(class_id: str, roster: Roster = TINY, **changes: Any) -> Roster:
    school_class = roster.classes[class_id]._replace(**changes)
    return replace(roster, classes={**roster.classes, class_id: school_class})


def with_row(table: Relations, row: int, roster: Roster = TINY, **changes: Any) -> Roster:
    """One row changed."""
    rows = _rows(table, roster)
    assert any(one.row == row for one in rows)
    return _with(
        table, roster, [one._replace(**changes) if one.row == row else one for one in rows]
    )


def without_row(table: Relations, row: int, roster: Roster = TINY) -> Roster:
    rows = _rows(table, roster)
    assert any(one.row == row for one in rows)
    return _with(table, roster, [one for one in rows if one.row != row])


def with_one_more(table: Relations, one: Relation, roster: Roster = TINY) -> Roster:
    return _with(table, roster, [*_rows(table, roster), one])


def _rows(table: Relations, roster: Roster) -> list[Relation]:
    return list(getattr(roster, table))


def _with(table: Relations, roster: Roster, rows: list[Relation]) -> Roster:
    changed: dict[str, Any] = {table: tuple(rows)}
    return replace(roster, **changed)
