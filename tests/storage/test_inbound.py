"""What the homeserver tells: transactions, once each; rooms known by their own events."""

import asyncio
import random
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from appservice.errors import Permanent
from appservice.rooms.observed import InboundEvent
from appservice.rooms.planning.plan import Totals
from appservice.storage.database import Database
from appservice.storage.observed import ObservedStore
from tests.storage.school_rooms import (
    ANNA,
    BORIS,
    BOT,
    CLASS_CHAT,
    KEY,
    NAME,
    STRANGER,
    TEACHER,
    creation,
    event,
    kept_room,
    member,
    outline_of,
    outlines,
)


async def test_a_room_is_known_by_our_creation_and_our_key_event(store: ObservedStore) -> None:
    chat = kept_room(members={TEACHER: "join", STRANGER: "knock", BORIS: "invite"})

    taken = await store.take_transaction("1", creation(chat))

    assert taken
    assert await outlines(store) == [outline_of(chat)]
    assert await store.rooms([CLASS_CHAT]) == {CLASS_CHAT: chat}


async def test_a_room_whose_making_is_told_in_pieces_is_known_when_the_last_one_came(
    store: ObservedStore,
) -> None:
    chat = kept_room()
    pieces = creation(chat)
    for number, piece in enumerate(reversed(pieces)):
        assert await outlines(store) == []
        await store.take_transaction(str(number), [piece])

    assert await store.rooms([CLASS_CHAT]) == {CLASS_CHAT: chat}


async def test_a_room_made_by_somebody_else_is_no_room_of_ours(
    store: ObservedStore, memory: Database
) -> None:
    await store.take_transaction("1", creation(kept_room(), creator=STRANGER))
    await store.take_transaction("2", [member(ANNA, "join", at=5000)])

    assert await outlines(store) == []
    async with memory.connection() as connection:
        assert await connection.fetchval("SELECT count(*) FROM room_state") == 0
        assert await connection.fetchval("SELECT count(*) FROM room_member") == 0


async def test_a_key_event_of_somebody_else_makes_no_room_ours(store: ObservedStore) -> None:
    await store.take_transaction("1", creation(kept_room(), key_by=STRANGER))

    assert await outlines(store) == []


async def test_a_key_event_of_somebody_else_takes_no_room_away(store: ObservedStore) -> None:
    chat = kept_room()
    await store.take_transaction("1", creation(chat))

    forged = event("org.schoolspaces.room", {"key": "17/staff"}, sender=STRANGER, at=5000)
    await store.take_transaction("2", [forged])

    assert await store.room_ids() == {CLASS_CHAT: "!classchat"}
    [outline] = await outlines(store)
    assert outline.state_digest != outline_of(chat).state_digest  # so a plan sees it and repairs


async def test_a_transaction_that_comes_twice_is_taken_once(store: ObservedStore) -> None:
    chat = kept_room()

    first = await store.take_transaction("1", creation(chat))
    again = await store.take_transaction("1", creation(chat))

    assert (first, again) == (True, False)
    assert await outlines(store) == [outline_of(chat)]


async def test_a_transaction_that_comes_twice_at_the_same_time_is_taken_once(
    store: ObservedStore,
) -> None:
    chat = kept_room()

    taken = await asyncio.gather(*(store.take_transaction("1", creation(chat)) for _ in range(5)))

    assert sorted(taken) == [False, False, False, False, True]
    assert await outlines(store) == [outline_of(chat)]


async def test_a_homeserver_that_counts_from_one_again_is_heard(store: ObservedStore) -> None:
    await store.take_transaction("1", creation(kept_room()))

    taken = await store.take_transaction("1", [member(BORIS, "join", at=9000)])

    assert taken
    [outline] = await outlines(store)
    assert BORIS in outline.joined


async def test_what_people_do_in_a_kept_room_is_seen(store: ObservedStore) -> None:
    await store.room_made(kept_room(members={TEACHER: "join", ANNA: "join"}), at=1000)

    await store.take_transaction(
        "1",
        [
            member(ANNA, "leave", at=2000, sender=ANNA),
            member(STRANGER, "join", at=2000, sender=STRANGER),
            event("m.room.name", {"name": "renamed by hand"}, sender=TEACHER, at=2000),
            event("m.room.pinned_events", {"pinned": ["$x"]}, sender=TEACHER, at=2000),
        ],
    )

    expected = kept_room(name="renamed by hand", members={TEACHER: "join", STRANGER: "join"})
    assert await store.rooms([CLASS_CHAT]) == {CLASS_CHAT: expected}
    assert await outlines(store) == [outline_of(expected)]


async def test_the_echo_of_our_own_action_changes_nothing(store: ObservedStore) -> None:
    chat = kept_room()
    await store.room_made(chat, at=990)
    await store.take_transaction("1", creation(chat, at=1000))

    assert await outlines(store) == [outline_of(chat)]


async def test_a_late_echo_does_not_bring_back_who_was_removed_meanwhile(
    store: ObservedStore,
) -> None:
    await store.room_made(kept_room(members={TEACHER: "join", ANNA: "join"}), at=1000)
    await store.members_changed("!classchat", {ANNA: "leave"}, at=3000)

    await store.take_transaction("1", [member(ANNA, "join", at=2000)])

    assert await outlines(store) == [outline_of(kept_room(members={TEACHER: "join"}))]


