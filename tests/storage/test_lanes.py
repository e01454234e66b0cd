"""In one lane one message goes after another: the same at each try, and what it tells is known."""

from dataclasses import replace
from datetime import timedelta

from appservice.storage.database import Database
from appservice.storage.diary_retention import DiaryRetention
from appservice.storage.lanes import HELD, LaneStore, Outcome, Outgoing, Told
from appservice.storage.outbox import OutboxStore, PersonalRoom, SentRow, Settlement
from tests.storage.test_diary import NOON
from tests.storage.test_outbox import ANNA, DUE, EVENING, MASHA, keep, queued, settle

LATER = DUE + timedelta(minutes=1)


async def stands_first(lanes: LaneStore, room: str) -> Outgoing:
    head = await lanes.head(room)
    assert head is not None
    return head


def sent(entry: int, room: str, message: str, document: str, *, digest: bool = False) -> SentRow:
    return SentRow(entry, room, f"!{room}", message, DUE, document, "masha", digest=digest)


async def says(
    lanes: LaneStore, room: str, message: str, outcome: Outcome, *, words: str = "words"
) -> None:
    """What stands first is worded and arrives."""
    head = await stands_first(lanes, room)
    await lanes.prepare(
        head.number, room_id=f"!{room}", content={"body": words}, outcome=outcome, at=DUE
    )
    await lanes.arrived(head.number, message, DUE)


async def test_a_lane_belongs_to_one_and_who_comes_meanwhile_is_served_by_it(
    memory: Database,
) -> None:
    lanes = LaneStore(memory)

    assert await lanes.take_lane(MASHA, "first", DUE)
    assert await lanes.take_lane(ANNA, "first", DUE)
    assert not await lanes.take_lane(MASHA, "second", DUE)
    # The second had something: the first looks once more before it goes.
    assert not await lanes.give_lane(MASHA, "first")
    assert await lanes.give_lane(MASHA, "first")
    assert await lanes.take_lane(MASHA, "second", DUE)


async def test_the_lane_of_who_is_silent_is_taken_over_and_not_given_back_by_them(
    memory: Database,
) -> None:
    lanes = LaneStore(memory)
    await lanes.take_lane(MASHA, "first", DUE)
    await lanes.keep_lane(MASHA, "first", DUE + timedelta(seconds=2))

    still_held = DUE + timedelta(seconds=2) + HELD
    assert not await lanes.take_lane(MASHA, "second", still_held)
    assert await lanes.take_lane(MASHA, "second", still_held + timedelta(milliseconds=1))
    await lanes.keep_lane(MASHA, "first", still_held + timedelta(hours=1))
    assert await lanes.give_lane(MASHA, "first")
    assert not await lanes.take_lane(MASHA, "third", still_held + HELD)


async def test_what_was_worded_is_sent_in_the_same_words_at_every_try(memory: Database) -> None:
    one, two = await keep(memory, "g1", "g2")
    await settle(memory, Settlement(now=[(one, MASHA), (two, MASHA)]))
    lanes = LaneStore(memory)
    new = await stands_first(lanes, MASHA)
    assert new == Outgoing(new.number, MASHA, one, new.delivery, 0, DUE, DUE, None, "", None)

    outcome = Outcome(tells=[Told(one, "{}", "masha")])
    words: dict[str, object] = {"body": "оценка 5"}
    assert await lanes.prepare(
        new.number, room_id="!masha", content=words, outcome=outcome, at=LATER
    )
    assert not await lanes.prepare(
        new.number, room_id="!other", content={"body": "…"}, outcome=Outcome(), at=NOON
    )
    await lanes.failed(new.number, trouble="away", next_try=LATER)

    tried = replace(new, attempts=1, next_try=LATER, first_tried=LATER, content=words, tells=(one,))
    assert await lanes.head(MASHA) == replace(tried, room_id="!masha")


