"""What becomes of the accounts of those who left, as a plan."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from appservice.language import speaking
from appservice.rooms.actions import (
    Action,
    DeactivateAccount,
    RestoreAccount,
    SuspendAccount,
)
from appservice.rooms.desired import Desired
from appservice.rooms.observed import ObservedAccount
from appservice.rooms.planning.maker import make_plan
from appservice.rooms.planning.plan import Plan
from appservice.school.model import Roster
from appservice.year.leavers import AccountStanding, LeaversSettings, Past
from tests.rooms.imagined_homeserver import ImaginedHomeserver
from tests.rooms.small_school import PEOPLE, ROLES, TODAY, desired, school, user

# Everybody here is in the highest grade of the school.
RULES = LeaversSettings(grace_days=3, graduate_days=14)


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    with speaking("en"):
        yield


def wanted(roster: Roster | None = None, *, days: int = 0, held: tuple[str, ...] = ()) -> Desired:
    return desired(roster, today=TODAY + timedelta(days=days), held=held, leavers=RULES)


def without(*names: str) -> Roster:
    return school(people=[name for name in PEOPLE if name not in names])


def standing() -> ImaginedHomeserver:
    server = ImaginedHomeserver()
    server.apply(wanted())
    return server


def about_accounts(plan: Plan) -> list[Action]:
    kinds = SuspendAccount | DeactivateAccount | RestoreAccount
    return [action for action in plan.actions if isinstance(action, kinds)]


def test_a_leaver_is_suspended_at_once_deactivated_after_the_grace_and_then_left_alone() -> None:
    server, gone = standing(), without("vera")
    first = server.apply(wanted(gone))
    assert about_accounts(first) == [SuspendAccount(user("vera"))]
    assert first.actions[-1] == SuspendAccount(user("vera"))  # her rooms are taken away first
    assert server.apply(wanted(gone, days=13)).actions == ()
    assert server.apply(wanted(gone, days=14)).actions == (DeactivateAccount(user("vera")),)
    assert server.apply(wanted(gone, days=400)).actions == ()


@pytest.mark.parametrize(("days", "how"), [(13, "suspended"), (15, "deactivated")])
def test_somebody_who_comes_back_finds_the_account_open_again(days: int, how: str) -> None:
    server, gone = standing(), without("vera")
    server.apply(wanted(gone))
    server.apply(wanted(gone, days=days))
    plan = server.apply(wanted(days=days))
    assert [action for action in plan.actions if isinstance(action, RestoreAccount)] == [
        RestoreAccount(user("vera"), how)
    ]
    assert server.accounts[user("vera")].past == Past()
    assert server.apply(wanted(days=days)).actions == ()


def test_a_suspended_account_of_somebody_at_school_is_opened() -> None:
    server = standing()
    server.accounts[user("anna")] = server.accounts[user("anna")]._replace(
        standing=AccountStanding.SUSPENDED
    )
    assert server.plan(wanted()).actions == (RestoreAccount(user("anna"), "suspended"),)


def test_accounts_of_others_server_administrators_and_held_people_are_never_taken_away() -> None:
    server, gone = standing(), without("vera", "boris", "anna")
    theirs = ObservedAccount("@inspector:school.example", "Inspector", (("saml", "1"),))
    server.accounts[theirs.user_id] = theirs
    vera = server.accounts[user("vera")]
    server.accounts[user("vera")] = vera._replace(server_admin=True)
    plan = server.plan(wanted(gone, held=("boris",)))
    assert about_accounts(plan) == [SuspendAccount(user("anna"))]
    assert plan.notes == (
        "@vera:school.example is in no roster any more and is an administrator of the homeserver:"
        " the account stays as it is.",
    )


def test_the_last_administrator_of_a_school_is_never_suspended() -> None:
    server = standing()
    server.accounts[user("director")] = server.accounts[user("director")]._replace(
        past=Past(administered=("17",))
    )
    headless = school(
        people=[name for name in PEOPLE if name != "director"],
        roles=tuple(role for role in ROLES if role.person_id != "director"),
    )
    plan = server.apply(wanted(headless))
    assert about_accounts(plan) == []
    assert "school_without_administrator" in {hold.code for hold in plan.holds}
    again = server.plan(wanted(headless, days=100))
    assert again.actions == ()
    assert [note for note in again.notes if "@director:school.example was the last" in note]


def test_an_account_whose_leaving_day_nobody_knows_is_not_deactivated() -> None:
    server, gone = standing(), without("vera")
    server.apply(wanted(gone))
    server.accounts[user("vera")] = server.accounts[user("vera")]._replace(past=Past())
    assert server.plan(wanted(gone, days=400)).actions == ()


def test_many_leavers_at_once_wait_for_a_person() -> None:
    server = standing()
    few = make_plan(wanted(without("vera", "anna")), server.observed(), server.accounts)
    assert "removals.accounts" not in {hold.code for hold in few.holds}
    many = without("vera", "anna", "boris")
    held = make_plan(wanted(many), server.observed(), server.accounts)
    assert {hold.code: hold.text for hold in held.holds}["removals.accounts"] == (
        "3 of 10 accounts would go: 30 %, more than 10 %."
    )
    server.apply(wanted(many))
    later = server.plan(wanted(many, days=20))
    assert later.counts == {"deactivate_account": 3}
    assert [hold.code for hold in later.holds] == ["removals.accounts"]


def test_an_external_id_taken_out_of_the_roster_is_unbound_where_the_provider_is_ours() -> None:
    server = standing()
    anna = server.accounts[user("anna")]
    bound = (("esia", "1"), ("saml", "2"), *anna.external_ids)
    server.accounts[user("anna")] = anna._replace(external_ids=bound)
    assert server.plan(wanted()).actions == ()
    ours = replace(wanted(), governed=frozenset({"esia", "org.schoolspaces"}))
    plan = server.apply(ours)
    assert plan.counts == {"update_account": 1}
    assert server.accounts[user("anna")].external_ids == (
        *anna.external_ids,
        ("saml", "2"),
    )
