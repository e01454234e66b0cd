"""Who is what, and where, today: the audiences of a school, a class and a group.

Only assignments in force and active people count. Students without an account count for their
guardians. What a word means:

- class: `teacher` teaches the class or a subject group of it, `class_teacher` leads it, `guardian`
  is the guardian of a student of it or stands in it as one;
- group: `teacher` is its own, `class_teacher` leads one of its classes, `guardian` as in a class;
- school: whoever is it in any class or group of the school, or by a role at the school (but a
  guardian needs a student: the role alone outlives the child's time at the school);
- `guardian_member` stands in the class or group as a guardian; `moderator` is elected there;
  `school_admin` is so by role.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from appservice.rooms.kinds.template import Audience
from appservice.school.model import (
    MemberRole,
    Role,
    Roster,
    SchoolClass,
    TeachingGroup,
    in_force,
)

Standing = Mapping[Audience, list[str]]
"""The user ids of each audience of one place; may name a person twice, or leave an audience out."""

_BY_MEMBERSHIP: Mapping[MemberRole, Audience] = {
    MemberRole.CLASS_TEACHER: Audience.CLASS_TEACHER,
    MemberRole.TEACHER: Audience.TEACHER,
    MemberRole.STAFF: Audience.STAFF,
    MemberRole.STUDENT: Audience.STUDENT,
    MemberRole.OBSERVER: Audience.OBSERVER,
    MemberRole.GUARDIAN: Audience.GUARDIAN_MEMBER,
    MemberRole.MODERATOR: Audience.MODERATOR,
}
_BY_ROLE: Mapping[Role, Audience] = {
    Role.CLASS_TEACHER: Audience.CLASS_TEACHER,
    Role.TEACHER: Audience.TEACHER,
    Role.STAFF: Audience.STAFF,
    Role.STUDENT: Audience.STUDENT,
    Role.OBSERVER: Audience.OBSERVER,
    Role.SCHOOL_ADMIN: Audience.SCHOOL_ADMIN,
}


class Standings:
    """The audiences of every place of a roster, worked out place by place as they are asked for."""

    def __init__(self, roster: Roster, users: Mapping[str, str], today: date) -> None:
        """`users` are the user ids of the people who may be in rooms, by person id."""
        self._users = users
        active = {person_id for person_id, person in roster.people.items() if person.active}
        self._members = _members(roster, active, today)
        self._roles = _roles(roster, active, today)
        self._guardians = _guardians(roster, active, users, today)
        self._groups_of_class: dict[str, list[str]] = {}
        self._places: dict[str, list[str]] = {}
        for school_class in roster.classes.values():
            self._places.setdefault(school_class.school_id, []).append(school_class.class_id)
        for group in roster.groups.values():
            self._places.setdefault(group.school_id, []).append(group.group_id)
            # The leader of a club is not thereby a teacher of every class that may come to it.
            for class_id in group.class_ids if group.subject else ():
                self._groups_of_class.setdefault(class_id, []).append(group.group_id)

    def admins(self, school_id: str) -> list[str]:
        """The user ids of a school's administrators."""
        return self._users_of(self._roles.get(school_id, {}).get(Role.SCHOOL_ADMIN, ()))

    def of_class(self, school_class: SchoolClass) -> Standing:
        """The audiences of a class."""
        standing = self._standing(school_class.class_id)
        standing[Audience.SCHOOL_ADMIN] = self.admins(school_class.school_id)
        teachers = standing.setdefault(Audience.TEACHER, [])
        for group_id in self._groups_of_class.get(school_class.class_id, ()):
            teachers += self._in(group_id, MemberRole.TEACHER)
        return standing

    def of_group(self, group: TeachingGroup) -> Standing:
        """The audiences of a group."""
        standing = self._standing(group.group_id)
        standing[Audience.SCHOOL_ADMIN] = self.admins(group.school_id)
        class_teachers = standing.setdefault(Audience.CLASS_TEACHER, [])
        for class_id in group.class_ids:
            class_teachers += self._in(class_id, MemberRole.CLASS_TEACHER)
        return standing

    def of_school(self, school_id: str) -> Standing:
        """The audiences of a whole school."""
        everyone: dict[Audience, list[str]] = {}
        for place in self._places.get(school_id, ()):
            for audience, users in self._standing(place).items():
                everyone.setdefault(audience, []).extend(users)
        roles = self._roles.get(school_id, {})
        for role, audience in _BY_ROLE.items():
            everyone.setdefault(audience, []).extend(self._users_of(roles.get(role, ())))
        guardians = everyone.setdefault(Audience.GUARDIAN, [])
        for student in roles.get(Role.STUDENT, ()):
            guardians += self._guardians.get(student, ())
        return {audience: list(dict.fromkeys(users)) for audience, users in everyone.items()}

    def _standing(self, place: str) -> dict[Audience, list[str]]:
        """The audiences of a class or group by membership in it."""
        members = self._members.get(place, {})
        standing = {_BY_MEMBERSHIP[role]: self._users_of(who) for role, who in members.items()}
        guardians = list(standing.get(Audience.GUARDIAN_MEMBER, ()))
        of_student = self._guardians
        for student in members.get(MemberRole.STUDENT, ()):
            if student in of_student:
                guardians += of_student[student]
        standing[Audience.GUARDIAN] = guardians
        return standing

    def _in(self, place: str, role: MemberRole) -> list[str]:
        return self._users_of(self._members.get(place, {}).get(role, ()))

    def _users_of(self, people: Iterable[str]) -> list[str]:
        users = self._users
        return [users[person] for person in people if person in users]


def _members(
    roster: Roster, active: set[str], today: date
) -> dict[str, dict[MemberRole, list[str]]]:
    found: dict[str, dict[MemberRole, list[str]]] = {}
    for person, target, role, begin, end, _row in roster.memberships:
        if person in active and (begin is None or begin <= today) and (end is None or today < end):
            roles = found.get(target)
            if roles is None:
                roles = found[target] = {}
            if role in roles:
                roles[role].append(person)
            else:
                roles[role] = [person]
    return found


def _roles(roster: Roster, active: set[str], today: date) -> dict[str, dict[Role, list[str]]]:
    found: dict[str, dict[Role, list[str]]] = {}
    for person, school, role, begin, end, _row in roster.roles:
        if person in active and in_force(begin, end, today):
            found.setdefault(school, {}).setdefault(role, []).append(person)
    return found


def _guardians(
    roster: Roster, active: set[str], users: Mapping[str, str], today: date
) -> dict[str, list[str]]:
    """The user ids of each student's guardians, whether or not the student has an account."""
    found: dict[str, list[str]] = {}
    for tie in roster.guardianships:
        if (
            tie.guardian_id in users
            and tie.student_id in active
            and in_force(tie.begin, tie.end, today)
        ):
            found.setdefault(tie.student_id, []).append(users[tie.guardian_id])
    return found
