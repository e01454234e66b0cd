"""The people of a roster as OneRoster tells of them: users, their roles, agents and enrolments.

Rows without the columns status and dateLastModified.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from appservice.school.model import MemberRole, Person, Role, Roster
from appservice.school.sample.csv_tables import Cells, text

_ROLES = {  # the first one a person has is their primary role
    Role.SCHOOL_ADMIN: "administrator",
    Role.TEACHER: "teacher",
    Role.CLASS_TEACHER: "teacher",
    Role.STAFF: "aide",
    Role.STUDENT: "student",
    Role.GUARDIAN: "parent",
    Role.OBSERVER: "proctor",
}
_PRECEDENCE = {role: place for place, role in enumerate(_ROLES)}
_ENROLMENTS = {
    MemberRole.STUDENT: ("student", ""),
    MemberRole.TEACHER: ("teacher", "false"),
    MemberRole.CLASS_TEACHER: ("teacher", "true"),
}


def agents_of(roster: Roster, version: str) -> dict[str, list[str]]:
    """Student → guardians and guardian → students."""
    teachers = {one.person_id for one in roster.roles if one.role is Role.TEACHER}
    agents: dict[str, list[str]] = {}
    for one in roster.guardianships:
        if version != "1.1" or one.guardian_id not in teachers:
            agents.setdefault(one.student_id, []).append(one.guardian_id)
            agents.setdefault(one.guardian_id, []).append(one.student_id)
    return agents


def users_1_1(roster: Roster, agents: Mapping[str, list[str]]) -> Iterator[Cells]:
    roles, schools = _role_words(roster), _schools(roster)
    for person in roster.people.values():
        yield (
            person.person_id,
            _enabled(person),
            ",".join(schools[person.person_id]),
            roles[person.person_id][0],
            *_user(person, agents),
        )


def users_1_2(roster: Roster, agents: Mapping[str, list[str]]) -> Iterator[Cells]:
    schools = _schools(roster)
    for person in roster.people.values():
        yield (
            person.person_id,
            _enabled(person),
            *_user(person, agents),
            *("", "", "", ""),
            schools[person.person_id][0],
            "",
        )


def roles_1_2(roster: Roster) -> Iterator[Cells]:
    guardians = _guardian_words(roster)
    met: set[tuple[str, str]] = set()
    in_order = sorted(
        roster.roles, key=lambda one: (one.person_id, one.school_id, _PRECEDENCE[one.role])
    )
    for number, one in enumerate(in_order, start=1):
        place = (one.person_id, one.school_id)
        word = _ROLES[one.role]
        if one.role is Role.GUARDIAN:
            word = guardians.get(one.person_id, word)
        elif one.role is Role.SCHOOL_ADMIN:
            word = "siteAdministrator"
        yield (
            f"role-{number}",
            one.person_id,
            "secondary" if place in met else "primary",
            word,
            one.begin,
            one.end,
            one.school_id,
            "",
        )
        met.add(place)


def enrollments(roster: Roster) -> Iterator[Cells]:
    """Students and teachers; nobody else is enrolled in OneRoster."""
    schools = {one.class_id: one.school_id for one in roster.classes.values()}
    schools |= {group.group_id: group.school_id for group in roster.groups.values()}
    for number, (person_id, target_id, role, begin, end, _row) in enumerate(
        roster.memberships, start=1
    ):
        if role in _ENROLMENTS:
            word, primary = _ENROLMENTS[role]
            yield (
                f"enrollment-{number}",
                target_id,
                schools[target_id],
                person_id,
                word,
                primary,
                begin,
                end,
            )


def _user(person: Person, agents: Mapping[str, list[str]]) -> Cells:
    """From `username` to `password`."""
    return (
        person.person_id,
        ",".join(f"{{{provider}:{name}}}" for provider, name in person.external_ids),
        text(person.given_name),
        text(person.family_name),
        text(person.patronymic),
        "",
        text(person.email),
        "",
        person.phone,
        ",".join(agents.get(person.person_id, ())),
        "",
        "",
    )


def _enabled(person: Person) -> str:
    return "true" if person.active else "false"


def _role_words(roster: Roster) -> dict[str, list[str]]:
    guardians = _guardian_words(roster)
    words: dict[str, list[str]] = {}
    for one in sorted(roster.roles, key=lambda one: _PRECEDENCE[one.role]):
        word = _ROLES[one.role]
        if one.role is Role.GUARDIAN:
            word = guardians.get(one.person_id, word)
        words.setdefault(one.person_id, []).append(word)
    return words


def _guardian_words(roster: Roster) -> dict[str, str]:
    """What a guardian is called: a relative without rights, a guardian, a parent."""
    return {
        one.guardian_id: "relative"
        if not one.legal
        else "guardian"
        if one.relation == "guardian"
        else "parent"
        for one in roster.guardianships
    }


def _schools(roster: Roster) -> dict[str, list[str]]:
    schools: dict[str, list[str]] = {}
    for one in roster.roles:
        known = schools.setdefault(one.person_id, [])
        if one.school_id not in known:
            known.append(one.school_id)
    return schools
