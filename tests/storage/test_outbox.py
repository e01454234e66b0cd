"""What is due goes into lanes once, and what is given up stays until somebody asks for it."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from appservice.storage.database import Database
from appservice.storage.diary import DiaryStore
from appservice.storage.lanes import LaneStore, Outcome, Told
from appservice.storage.outbox import (
    DeadLetter,
    OutboxStore,
    PersonalRoom,
    SentRow,
    Settlement,
    Unsettled,
)
from tests.storage.test_diary import GRADE, NOON

MASHA, ANNA = "17/diary/masha", "17/diary/anna"
DUE = NOON + timedelta(minutes=15)
EVENING = NOON + timedelta(hours=6)


async def keep(memory: Database, *names: str) -> list[int]:
    """Grades of Masha; their numbers."""
    store = DiaryStore(memory)
    await store.take(
        [replace(GRADE, thing=GRADE.thing._replace(external_id=name)) for name in names]
    )
    async with memory.connection() as connection:
        rows = await connection.fetch(
            "SELECT number FROM diary_entry WHERE external_id = ANY($1) ORDER BY number", names
        )
    return [row["number"] for row in rows]


async def settle(memory: Database, settlement: Settlement, *, now: datetime = DUE) -> int:
    async def decide(_unsettled: Unsettled) -> Settlement:
        return settlement

    return await OutboxStore(memory).settle(now, decide)


async def jobs_of(memory: Database) -> list[tuple[str, str]]:
    async with memory.connection() as connection:
        rows = await connection.fetch(
            "SELECT entrypoint, payload FROM pgqueuer ORDER BY entrypoint, payload, id"
        )
    return [(row["entrypoint"], (row["payload"] or b"").decode()) for row in rows]


async def queued(memory: Database) -> list[tuple[str, int | None]]:
    async with memory.connection() as connection:
        rows = await connection.fetch("SELECT room, entry FROM diary_outbox ORDER BY number")
    return [(row["room"], row["entry"]) for row in rows]


async def test_what_is_due_is_decided_once_and_queued_with_the_jobs_that_send_it(
    memory: Database,
) -> None:
    one, two = await keep(memory, "g1", "g2")
    asked: list[Unsettled] = []

    async def decide(unsettled: Unsettled) -> Settlement:
        asked.append(unsettled)
        return Settlement(
            now=[(one, MASHA), (two, MASHA), (one, ANNA)],
            needed={PersonalRoom(MASHA, "17", "masha")},
        )

    outbox = OutboxStore(memory)
    early = DUE - timedelta(seconds=1)
    assert await outbox.settle(early, decide) == 0
    assert await outbox.settle(DUE, decide) == 2
    assert await outbox.settle(DUE, decide) == 0

    (unsettled,) = asked
    assert [entry.number for entry in unsettled.entries] == [one, two]
    assert (unsettled.sent, unsettled.under_way) == ([], frozenset())
    assert await queued(memory) == [(MASHA, one), (MASHA, two), (ANNA, one)]
    lanes = [payload for name, payload in await jobs_of(memory) if name == "diary_lane"]
    assert lanes == [ANNA, MASHA]
    assert await outbox.personal_rooms() == [PersonalRoom(MASHA, "17", "masha")]


async def test_what_cannot_be_decided_is_due_again(memory: Database) -> None:
    (one,) = await keep(memory, "g1")

    async def fail(_unsettled: Unsettled) -> Settlement:
        raise LookupError

    answers = await asyncio.gather(OutboxStore(memory).settle(DUE, fail), return_exceptions=True)
    assert [type(answer) for answer in answers] == [LookupError]
    assert await queued(memory) == []
    assert await settle(memory, Settlement(now=[(one, MASHA)])) == 1
    assert await queued(memory) == [(MASHA, one)]


async def test_several_who_settle_at_a_time_decide_about_different_entries(
    memory: Database,
) -> None:
    numbers = await keep(memory, *(f"g{number}" for number in range(12)))
    decided: list[Sequence[int]] = []
    all_are_at_it = asyncio.Barrier(3)

    async def decide(unsettled: Unsettled) -> Settlement:
        taken = [entry.number for entry in unsettled.entries]
        decided.append(taken)
        await all_are_at_it.wait()
        return Settlement(now=[(number, MASHA) for number in taken])

    outbox = OutboxStore(memory)
    counts = await asyncio.gather(*(outbox.settle(DUE, decide, limit=4) for _each in range(3)))

    assert counts == [4, 4, 4]
    assert sorted(number for taken in decided for number in taken) == numbers
    assert sorted(entry or 0 for _room, entry in await queued(memory)) == numbers


async def test_a_change_of_what_waits_unsent_is_not_queued_a_second_time(memory: Database) -> None:
    (one,) = await keep(memory, "g1")
    await settle(memory, Settlement(now=[(one, MASHA)]))
    changed = replace(GRADE, thing=GRADE.thing._replace(external_id="g1"), standing=(2, 0))
    await DiaryStore(memory).take([changed])
    await settle(memory, Settlement(now=[(one, MASHA)]), now=DUE + timedelta(hours=1))
    assert await queued(memory) == [(MASHA, one)]

    head = await LaneStore(memory).head(MASHA)
    assert head is not None
    await LaneStore(memory).prepare(
        head.number, room_id="!m", content={}, outcome=Outcome(), at=DUE
    )
    await DiaryStore(memory).take([replace(changed, standing=(3, 0))])
    seen: list[Unsettled] = []

    async def decide(unsettled: Unsettled) -> Settlement:
        seen.append(unsettled)
        return Settlement(now=[(one, MASHA)])

    await OutboxStore(memory).settle(DUE + timedelta(hours=2), decide)
    # What is being sent may say the old: the new is queued behind it.
    assert [unsettled.under_way for unsettled in seen] == [{MASHA}]
    assert await queued(memory) == [(MASHA, one), (MASHA, one)]


async def test_what_waits_for_a_digest_is_queued_as_one_when_its_time_has_come(
    memory: Database,
) -> None:
    one, two, three = await keep(memory, "g1", "g2", "g3")
    later = EVENING + timedelta(days=1)
    await settle(
        memory,
        Settlement(later=[(one, ANNA, EVENING), (two, ANNA, EVENING), (three, ANNA, later)]),
    )
    outbox, lanes = OutboxStore(memory), LaneStore(memory)

    assert await outbox.queue_digests(EVENING - timedelta(seconds=1)) == 0
    assert await outbox.queue_digests(EVENING) == 1
    assert await outbox.queue_digests(EVENING) == 1
    assert await queued(memory) == [(ANNA, None)]
    assert await lanes.waiting(ANNA, EVENING) == [one, two]
    assert await lanes.waiting(ANNA, later) == [one, two, three]
    assert [name for name, _payload in await jobs_of(memory)].count("diary_digest") == 2


async def test_of_two_times_for_one_digest_the_earlier_counts(memory: Database) -> None:
    (one,) = await keep(memory, "g1")
    await settle(memory, Settlement(later=[(one, ANNA, EVENING)]))
    await DiaryStore(memory).take(
        [replace(GRADE, thing=GRADE.thing._replace(external_id="g1"), standing=(2, 0))]
    )
    later = EVENING + timedelta(days=1)
    await settle(memory, Settlement(later=[(one, ANNA, later)]), now=DUE + timedelta(hours=1))

    assert await LaneStore(memory).waiting(ANNA, EVENING) == [one]


async def test_lanes_of_which_nobody_was_told_are_found(memory: Database) -> None:
    one, two = await keep(memory, "g1", "g2")
    await settle(memory, Settlement(now=[(one, MASHA), (two, ANNA)]))
    async with memory.connection() as connection:
        await connection.execute("DELETE FROM pgqueuer")
    outbox, lanes = OutboxStore(memory), LaneStore(memory)
    assert await lanes.take_lane(ANNA, "somebody", DUE)

    assert await outbox.wake(DUE) == 1
    assert await outbox.wake(DUE) == 1
    assert await jobs_of(memory) == [("diary_lane", MASHA)]
    assert await outbox.wake(DUE + timedelta(minutes=1)) == 2


async def test_what_was_given_up_is_counted_and_tried_again_only_when_asked(
    memory: Database,
) -> None:
    one, two = await keep(memory, "g1", "g2")
    await settle(memory, Settlement(now=[(one, MASHA), (two, MASHA)]))
    outbox, lanes = OutboxStore(memory), LaneStore(memory)
    first = await lanes.head(MASHA)
    assert first is not None
    await lanes.failed(first.number, trouble="M_FORBIDDEN", next_try=DUE, dead_at=DUE)

    second = await lanes.head(MASHA)
    assert second is not None
    assert second.entry == two
    assert await outbox.dead_letters() == [DeadLetter(first.number, MASHA, DUE, "M_FORBIDDEN", 1)]
    gauges = await outbox.gauges()
    assert (gauges.queued, gauges.dead) == (1, 1)

    again = DUE + timedelta(hours=1)
    assert await outbox.revive(again) == 1
    assert await lanes.head(MASHA) == replace(first, next_try=again)
    assert (await outbox.dead_letters(), await outbox.revive(again)) == ([], 0)


async def test_what_was_given_up_unworded_and_queued_anew_since_is_not_tried_twice(
    memory: Database,
) -> None:
    (one,) = await keep(memory, "g1")
    await settle(memory, Settlement(now=[(one, MASHA)]))
    outbox, lanes = OutboxStore(memory), LaneStore(memory)
    first = await lanes.head(MASHA)
    assert first is not None
    await lanes.failed(first.number, trouble="no_room", next_try=DUE, dead_at=DUE)
    await DiaryStore(memory).take(
        [replace(GRADE, thing=GRADE.thing._replace(external_id="g1"), standing=(2, 0))]
    )
    later = DUE + timedelta(hours=1)
    await settle(memory, Settlement(now=[(one, MASHA)]), now=later)

    assert await outbox.revive(later) == 0
    second = await lanes.head(MASHA)
    assert second is not None
    assert second.number != first.number


async def test_whoever_settles_knows_what_stands_in_each_room(memory: Database) -> None:
    (one,) = await keep(memory, "g1")
    await settle(memory, Settlement(now=[(one, MASHA)]))
    lanes = LaneStore(memory)
    head = await lanes.head(MASHA)
    assert head is not None
    outcome = Outcome(tells=[Told(one, '{"grade": 1}', "masha")])
    await lanes.prepare(head.number, room_id="!m", content={}, outcome=outcome, at=DUE)
    await lanes.arrived(head.number, "$first", DUE)
    await DiaryStore(memory).take(
        [replace(GRADE, thing=GRADE.thing._replace(external_id="g1"), standing=(2, 0))]
    )
    seen: list[Any] = []

    async def decide(unsettled: Unsettled) -> Settlement:
        seen.append((unsettled.sent, unsettled.under_way))
        return Settlement()

    await OutboxStore(memory).settle(DUE + timedelta(hours=1), decide)
    row = SentRow(one, MASHA, "!m", "$first", DUE, '{"grade": 1}', "masha", digest=False)
    assert seen == [([row], frozenset())]
