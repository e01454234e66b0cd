"""Whose diary somebody may read, and where those are at school. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from appservice.diary.routing import Directory
from appservice.school.model import MemberRole, Person, Role, Roster, in_force

_STAFF = frozenset({Role.TEACHER, Role.CLASS_TEACHER, Role.SCHOOL_ADMIN, Role.STAFF})


@dataclass(frozen=True, slots=True)
class Child:
    """A student whose diary the asker may read. `places` are their classes and groups, the class
    first.
    """

    person_id: str
    name: str
    places: tuple[str, ...]


def children_of(
    directory: Directory, roster: Roster, school: str, person: str, today: date
) -> tuple[Child, ...]:
    """By name. Of a student: the student."""
    found = [
        Child(each, name_of(roster.people[each]), places_of(roster, school, each, today))
        for each in directory.students_of(school, person)
    ]
    return tuple(sorted(found, key=lambda child: (child.name, child.person_id)))


def places_of(roster: Roster, school: str, student: str, today: date) -> tuple[str, ...]:
    """The classes and groups of a student in this school, classes first."""
    found = {
        one.target_id
        for one in roster.memberships
        if one.person_id == student
        and one.role is MemberRole.STUDENT
        and in_force(one.begin, one.end, today)
    }
    classes = [one for one in found if one in roster.classes and _of_class(roster, one, school)]
    groups = [one for one in found if one in roster.groups and _of_group(roster, one, school)]
    return (*sorted(classes), *sorted(groups))


def class_named(
    roster: Roster, school: str, text: str, allowed: Collection[str] | None
) -> str | None:
    """The class_id that a label means ("5А", "5 а", "5a"); None where there is none, or it is not
    `allowed` (None: every class is).
    """
    for each in roster.classes.values():
        if each.school_id == school and _plain(each.label) == _plain(text):
            return each.class_id if allowed is None or each.class_id in allowed else None
    return None


def places_of_class(roster: Roster, class_id: str) -> tuple[str, ...]:
    """A class and the groups that hold nobody but its students."""
    groups = [one.group_id for one in roster.groups.values() if one.class_ids == (class_id,)]
    return (class_id, *sorted(groups))


def class_teachers(roster: Roster, school: str, student: str, today: date) -> tuple[str, ...]:
    """Who confirms that this student is absent."""
    classes = {each for each in places_of(roster, school, student, today) if each in roster.classes}
    return tuple(
        sorted(
            {
                one.person_id
                for one in roster.memberships
                if one.target_id in classes
                and one.role is MemberRole.CLASS_TEACHER
                and in_force(one.begin, one.end, today)
                and one.person_id in roster.people
                and roster.people[one.person_id].active
            }
        )
    )


def is_staff(roles: Iterable[Role]) -> bool:
    return not _STAFF.isdisjoint(roles)


def name_of(person: Person) -> str:
    """Given name and family name."""
    return f"{person.given_name} {person.family_name}".strip()


_LATIN = str.maketrans("abcehkmoptxy", "авсенкмортху")


def _plain(label: str) -> str:
    return "".join(label.casefold().split()).translate(_LATIN)


def _of_class(roster: Roster, target: str, school: str) -> bool:
    return roster.classes[target].school_id == school


def _of_group(roster: Roster, target: str, school: str) -> bool:
    return roster.groups[target].school_id == school
