"""Rooms and people that stand already: an emptied database, drift behind our back, aliases that are
taken.
"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from appservice.embedded.postgres import EmbeddedPostgres
from appservice.embedded.synapse import EmbeddedSynapse
from appservice.rooms.actions import (
    AddMember,
    CreateRoom,
    RemoveMember,
    RestoreAccount,
    SuspendAccount,
    UpdateAccount,
)
from appservice.storage.database import Database
from appservice.storage.observed import ObservedStore
from appservice.upkeep import adopt
from appservice.upkeep.audit import Correction
from tests import ground
from tests.upkeep.bystander import Bystander
from tests.upkeep.conftest import SchoolOnTrial
from tests.upkeep.tiny_school import tiny_roster, without


@pytest.fixture
async def emptied(
    school: SchoolOnTrial, postgres: EmbeddedPostgres, database_template: str
) -> AsyncIterator[SchoolOnTrial]:
    """A school that stands, whose database has been lost."""
    await school.stand()
    copies = ground.copied_database(postgres, database_template)
    async with Database.connect(next(copies)) as database:
        store = ObservedStore(database, bot=school.slot.bot_id)
        workplace = replace(school.workplace, database=database, store=store)
        yield SchoolOnTrial(workplace, school.slot)
    next(copies, None)


async def everything_known(school: SchoolOnTrial) -> object:
    store = school.workplace.store
    return await store.rooms(list(await store.room_ids())), await store.accounts()


async def test_an_emptied_database_is_rebuilt_and_nothing_is_made_twice(
    school: SchoolOnTrial, emptied: SchoolOnTrial
) -> None:
    before = await school.seen()
    assert (await emptied.apply(approved=False)).results == ()
    assert await emptied.seen() == before == school.wanted()
    assert await everything_known(emptied) == await everything_known(school)
    assert (await emptied.audit()).corrections == ()


async def test_after_a_rebuild_a_leaver_is_still_ours_to_remove(emptied: SchoolOnTrial) -> None:
    fewer = without(tiny_roster(), "masha")
    report = await emptied.audit(fewer)
    people, rooms = emptied.wish().desired.accounts, emptied.wish().desired.rooms
    assert (report.accounts, report.rooms) == (len(people), len(rooms))
    assert set(report.corrections) == {
        *(Correction("account_found", user) for user in people),
        *(Correction("room_found", key) for key in rooms),
    }
    done = (await emptied.apply(fewer)).results
    masha = emptied.user("masha")
    assert {result.action for result in done} == {
        SuspendAccount(masha),
        *(RemoveMember(key, masha) for key, room in rooms.items() if masha in room.members),
    }
    assert await emptied.seen() == emptied.wanted(fewer)


async def test_what_changed_behind_our_back_is_seen_by_an_audit_and_put_right(
    school: SchoolOnTrial,
) -> None:
    await school.stand()
    assert (await school.audit()).corrections == ()

    bot, petya, masha = school.bot, school.user("petya"), school.user("masha")
    chat, space = (
        await school.room_id("17/class_chat/5a"),
        await school.room_id("17/class_space/5a"),
    )
    await bot.put_state(chat, "m.room.name", "", {"name": "Чат без учителей"})
    await bot.put_state(space, "m.space.child", chat, {})
    await bot.act(chat, "kick", user_id=petya)
    await bot.put_user(masha, deactivated=True)
    await bot.put_user(petya, displayname="Пётр Великий")
    for _look in range(600):  # who is deactivated leaves the rooms one by one, in the background
        seen = await school.seen()
        if masha not in seen.names:
            break
        await asyncio.sleep(0.1)

    report = await school.audit()
    hers = {key for key, room in school.wish().desired.rooms.items() if masha in room.members}
    assert set(report.corrections) == {
        Correction("state", "17/class_chat/5a"),
        Correction("state", "17/class_space/5a"),
        *(Correction("members", key) for key in hers),
        Correction("account", masha),
        Correction("account", petya),
    }
    work = await school.apply()
    assert (work.failed, work.skipped) == ((), ())
    actions = [result.action for result in work.results]
    assert {action for action in actions if isinstance(action, UpdateAccount | RestoreAccount)} == {
        RestoreAccount(masha, "deactivated"),
        UpdateAccount(petya, ("display_name",)),
    }
    assert await school.seen() == school.wanted()
    assert (await school.audit()).corrections == ()


async def test_a_room_that_we_lost_sight_of_is_found_under_its_alias(
    either_way: SchoolOnTrial,
) -> None:
    await either_way.stand()
    space, chat = (
        await either_way.room_id("17/class_space/5a"),
        await either_way.room_id("17/class_chat/5a"),
    )
    before = await either_way.seen()
    for room_id in (space, chat):
        await either_way.workplace.store.room_lost(room_id)
    petya = either_way.user("petya")
    await either_way.bot.put_state(chat, "m.room.name", "", {"name": "Другое имя"})
    await either_way.bot.act(chat, "kick", user_id=petya)

    report = await either_way.apply()
    assert report.exit_status == 0
    assert report.adopted == ("17/class_chat/5a", "17/class_space/5a")
    assert {type(each.action) for each in report.results} >= {CreateRoom, AddMember}
    assert await either_way.seen() == before == either_way.wanted()
    assert await either_way.room_id("17/class_chat/5a") == chat
    assert (await either_way.plan()).actions == ()
    assert (await either_way.audit()).corrections == ()


async def test_a_room_that_was_never_finished_is_finished(
    either_way: SchoolOnTrial, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(adopt, "LOOK_EVERY_S", 0.01)
    alias = either_way.wish().desired.rooms["17/class_chat/5a"].alias
    half = await either_way.bot.create_room(
        room_alias_name=alias[1:].partition(":")[0], room_version="12", preset="private_chat"
    )
    report = await either_way.apply()
    assert report.exit_status == 0
    assert "17/class_chat/5a" in report.adopted
    assert await either_way.room_id("17/class_chat/5a") == half
    wanted = either_way.wanted()
    # Whether other servers may come in is settled when a room is made.
    chat = replace(wanted.rooms["17/class_chat/5a"], federated=True)
    seen = await either_way.seen()
    assert seen.rooms == {**wanted.rooms, "17/class_chat/5a": chat}
    assert (await either_way.plan()).actions == ()


async def test_an_alias_that_leads_nowhere_is_taken_back(
    either_way: SchoolOnTrial, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(adopt, "LOOK_EVERY_S", 0.01)
    alias = either_way.wish().desired.rooms["17/class_chat/5a"].alias
    lost = await either_way.bot.create_room(
        room_alias_name=alias[1:].partition(":")[0], room_version="12"
    )
    await either_way.bot.act(lost, "leave")

    assert (await either_way.apply()).exit_status == 0
    assert await either_way.room_id("17/class_chat/5a") != lost
    assert await either_way.seen() == either_way.wanted()


async def test_a_room_of_somebody_else_is_never_touched(
    school: SchoolOnTrial, homeserver: EmbeddedSynapse
) -> None:
    slot = school.slot
    admin = Bystander(slot.homeserver_url, await homeserver.admin_token())
    theirs = await admin.create_room(name="Чужая комната", invite=[slot.bot_id])
    await school.bot.act(theirs, "join")
    alias = school.wish().desired.rooms["17/class_chat/5a"].alias
    await school.bot.set_alias(alias, theirs)

    report = await school.apply()
    assert [(each.action, each.code) for each in report.failed] == [
        (CreateRoom("17/class_chat/5a", "class_chat", "5А: чат класса"), "alias_of_another_room")
    ]
    assert alias in report.failed[0].text
    assert {action_room(each.action) for each in report.skipped} == {"17/class_chat/5a"}
    seen = await school.seen()
    assert seen.unkept == (theirs,)
    assert set(seen.rooms) == set(school.wanted().rooms) - {"17/class_chat/5a"}
    await school.bot.act(theirs, "leave")


def action_room(action: object) -> str:
    return str(getattr(action, "child", None) or getattr(action, "room", ""))


async def test_of_two_rooms_with_one_key_the_one_under_the_alias_is_kept(
    school: SchoolOnTrial,
) -> None:
    await school.stand()
    real = await school.room_id("17/class_chat/5a")
    double = await school.bot.create_room(
        room_version="12",
        initial_state=[
            {
                "type": "org.schoolspaces.room",
                "state_key": "",
                "content": {"key": "17/class_chat/5a", "kind": "class_chat"},
            }
        ],
    )
    report = await school.audit()
    assert report.notes == (
        f"17/class_chat/5a: {real} is kept; {double} bear the same key and are left alone.",
    )
    assert (await school.workplace.store.room_ids())["17/class_chat/5a"] == real
    assert (await school.plan()).actions == ()
    await school.bot.act(double, "leave")


async def test_when_the_alias_prefix_changes_the_rooms_stay_and_get_new_aliases(
    either_way: SchoolOnTrial,
) -> None:
    await either_way.stand()
    before = await either_way.room_id("17/class_chat/5a")
    rooms = either_way.workplace.deployment.rooms.model_copy(
        update={"alias_prefix": f"{either_way.slot.id}.new"}
    )
    deployment = replace(either_way.workplace.deployment, rooms=rooms)
    either_way.workplace = replace(either_way.workplace, deployment=deployment)

    assert (await either_way.apply()).exit_status == 0
    assert await either_way.seen() == either_way.wanted()
    assert await either_way.room_id("17/class_chat/5a") == before
