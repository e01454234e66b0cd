"""Rooms are made, changed, filled and read on a real Synapse, as the bot."""

import pytest

from appservice.errors import Permanent
from appservice.matrix.homeserver import AliasTaken, Homeserver
from appservice.matrix.values import StateEvent
from tests.ground import AppserviceSlot
from tests.matrix.rooms_to_make import alias_of, power_levels, room_named


async def state_of(bot: Homeserver, room_id: str) -> dict[tuple[str, str], object]:
    """The state of a room but for its members, by type and state key."""
    return {
        (event.type, event.state_key): event.content
        for event in await bot.room_state(room_id)
        if event.type != "m.room.member"
    }


async def members_of(bot: Homeserver, room_id: str) -> dict[str, object]:
    return {
        event.state_key: event.content["membership"]
        for event in await bot.room_state(room_id)
        if event.type == "m.room.member"
    }


@pytest.fixture
async def student(bot: Homeserver, appservice_slot: AppserviceSlot) -> str:
    user = f"@{appservice_slot.id}-student:{appservice_slot.server_name}"
    await bot.put_user(user, display_name="Иванов Пётр")
    return user


@pytest.mark.parametrize("version", ["11", "12"])
async def test_a_new_room_holds_what_was_asked_for_and_nothing_else(
    bot: Homeserver, appservice_slot: AppserviceSlot, version: str
) -> None:
    room = room_named(appservice_slot, "maths", version=version)

    room_id = await bot.create_room(room)

    assert await state_of(bot, room_id) == {
        ("m.room.create", ""): {"room_version": version, "m.federate": False},
        ("m.room.power_levels", ""): room.power_levels,
        **{(event.type, event.state_key): event.content for event in room.state},
    }
    assert await members_of(bot, room_id) == {bot.bot: "join"}
    assert room_id in await bot.joined_rooms()
    assert await bot.resolve_alias(room.alias) == room_id


async def test_a_space_is_a_space_from_its_first_event(
    bot: Homeserver, appservice_slot: AppserviceSlot
) -> None:
    room_id = await bot.create_room(room_named(appservice_slot, "school", space=True))

    state = await state_of(bot, room_id)

    assert state["m.room.create", ""] == {
        "room_version": "12",
        "type": "m.space",
        "m.federate": False,
    }


async def test_a_second_room_under_the_same_alias_is_refused_with_the_first_one(
    bot: Homeserver, appservice_slot: AppserviceSlot
) -> None:
    room = room_named(appservice_slot, "maths")
    first = await bot.create_room(room)

    with pytest.raises(AliasTaken) as taken:
        await bot.create_room(room)

    assert taken.value.room_id == first


async def test_an_alias_can_be_given_to_another_room(
    bot: Homeserver, appservice_slot: AppserviceSlot
) -> None:
    alias = alias_of(appservice_slot, "maths")
    first = await bot.create_room(room_named(appservice_slot, "maths"))

    await bot.delete_alias(alias)
    gone = await bot.resolve_alias(alias)
    await bot.delete_alias(alias)  # gone already: no error
    second = await bot.create_room(room_named(appservice_slot, "maths"))

    assert gone is None
    assert second != first
    assert await bot.resolve_alias(alias) == second


async def test_an_alias_is_set_however_often_but_never_taken_from_another_room(
    bot: Homeserver, appservice_slot: AppserviceSlot
) -> None:
    alias = alias_of(appservice_slot, "second")
    first, second = [
        await bot.create_room(room_named(appservice_slot, name)) for name in ("first", "other")
    ]

    await bot.set_alias(alias, second)
    await bot.set_alias(alias, second)
    with pytest.raises(Permanent):
        await bot.set_alias(alias, first)

    assert await bot.resolve_alias(alias) == second


async def test_state_that_stands_already_makes_no_new_event(
    bot: Homeserver, appservice_slot: AppserviceSlot
) -> None:
    room_id = await bot.create_room(room_named(appservice_slot, "maths"))
    child = StateEvent("m.space.child", room_id, {"via": [bot.server_name]})

    event_ids = [await bot.put_state(room_id, child) for _ in range(2)]

    assert event_ids[0] == event_ids[1]
    found = [event for event in await bot.room_state(room_id) if event.type == "m.space.child"]
    assert [event._replace(timestamp=0) for event in found] == [
        child._replace(sender=bot.bot, event_id=event_ids[0])
    ]
    assert found[0].timestamp > 1_600_000_000_000


async def test_a_student_is_brought_in_and_taken_out_however_often_it_is_asked(
    bot: Homeserver, appservice_slot: AppserviceSlot, student: str
) -> None:
    room_id = await bot.create_room(room_named(appservice_slot, "maths"))

    await bot.join_user(room_id, student)
    await bot.join_user(room_id, student)
    joined = await members_of(bot, room_id)
    await bot.kick(room_id, student, "moved to another class")
    await bot.kick(room_id, student)

    assert joined == {bot.bot: "join", student: "join"}
    assert await members_of(bot, room_id) == {bot.bot: "join", student: "leave"}


async def test_who_was_never_in_a_room_can_be_taken_out_of_it(
    bot: Homeserver, appservice_slot: AppserviceSlot, student: str
) -> None:
    room_id = await bot.create_room(room_named(appservice_slot, "maths"))

    await bot.kick(room_id, student)

    assert await members_of(bot, room_id) == {bot.bot: "join"}


async def test_an_account_that_is_not_there_cannot_be_brought_in(
    bot: Homeserver, appservice_slot: AppserviceSlot
) -> None:
    room_id = await bot.create_room(room_named(appservice_slot, "maths"))

    with pytest.raises(Permanent) as refused:
        await bot.join_user(room_id, f"@{appservice_slot.id}-nobody:{bot.server_name}")

    assert refused.value.code == "M_NOT_FOUND"


async def test_a_member_above_the_bot_cannot_be_taken_out_and_that_is_said(
    bot: Homeserver, appservice_slot: AppserviceSlot, student: str
) -> None:
    room = room_named(appservice_slot, "maths", version="11")
    room_id = await bot.create_room(room)
    await bot.join_user(room_id, student)
    equal = power_levels(**{bot.bot: 100, student: 100})
    await bot.put_state(room_id, StateEvent("m.room.power_levels", "", equal))

    with pytest.raises(Permanent) as refused:
        await bot.kick(room_id, student)

    assert refused.value.code == "M_FORBIDDEN"
    assert await members_of(bot, room_id) == {bot.bot: "join", student: "join"}
