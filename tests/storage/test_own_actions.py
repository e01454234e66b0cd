"""What our own actions write, and what a plan then reads."""

import asyncio
from datetime import date

from appservice.rooms.observed import ObservedAccount, ObservedRoom
from appservice.rooms.planning.plan import Totals
from appservice.rooms.state import state_digest
from appservice.storage.observed import ObservedStore
from appservice.year.archive import Archived, with_mark
from appservice.year.leavers import AccountStanding, Past
from tests.storage.school_rooms import (
    ANNA,
    BORIS,
    CLASS_CHAT,
    KEY,
    MATHS,
    NAME,
    STRANGER,
    TEACHER,
    TOPIC,
    kept_room,
    outline_of,
    outlines,
    state_of,
)

MATHS_ROOM = kept_room(MATHS, "!maths", "5А · Математика", {TEACHER: "join", BORIS: "invite"})


async def test_a_new_database_holds_nothing(store: ObservedStore) -> None:
    assert await outlines(store) == []
    assert await store.rooms([CLASS_CHAT]) == {}
    assert await store.room_ids() == {}
    assert await store.accounts() == {}
    assert await store.totals() == Totals()


async def test_a_room_that_was_made_is_read_back_whole(store: ObservedStore) -> None:
    chat = kept_room()
    await store.room_made(MATHS_ROOM, at=1000)
    await store.room_made(chat, at=1000)

    assert await outlines(store) == [outline_of(chat), outline_of(MATHS_ROOM)]
    assert await store.rooms([MATHS, CLASS_CHAT, "17/no/such"]) == {
        CLASS_CHAT: chat,
        MATHS: MATHS_ROOM,
    }
    assert await store.room_ids() == {CLASS_CHAT: "!classchat", MATHS: "!maths"}


async def test_totals_count_what_is_kept(store: ObservedStore) -> None:
    space = kept_room("17/class/5a", "!class", members={TEACHER: "join", STRANGER: "ban"})
    await store.room_made(space, at=1000)
    await store.room_made(MATHS_ROOM, at=1000)
    await store.state_set("!class", ("m.space.child", "!maths"), {"via": ["x"]}, at=1001)
    await store.state_set("!class", ("m.space.child", "!gone"), {"via": ["x"]}, at=1001)
    await store.state_set("!class", ("m.space.child", "!gone"), {}, at=1002)
    await store.account_kept(
        [
            ObservedAccount(ANNA, "Anna", ()),
            ObservedAccount(BORIS, "Boris", (), AccountStanding.SUSPENDED),
        ]
    )

    assert await store.totals() == Totals(accounts=1, rooms=2, memberships=2, links=1)


async def test_an_archived_room_is_told_by_its_mark_and_counts_no_more(
    store: ObservedStore,
) -> None:
    await store.room_made(MATHS_ROOM, at=1000)
    mark = Archived("2025/2026", date(2026, 6, 1))
    content = with_mark({"key": MATHS, "kind": "subject_room"}, mark)
    await store.state_set("!maths", KEY, content, at=1001)

    [outline] = await outlines(store)
    assert (outline.key, outline.archived) == (MATHS, mark)
    assert (await store.totals()).rooms == 0
    assert await store.room_ids() == {MATHS: "!maths"}


async def test_who_joins_and_who_leaves_is_seen_at_once(store: ObservedStore) -> None:
    await store.room_made(kept_room(members={TEACHER: "join", ANNA: "join"}), at=1000)

    await store.members_changed("!classchat", {BORIS: "join", ANNA: "leave"}, at=2000)

    expected = kept_room(members={TEACHER: "join", BORIS: "join"})
    assert await outlines(store) == [outline_of(expected)]
    assert await store.rooms([CLASS_CHAT]) == {CLASS_CHAT: expected}


async def test_state_that_was_set_and_state_that_was_taken_away_changes_the_digest(
    store: ObservedStore,
) -> None:
    chat = kept_room()
    await store.room_made(chat, at=1000)

    await store.state_set("!classchat", NAME, {"name": "6А"}, at=2000)
    await store.state_set("!classchat", TOPIC, {"topic": "Всё о классе"}, at=2000)
    await store.state_set("!classchat", ("m.room.guest_access", ""), {}, at=2000)
    await store.state_set("!classchat", ("m.room.pinned_events", ""), {"pinned": []}, at=2000)

    state = {NAME: {"name": "6А"}, TOPIC: {"topic": "Всё о классе"}, KEY: chat.state[KEY]}
    expected = ObservedRoom(CLASS_CHAT, "!classchat", "12", state, chat.members)
    assert await outlines(store) == [outline_of(expected)]
    assert await store.rooms([CLASS_CHAT]) == {CLASS_CHAT: expected}


