"""Two schools small enough to say of any two of their people whether they may write."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date

from appservice.contacts.circles import policy_of
from appservice.contacts.policy import Policy, may_contact
from appservice.contacts.settings import ContactsSettings
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

TODAY = date(2026, 10, 1)
YESTERDAY = date(2026, 9, 30)
TOMORROW = date(2026, 10, 2)
DEFAULTS = ContactsSettings()

PEOPLE = (
    *("anna", "boris", "vera", "gleb"),  # 5A, 5A, 5B, and 7A of the other school
    *("annas_mother", "annas_father", "annas_aunt", "boris_mother", "veras_mother", "glebs_mother"),
    *("lena", "oleg", "igor", "nina"),  # teachers; Nina at the other school
    *("head", "clerk", "inspector", "other_head"),
)
ROLES = (
    RoleAssignment("clerk", "17", Role.STAFF),
    RoleAssignment("head", "17", Role.SCHOOL_ADMIN),
    RoleAssignment("igor", "17", Role.TEACHER),
    RoleAssignment("inspector", "17", Role.OBSERVER),
    RoleAssignment("other_head", "18", Role.SCHOOL_ADMIN),
)
CLASSES = (
    SchoolClass("5a", "17", "5А", 5),
    SchoolClass("5b", "17", "5Б", 5),
    SchoolClass("7a", "18", "7А", 7),
)
GROUPS = (
    TeachingGroup("5a-maths", "17", ("5a",), "Математика", "Математика"),
    TeachingGroup("5a-history", "17", ("5a",), "История", "История"),
    TeachingGroup("5b-maths", "17", ("5b",), "Математика", "Математика"),
    TeachingGroup("choir", "17", (), "", "Хор"),
    TeachingGroup("7a-maths", "18", ("7a",), "Математика", "Математика"),
)
MEMBERSHIPS = (
    Membership("anna", "5a", MemberRole.STUDENT),
    Membership("boris", "5a", MemberRole.STUDENT),
    Membership("lena", "5a", MemberRole.CLASS_TEACHER),
    Membership("vera", "5b", MemberRole.STUDENT),
    Membership("gleb", "7a", MemberRole.STUDENT),
    Membership("nina", "7a", MemberRole.CLASS_TEACHER),
    Membership("anna", "5a-maths", MemberRole.STUDENT),
    Membership("boris", "5a-maths", MemberRole.STUDENT),
    Membership("oleg", "5a-maths", MemberRole.TEACHER),
    Membership("anna", "5a-history", MemberRole.STUDENT),
    Membership("boris", "5a-history", MemberRole.STUDENT),
    Membership("lena", "5a-history", MemberRole.TEACHER),
    Membership("vera", "5b-maths", MemberRole.STUDENT),
    Membership("oleg", "5b-maths", MemberRole.TEACHER),
    Membership("anna", "choir", MemberRole.STUDENT),
    Membership("vera", "choir", MemberRole.STUDENT),
    Membership("igor", "choir", MemberRole.TEACHER),
)
GUARDIANSHIPS = (
    Guardianship("anna", "annas_father"),
    Guardianship("anna", "annas_mother"),
    Guardianship("anna", "annas_aunt", legal=False),
    Guardianship("boris", "boris_mother"),
    Guardianship("vera", "veras_mother"),
    Guardianship("gleb", "glebs_mother"),
)


def town(
    *,
    roles: tuple[RoleAssignment, ...] = ROLES,
    memberships: tuple[Membership, ...] = MEMBERSHIPS,
    guardianships: tuple[Guardianship, ...] = GUARDIANSHIPS,
    gone: Collection[str] = (),
) -> Roster:
    """The two schools, or what a test makes of them. `gone` are no longer active."""
    return Roster(
        schools=(School("17", "Школа № 17"), School("18", "School 18", language="en")),
        people={
            name: Person(name, name.title(), "А", active=name not in gone, row=row)
            for row, name in enumerate(PEOPLE, start=2)
        },
        roles=roles,
        classes={one.class_id: one for one in CLASSES},
        groups={one.group_id: one for one in GROUPS},
        memberships=memberships,
        guardianships=guardianships,
    )


def user(name: str) -> str:
    return f"@{name}:school.test"


def users(names: Collection[str] = PEOPLE) -> Mapping[str, str]:
    return {name: user(name) for name in names}


def policy(
    roster: Roster | None = None,
    settings: ContactsSettings = DEFAULTS,
    *,
    names: Collection[str] = PEOPLE,
    today: date = TODAY,
    held: Collection[str] = (),
) -> Policy:
    return policy_of(roster or town(), users(names), settings, today=today, held=held)


def writes_to(made: Policy, name: str) -> set[str]:
    """Everyone of the town to whom this person may write first."""
    return {
        other for other in PEOPLE if other != name and may_contact(made, user(name), user(other))
    }


def rules(**section: object) -> ContactsSettings:
    """The section `contacts:` with these keys."""
    return ContactsSettings.model_validate(section)
