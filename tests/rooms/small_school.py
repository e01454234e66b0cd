"""A school small enough to be compared whole, and what it gives."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date

from appservice.rooms.desired import Desired, DesiredAccount
from appservice.rooms.kinds.roster_rooms import desired_state
from appservice.rooms.kinds.settings import RoomsSettings
from appservice.rooms.observed import ObservedAccount
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
from appservice.year.archive import Archive, ArchiveSettings
from appservice.year.leavers import Leavers, LeaversSettings, graduates

SERVER = "school.example"
BOT = "@school:school.example"
TODAY = date(2026, 10, 1)
ALL_KINDS = RoomsSettings()

PEOPLE = (
    "director",
    "secretary",
    "ivanova",
    "petrov",
    "anna",
    "boris",
    "vera",
    "annas_mother",
    "boris_father",
    "veras_mother",
)
ROLES = (
    RoleAssignment("director", "17", Role.SCHOOL_ADMIN),
    RoleAssignment("secretary", "17", Role.STAFF),
)
CLASSES = (
    SchoolClass("5a", "17", "5А", 5),
    SchoolClass("5b", "17", "5Б", 5),
)
GROUPS = (
    TeachingGroup("maths", "17", ("5a",), "Математика", "Математика"),
    TeachingGroup("physics", "17", ("5a", "5b"), "Физика", "Физика, профиль"),
    TeachingGroup("choir", "17", (), "", "Хор"),
)
MEMBERSHIPS = (
    Membership("ivanova", "5a", MemberRole.CLASS_TEACHER),
    Membership("petrov", "5b", MemberRole.CLASS_TEACHER),
    Membership("anna", "5a", MemberRole.STUDENT),
    Membership("boris", "5a", MemberRole.STUDENT),
    Membership("vera", "5b", MemberRole.STUDENT),
    Membership("boris_father", "5a", MemberRole.MODERATOR),
    Membership("ivanova", "maths", MemberRole.TEACHER),
    Membership("anna", "maths", MemberRole.STUDENT),
    Membership("boris", "maths", MemberRole.STUDENT),
    Membership("petrov", "physics", MemberRole.TEACHER),
    Membership("boris", "physics", MemberRole.STUDENT),
    Membership("vera", "physics", MemberRole.STUDENT),
    Membership("petrov", "choir", MemberRole.TEACHER),
    Membership("anna", "choir", MemberRole.STUDENT),
    Membership("vera", "choir", MemberRole.STUDENT),
)
GUARDIANSHIPS = (
    Guardianship("anna", "annas_mother"),
    Guardianship("boris", "boris_father"),
    Guardianship("vera", "veras_mother"),
)
SCHOOL = School("17", "Школа № 17", year="2026/2027")


def person(name: str, *, active: bool = True) -> Person:
    return Person(name, name.title(), "А", active=active)


def school(
    *,
    people: Collection[str] = PEOPLE,
    roles: tuple[RoleAssignment, ...] = ROLES,
    classes: tuple[SchoolClass, ...] = CLASSES,
    groups: tuple[TeachingGroup, ...] = GROUPS,
    memberships: tuple[Membership, ...] = MEMBERSHIPS,
    guardianships: tuple[Guardianship, ...] = GUARDIANSHIPS,
    gone: Collection[str] = (),
    schools: tuple[School, ...] = (SCHOOL,),
) -> Roster:
    """The small school, or what a test makes of it. `gone` are people who are no longer active."""
    return Roster(
        schools=schools,
        people={name: person(name, active=name not in gone) for name in people},
        roles=roles,
        classes={each.class_id: each for each in classes},
        groups={each.group_id: each for each in groups},
        memberships=memberships,
        guardianships=guardianships,
    )


def user(name: str) -> str:
    return f"@{name}:{SERVER}"


def account(name: str) -> DesiredAccount:
    return DesiredAccount(user(name), name.title(), (("org.schoolspaces", name),))


def known(name: str) -> ObservedAccount:
    return ObservedAccount(user(name), name.title(), (("org.schoolspaces", name),))


def desired(
    roster: Roster | None = None,
    *,
    settings: RoomsSettings = ALL_KINDS,
    without_account: Collection[str] = (),
    held: Collection[str] = (),
    today: date = TODAY,
    leavers: LeaversSettings | None = None,
    archive: ArchiveSettings | None = None,
) -> Desired:
    """What the roster gives, every person being called by their id. Without `leavers` accounts are
    kept for ever, without `archive` rooms that end are emptied.
    """
    roster = school() if roster is None else roster
    names = list({**roster.people, **dict.fromkeys(held)})
    wanted = desired_state(
        roster,
        user_ids={name: user(name) for name in names if name not in without_account},
        accounts={
            user(name): account(name)
            for name, each in roster.people.items()
            if each.active and name not in without_account
        },
        settings=settings,
        server_name=SERVER,
        bot=BOT,
        today=today,
        held=held,
    )
    if archive is not None:
        years = {each.school_id: each.year for each in roster.schools}
        wanted = replace(wanted, archive=Archive(today, archive, years))
    if leavers is None:
        return wanted
    of = frozenset(map(user, graduates(roster)))
    return replace(wanted, leavers=Leavers(today, "org.schoolspaces", leavers, of))


def who(wanted: Desired) -> Mapping[str, Mapping[str, int]]:
    """Room key → person → level, for all rooms."""
    return {
        key: {member[1:].split(":")[0]: level for member, level in room.members.items()}
        for key, room in wanted.rooms.items()
    }


def only(*kinds: str, **changed: object) -> RoomsSettings:
    """Settings that keep these of the built-in kinds, and `changed` ones."""
    dropped = {name: None for name in ALL_KINDS.kinds if name not in kinds}
    return RoomsSettings.model_validate({"kinds": {**dropped, **changed}})
