"""Whose diary a person may read today: the rule of `routing` for the readers of a student, asked
from the other side, and the class teacher's view of a class.

A student sees their own, a guardian that of each child whose diary they may view, a class teacher
those of the students of the class. Nobody else sees anything.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from appservice.diary.routing import first_of, roles_at_schools
from appservice.school.model import MemberRole, Role, Roster, in_force


class SeenStudent(NamedTuple):
    """A student at one school. `places` are the classes and groups that the student is in, sorted;
    `role` is what the reader is to this student: STUDENT, GUARDIAN or CLASS_TEACHER.
    """

    school: str
    student: str
    role: Role
    places: tuple[str, ...]


class SeenClass(NamedTuple):
    """A class with all of it; `places` are the class and the groups of it."""

    school: str
    class_id: str
    students: tuple[SeenStudent, ...]
    places: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sight:
    """`students` are the reader's own diary and those of the reader's children."""

    students: tuple[SeenStudent, ...] = ()
    classes: tuple[SeenClass, ...] = ()

    @property
    def schools(self) -> tuple[str, ...]:
        """Where the reader has something to read, sorted."""
        found = {each.school for each in self.students} | {each.school for each in self.classes}
        return tuple(sorted(found))


class Sights:
    """The roster as of one day. Made once, asked for each request."""

    def __init__(self, roster: Roster, today: date) -> None:
        self._roster = roster
        self._active = {each for each, person in roster.people.items() if person.active}
        self._students: dict[str, list[str]] = {}  # person → schools
        self._roles = roles_at_schools(roster, self._active, today)
        for school, people in self._roles.items():
            for person, roles in people.items():
                if Role.STUDENT in roles:
                    self._students.setdefault(person, []).append(school)
        self._children: dict[str, list[str]] = {}
        for tie in roster.guardianships:
            if (
                tie.may_view_diary
                and tie.guardian_id != tie.student_id
                and {tie.guardian_id, tie.student_id} <= self._active
                and in_force(tie.begin, tie.end, today)
            ):
                self._children.setdefault(tie.guardian_id, []).append(tie.student_id)
        self._places: dict[str, list[str]] = {}
        self._pupils: dict[str, list[str]] = {}
        self._led: dict[str, list[str]] = {}
        for member in roster.memberships:
            if member.person_id not in self._active or not in_force(
                member.begin, member.end, today
            ):
                continue
            if member.role is MemberRole.STUDENT:
                self._places.setdefault(member.person_id, []).append(member.target_id)
                self._pupils.setdefault(member.target_id, []).append(member.person_id)
            elif member.role is MemberRole.CLASS_TEACHER and member.target_id in roster.classes:
                self._led.setdefault(member.person_id, []).append(member.target_id)
        self._groups = _groups_of_classes(roster)

    def of(self, person_id: str) -> Sight:
        """Nothing for somebody whom the roster does not have, or not any more."""
        if person_id not in self._active:
            return Sight()
        students = dict.fromkeys(self._seen(person_id, Role.STUDENT))
        for child in sorted(set(self._children.get(person_id, ()))):
            students |= dict.fromkeys(self._seen(child, Role.GUARDIAN))
        led = sorted(set(self._led.get(person_id, ())))
        return Sight(tuple(students), tuple(map(self._class, led)))

    def home_of(self, person_id: str) -> tuple[str, Role] | None:
        """The first school of somebody, and what they are there, also where they read no diary."""
        for school in sorted(self._roles):
            if roles := self._roles[school].get(person_id):
                return school, first_of(roles)
        return None

    def _seen(self, student: str, role: Role) -> Iterator[SeenStudent]:
        for school in sorted(self._students.get(student, ())):
            yield SeenStudent(school, student, role, self._places_at(school, student))

    def _class(self, class_id: str) -> SeenClass:
        school = self._roster.classes[class_id].school_id
        return SeenClass(
            school,
            class_id,
            tuple(
                SeenStudent(school, student, Role.CLASS_TEACHER, self._places_at(school, student))
                for student in sorted(set(self._pupils.get(class_id, ())))
            ),
            (class_id, *self._groups.get(class_id, ())),
        )

    def _places_at(self, school: str, student: str) -> tuple[str, ...]:
        classes, groups = self._roster.classes, self._roster.groups
        return tuple(
            sorted(
                place
                for place in set(self._places.get(student, ()))
                if (place in classes and classes[place].school_id == school)
                or (place in groups and groups[place].school_id == school)
            )
        )


def _groups_of_classes(roster: Roster) -> Mapping[str, tuple[str, ...]]:
    """The groups that are of one class alone: a mixed one is not the class teacher's to see."""
    found: dict[str, list[str]] = {}
    for group in roster.groups.values():
        if len(group.class_ids) == 1:
            found.setdefault(group.class_ids[0], []).append(group.group_id)
    return {class_id: tuple(sorted(groups)) for class_id, groups in found.items()}
