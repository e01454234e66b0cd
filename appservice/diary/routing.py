"""Whom an event concerns today, and in which room each of them is told.

What is about a student goes to personal rooms alone: of the student, and of each guardian who may
view the diary. What is about a class or group goes to its room, and nowhere else. Nothing crosses
from one school to another. Worked out when an event is due, and again before it is sent.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from appservice.diary.events import DiaryEvent
from appservice.diary.payloads import (
    OfPlace,
    OfStudent,
    ToPerson,
    ToPlace,
    ToSchool,
)
from appservice.diary.personal_rooms import personal_room_key
from appservice.diary.settings import RoomKinds
from appservice.rooms.identity import room_key
from appservice.school.model import MemberRole, Role, Roster, in_force


@dataclass(frozen=True, slots=True)
class Reader:
    """One person, told in a room that nobody else is in.

    `room` is its key, `child` the student it is about ("" where it is about none), `role` what the
    person is here.
    """

    room: str
    person_id: str
    role: Role
    child: str = ""


@dataclass(frozen=True, slots=True)
class Room:
    """Everybody who is in a room of a class, group or school."""

    room: str


Recipient = Reader | Room


class Missing(StrEnum):
    """Why somebody or some place is not told."""

    NOT_HERE = "not_here"  # not in the roster of this school today
    NO_ACCOUNT = "no_account"
    NO_ROOM = "no_room"


@dataclass(frozen=True, slots=True)
class LeftOut:
    """`who` is a person_id, class_id, group_id, or the audience of a school."""

    who: str
    why: Missing


@dataclass(frozen=True, slots=True)
class Route:
    """`recipients` each once, in the order of their rooms."""

    recipients: tuple[Recipient, ...] = ()
    left_out: tuple[LeftOut, ...] = ()


class Directory:
    """The roster as of one day, looked up for routing. Made once for many events."""

    def __init__(
        self,
        roster: Roster,
        *,
        accounts: Collection[str],
        rooms: Collection[str],
        kinds: RoomKinds,
        secret: bytes,
        today: date,
    ) -> None:
        """`accounts` are the person_ids of those who have one, `rooms` the keys of the rooms that
        the roster gives (`Desired.rooms`), `secret` names the personal rooms.
        """
        self._roster = roster
        self._accounts = accounts
        self._rooms = rooms
        self._kinds = kinds
        self._secret = secret
        self._active = {each for each, person in roster.people.items() if person.active}
        self._schools = {school.school_id for school in roster.schools}
        self._roles = roles_at_schools(roster, self._active, today)
        self._guardians: dict[str, list[str]] = {}
        self._tied: set[tuple[str, str]] = set()
        for tie in roster.guardianships:
            if (
                tie.guardian_id != tie.student_id
                and tie.guardian_id in self._active
                and tie.student_id in self._active
                and in_force(tie.begin, tie.end, today)
            ):
                for school_id, people in self._roles.items():
                    if Role.STUDENT in people.get(tie.student_id, ()):
                        self._tied.add((school_id, tie.guardian_id))
                if tie.may_view_diary:
                    self._guardians.setdefault(tie.student_id, []).append(tie.guardian_id)

    def route(self, event: DiaryEvent) -> Route:
        """Who is told of this event."""
        if event.school not in self._schools:
            return Route(left_out=(LeftOut(event.school, Missing.NOT_HERE),))
        found: dict[str, Recipient] = {}
        left_out: dict[LeftOut, None] = {}
        for each in self._concerned(event):
            if isinstance(each, LeftOut):
                left_out[each] = None
            else:
                found.setdefault(each.room, each)
        return Route(tuple(found[room] for room in sorted(found)), tuple(left_out))

    def students_of(self, school: str, person: str) -> tuple[str, ...]:
        """Whose diary this person may read in this school: exactly the students whose grades are
        told to them.
        """
        students = [
            student
            for student, guardians in self._guardians.items()
            if person in guardians and self._is_student(school, student)
        ]
        own = [person] if self._is_student(school, person) else []
        return tuple(sorted({*own, *students}))

    def roles_of(self, school: str, person: str) -> frozenset[Role]:
        """What this person is in this school today, but for being a guardian."""
        return self._roles.get(school, {}).get(person, frozenset())

    def room_of(self, school: str, person: str) -> str:
        """The key of this person's own room; "" for whoever is nobody in this school today, or has
        no account.
        """
        found = self._named(school, person)
        return found.room if isinstance(found, Reader) else ""

    def _is_student(self, school: str, person: str) -> bool:
        return Role.STUDENT in self._roles.get(school, {}).get(person, ())

    def _concerned(self, event: DiaryEvent) -> Iterator[Recipient | LeftOut]:
        school, payload = event.school, event.payload
        if isinstance(payload, OfStudent):
            yield from self._family(school, payload.student)
        elif isinstance(payload, OfPlace):
            yield self._place(school, payload.place, "everyone")
        else:
            for each in payload.to:
                match each:
                    case ToSchool(audience=audience):
                        key = room_key(school, self._kinds.of_school(audience))
                        yield self._standing(key, audience)
                    case ToPlace(id=place, audience=audience):
                        yield self._place(school, place, audience)
                    case ToPerson(id=person):
                        yield self._named(school, person)

    def _family(self, school: str, student: str) -> Iterator[Reader | LeftOut]:
        if not self._is_student(school, student):
            yield LeftOut(student, Missing.NOT_HERE)
            return
        yield self._reader(school, student, Role.STUDENT, student)
        for guardian in self._guardians.get(student, ()):
            yield self._reader(school, guardian, Role.GUARDIAN, student)

    def _named(self, school: str, person: str) -> Reader | LeftOut:
        roles = self._roles.get(school, {}).get(person, frozenset())
        if (school, person) in self._tied:
            roles |= {Role.GUARDIAN}
        if not roles:
            return LeftOut(person, Missing.NOT_HERE)
        return self._reader(school, person, first_of(roles), "")

    def _reader(self, school: str, person: str, role: Role, child: str) -> Reader | LeftOut:
        if person not in self._accounts:
            return LeftOut(person, Missing.NO_ACCOUNT)
        return Reader(personal_room_key(school, person, secret=self._secret), person, role, child)

    def _place(self, school: str, place: str, audience: str) -> Room | LeftOut:
        """The room of a class or group. A group of one class whose kind of room the school does not
        have is told in the room of the class.
        """
        classes, groups = self._roster.classes, self._roster.groups
        if place in classes and classes[place].school_id == school:
            kind = self._kinds.of_class(audience)
            return self._standing(room_key(school, kind, place), place)
        if place not in groups or groups[place].school_id != school:
            return LeftOut(place, Missing.NOT_HERE)
        group = groups[place]
        if audience != "guardians":
            for kind in self._kinds.groups:
                if (key := room_key(school, kind, place)) in self._rooms:
                    return Room(key)
        if len(group.class_ids) == 1 and group.class_ids[0] in classes:
            return self._place(school, group.class_ids[0], audience)
        return LeftOut(place, Missing.NO_ROOM)

    def _standing(self, key: str, who: str) -> Room | LeftOut:
        return Room(key) if key in self._rooms else LeftOut(who, Missing.NO_ROOM)


_FIRST: Final = (
    Role.STUDENT,
    Role.CLASS_TEACHER,
    Role.TEACHER,
    Role.STAFF,
    Role.SCHOOL_ADMIN,
    Role.OBSERVER,
    Role.GUARDIAN,
)
"""Of somebody who is several things: whose quiet hours count, work before home."""


def first_of(roles: Collection[Role]) -> Role:
    """As what somebody who is several things is treated; at least one."""
    return min(roles, key=_FIRST.index)


_BY_MEMBERSHIP: Final[Mapping[MemberRole, Role]] = {
    MemberRole.STUDENT: Role.STUDENT,
    MemberRole.TEACHER: Role.TEACHER,
    MemberRole.CLASS_TEACHER: Role.CLASS_TEACHER,
    MemberRole.STAFF: Role.STAFF,
    MemberRole.OBSERVER: Role.OBSERVER,
}


def roles_at_schools(
    roster: Roster, active: Collection[str], today: date
) -> dict[str, dict[str, frozenset[Role]]]:
    """School → person → what the person is there today. A guardian needs a child: the role alone
    outlives the child's time at the school.
    """
    found: dict[str, dict[str, set[Role]]] = {}
    for one in roster.roles:
        if (
            one.role is not Role.GUARDIAN
            and one.person_id in active
            and in_force(one.begin, one.end, today)
        ):
            found.setdefault(one.school_id, {}).setdefault(one.person_id, set()).add(one.role)
    school_of = {
        **{each.class_id: each.school_id for each in roster.classes.values()},
        **{each.group_id: each.school_id for each in roster.groups.values()},
    }
    for member in roster.memberships:
        role = _BY_MEMBERSHIP.get(member.role)
        school = school_of.get(member.target_id)
        if (
            role is not None
            and school is not None
            and member.person_id in active
            and in_force(member.begin, member.end, today)
        ):
            found.setdefault(school, {}).setdefault(member.person_id, set()).add(role)
    return {
        school: {person: frozenset(roles) for person, roles in people.items()}
        for school, people in found.items()
    }
