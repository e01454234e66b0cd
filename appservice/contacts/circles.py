"""From the roster to the policy: who stands in which circles today."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date
from hashlib import blake2b
from typing import Final, NamedTuple

from appservice.contacts.people_today import PeopleToday
from appservice.contacts.policy import Entry, Kind, Policy, Side, circle_of, place_in
from appservice.contacts.settings import ContactsSettings
from appservice.school.model import Roster, SchoolClass

_REGION: Final = "all"
_NAME_BYTES: Final = 8
_LONGEST_NAME: Final = 200  # the module takes places of at most 512 characters
_PLACE_SIDES: Final = (Side.STUDENT, Side.TEACHER, Side.GUARDIAN)


class _Seats(NamedTuple):
    """The people on one side of one circle."""

    kind: Kind
    name: str
    side: Side
    people: Iterable[str]


def policy_of(
    roster: Roster,
    user_ids: Mapping[str, str],
    settings: ContactsSettings,
    *,
    today: date,
    held: Collection[str] = (),
) -> Policy:
    """Who may write to whom on the day `today`.

    `user_ids`: person id → account, of all who have one; the others count for their guardians
    alone. People of `held` (Delivery.held) are left out: see `kept.kept_as_they_were`.
    """
    rules = settings.rules()
    used = {
        (kind, side)
        for kind, directions in rules.directions.items()
        for direction in directions
        for side in direction
    }
    people = PeopleToday(roster, today, only_legal=settings.only_legal_guardians)
    places: dict[str, set[str]] = {
        person: set() for person in user_ids if person in people.active and person not in held
    }
    for seats in _circles(roster, people, user_ids):
        if (seats.kind, seats.side) in used:
            place = place_in(seats.kind, seats.name, seats.side)
            for person in seats.people:
                if person in places:
                    places[person].add(place)
    return Policy(
        rules,
        {
            user_ids[person]: Entry(
                tuple(sorted(people.sides(person))), people.language(person), tuple(sorted(found))
            )
            for person, found in places.items()
        },
        _around(roster, people),
    )


def _around(roster: Roster, people: PeopleToday) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {
        circle_of(Kind.CLASS, _class_name(one)): (one.class_id,) for one in roster.classes.values()
    }
    for name, group_ids in _groups_by_students(roster, people):
        found[circle_of(Kind.GROUP, name)] = tuple(group_ids)
    return found


def _circles(roster: Roster, people: PeopleToday, user_ids: Mapping[str, str]) -> Iterator[_Seats]:
    for student, guardians in people.guardians.items():
        name = _family_name(student, guardians, user_ids)
        yield _Seats(Kind.FAMILY, name, Side.STUDENT, (student,))
        yield _Seats(Kind.FAMILY, name, Side.GUARDIAN, guardians)
    for class_id, one in roster.classes.items():
        for side in _PLACE_SIDES:
            yield _Seats(Kind.CLASS, _class_name(one), side, people.at(class_id, side))
    for name, group_ids in _groups_by_students(roster, people):
        for group_id in group_ids:
            for side in _PLACE_SIDES:
                yield _Seats(Kind.GROUP, name, side, people.at(group_id, side))
    for (school_id, side), them in people.schools.items():
        yield _Seats(Kind.SCHOOL, _name(school_id), side, them)
        yield _Seats(Kind.REGION, _REGION, side, them)


def _class_name(one: SchoolClass) -> str:
    return _name(one.school_id, one.class_id)


def _family_name(student: str, guardians: Iterable[str], user_ids: Mapping[str, str]) -> str:
    """Person ids may be numbers of documents and stay here; account names say nothing."""
    account = user_ids.get(student)
    if account is not None:
        return account[1:].partition(":")[0]
    return _digest(*sorted(user_ids[each] for each in guardians if each in user_ids))


def _groups_by_students(roster: Roster, people: PeopleToday) -> Iterator[tuple[str, list[str]]]:
    """Circle name → group ids. Groups of one school with the very same students (and listed
    guardians) are one circle: the lessons of a whole class are a dozen.
    """
    alike: dict[tuple[str, frozenset[str], frozenset[str]], list[str]] = {}
    for group_id, group in roster.groups.items():
        students = people.listed(group_id, Side.STUDENT)
        key = (group.school_id, students, people.listed(group_id, Side.GUARDIAN))
        alike.setdefault(key, []).append(group_id)
    for (school_id, _students, _listed), group_ids in alike.items():
        group_ids.sort()
        name = group_ids[0] if len(group_ids) == 1 else _digest(*group_ids)
        yield _name(school_id, name), group_ids


def _name(*ids: str) -> str:
    """Readable, unless somebody's ids are very long."""
    name = "/".join(ids)
    return name if len(name) <= _LONGEST_NAME else _digest(*ids)


def _digest(*names: str) -> str:
    return blake2b("\0".join(names).encode(), digest_size=_NAME_BYTES).hexdigest()
