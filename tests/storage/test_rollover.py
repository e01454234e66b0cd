"""A rollover goes its way in the database, and rosters are kept no longer than they are needed."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from appservice.errors import Refused
from appservice.school.problem import Delivery
from appservice.school.sample import sample_school
from appservice.storage.database import Database
from appservice.storage.rollover import Rollover, RolloverState, RolloverStore
from appservice.storage.standing import StandingStore
from appservice.year.rollover import Turn

NOON = datetime(2027, 8, 1, 12, tzinfo=UTC)
DAY = date(2027, 9, 1)
OLD, NEW = Delivery(sample_school(classes=1)), Delivery(sample_school(classes=1, seed=2))
TURN = Turn(
    "2027",
    {"6А": "5А"},
    taken=frozenset({"5А", "6А"}),
    marks=("2026",),
    before={"17": "2026/2027"},
    after={"17": "2027/2028"},
)


async def drafted(store: RolloverStore, turn: Turn = TURN) -> int:
    return await store.draft(NEW, turn, digest="abc", namespace="17", on=DAY, at=NOON)


async def kept(store: RolloverStore, number: int) -> tuple[bool, bool]:
    """Whether the next and the former roster are there."""
    following = await store.delivery(number, "next")
    before = await store.delivery(number, "before")
    return following is not None, before is not None


async def test_a_draft_is_read_back_whole(memory: Database) -> None:
    store = RolloverStore(memory)
    assert (await store.latest(), await store.turn()) == (None, None)
    number = await drafted(store)
    assert await store.latest() == Rollover(
        number, RolloverState.DRAFTED, "abc", "17", DAY, TURN, NOON, NOON
    )
    assert await store.delivery(number, "next") == NEW
    assert await store.turn() is None  # in force only when it has begun


async def test_until_it_is_confirmed_the_roster_that_stood_before_is_there(
    memory: Database,
) -> None:
    await StandingStore(memory).accept(OLD, namespace="17", at=NOON)
    store = RolloverStore(memory)
    number = await drafted(store)
    await store.begin(number, NOON)
    await StandingStore(memory).accept(NEW, namespace="17", at=NOON)
    await store.begin(number, NOON)  # another process, later: what stood before stays
    assert await store.delivery(number, "before") == OLD
    assert (await store.turn(), await kept(store, number)) == (TURN, (True, True))

    assert await store.step(number, RolloverState.APPLYING, RolloverState.APPLIED, NOON)
    assert not await store.step(number, RolloverState.APPLYING, RolloverState.APPLIED, NOON)
    assert await kept(store, number) == (False, True)
    assert await store.step(number, RolloverState.APPLIED, RolloverState.CONFIRMED, NOON)
    assert (await store.turn(), await kept(store, number)) == (TURN, (False, False))


async def test_after_taking_back_the_turn_before_it_is_in_force_again(memory: Database) -> None:
    store = RolloverStore(memory)
    first = await drafted(store)
    await store.begin(first, NOON)
    await store.step(first, RolloverState.APPLYING, RolloverState.APPLIED, NOON)
    await store.step(first, RolloverState.APPLIED, RolloverState.CONFIRMED, NOON)
    later = replace(TURN, mark="2028")
    second = await drafted(store, later)
    await store.begin(second, NOON)
    assert await store.turn() == later
    await store.step(second, RolloverState.APPLYING, RolloverState.RETURNING, NOON)
    assert await store.turn() == TURN
    await store.step(second, RolloverState.RETURNING, RolloverState.RETURNED, NOON)
    assert (await store.turn(), await kept(store, second)) == (TURN, (False, False))
    latest = await store.latest()
    assert latest is not None
    assert latest.state is RolloverState.RETURNED


async def test_a_new_draft_takes_the_place_of_the_old_one_but_of_nothing_begun(
    memory: Database,
) -> None:
    store = RolloverStore(memory)
    first = await drafted(store)
    second = await drafted(store)
    assert (await kept(store, first), await kept(store, second)) == ((False, False), (True, False))
    await store.begin(second, NOON)
    with pytest.raises(Refused, match="The last rollover is not over"):
        await drafted(store)
    assert not await store.drop_draft(NOON)
    latest = await store.latest()
    assert latest is not None
    assert (latest.number, latest.state) == (second, RolloverState.APPLYING)
