"""A school small enough to be built in seconds: two classes, a club, and everybody it needs."""

from collections.abc import Collection
from dataclasses import replace

from appservice.school.model import (
    Guardianship,
    MemberRole,
    Membership,
    Person,
    Role,
    RoleAssignment,
    Roster,
    School,
    SchoolClass,
    TeachingGroup,
)
from appservice.school.problem import Delivery

_PEOPLE = (
    Person("head", "Орлова", "Вера", "Павловна"),
    Person("lena", "Котова", "Елена", "Игоревна"),
    Person("oleg", "Гусев", "Олег", "Петрович"),
    Person("petya", "Иванов", "Пётр"),
    Person("masha", "Ли", "Мария"),
    Person("vanya", "Белов", "Иван"),
    Person("anna", "Иванова", "Анна", "Ильинична"),
    Person("boris", "Белов", "Борис", "Ильич"),
)


def tiny_roster() -> Roster:
    """Petya and Masha are in 5A, Vanya in 5B; Lena leads 5A, Oleg 5B; Anna and Boris are
    guardians.
    """
    return Roster(
        schools=(School("17", "Школа № 17"),),
        people={person.person_id: person for person in _PEOPLE},
        roles=(
            RoleAssignment("anna", "17", Role.GUARDIAN),
            RoleAssignment("boris", "17", Role.GUARDIAN),
            RoleAssignment("head", "17", Role.SCHOOL_ADMIN),
            RoleAssignment("lena", "17", Role.TEACHER),
            RoleAssignment("masha", "17", Role.STUDENT),
            RoleAssignment("oleg", "17", Role.TEACHER),
            RoleAssignment("petya", "17", Role.STUDENT),
            RoleAssignment("vanya", "17", Role.STUDENT),
        ),
        classes={
            "5a": SchoolClass("5a", "17", "5А", 5),
            "5b": SchoolClass("5b", "17", "5Б", 5),
        },
        groups={
            "5a-math": TeachingGroup("5a-math", "17", ("5a",), "Математика", "Математика"),
            "5b-math": TeachingGroup("5b-math", "17", ("5b",), "Математика", "Математика"),
        },
        memberships=(
            Membership("lena", "5a", MemberRole.CLASS_TEACHER),
            Membership("masha", "5a", MemberRole.STUDENT),
            Membership("petya", "5a", MemberRole.STUDENT),
            Membership("masha", "5a-math", MemberRole.STUDENT),
            Membership("oleg", "5a-math", MemberRole.TEACHER),
            Membership("petya", "5a-math", MemberRole.STUDENT),
            Membership("oleg", "5b", MemberRole.CLASS_TEACHER),
            Membership("vanya", "5b", MemberRole.STUDENT),
            Membership("oleg", "5b-math", MemberRole.TEACHER),
            Membership("vanya", "5b-math", MemberRole.STUDENT),
        ),
        guardianships=(Guardianship("petya", "anna"), Guardianship("vanya", "boris")),
    )


def delivery(roster: Roster | None = None, *, held: Collection[str] = ()) -> Delivery:
    """A roster that was accepted."""
    return Delivery(roster or tiny_roster(), held=frozenset(held))


def moved(roster: Roster, person_id: str, places: dict[str, str]) -> Roster:
    """The person's memberships in other places: old class or group id → new one."""
    return replace(
        roster,
        memberships=tuple(
            membership._replace(target_id=places.get(membership.target_id, membership.target_id))
            if membership.person_id == person_id
            else membership
            for membership in roster.memberships
        ),
    )


def without(roster: Roster, *person_ids: str) -> Roster:
    """These people have left: nothing in the roster names them any more."""
    return replace(
        roster,
        people={key: each for key, each in roster.people.items() if key not in person_ids},
        roles=tuple(each for each in roster.roles if each.person_id not in person_ids),
        memberships=tuple(each for each in roster.memberships if each.person_id not in person_ids),
        guardianships=tuple(
            each
            for each in roster.guardianships
            if each.student_id not in person_ids and each.guardian_id not in person_ids
        ),
    )
