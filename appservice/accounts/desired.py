"""Which accounts must be there: everyone active whom the roster gives something to do today.
Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date
from string import Formatter
from typing import Final

from appservice.accounts.identity import Identities
from appservice.accounts.settings import AccountsSettings
from appservice.errors import Refused
from appservice.language import _
from appservice.rooms.desired import DesiredAccount
from appservice.school.model import MemberRole, Person, Role, Roster, in_force

_NOTHING: Final[frozenset[Role]] = frozenset()
LONGEST_DISPLAY_NAME: Final = 256  # Synapse's MAX_DISPLAYNAME_LEN

ROLE_OF_MEMBER: Final[Mapping[MemberRole, Role]] = {
    MemberRole.STUDENT: Role.STUDENT,
    MemberRole.TEACHER: Role.TEACHER,
    MemberRole.CLASS_TEACHER: Role.CLASS_TEACHER,
    MemberRole.GUARDIAN: Role.GUARDIAN,
    MemberRole.MODERATOR: Role.GUARDIAN,
    MemberRole.STAFF: Role.STAFF,
    MemberRole.OBSERVER: Role.OBSERVER,
}


@dataclass(frozen=True, slots=True)
class AccountBook:
    """The people of a roster and their accounts.

    `user_ids`: person id → user id, for everyone who has an account. `accounts`: by user id.
    `unknown`: ids of people who should have one but of whom the roster does not say which it is
    (external backend), sorted.
    """

    user_ids: Mapping[str, str]
    accounts: Mapping[str, DesiredAccount]
    unknown: tuple[str, ...] = ()


def desired_accounts(
    roster: Roster, identities: Identities, settings: AccountsSettings, *, today: date
) -> AccountBook:
    """Everyone active with a role, a membership or a guardianship in force.

    Raises Refused when two people would share one account.
    """
    ours = settings.backend == "synapse"
    name = display_names(settings)
    user_ids: dict[str, str] = {}
    accounts: dict[str, DesiredAccount] = {}
    unknown: list[str] = []
    shared: list[str] = []
    for person_id, roles in sorted(roles_in_force(roster, today).items()):
        person = roster.people.get(person_id)
        if person is None or not person.active:
            continue
        user_id = identities.user_id(person)
        if user_id is None:
            unknown.append(person_id)
        elif user_id in accounts:
            shared.append(
                _("Person {person} would share the account {account} with another person.").format(
                    person=person_id, account=user_id
                )
            )
        else:
            user_ids[person_id] = user_id
            accounts[user_id] = DesiredAccount(
                user_id, name(person, roles) if ours else "", identities.external_ids(person)
            )
    if shared:
        raise Refused(*shared)
    return AccountBook(user_ids, accounts, tuple(unknown))


def roles_in_force(roster: Roster, today: date) -> Mapping[str, frozenset[Role]]:
    """What each person is today, by person id: school roles, what classes and groups make of them,
    and guardians.
    """
    held: dict[str, frozenset[Role]] = {}
    alike: dict[frozenset[Role], frozenset[Role]] = {}  # a region's people share a handful of these

    def hold(person_id: str, role: Role) -> None:
        roles = held.get(person_id, _NOTHING)
        if role not in roles:
            roles |= {role}
            held[person_id] = alike.setdefault(roles, roles)

    for assignment in roster.roles:
        if in_force(assignment.begin, assignment.end, today):
            hold(assignment.person_id, assignment.role)
    for membership in roster.memberships:
        if in_force(membership.begin, membership.end, today):
            hold(membership.person_id, ROLE_OF_MEMBER[membership.role])
    for guardianship in roster.guardianships:
        student = roster.people.get(guardianship.student_id)
        if (
            student is not None
            and student.active
            and in_force(guardianship.begin, guardianship.end, today)
        ):
            hold(guardianship.guardian_id, Role.GUARDIAN)
    return held


def display_names(settings: AccountsSettings) -> Callable[[Person, Collection[Role]], str]:
    """The way people are called: the template filled, spaces that a missing part leaves closed, the
    badge at its place.
    """
    template = settings.display_name
    if all(part != "badge" for _text, part, _spec, _conversion in Formatter().parse(template)):
        template += " {badge}"
    badges = tuple(settings.badges.items())

    def name(person: Person, roles: Collection[Role]) -> str:
        filled = template.format(
            family_name=person.family_name,
            given_name=person.given_name,
            patronymic=person.patronymic,
            badge=next((badge for role, badge in badges if role in roles), ""),
        )
        return " ".join(filled.split())[:LONGEST_DISPLAY_NAME].rstrip()

    return name
