"""Rollout waves: schools, grades and classes that start on dates of their own. Pure.

What has not started is left out of the roster, and with it whoever belongs to nothing else:

- a class starts with the first wave that names it, by itself, by its grade or with its school;
- a school starts with its first class, or with a wave that names the whole school;
- a group starts with the first of its classes, one without classes with its school;
- students start with a class of theirs, teachers with any class or group of theirs, guardians with
  a child of theirs; whoever of them is in no class or group starts with the school.
  Administrators, staff and observers start with the school.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date

from appservice.school.model import (
    MemberRole,
    Membership,
    Role,
    RoleAssignment,
    Roster,
    SchoolClass,
)
from appservice.year.settings import WaveSettings

_TEACHING = frozenset({MemberRole.TEACHER, MemberRole.CLASS_TEACHER})


def started(roster: Roster, waves: Sequence[WaveSettings], today: date) -> Roster:
    """The roster without what has not started by `today`; the whole of it where there are no
    waves. People stay: without a role or a place they get no account.
    """
    if not waves:
        return roster
    running = [wave for wave in waves if wave.on <= today]
    classes = _classes(roster, running)
    schools = _schools(roster, running, classes.values())
    groups = {
        name: group
        for name, group in roster.groups.items()
        if group.school_id in schools
        and (not group.class_ids or not classes.keys().isdisjoint(group.class_ids))
    }
    places = classes.keys() | groups.keys()
    who = _Who(roster, today, classes.keys(), places)
    return replace(
        roster,
        schools=tuple(school for school in roster.schools if school.school_id in schools),
        classes=classes,
        groups=groups,
        roles=tuple(
            one for one in roster.roles if one.school_id in schools and who.has_started(one)
        ),
        memberships=tuple(
            one for one in roster.memberships if one.target_id in places and who.comes_along(one)
        ),
        guardianships=tuple(
            one for one in roster.guardianships if one.student_id not in who.waiting_students
        ),
    )


def waiting(roster: Roster, waves: Sequence[WaveSettings], today: date) -> tuple[SchoolClass, ...]:
    """The classes that have not started by `today`, sorted by id."""
    if not waves:
        return ()
    running = _classes(roster, [wave for wave in waves if wave.on <= today])
    return tuple(each for name, each in sorted(roster.classes.items()) if name not in running)


def unknown_names(roster: Roster, waves: Iterable[WaveSettings]) -> tuple[str, ...]:
    """Schools and classes that a wave names and the roster does not have, sorted."""
    schools = {school.school_id for school in roster.schools}
    return tuple(sorted(set(_unknown(roster, schools, waves))))


def _unknown(
    roster: Roster, schools: Collection[str], waves: Iterable[WaveSettings]
) -> Iterator[str]:
    for wave in waves:
        yield from (name for name in wave.schools if name not in schools)
        yield from (name for name in wave.classes if name not in roster.classes)


def _classes(roster: Roster, running: Sequence[WaveSettings]) -> dict[str, SchoolClass]:
    return {
        name: each
        for name, each in roster.classes.items()
        if any(_names(wave, each) for wave in running)
    }


def _names(wave: WaveSettings, each: SchoolClass) -> bool:
    if wave.schools and each.school_id not in wave.schools:
        return False
    if not wave.grades and not wave.classes:
        return True
    return each.grade in wave.grades or each.class_id in wave.classes


def _schools(
    roster: Roster, running: Iterable[WaveSettings], classes: Iterable[SchoolClass]
) -> frozenset[str]:
    begun = {each.school_id for each in classes}
    for wave in running:
        if not wave.grades and not wave.classes:
            begun.update(wave.schools or (school.school_id for school in roster.schools))
    return frozenset(begun)


class _Who:
    """Who has started: by the places of theirs that are not over on the day `today`."""

    def __init__(
        self, roster: Roster, today: date, classes: Collection[str], places: Collection[str]
    ) -> None:
        in_classes = [
            one
            for one in roster.memberships
            if one.role is MemberRole.STUDENT and one.target_id in roster.classes
        ]
        teaching = [one for one in roster.memberships if one.role in _TEACHING]
        self.waiting_students = _waiting(in_classes, classes, today)
        self._waiting_teachers = _waiting(teaching, places, today)
        children: dict[str, bool] = {}
        for tie in roster.guardianships:
            begun = tie.student_id not in self.waiting_students
            children[tie.guardian_id] = children.get(tie.guardian_id, False) or begun
        members = {one.person_id for one in roster.memberships if one.target_id in places}
        self._waiting_guardians = {
            person for person, begun in children.items() if not begun and person not in members
        }

    def has_started(self, one: RoleAssignment) -> bool:
        """Whether a role at a school that has started counts already."""
        match one.role:
            case Role.STUDENT:
                return one.person_id not in self.waiting_students
            case Role.TEACHER | Role.CLASS_TEACHER:
                return one.person_id not in self._waiting_teachers
            case Role.GUARDIAN:
                return one.person_id not in self._waiting_guardians
            case Role.SCHOOL_ADMIN | Role.STAFF | Role.OBSERVER:
                return True

    def comes_along(self, one: Membership) -> bool:
        """Whether a membership in a place that has started counts already: a student of a class
        that waits is in no group of others either.
        """
        return one.role is not MemberRole.STUDENT or one.person_id not in self.waiting_students


def _waiting(
    memberships: Iterable[Membership], places: Collection[str], today: date
) -> frozenset[str]:
    """Who is, or will be, in places, and in none that has started."""
    begun: dict[str, bool] = {}
    for one in memberships:
        if one.end is None or one.end > today:
            begun[one.person_id] = begun.get(one.person_id, False) or one.target_id in places
    return frozenset(person for person, has_begun in begun.items() if not has_begun)
