"""The case before the rules: a roster, the day, and what several rules ask, looked up once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from appservice.school.model import (
    Guardianship,
    MemberRole,
    Membership,
    Person,
    Role,
    Roster,
)
from appservice.school.problem import Problem, Severity
from appservice.school.settings import RosterRules, Strictness

Kind = Literal[
    "schools", "people", "roles", "classes", "groups", "memberships", "guardianships", "consents"
]

ADULT = 18  # years: needs no guardian, may be one
SIGNS_TOO = 14  # years: from here on a student's own consent is needed beside the guardian's


@dataclass(frozen=True, slots=True)
class Case:
    """`students`, and the members of each class and group, are those of today and of any later day.

    People whom the roster calls inactive are nobody's student, guardian or teacher.
    """

    roster: Roster
    rules: RosterRules
    today: date
    students: Mapping[str, Person]
    guardians: Mapping[str, tuple[Guardianship, ...]]  # by student
    members: Mapping[str, tuple[Membership, ...]]  # by class: students and class teachers
    in_use: frozenset[str]  # groups with a member who is more than their teacher
    finished: frozenset[str]  # classes and groups whose members have all left
    guardians_known: bool  # whether the delivery says anything about guardians
    consents_known: bool

    def problem(
        self, code: str, severity: Severity, kind: Kind, row: int, field: str, message: str
    ) -> Problem:
        roster = self.roster
        column = roster.columns.get((kind, field), field)
        return Problem(code, severity, roster.files.get(kind, ""), row, column, message)


def severity_of(strictness: Strictness) -> Severity | None:
    """How a rule that the school may soften is reported; None when it is off."""
    return None if strictness == "off" else Severity(strictness)


def years_old(birth: date, day: date) -> int:
    """Full years of age; who was born on 29 February comes of age on 1 March."""
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))


def overlap(one: Membership, other: Membership) -> bool:
    """Whether two memberships are in force on a common day."""
    return (one.begin is None or other.end is None or one.begin < other.end) and (
        other.begin is None or one.end is None or other.begin < one.end
    )


def open_case(roster: Roster, rules: RosterRules, today: date) -> Case:
    people = roster.people
    inactive = {person_id for person_id, person in people.items() if not person.active}
    student_ids = {
        role.person_id
        for role in roster.roles
        if role.role is Role.STUDENT and (role.end is None or role.end > today)
    }
    classes = roster.classes
    members: dict[str, list[Membership]] = {}
    ever: set[str] = set()
    now: set[str] = set()
    in_use: set[str] = set()
    student, class_teacher, teacher = (
        MemberRole.STUDENT,
        MemberRole.CLASS_TEACHER,
        MemberRole.TEACHER,
    )
    # Up to half a million times: nothing in here is done twice.
    for membership in roster.memberships:
        person_id, target_id, role, _begin, end, _row = membership
        if end is not None and end <= today:
            ever.add(target_id)
            continue
        if person_id in inactive:
            continue
        now.add(target_id)
        if role is student:
            in_use.add(target_id)
            if target_id in classes:
                student_ids.add(person_id)
                members.setdefault(target_id, []).append(membership)
        elif role is class_teacher:
            members.setdefault(target_id, []).append(membership)
        elif role is not teacher:
            in_use.add(target_id)
    guardians: dict[str, list[Guardianship]] = {}
    for guardianship in roster.guardianships:
        over = guardianship.end is not None and guardianship.end <= today
        if not over and guardianship.guardian_id not in inactive:
            guardians.setdefault(guardianship.student_id, []).append(guardianship)
    files = roster.files
    return Case(
        roster=roster,
        rules=rules,
        today=today,
        students={
            person_id: people[person_id]
            for person_id in sorted(student_ids - inactive)
            if person_id in people
        },
        guardians={student_id: tuple(found) for student_id, found in guardians.items()},
        members={class_id: tuple(found) for class_id, found in members.items()},
        in_use=frozenset(in_use),
        finished=frozenset(ever - now),
        # In OneRoster guardians are a column of the users: no row means that nobody fills it.
        guardians_known=bool(roster.guardianships)
        or ("guardianships" in files and files["guardianships"] != files.get("people")),
        consents_known=bool(roster.consents) or "consents" in files,
    )
