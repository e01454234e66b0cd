"""Accounts are made, changed and read over the user admin API of a real Synapse."""

import asyncio

import pytest

from appservice.matrix.homeserver import Homeserver
from appservice.matrix.values import UserRecord
from tests.ground import AppserviceSlot


def person(slot: AppserviceSlot, name: str) -> str:
    return f"@{slot.id}-{name}:{slot.server_name}"


async def test_an_account_is_made_once_and_changed_afterwards(
    bot: Homeserver, appservice_slot: AppserviceSlot
) -> None:
    user = person(appservice_slot, "u1")
    ids = [("org.schoolspaces", f"{appservice_slot.id}-1")]

    made = await bot.put_user(user, display_name="Петрова Анна", external_ids=ids)
    made_again = await bot.put_user(user, display_name="🎓 Петрова Анна")

    assert (made, made_again) == (True, False)
    assert await bot.user(user) == UserRecord(
        user_id=user,
        display_name="🎓 Петрова Анна",
        admin=False,
        deactivated=False,
        suspended=False,
        external_ids=tuple(ids),
    )


async def test_an_account_two_requests_make_in_one_moment_is_made_once(
    bot: Homeserver, appservice_slot: AppserviceSlot
) -> None:
    """As when a run is killed and the next one comes before the homeserver has noticed."""
    for number in range(5):
        user = person(appservice_slot, f"twice{number}")
        made = await asyncio.gather(
            *(bot.put_user(user, display_name="Петрова Анна") for _ in range(3))
        )
        record = await bot.user(user)
        assert (made.count(True), record and record.display_name) == (1, "Петрова Анна")


async def test_an_account_nobody_made_is_no_account(
    bot: Homeserver, appservice_slot: AppserviceSlot
) -> None:
    assert await bot.user(person(appservice_slot, "nobody")) is None


async def test_a_deactivated_account_stands_in_the_list_of_all_accounts(
    bot: Homeserver, appservice_slot: AppserviceSlot
) -> None:
    stays, leaves = person(appservice_slot, "stays"), person(appservice_slot, "leaves")
    await bot.put_user(stays, display_name="Stays")
    await bot.put_user(leaves, display_name="Leaves", password="long enough")
    await bot.put_user(leaves, deactivated=True)

    listed = {record.user_id: record async for record in bot.users()}

    assert listed[stays] == UserRecord(stays, "Stays", False, False, None)
    assert listed[leaves].deactivated
    assert listed[appservice_slot.bot_id].admin


async def test_a_list_of_accounts_longer_than_a_page_is_read_to_its_end(
    bot: Homeserver, appservice_slot: AppserviceSlot, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = {person(appservice_slot, f"p{number}") for number in range(5)}
    for user in people:
        await bot.put_user(user, display_name="Person")
    monkeypatch.setattr("appservice.matrix.account_requests._PAGE", 2)

    listed = [record.user_id async for record in bot.users()]

    assert people <= set(listed)
    assert len(listed) == len(set(listed))
