"""Whole rooms and batches through the School Spaces module of a real Synapse."""

import pytest

from appservice.errors import Permanent
from appservice.matrix.homeserver import AliasTaken, Homeserver
from appservice.matrix.module_requests import NOT_LOADED
from appservice.matrix.values import Join, Kick, Outcome, RoomCreation, StateEvent
from tests.ground import AppserviceSlot
from tests.matrix.rooms_to_make import room_named
from tests.matrix.troubled_line import Answer, Break, troubled_line

DONE, UNCHANGED = Outcome("done"), Outcome("unchanged")


@pytest.fixture
async def people(bot: Homeserver, appservice_slot: AppserviceSlot) -> tuple[str, ...]:
    """Five people with accounts."""
    users = tuple(
        f"@{appservice_slot.id}-p{number}:{appservice_slot.server_name}" for number in range(5)
    )
    for user in users:
        await bot.put_user(user, display_name="Person")
    return users


async def whole_state(bot: Homeserver, room_id: str) -> dict[tuple[str, str], object]:
    """Contents by place; of members the membership alone."""
    return {
        (event.type, event.state_key): (
            event.content["membership"] if event.type == "m.room.member" else event.content
        )
        for event in await bot.room_state(room_id)
    }


def expected_state(
    bot: Homeserver, room: RoomCreation, **members: str
) -> dict[tuple[str, str], object]:
    return {
        ("m.room.create", ""): {"room_version": room.version, "m.federate": False},
        ("m.room.power_levels", ""): room.power_levels,
        **{(event.type, event.state_key): event.content for event in room.state},
        ("m.room.member", bot.bot): "join",
        **{("m.room.member", user): membership for user, membership in members.items()},
    }


async def test_the_module_tells_its_abilities(bot: Homeserver) -> None:
    assert await bot.abilities() == {"rooms.create", "rooms.batch", "policy"}


async def test_a_homeserver_without_the_module_is_told_by_its_answer(bot: Homeserver) -> None:
    with pytest.raises(Permanent) as unknown:
        await bot.get("/_synapse/client/another_module/v1/abilities")

    assert unknown.value.code in NOT_LOADED


@pytest.mark.parametrize(
    "answer",
    [
        Answer(404, '{"errcode": "M_UNRECOGNIZED", "error": "Unrecognized request"}'),
        Answer(404, "<html>not found</html>"),
        Answer(403, '{"errcode": "M_FORBIDDEN", "error": "not for you"}'),
        Answer(421, '{"errcode": "M_UNKNOWN", "error": "this is a worker"}'),
    ],
    ids=str,
)
async def test_a_module_that_cannot_be_used_has_no_abilities(
    appservice_slot: AppserviceSlot, answer: Answer
) -> None:
    async with (
        troubled_line(appservice_slot.homeserver_url) as line,
        Homeserver(
            line.url, appservice_slot.as_token, server_name="school.test", bot="@bot:school.test"
        ) as troubled,
    ):
        line.faults.append(answer)
        assert await troubled.abilities() == frozenset()


@pytest.mark.parametrize("version", ["11", "12"])
async def test_a_room_is_made_with_its_members_in_one_request(
    bot: Homeserver, appservice_slot: AppserviceSlot, people: tuple[str, ...], version: str
) -> None:
    nobody = f"@{appservice_slot.id}-nobody:{appservice_slot.server_name}"
    room = room_named(appservice_slot, "maths", version=version, members=(*people, nobody))
    before = bot.requests

    room_id, outcomes = await bot.create_room_with_members(room)

    assert bot.requests - before == 1
    assert outcomes[:-1] == [DONE] * 5
    assert (outcomes[-1].outcome, outcomes[-1].code) == ("failed", "M_NOT_FOUND")
    assert await whole_state(bot, room_id) == expected_state(
        bot, room, **dict.fromkeys(people, "join")
    )


async def test_a_room_that_stands_already_is_named(
    bot: Homeserver, appservice_slot: AppserviceSlot, people: tuple[str, ...]
) -> None:
    room = room_named(appservice_slot, "maths", members=people)
    room_id, _outcomes = await bot.create_room_with_members(room)

    with pytest.raises(AliasTaken) as taken:
        await bot.create_room_with_members(room)

    assert taken.value.room_id == room_id


