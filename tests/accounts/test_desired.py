"""Which accounts must be there, and what they are called."""

from datetime import date

import pytest
from pydantic import SecretStr, ValidationError

from appservice.accounts.desired import AccountBook, desired_accounts, display_names
from appservice.accounts.identity import ComputedIdentities, identities
from appservice.accounts.settings import AccountsSettings
from appservice.errors import Refused
from appservice.rooms.desired import DesiredAccount
from appservice.school.model import (
    Guardianship,
    MemberRole,
    Membership,
    Person,
    Role,
    RoleAssignment,
    Roster,
)

TODAY = date(2026, 10, 1)
SETTINGS = AccountsSettings(localpart_secret=SecretStr("a secret that nobody guesses"))
PEOPLE = ComputedIdentities(SETTINGS, namespace="17", server_name="school.example")


def accounts(roster: Roster, settings: AccountsSettings = SETTINGS) -> AccountBook:
    people = identities(settings, namespace="17", server_name="school.example")
    return desired_accounts(roster, people, settings, today=TODAY)


def people(*persons: Person) -> dict[str, Person]:
    return {person.person_id: person for person in persons}


def test_everyone_whom_the_roster_gives_something_to_do_today_has_an_account() -> None:
    school = Roster(
        people=people(
            Person("student", "Иванов", "Пётр", "Сергеевич"),
            Person("mother", "Иванова", "Анна", "Ильинична"),
            Person("teacher", "Ли", "Ольга"),
            Person("left", "Гусев", "Олег"),
            Person("next year", "Котова", "Яна"),
            Person("gone", "Белов", "Ян", active=False),
            Person("nobody", "Чехов", "Антон"),
        ),
        memberships=(
            Membership("student", "5a", MemberRole.STUDENT, date(2026, 9, 1), date(2026, 10, 2)),
            Membership("left", "5a", MemberRole.STUDENT, date(2026, 9, 1), TODAY),
            Membership("gone", "5a", MemberRole.STUDENT),
        ),
        roles=(
            RoleAssignment("teacher", "17", Role.TEACHER),
            RoleAssignment("next year", "17", Role.TEACHER, date(2027, 9, 1)),
        ),
        guardianships=(Guardianship("student", "mother"), Guardianship("gone", "nobody")),
    )

    def account(person_id: str, name: str) -> tuple[str, DesiredAccount]:
        user_id = PEOPLE.user_id_of(person_id)
        mark = ("org.schoolspaces", PEOPLE.mark(person_id))
        return user_id, DesiredAccount(user_id, name, (mark,))

    assert accounts(school) == AccountBook(
        user_ids={name: PEOPLE.user_id_of(name) for name in ("mother", "student", "teacher")},
        accounts=dict(
            (
                account("mother", "Иванова Анна Ильинична"),
                account("student", "Иванов Пётр Сергеевич"),
                account("teacher", "Ли Ольга 🎓"),
            )
        ),
    )


@pytest.mark.parametrize(
    ("roles", "settings", "name"),
    [
        ({Role.STUDENT}, {}, "Ли Ольга"),
        ({Role.GUARDIAN, Role.TEACHER}, {}, "Ли Ольга 🎓"),
        ({Role.TEACHER}, {"badges": {}}, "Ли Ольга"),
        (
            {Role.TEACHER, Role.SCHOOL_ADMIN},
            {"badges": {Role.SCHOOL_ADMIN: "⭐", Role.TEACHER: "🎓"}},
            "Ли Ольга ⭐",
        ),
        (
            {Role.TEACHER},
            {"display_name": "{badge} {given_name} {patronymic} {family_name}"},
            "🎓 Ольга Ли",
        ),
    ],
)
def test_people_are_called_as_the_school_calls_them(
    roles: set[Role], settings: dict[str, object], name: str
) -> None:
    called = display_names(SETTINGS.model_copy(update=settings))
    assert called(Person("p", "Ли", "Ольга"), roles) == name


def test_a_very_long_name_is_cut_where_the_homeserver_would_refuse_it() -> None:
    called = display_names(SETTINGS)(Person("p", "Я" * 300, "Ольга"), {Role.TEACHER})
    assert called == "Я" * 256


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("{family_name} {e_mail}", "A name has no part called {e_mail}; there are {badge}, "),
        ("{family_name.__class__}", "A name has no part called {family_name.__class__}"),
        ("{badge}", "A name needs {family_name} or {given_name}."),
        ("{family_name", "This is not a template"),
    ],
)
def test_a_name_of_unknown_parts_is_refused_with_the_configuration(
    template: str, text: str
) -> None:
    with pytest.raises(ValidationError) as refusal:
        AccountsSettings(display_name=template)
    assert text in str(refusal.value)


def test_the_mark_of_our_accounts_cannot_be_given_away() -> None:
    with pytest.raises(ValidationError, match="kept for our own use"):
        AccountsSettings(external_ids={"esia": "org.schoolspaces"})


def test_people_without_an_account_elsewhere_are_named() -> None:
    school = Roster(
        people=people(
            Person("known", "Ли", "Ольга", external_ids=(("matrix", "olga"),)),
            Person("unknown", "Гусев", "Олег"),
        ),
        roles=(
            RoleAssignment("known", "17", Role.TEACHER),
            RoleAssignment("unknown", "17", Role.TEACHER),
        ),
    )
    olga = "@olga:school.example"
    assert accounts(school, AccountsSettings(backend="external")) == AccountBook(
        user_ids={"known": olga},
        accounts={olga: DesiredAccount(olga, "", ())},
        unknown=("unknown",),
    )


def test_two_people_with_one_account_are_refused() -> None:
    school = Roster(
        people=people(
            Person("p1", "Ли", "Ольга", external_ids=(("matrix", "olga"),)),
            Person("p2", "Гусев", "Олег", external_ids=(("matrix", "@olga:school.example"),)),
        ),
        roles=(
            RoleAssignment("p1", "17", Role.TEACHER),
            RoleAssignment("p2", "17", Role.TEACHER),
        ),
    )
    with pytest.raises(Refused) as refusal:
        accounts(school, AccountsSettings(backend="external"))
    assert refusal.value.reasons == (
        "Person p2 would share the account @olga:school.example with another person.",
    )
