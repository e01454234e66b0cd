"""What remains of a roster when the operator tolerates its errors: the people and classes concerned
stay as they were.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace

from appservice.school.model import (
    Consent,
    Guardianship,
    Membership,
    Person,
    RoleAssignment,
    Roster,
    School,
    SchoolClass,
    TeachingGroup,
)
from appservice.school.problem import Problem

Entity = (
    School
    | Person
    | RoleAssignment
    | SchoolClass
    | TeachingGroup
    | Membership
    | Guardianship
    | Consent
)
Where = tuple[str, int]  # file, row


def concerned(roster: Roster, problems: Iterable[Problem]) -> dict[Where, frozenset[str]]:
    """Where the problems stand → the ids of the people, classes and groups in those rows."""
    wanted: dict[str, set[int]] = {}
    for problem in problems:
        if problem.row:
            wanted.setdefault(problem.file, set()).add(problem.row)
    found: dict[Where, frozenset[str]] = {}
    for kind, entities in _kinds(roster).items():
        file = roster.files.get(kind, "")
        rows = wanted.get(file)
        if not rows:
            continue
        for entity in entities:
            if entity.row in rows:
                where = (file, entity.row)
                found[where] = found.get(where, frozenset()) | _ids(entity)
    return found


def without(roster: Roster, held: Collection[str]) -> tuple[Roster, frozenset[str]]:
    """The roster without what is held, and everything held in the end.

    With a student go the guardians, whose rooms follow from the student; with a class the groups
    that name it.
    """
    gone = set(held)
    gone |= {
        relation.guardian_id for relation in roster.guardianships if relation.student_id in gone
    }
    gone |= {
        group.group_id for group in roster.groups.values() if not gone.isdisjoint(group.class_ids)
    }
    return (
        replace(
            roster,
            people={name: one for name, one in roster.people.items() if name not in gone},
            roles=tuple(one for one in roster.roles if one.person_id not in gone),
            classes={name: one for name, one in roster.classes.items() if name not in gone},
            groups={name: one for name, one in roster.groups.items() if name not in gone},
            memberships=tuple(
                one
                for one in roster.memberships
                if one.person_id not in gone and one.target_id not in gone
            ),
            guardianships=tuple(
                one
                for one in roster.guardianships
                if one.student_id not in gone and one.guardian_id not in gone
            ),
            consents=tuple(
                one
                for one in roster.consents
                if one.person_id not in gone and one.given_by not in gone
            ),
        ),
        frozenset(gone),
    )


def _kinds(roster: Roster) -> Mapping[str, Iterable[Entity]]:
    return {
        "people": roster.people.values(),
        "roles": roster.roles,
        "classes": roster.classes.values(),
        "groups": roster.groups.values(),
        "memberships": roster.memberships,
        "guardianships": roster.guardianships,
        "consents": roster.consents,
    }


def _ids(entity: Entity) -> frozenset[str]:
    return frozenset(_named(entity))


def _named(entity: Entity) -> Iterator[str]:
    match entity:
        case School():
            return
        case Person() | RoleAssignment() | Consent():
            yield entity.person_id
        case SchoolClass():
            yield entity.class_id
        case TeachingGroup():
            yield entity.group_id
        case Membership():
            yield entity.person_id
        case Guardianship():
            yield entity.student_id
            yield entity.guardian_id