async def test_a_batch_changes_a_room_in_the_order_given_and_tells_of_each_item(
    bot: Homeserver, appservice_slot: AppserviceSlot, people: tuple[str, ...]
) -> None:
    first, second, third, *_rest = people
    room = room_named(appservice_slot, "maths", members=(first, second))
    room_id, _outcomes = await bot.create_room_with_members(room)
    topic = StateEvent("m.room.topic", "", {"topic": "Алгебра"})

    outcomes = await bot.change_room(
        room_id,
        [Kick(first, "left the class"), Kick(first), Join(second), Join(third), topic, topic],
    )

    assert outcomes == [DONE, UNCHANGED, UNCHANGED, DONE, DONE, UNCHANGED]
    assert await whole_state(bot, room_id) == {
        **expected_state(bot, room, **{first: "leave", second: "join", third: "join"}),
        ("m.room.topic", ""): topic.content,
    }


async def test_an_empty_batch_is_no_request(bot: Homeserver) -> None:
    assert await bot.change_room("!anything", []) == []
    assert bot.requests == 0


async def test_what_one_request_does_not_hold_follows_in_more(
    bot: Homeserver,
    appservice_slot: AppserviceSlot,
    people: tuple[str, ...],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("appservice.matrix.module_requests._EVENTS", 2)
    await bot.abilities()
    room = room_named(appservice_slot, "maths", members=people)
    before = bot.requests

    room_id, made = await bot.create_room_with_members(room)
    kicked = await bot.change_room(room_id, [Kick(user) for user in people])

    assert (made, kicked) == ([DONE] * 5, [DONE] * 5)
    assert bot.requests - before == 6
    assert await whole_state(bot, room_id) == expected_state(
        bot, room, **dict.fromkeys(people, "leave")
    )


async def test_large_contents_are_cut_by_their_size(
    bot: Homeserver, appservice_slot: AppserviceSlot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("appservice.matrix.module_requests._BYTES", 1000)
    await bot.abilities()
    room_id = await bot.create_room(room_named(appservice_slot, "maths"))
    large = [
        StateEvent("m.room.topic", "", {"topic": "x" * 800}),
        StateEvent("m.room.name", "", {"name": "y" * 200}),
        StateEvent("m.room.avatar", "", {"url": "mxc://school.test/z"}),
        StateEvent("m.room.topic", "", {"topic": "z" * 5000}),
    ]
    before = bot.requests

    assert await bot.change_room(room_id, large) == [DONE] * 4

    assert bot.requests - before == 3


async def test_a_batch_for_a_room_the_bot_is_not_in_is_refused_whole(bot: Homeserver) -> None:
    with pytest.raises(Permanent):
        await bot.change_room("!nowhere", [Join("@x:school.test")])


async def test_the_parts_of_a_batch_that_were_done_are_told_when_a_later_part_fails(
    bot: Homeserver,
    appservice_slot: AppserviceSlot,
    people: tuple[str, ...],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("appservice.matrix.module_requests._EVENTS", 2)
    room_id = await bot.create_room(room_named(appservice_slot, "maths"))
    async with (
        troubled_line(appservice_slot.homeserver_url) as line,
        Homeserver(
            line.url,
            appservice_slot.as_token,
            server_name=bot.server_name,
            bot=bot.bot,
            patience=0.0,
        ) as troubled,
    ):
        await troubled.abilities()
        closed = Answer(403, '{"errcode": "M_FORBIDDEN", "error": "closed"}')
        line.faults.extend([None, closed])
        outcomes = await troubled.change_room(room_id, [Join(user) for user in people])

    assert outcomes[:2] == [DONE] * 2
    assert [(left.outcome, left.code) for left in outcomes[2:]] == [("failed", "M_FORBIDDEN")] * 3


async def test_a_lost_answer_of_the_module_makes_no_second_room(
    bot: Homeserver, appservice_slot: AppserviceSlot, people: tuple[str, ...]
) -> None:
    room = room_named(appservice_slot, "maths", members=people)
    async with (
        troubled_line(appservice_slot.homeserver_url) as line,
        Homeserver(
            line.url, appservice_slot.as_token, server_name=bot.server_name, bot=bot.bot
        ) as troubled,
    ):
        line.faults.append(Break.AFTER)
        with pytest.raises(AliasTaken) as taken:
            await troubled.create_room_with_members(room)

    assert await bot.joined_rooms() == [taken.value.room_id]
    assert await whole_state(bot, taken.value.room_id) == expected_state(
        bot, room, **dict.fromkeys(people, "join")
    )
