"""Accounts from the first day at school to long after the last one, on a real homeserver."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest

from appservice.accounts.identity import ComputedIdentities
from appservice.accounts.synapse import SynapseAccounts
from appservice.embedded.synapse import EmbeddedSynapse
from appservice.matrix.homeserver import Homeserver
from appservice.rooms.actions import DeactivateAccount, RestoreAccount, SuspendAccount
from appservice.school.model import Roster
from appservice.upkeep.apply import apply, plan_of, run_audit
from appservice.upkeep.reconcile import wish_of
from appservice.upkeep.report import Report
from appservice.year.leavers import AccountStanding, Past
from tests.upkeep.bystander import Bystander
from tests.upkeep.conftest import TODAY, SchoolOnTrial
from tests.upkeep.tiny_school import delivery, tiny_roster, without

ACCOUNTS = SuspendAccount | DeactivateAccount | RestoreAccount


async def on_day(school: SchoolOnTrial, days: int, roster: Roster | None = None) -> Report:
    """Approve and apply what the roster asks for so many days later."""
    deployment = school.workplace.deployment
    wish = wish_of(delivery(roster), deployment, today=TODAY + timedelta(days=days))
    digest = (await plan_of(wish, school.workplace)).plan.digest
    report = await apply(wish, school.workplace, digest=digest)
    assert (report.failed, report.skipped) == ((), ())
    return report


def about_accounts(report: Report) -> list[object]:
    return [done.action for done in report.results if isinstance(done.action, ACCOUNTS)]


async def flags(school: SchoolOnTrial, person: str) -> tuple[object, object]:
    """Whether the account is suspended, whether it is deactivated."""
    user = await school.bot.user(school.user(person))
    return user["suspended"], user["deactivated"]


async def signed_in(school: SchoolOnTrial, person: str) -> Bystander:
    user = school.user(person)
    token = await school.bot.ask("POST", f"/_synapse/admin/v1/users/{user}/login", {})
    return Bystander(school.slot.homeserver_url, str(token["access_token"]))


async def test_a_leaver_is_suspended_deactivated_after_the_grace_and_opened_on_coming_back(
    school: SchoolOnTrial,
) -> None:
    await school.stand()
    lena, gone = school.user("lena"), without(tiny_roster(), "lena")

    assert about_accounts(await on_day(school, 0, gone)) == [SuspendAccount(lena)]
    assert await flags(school, "lena") == (True, False)
    assert about_accounts(await on_day(school, 5)) == [RestoreAccount(lena, "suspended")]
    assert await flags(school, "lena") == (False, False)
    assert await school.seen() == school.wanted()

    await on_day(school, 6, gone)
    assert about_accounts(await on_day(school, 19, gone)) == []
    assert about_accounts(await on_day(school, 20, gone)) == [DeactivateAccount(lena)]
    assert (await flags(school, "lena"))[1] is True
    assert about_accounts(await on_day(school, 200, gone)) == []

    assert about_accounts(await on_day(school, 201)) == [RestoreAccount(lena, "deactivated")]
    assert await flags(school, "lena") == (False, False)
    assert await school.seen() == school.wanted()
    assert (await school.audit()).corrections == ()


async def test_who_is_suspended_can_read_but_not_write(school: SchoolOnTrial) -> None:
    await school.stand()
    petya = await signed_in(school, "petya")
    private = await petya.create_room(name="Личное")
    await on_day(school, 0, without(tiny_roster(), "petya"))
    said = {"msgtype": "m.text", "body": "Пока!"}
    with pytest.raises(AssertionError, match="M_USER_SUSPENDED"):
        await petya.ask("PUT", f"/_matrix/client/v3/rooms/{private}/send/m.room.message/1", said)
    assert (await petya.ask("GET", "/_matrix/client/v3/joined_rooms"))["joined_rooms"] == [private]


async def test_a_graduate_keeps_the_account_for_the_summer_also_when_the_roster_forgets_them(
    school: SchoolOnTrial,
) -> None:
    grades = {key: each._replace(grade=11) for key, each in tiny_roster().classes.items()}
    lower = replace(tiny_roster(), classes={**grades, "5a": grades["5a"]._replace(grade=10)})
    await school.stand(lower)
    petya, vanya = school.user("petya"), school.user("vanya")
    gone = without(lower, "petya", "vanya")
    await on_day(school, 0, gone)
    assert about_accounts(await on_day(school, 14, gone)) == [DeactivateAccount(petya)]
    assert about_accounts(await on_day(school, 89, gone)) == []
    assert about_accounts(await on_day(school, 90, gone)) == [DeactivateAccount(vanya)]


async def test_the_last_administrator_keeps_the_account_until_there_is_another_one(
    school: SchoolOnTrial,
) -> None:
    await school.stand()
    headless = without(tiny_roster(), "head")
    assert about_accounts(await on_day(school, 0, headless)) == []
    assert about_accounts(await on_day(school, 1, headless)) == []
    assert await flags(school, "head") == (False, False)
    roles = [
        role._replace(role=tiny_roster().roles[2].role) if role.person_id == "lena" else role
        for role in headless.roles
    ]
    with_another = replace(headless, roles=tuple(roles))
    assert about_accounts(await on_day(school, 2, with_another)) == [
        SuspendAccount(school.user("head"))
    ]


async def test_an_administrator_of_the_homeserver_is_never_shut_out(school: SchoolOnTrial) -> None:
    await school.stand()
    await school.bot.put_user(school.user("lena"), admin=True)
    gone = without(tiny_roster(), "lena")
    await on_day(school, 0, gone)  # nobody knew: the account is looked at before it is touched
    assert await flags(school, "lena") == (False, False)
    assert about_accounts(await on_day(school, 30, gone)) == []
    lena = (await school.workplace.store.accounts())[school.user("lena")]
    assert (lena.standing, lena.server_admin) == (AccountStanding.ACTIVE, True)
    await school.bot.put_user(school.user("lena"), admin=False)


async def test_after_a_rebuild_the_grace_of_a_suspended_account_begins_anew(
    school: SchoolOnTrial,
) -> None:
    await school.stand()
    gone = without(tiny_roster(), "lena")
    await on_day(school, 0, gone)
    async with school.workplace.database.connection() as connection:
        await connection.execute("DELETE FROM account")
    later = wish_of(delivery(gone), school.workplace.deployment, today=TODAY + timedelta(days=10))
    await run_audit(later, school.workplace)
    lena = (await school.workplace.store.accounts())[school.user("lena")]
    assert (lena.standing, lena.past) == (
        AccountStanding.SUSPENDED,
        Past(left_on=TODAY + timedelta(days=10)),
    )
    assert about_accounts(await on_day(school, 23, gone)) == []
    assert about_accounts(await on_day(school, 24, gone)) == [
        DeactivateAccount(school.user("lena"))
    ]


async def test_somebody_suspended_by_hand_is_opened_when_an_audit_sees_it(
    school: SchoolOnTrial,
) -> None:
    await school.stand()
    petya = school.user("petya")
    await school.workplace.homeserver.set_suspended(petya, True)
    await school.audit()
    assert about_accounts(await school.apply()) == [RestoreAccount(petya, "suspended")]
    assert await flags(school, "petya") == (False, False)


async def test_an_external_id_that_leaves_the_roster_is_unbound(school: SchoolOnTrial) -> None:
    provider = f"oidc-{school.slot.id}"
    accounts = school.workplace.deployment.accounts.model_copy(
        update={"external_ids": {"esia": provider}}
    )
    deployment = replace(school.workplace.deployment, accounts=accounts)
    people = deployment.identities
    assert isinstance(people, ComputedIdentities)
    backend = SynapseAccounts(school.workplace.homeserver, accounts, people)
    school.workplace = replace(school.workplace, deployment=deployment, backend=backend)
    tiny = tiny_roster()
    bound = tiny.people["petya"]._replace(external_ids=(("esia", "1000"),))
    await school.stand(replace(tiny, people={**tiny.people, "petya": bound}))
    assert await external_ids(school, "petya") == {"org.schoolspaces", provider}

    await school.apply()
    assert await external_ids(school, "petya") == {"org.schoolspaces"}
    assert (await school.plan()).actions == ()


async def external_ids(school: SchoolOnTrial, person: str) -> set[str]:
    pairs = (await school.bot.user(school.user(person)))["external_ids"]
    assert isinstance(pairs, list)
    return {str(pair["auth_provider"]) for pair in pairs if isinstance(pair, Mapping)}


async def test_where_synapse_has_no_suspension_the_account_is_locked(
    school: SchoolOnTrial, homeserver: EmbeddedSynapse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An older Synapse answers the path that it does not know; so does this one, a path beside."""
    account = await homeserver.create_user(f"{school.slot.id}-old", "a long password")
    monkeypatch.setattr(
        "appservice.matrix.account_requests.SUSPEND", "suspend_as_before_synapse_had_it"
    )
    hs: Homeserver = school.workplace.homeserver
    await hs.set_suspended(account.user_id, True)
    assert (await school.bot.user(account.user_id))["locked"] is True
    await hs.set_suspended(account.user_id, False)
    assert (await school.bot.user(account.user_id))["locked"] is False