async def test_a_room_that_the_bot_was_removed_from_is_kept_no_more(store: ObservedStore) -> None:
    chat = kept_room()
    await store.take_transaction("1", creation(chat))

    await store.take_transaction("2", [member(BOT, "leave", at=5000, sender=STRANGER)])
    gone = await outlines(store)
    await store.take_transaction("3", [member(BOT, "join", at=6000)])

    assert gone == []
    assert await outlines(store) == [outline_of(chat)]


async def test_of_two_rooms_with_one_key_the_later_one_is_kept(store: ObservedStore) -> None:
    first, second = kept_room(room_id="!first"), kept_room(room_id="!second")

    await store.take_transaction("2", creation(second, at=2000))
    await store.take_transaction("1", creation(first, at=1000))

    assert await store.room_ids() == {CLASS_CHAT: "!second"}


@pytest.mark.parametrize(
    "content", [{}, {"membership": 5}, {"membership": "dancing"}, {"membership": None}]
)
async def test_a_membership_that_is_none_is_passed_over(
    store: ObservedStore, content: dict[str, object]
) -> None:
    chat = kept_room()
    await store.take_transaction("1", creation(chat))

    odd = event("m.room.member", content, state_key=ANNA, at=5000)
    assert await store.take_transaction("2", [odd])

    assert await outlines(store) == [outline_of(chat)]


@pytest.mark.parametrize("at", [-1, 0, 2**53, 2**63])
async def test_an_event_from_an_impossible_time_does_not_stop_the_queue(
    store: ObservedStore, at: int
) -> None:
    await store.take_transaction("1", creation(kept_room()))

    assert await store.take_transaction("2", [member(BORIS, "join", at=at)])


async def test_a_transaction_that_fails_leaves_nothing_and_is_taken_later(
    store: ObservedStore, memory: Database
) -> None:
    async with memory.connection() as connection:
        await connection.execute("ALTER TABLE room_member RENAME TO room_member_away")
    with pytest.raises(Permanent, match="42P01"):
        await store.take_transaction("1", creation(kept_room()))
    async with memory.connection() as connection:
        await connection.execute("ALTER TABLE room_member_away RENAME TO room_member")
        assert await connection.fetchval("SELECT count(*) FROM room") == 0

    assert await store.take_transaction("1", creation(kept_room()))
    assert await outlines(store) == [outline_of(kept_room())]


async def test_rooms_that_did_not_turn_out_to_be_ours_are_forgotten(
    store: ObservedStore, memory: Database
) -> None:
    chat = kept_room()
    await store.take_transaction("1", creation(chat))
    await store.take_transaction("2", [member(BOT, "invite", at=1, room_id="!private")])
    async with memory.connection() as connection:
        await connection.execute("UPDATE room SET met = now() - interval '31 days'")

    await store.forget_old(now=1)

    assert await outlines(store) == [outline_of(chat)]
    async with memory.connection() as connection:
        assert await connection.fetchval("SELECT count(*) FROM room") == 1


def _a_year_of_a_room(key: str) -> list[InboundEvent]:
    """Everything that may happen to one room, with facts that contradict each other."""
    room_id = f"!{key}"
    chat = kept_room(key, room_id)
    return [
        *creation(chat, at=1000),
        *(
            member(user, membership, at=at, room_id=room_id)
            for user in (ANNA, BORIS)
            for at, membership in enumerate(("invite", "join", "leave", "join", "ban"), start=2000)
        ),
        *(
            event("m.room.name", {"name": name}, room_id=room_id, at=3000, id=f"$same-ms-{name}")
            for name in ("one", "two", "three")
        ),
        event("m.room.topic", {"topic": "here"}, room_id=room_id, at=4000),
        event("m.room.topic", {}, room_id=room_id, at=5000),
        member(BOT, "leave", at=6000, room_id=room_id),
        member(BOT, "join", at=7000, room_id=room_id),
    ]


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(seed=st.integers(0, 2**32), pieces=st.integers(1, 12))
async def test_in_whatever_order_and_however_often_events_come_the_end_is_the_same(
    store: ObservedStore, seed: int, pieces: int
) -> None:
    chance = random.Random(seed)
    straight, shuffled = f"17/class_chat/{uuid4().hex}", f"17/class_chat/{uuid4().hex}"
    await store.take_transaction(straight, _a_year_of_a_room(straight))
    events = _a_year_of_a_room(shuffled)
    events += chance.sample(events, k=len(events) // 2)
    chance.shuffle(events)
    for number in range(pieces):
        await store.take_transaction(f"{shuffled} {number}", events[number::pieces])

    rooms = await store.rooms([straight, shuffled])
    seen = {outline.key: outline for outline in await outlines(store)}

    def but_for_the_ids(key: str) -> object:
        state = dict(rooms[key].state)
        del state[KEY]
        return (rooms[key].version, state, rooms[key].members, seen[key].joined)

    assert but_for_the_ids(shuffled) == but_for_the_ids(straight)
    assert seen[shuffled] == outline_of(rooms[shuffled])


async def test_totals_after_transactions_count_the_kept_rooms_alone(store: ObservedStore) -> None:
    await store.take_transaction("1", creation(kept_room()))
    await store.take_transaction("2", creation(kept_room(room_id="!other"), creator=STRANGER))

    assert await store.totals() == Totals(accounts=0, rooms=1, memberships=2, links=0)
    assert (await store.rooms([CLASS_CHAT]))[CLASS_CHAT].state[NAME] == {"name": "5А · Чат класса"}
