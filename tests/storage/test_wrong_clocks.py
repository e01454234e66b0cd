"""A clock that was wrong for a while does not rule over what comes then."""

import time

import pytest

from appservice.storage.observed import ObservedStore
from tests.storage.school_rooms import (
    ANNA,
    BORIS,
    CLASS_CHAT,
    KEY,
    NAME,
    TEACHER,
    creation,
    event,
    kept_room,
    member,
    outline_of,
    outlines,
)

HOUR_MS = 3600 * 1000


@pytest.fixture
def now() -> int:
    return time.time_ns() // 1_000_000


async def test_what_we_did_with_a_clock_that_was_ahead_does_not_hide_what_people_do(
    store: ObservedStore, now: int
) -> None:
    await store.room_made(kept_room(members={TEACHER: "join"}), at=now + HOUR_MS)
    await store.members_changed("!classchat", {ANNA: "join"}, at=now + HOUR_MS)
    await store.state_set("!classchat", NAME, {"name": "5А"}, at=now + HOUR_MS)

    await store.take_transaction(
        "1",
        [
            member(ANNA, "leave", at=now, sender=ANNA),
            member(TEACHER, "ban", at=now),
            event("m.room.name", {"name": "Чатик"}, sender=TEACHER, at=now),
        ],
    )

    room = (await store.rooms([CLASS_CHAT]))[CLASS_CHAT]
    assert (room.members, room.state[NAME]) == ({TEACHER: "ban"}, {"name": "Чатик"})
    assert [one.joined for one in await outlines(store)] == [[]]


async def test_our_next_deed_counts_when_the_clock_of_the_homeserver_was_set_back(
    store: ObservedStore, now: int
) -> None:
    await store.take_transaction("1", creation(kept_room(), at=now + HOUR_MS))

    await store.members_changed("!classchat", {ANNA: "leave", BORIS: "join"}, at=now)
    await store.take_transaction("2", [member(TEACHER, "leave", at=now + 20, sender=TEACHER)])

    room = (await store.rooms([CLASS_CHAT]))[CLASS_CHAT]
    assert room.members == {BORIS: "join"}


async def test_an_audit_corrects_what_a_clock_that_was_ahead_left_behind(
    store: ObservedStore, now: int
) -> None:
    await store.room_made(kept_room(members={ANNA: "join"}), at=now + HOUR_MS)
    await store.state_set("!classchat", ("m.room.avatar", ""), {"url": "x"}, at=now + HOUR_MS)
    stands = kept_room(name="6А · Чат класса", members={BORIS: "join"})

    await store.room_made(stands, at=now)

    assert await store.rooms([CLASS_CHAT]) == {CLASS_CHAT: stands}
    assert await outlines(store) == [outline_of(stands)]


async def test_a_room_gets_its_key_back_whatever_the_clock_said_before(
    store: ObservedStore, now: int
) -> None:
    await store.take_transaction("1", creation(kept_room(), at=now))
    await store.state_set("!classchat", KEY, {}, at=now + HOUR_MS)
    assert await store.room_ids() == {}

    await store.take_transaction("2", [event(*_key_event(), at=now)])

    assert await store.room_ids() == {CLASS_CHAT: "!classchat"}


def _key_event() -> tuple[str, dict[str, object]]:
    return KEY[0], {"key": CLASS_CHAT, "kind": "class_chat"}