async def test_an_older_fact_never_replaces_a_newer_one(store: ObservedStore) -> None:
    await store.room_made(kept_room(members={ANNA: "join"}), at=1000)
    await store.state_set("!classchat", NAME, {"name": "new"}, at=3000)
    await store.members_changed("!classchat", {ANNA: "leave"}, at=3000)

    await store.state_set("!classchat", NAME, {"name": "old"}, at=2000)
    await store.members_changed("!classchat", {ANNA: "join"}, at=2000)

    assert await outlines(store) == [outline_of(kept_room(name="new", members={}))]


async def test_a_room_read_anew_replaces_what_was_known_but_not_what_came_later(
    store: ObservedStore,
) -> None:
    await store.room_made(kept_room(members={ANNA: "join", BORIS: "join"}), at=1000)
    await store.state_set("!classchat", TOPIC, {"topic": "was never there"}, at=1500)
    await store.state_set("!classchat", NAME, {"name": "came later"}, at=3000)
    await store.members_changed("!classchat", {TEACHER: "join"}, at=3000)

    await store.room_made(kept_room(name="as read", members={STRANGER: "join"}), at=2000)

    expected = kept_room(name="came later", members={STRANGER: "join", TEACHER: "join"})
    assert await store.rooms([CLASS_CHAT]) == {CLASS_CHAT: expected}
    assert await outlines(store) == [outline_of(expected)]


async def test_a_room_made_anew_takes_the_place_of_the_broken_one(store: ObservedStore) -> None:
    await store.room_made(kept_room(room_id="!broken"), at=1000)

    await store.room_made(kept_room(room_id="!new"), at=2000)

    assert await store.room_ids() == {CLASS_CHAT: "!new"}
    assert await outlines(store) == [outline_of(kept_room(room_id="!new"))]


async def test_a_lost_room_is_forgotten_with_everything_in_it(store: ObservedStore) -> None:
    await store.room_made(kept_room(), at=1000)

    await store.room_lost("!classchat")

    assert await outlines(store) == []
    assert await store.totals() == Totals()


async def test_what_is_said_about_an_unknown_room_makes_no_room_of_it(store: ObservedStore) -> None:
    await store.members_changed("!nowhere", {ANNA: "join"}, at=1000)
    await store.state_set("!nowhere", KEY, {"key": "17/x", "kind": "x"}, at=1000)

    assert await outlines(store) == []


async def test_accounts_are_read_back_as_they_were_last_kept(store: ObservedStore) -> None:
    anna = ObservedAccount(ANNA, "Петрова Анна", (("a", "1"), ("b", "2,{}")))
    boris = ObservedAccount(BORIS, "Борисов Борис", ())
    await store.account_kept([anna, boris])

    suspended = boris._replace(
        display_name="Борисов Б. Б.",
        standing=AccountStanding.SUSPENDED,
        past=Past(left_on=date(2026, 10, 1)),
    )
    await store.account_kept([suspended])

    assert await store.accounts() == {ANNA: anna, BORIS: suspended}


async def test_many_writers_of_one_room_leave_the_right_digest(store: ObservedStore) -> None:
    await store.room_made(kept_room("17/class/5a", "!class", members={}), at=1000)
    children = {("m.space.child", f"!room{number}"): {"via": ["x"]} for number in range(40)}

    await asyncio.gather(
        *(store.state_set("!class", key, content, at=2000) for key, content in children.items())
    )

    [outline] = await outlines(store)
    whole = state_of("17/class/5a", "5А · Чат класса") | children
    assert outline.state_digest == state_digest(whole.items())


async def test_rooms_are_read_in_the_order_of_the_bytes_of_their_keys(
    store: ObservedStore,
) -> None:
    keys = ["17/b", "17/B", "17/a/я", "17/a/z", "17/a-1", "17/a_1", "9/a", "17/a"]
    for number, key in enumerate(keys):
        await store.room_made(
            ObservedRoom(key, f"!r{number}", "12", {KEY: {"key": key}}, {}), at=1000
        )

    assert [outline.key for outline in await outlines(store)] == sorted(keys, key=str.encode)


async def test_old_traces_are_dropped_and_nothing_else_changes(store: ObservedStore) -> None:
    day = 24 * 3600 * 1000
    await store.room_made(kept_room(), at=day)
    await store.members_changed("!classchat", {ANNA: "leave"}, at=2 * day)
    await store.state_set("!classchat", NAME, {}, at=2 * day)
    before = await store.rooms([CLASS_CHAT])

    await store.forget_old(now=100 * day)
    await store.members_changed("!classchat", {ANNA: "join"}, at=day)  # as if it had never left

    assert before[CLASS_CHAT].members == {TEACHER: "join"}
    after = await store.rooms([CLASS_CHAT])
    assert after[CLASS_CHAT].state == before[CLASS_CHAT].state
    assert after[CLASS_CHAT].members == {TEACHER: "join", ANNA: "join"}