async def test_what_arrived_is_known_once_however_often_that_is_said(memory: Database) -> None:
    one, two = await keep(memory, "g1", "g2")
    await settle(memory, Settlement(now=[(one, MASHA), (two, MASHA)]))
    lanes = LaneStore(memory)
    head = await stands_first(lanes, MASHA)
    outcome = Outcome(tells=[Told(one, "{}", "masha")])
    await lanes.prepare(head.number, room_id=f"!{MASHA}", content={}, outcome=outcome, at=DUE)

    await lanes.arrived(head.number, "$one", DUE)
    await lanes.arrived(head.number, "$another", LATER)

    assert await lanes.sent_of([one, two]) == [sent(one, MASHA, "$one", "{}")]
    assert await queued(memory) == [(MASHA, two)]


async def test_an_edit_keeps_the_message_and_its_time_and_a_correction_takes_their_place(
    memory: Database,
) -> None:
    (one,) = await keep(memory, "g1")
    lanes = LaneStore(memory)

    async def tells(message: str, document: str, *, edits: str = "") -> list[SentRow]:
        async with memory.connection() as connection:
            await connection.execute("UPDATE diary_entry SET due = $1", DUE)
        await settle(memory, Settlement(now=[(one, MASHA)]))
        await says(lanes, MASHA, message, Outcome([Told(one, document, "masha")], edits))
        return list(await lanes.sent_of([one]))

    assert await tells("$one", "5") == [sent(one, MASHA, "$one", "5")]
    assert await tells("$edit", "4", edits="$one") == [sent(one, MASHA, "$one", "4")]
    assert await tells("$correction", "3") == [sent(one, MASHA, "$correction", "3")]


async def test_a_digest_stands_for_all_that_it_tells_and_what_it_told_waits_no_more(
    memory: Database,
) -> None:
    one, two, three = await keep(memory, "g1", "g2", "g3")
    await settle(memory, Settlement(later=[(each, ANNA, EVENING) for each in (one, two, three)]))
    await OutboxStore(memory).queue_digests(EVENING)
    lanes = LaneStore(memory)
    told = [Told(one, "1", "masha"), Told(two, "2", "masha")]
    await says(lanes, ANNA, "$digest", Outcome(told, digest=True, over=[one, two]))

    assert await lanes.together("$digest", ANNA) == [
        sent(one, ANNA, "$digest", "1", digest=True),
        sent(two, ANNA, "$digest", "2", digest=True),
    ]
    assert await lanes.together("$digest", MASHA) == []
    assert await lanes.waiting(ANNA, EVENING) == [three]


async def test_what_is_taken_back_stands_there_no_more(memory: Database) -> None:
    (one,) = await keep(memory, "g1")
    lanes = LaneStore(memory)
    await settle(memory, Settlement(now=[(one, MASHA), (one, ANNA)]))
    for room in (MASHA, ANNA):
        await says(lanes, room, f"${room}", Outcome([Told(one, "5", "masha")]))
    async with memory.connection() as connection:
        await connection.execute("UPDATE diary_entry SET due = $1", DUE)
    await settle(memory, Settlement(now=[(one, MASHA)]))
    await says(lanes, MASHA, "$taken", Outcome(edits=f"${MASHA}", forgets=[one]))

    assert await lanes.sent_of([one]) == [sent(one, ANNA, f"${ANNA}", "5")]


async def test_where_nothing_is_left_to_say_the_lane_goes_on(memory: Database) -> None:
    one, two = await keep(memory, "g1", "g2")
    await settle(memory, Settlement(now=[(two, ANNA)], later=[(one, ANNA, DUE)]))
    await OutboxStore(memory).queue_digests(DUE)
    lanes = LaneStore(memory)
    await says(lanes, ANNA, "$two", Outcome([Told(two, "2", "masha")]))
    await lanes.nothing_to_say((await stands_first(lanes, ANNA)).number, [one])

    assert await lanes.head(ANNA) is None
    assert await lanes.waiting(ANNA, EVENING) == []
    assert await lanes.sent_of([one, two]) == [sent(two, ANNA, "$two", "2")]


