"""Who is what, and where, on one day: only what is in force, and active people alone."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import date
from typing import Final

from appservice.contacts.policy import Side
from appservice.language import Language
from appservice.school.model import MemberRole, Role, Roster, in_force

_BY_MEMBERSHIP: Final[Mapping[MemberRole, Side]] = {
    MemberRole.STUDENT: Side.STUDENT,
    MemberRole.TEACHER: Side.TEACHER,
    MemberRole.CLASS_TEACHER: Side.TEACHER,
    MemberRole.GUARDIAN: Side.GUARDIAN,
    MemberRole.MODERATOR: Side.GUARDIAN,
    MemberRole.STAFF: Side.STAFF,
    MemberRole.OBSERVER: Side.OBSERVER,
}
# A guardian needs a child: the role alone outlives the child's time at the school.
_BY_ROLE: Final[Mapping[Role, Side]] = {
    Role.STUDENT: Side.STUDENT,
    Role.TEACHER: Side.TEACHER,
    Role.CLASS_TEACHER: Side.TEACHER,
    Role.STAFF: Side.STAFF,
    Role.SCHOOL_ADMIN: Side.SCHOOL_ADMIN,
    Role.OBSERVER: Side.OBSERVER,
}
_OTHERWISE: Final[Language] = "ru"

Members = dict[str, dict[Side, list[str]]]
"""Class or group id → side → person ids; may name somebody twice."""


class PeopleToday:
    """`active`: person ids. `guardians`: of each student. `schools`: (school id, side) → people."""

    def __init__(self, roster: Roster, today: date, *, only_legal: bool) -> None:
        self._roster = roster
        self.active = {person_id for person_id, one in roster.people.items() if one.active}
        self.guardians = _guardians(roster, self.active, today, only_legal=only_legal)
        self._members = _members(roster, self.active, today)
        self.schools = self._by_school(today)
        self._sides: dict[str, set[Side]] = {}
        self._school_of: dict[str, str] = {}
        for (school_id, side), people in self.schools.items():
            for person in people:
                self._sides.setdefault(person, set()).add(side)
                self._school_of[person] = min(school_id, self._school_of.get(person, school_id))
        self._languages: Mapping[str, Language] = {
            one.school_id: "en" if one.language == "en" else "ru" for one in roster.schools
        }

    def at(self, place: str, side: Side) -> Iterator[str]:
        """Who stands on this side of a class or group. Guardians: those who are listed there, and
        those of its students.
        """
        members = self._members.get(place, {})
        yield from members.get(side, ())
        if side is Side.GUARDIAN:
            for student in members.get(Side.STUDENT, ()):
                yield from self.guardians.get(student, ())

    def listed(self, place: str, side: Side) -> frozenset[str]:
        """Whom the roster lists there as such."""
        return frozenset(self._members.get(place, {}).get(side, ()))

    def sides(self, person: str) -> Collection[Side]:
        """What somebody is, anywhere."""
        return self._sides.get(person, ())

    def language(self, person: str) -> Language:
        """Of their school; of the first by id where they have several."""
        return self._languages.get(self._school_of.get(person, ""), _OTHERWISE)

    def _by_school(self, today: date) -> dict[tuple[str, Side], set[str]]:
        found: dict[tuple[str, Side], set[str]] = {}
        for one in self._roster.roles:
            side = _BY_ROLE.get(one.role)
            if (
                side is not None
                and one.person_id in self.active
                and in_force(one.begin, one.end, today)
            ):
                found.setdefault((one.school_id, side), set()).add(one.person_id)
        places = {
            **{class_id: one.school_id for class_id, one in self._roster.classes.items()},
            **{group_id: one.school_id for group_id, one in self._roster.groups.items()},
        }
        for place, school_id in places.items():
            for side, listed in self._members.get(place, {}).items():
                found.setdefault((school_id, side), set()).update(listed)
        for (school_id, side), people in list(found.items()):
            if side is Side.STUDENT:
                guardians = found.setdefault((school_id, Side.GUARDIAN), set())
                for student in people:
                    guardians.update(self.guardians.get(student, ()))
        return found


def _members(roster: Roster, active: set[str], today: date) -> Members:
    found: Members = {}
    for person, target, role, begin, end, _row in roster.memberships:
        if person in active and (begin is None or begin <= today) and (end is None or today < end):
            found.setdefault(target, {}).setdefault(_BY_MEMBERSHIP[role], []).append(person)
    return found


def _guardians(
    roster: Roster, active: set[str], today: date, *, only_legal: bool
) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for tie in roster.guardianships:
        if (
            (tie.legal or not only_legal)
            and tie.student_id in active
            and tie.guardian_id in active
            and in_force(tie.begin, tie.end, today)
        ):
            found.setdefault(tie.student_id, []).append(tie.guardian_id)
    return found
