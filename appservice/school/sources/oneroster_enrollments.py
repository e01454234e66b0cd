"""Who is in which class in OneRoster, and from that: whose subject group a scheduled class is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from appservice.language import _
from appservice.school.model import MemberRole, Membership, Role, RoleAssignment
from appservice.school.sources.findings import Findings
from appservice.school.sources.oneroster_ground import Ground
from appservice.school.sources.oneroster_people import People
from appservice.school.sources.oneroster_reports import (
    report_backwards,
    report_dangling,
    report_duplicate,
)
from appservice.school.sources.oneroster_tables import LayeredTable

_ROLES: Mapping[str, MemberRole] = {
    "student": MemberRole.STUDENT,
    "teacher": MemberRole.TEACHER,
    "administrator": MemberRole.STAFF,
    "proctor": MemberRole.STAFF,
}
_SCHOOL_ROLES: Mapping[MemberRole, Role] = {
    MemberRole.STUDENT: Role.STUDENT,
    MemberRole.TEACHER: Role.TEACHER,
    MemberRole.CLASS_TEACHER: Role.TEACHER,
}


_NEVER = (date.min, "")


def read_memberships(
    table: LayeredTable, ground: Ground, found: People, findings: Findings
) -> list[Membership]:
    memberships: list[Membership] = []
    people, file = found.people, table.file
    schools, homerooms = ground.school_of, ground.classes
    ids = {name: name for name in (*ground.classes, *ground.groups)}
    seen: set[str] = set()
    primaries: dict[str, list[tuple[date | None, date | None]]] = {}
    teacher, class_teacher = MemberRole.TEACHER, MemberRole.CLASS_TEACHER
    new = (
        tuple.__new__
    )  # half a million times: the named tuple's own constructor costs twice as much
    for row, values in table.read(findings):
        own, _s, _t, class_, school, user, word, primary, begin, end = values
        if own in seen:
            report_duplicate(findings, file, row, own, holds=(user,))
            continue
        seen.add(own)
        person = people.get(user)
        target = ids.get(class_)
        if person is None or target is None or school not in schools:
            _report_ends(file, row, values, person is None, target is None, ground, findings)
            if person is None or target is None:
                continue
        role = _ROLES.get(word)
        if role is None:  # an extension of the standard: unknown, so it gives nothing
            continue
        if begin is not None and end is not None:
            report_backwards(findings, file, row, begin, end, holds=(user,))
        if primary and role is teacher:
            others = primaries.setdefault(target, [])
            if any(_overlap(begin, end, *other) for other in others):
                _report_two_primary(file, row, user, target, findings)
            else:
                others.append((begin, end))
                if target in homerooms:
                    role = class_teacher
        memberships.append(new(Membership, (person[0], target, role, begin, end, row)))
    return memberships


def settle_groups(ground: Ground, memberships: list[Membership]) -> None:
    """A group is a subject of the class that all of its students are, or were, in; else of the
    classes that they are in now, and so a group of its own.

    A group does not move when one of its students does.
    """
    student = MemberRole.STUDENT
    classes = ground.classes
    homes: dict[str, str | frozenset[str]] = {}
    newest: dict[str, tuple[date, str]] = {}  # the class entered last
    for person_id, target, role, begin, _end, _row in memberships:
        if role is student and target in classes:
            home = homes.setdefault(person_id, target)
            if home is not target:
                homes[person_id] = _several(home) | {target}
            newest[person_id] = max(newest.get(person_id, _NEVER), (begin or date.min, target))
    shared: dict[str, str | frozenset[str]] = {}
    for person_id, target, role, _begin, _end, _row in memberships:
        if role is student and target not in classes and person_id in homes:
            home = homes[person_id]
            common = shared.setdefault(target, home)
            if common is not home:
                shared[target] = _several(common) & _several(home)
    mixed: dict[str, set[str]] = {name: set() for name, common in shared.items() if not common}
    for person_id, target, role, _begin, _end, _row in memberships:
        if role is student and target in mixed and person_id in newest:
            mixed[target].add(newest[person_id][1])
    for name, common in shared.items():
        group = ground.groups[name]
        ours = [
            class_id
            for class_id in sorted(mixed.get(name) or _several(common))
            if classes[class_id].school_id == group.school_id
        ]
        ground.groups[name] = group._replace(class_ids=tuple(ours if name in mixed else ours[:1]))


def roles_from_memberships(
    ground: Ground, found: People, memberships: list[Membership]
) -> list[RoleAssignment]:
    """For people whose roles name no school (but, say, its district): what they are in the schools
    of their classes.
    """
    if not found.homeless:
        return []
    school_of = {name: one.school_id for name, one in ground.classes.items()}
    school_of |= {name: one.school_id for name, one in ground.groups.items()}
    return [
        RoleAssignment(
            membership.person_id,
            school_of[membership.target_id],
            _SCHOOL_ROLES[membership.role],
            membership.begin,
            membership.end,
        )
        for membership in memberships
        if membership.person_id in found.homeless and membership.role in _SCHOOL_ROLES
    ]


def _several(classes: str | frozenset[str]) -> frozenset[str]:
    return frozenset((classes,)) if isinstance(classes, str) else classes


def _overlap(
    begin: date | None, end: date | None, other_begin: date | None, other_end: date | None
) -> bool:
    return (begin is None or other_end is None or begin < other_end) and (
        other_begin is None or end is None or other_begin < end
    )


def _report_ends(
    file: str,
    row: int,
    values: list[str],
    no_person: bool,
    no_class: bool,
    ground: Ground,
    findings: Findings,
) -> None:
    _own, _status, _time, class_, school, user, *_rest = values
    held, touched = (user,), (class_,)
    if no_class:
        report_dangling(
            findings,
            file,
            row,
            "classSourcedId",
            class_,
            "classes.csv",
            holds=held,
            touches=touched,
        )
    if school and school not in ground.school_of:
        report_dangling(
            findings, file, row, "schoolSourcedId", school, "orgs.csv", holds=held, touches=touched
        )
    if no_person:
        report_dangling(
            findings, file, row, "userSourcedId", user, "users.csv", holds=held, touches=touched
        )


def _report_two_primary(file: str, row: int, user: str, class_id: str, findings: Findings) -> None:
    findings.add(
        "two_primary_teachers",
        file,
        row,
        "primary",
        _("This class has a primary teacher already at that time. Make one of them not primary."),
        holds=(user,),
        touches=(class_id,),
    )