async def test_what_is_held_waits_for_the_digest_of_its_time_unless_it_was_forgotten(
    memory: Database,
) -> None:
    one, two, three, four = await keep(memory, "g1", "g2", "g3", "g4")
    late = [(each, ANNA, DUE) for each in (one, two)]
    await settle(memory, Settlement(now=[(three, ANNA), (four, ANNA)], later=late))
    await OutboxStore(memory).queue_digests(DUE)
    lanes = LaneStore(memory)
    for entries in ([three], [four], [one, two]):
        head = await stands_first(lanes, ANNA)
        if entries == [four]:
            async with memory.connection() as connection:
                await connection.execute("DELETE FROM diary_entry WHERE number = $1", four)
        await lanes.hold(head.number, entries, EVENING)

    assert await lanes.head(ANNA) is None
    assert await lanes.waiting(ANNA, EVENING - timedelta(seconds=1)) == []
    assert await lanes.waiting(ANNA, EVENING) == [one, two, three]


async def test_what_a_forgotten_entry_said_goes_with_it(memory: Database) -> None:
    one, two = await keep(memory, "g1", "g2")
    await settle(memory, Settlement(now=[(one, MASHA)], later=[(two, ANNA, EVENING)]))
    lanes = LaneStore(memory)
    await says(lanes, MASHA, "$one", Outcome([Told(one, "1", "masha")]))
    await DiaryRetention(memory).forget_before(NOON + timedelta(days=1))

    assert await lanes.sent_of([one, two]) == []
    assert await lanes.waiting(ANNA, EVENING) == []


async def test_what_was_worded_with_an_erased_person_keeps_of_it_only_what_is_of_others(
    memory: Database,
) -> None:
    one, two = await keep(memory, "g1", "g2")
    async with memory.connection() as connection:
        await connection.execute(
            "UPDATE diary_entry SET person_id = 'petya' WHERE number = $1", two
        )
    await settle(
        memory,
        Settlement(
            later=[(one, ANNA, EVENING), (two, ANNA, EVENING)],
            needed={PersonalRoom(ANNA, "17", "anna")},
        ),
    )
    await OutboxStore(memory).queue_digests(EVENING)
    lanes = LaneStore(memory)
    head = await stands_first(lanes, ANNA)
    told = [Told(one, "1", "masha"), Told(two, "2", "petya")]
    outcome = Outcome(told, digest=True, over=[one, two])
    await lanes.prepare(
        head.number, room_id=f"!{ANNA}", content={"body": "Пётр"}, outcome=outcome, at=DUE
    )
    tried = await stands_first(lanes, ANNA)

    await DiaryRetention(memory).erase("petya")
    # It may have arrived, and is looked for before it is worded anew.
    assert await stands_first(lanes, ANNA) == replace(tried, content=None, tells=(one,))
    assert not await lanes.prepare(
        head.number, room_id="!", content={"body": "Пётр"}, outcome=outcome, at=LATER
    )
    await lanes.arrived(head.number, "$digest", DUE)
    assert await lanes.sent_of([one, two]) == [sent(one, ANNA, "$digest", "1", digest=True)]
    assert await lanes.waiting(ANNA, EVENING) == []


async def test_a_message_is_not_worded_with_what_is_erased_meanwhile(memory: Database) -> None:
    (one,) = await keep(memory, "g1")
    await settle(memory, Settlement(now=[(one, ANNA)]))
    lanes = LaneStore(memory)
    head = await stands_first(lanes, ANNA)
    await DiaryRetention(memory).erase("masha")

    outcome = Outcome([Told(one, "1", "masha")])
    assert not await lanes.prepare(head.number, room_id="!", content={}, outcome=outcome, at=DUE)
    assert await lanes.head(ANNA) is None
