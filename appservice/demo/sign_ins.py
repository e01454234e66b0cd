"""Who of the sample school is shown at the door: one person of each kind, from one class. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from appservice.errors import Refused
from appservice.language import _
from appservice.school.model import MemberRole, Role, Roster


class Shown(NamedTuple):
    """A person to sign in as."""

    role: Role
    person_id: str
    label: str  # of the class they belong to, "" for the school's


class SignIn(NamedTuple):
    """How to become that person."""

    role: Role
    name: str
    label: str
    user_id: str
    password: str
    person_id: str


def people_shown(roster: Roster) -> tuple[Shown, ...]:
    """A student, a guardian of theirs (of several children where there is such a one), a teacher of
    theirs, their class teacher, and the school's administrator.
    """
    classes = sorted(roster.classes.values(), key=lambda one: (one.grade or 0, one.label))
    middle = classes[len(classes) // 2]
    of_class = [one for one in roster.memberships if one.target_id == middle.class_id]
    lessons = {
        group.group_id for group in roster.groups.values() if group.class_ids == (middle.class_id,)
    }
    class_teachers = {
        one.person_id for one in roster.memberships if one.role is MemberRole.CLASS_TEACHER
    }
    guarded = {one.student_id: one.guardian_id for one in reversed(roster.guardianships)}
    children = Counter(one.guardian_id for one in roster.guardianships)
    students = [
        one.person_id
        for one in of_class
        if one.role is MemberRole.STUDENT and one.person_id in guarded
    ]
    # One with brothers or sisters: a guardian of several children sees more of the diary.
    student = _first(sorted(students, key=lambda each: (children[guarded[each]] == 1, each)))
    teachers = [
        one.person_id
        for one in roster.memberships
        if one.target_id in lessons and one.role is MemberRole.TEACHER
    ]
    return (
        Shown(Role.STUDENT, student, middle.label),
        Shown(Role.GUARDIAN, guarded[student], middle.label),
        Shown(
            Role.TEACHER,
            _first(sorted(teachers, key=lambda person: (person in class_teachers, person))),
            middle.label,
        ),
        Shown(
            Role.CLASS_TEACHER,
            _first(one.person_id for one in of_class if one.role is MemberRole.CLASS_TEACHER),
            middle.label,
        ),
        Shown(
            Role.SCHOOL_ADMIN,
            _first(one.person_id for one in roster.roles if one.role is Role.SCHOOL_ADMIN),
            "",
        ),
    )


def sign_ins(
    roster: Roster, user_ids: Mapping[str, str], passwords: Mapping[str, str]
) -> tuple[SignIn, ...]:
    """With their accounts and initial passwords; who has none is left out."""
    found = []
    for shown in people_shown(roster):
        person = roster.people[shown.person_id]
        user_id = user_ids.get(shown.person_id, "")
        if user_id in passwords:
            name = f"{person.family_name} {person.given_name}"
            found.append(
                SignIn(shown.role, name, shown.label, user_id, passwords[user_id], shown.person_id)
            )
    return tuple(found)


def _first(ids: Iterable[str]) -> str:
    found = next(iter(ids), None)
    if found is None:
        raise Refused(
            _("The roster of the demo is no longer the sample. Remove its folder, or name another.")
        )
    return found
