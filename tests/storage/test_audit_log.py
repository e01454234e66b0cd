"""Who did what is kept for good."""

from datetime import UTC, datetime, timedelta

import pytest

from appservice.errors import Permanent
from appservice.rooms.measures import Measure, MeasureKind
from appservice.storage.admin_room import AdminRoomStore, Waiting
from appservice.storage.audit_log import TERMINAL, AuditLog, Entry
from appservice.storage.database import Database
from appservice.storage.measures import MeasureStore

NOON = datetime(2026, 10, 1, 12, tzinfo=UTC)
HEAD = "@head:school.test"


async def test_entries_are_told_in_their_order_and_by_what_they_are_about(
    memory: Database,
) -> None:
    log = AuditLog(memory)
    first = Entry(NOON, TERMINAL, "plan_applied", details={"digest": "0123456789ab"})
    second = Entry(NOON + timedelta(hours=1), HEAD, "mute", "@u1:school.test", {"rooms": ["17"]})
    assert [await log.note(first), await log.note(second)] == [True, True]

    told = [entry async for entry in log.since(NOON)]
    assert [(one.actor, one.action, one.object, one.details) for one in told] == [
        (TERMINAL, "plan_applied", "", {"digest": "0123456789ab"}),
        (HEAD, "mute", "@u1:school.test", {"rooms": ["17"]}),
    ]
    assert [one.number async for one in log.since(NOON + timedelta(minutes=1))] == [told[1].number]
    assert await log.latest(5, about=["@u1:school.test"]) == [told[1]]


@pytest.mark.parametrize(
    "change", ["UPDATE audit_log SET actor = ''", "DELETE FROM audit_log", "TRUNCATE audit_log"]
)
async def test_nobody_changes_the_log(memory: Database, change: str) -> None:
    log = AuditLog(memory)
    await log.note(Entry(NOON, TERMINAL, "plan_applied"))
    with pytest.raises(Permanent):
        async with memory.connection() as connection:
            await connection.execute(change)
    assert [one.action for one in await log.latest(5)] == ["plan_applied"]


async def test_what_one_message_asked_for_is_decided_once(memory: Database) -> None:
    log, measures = AuditLog(memory), MeasureStore(memory)
    mute = Measure(0, MeasureKind.MUTE, "17", "17/chat", "@u1:school.test", HEAD, NOON)
    entry = Entry(NOON, HEAD, "mute", cause="$asked")
    assert [await log.take_measures([mute], entry) for _time in range(2)] == [True, False]
    given = await measures.told(NOON)
    assert len(given) == 1
    lifted = Entry(NOON, HEAD, "unmute", cause="$lifted")
    assert [await log.lift_measures([given[0].number], lifted) for _time in range(2)] == [
        True,
        False,
    ]
    assert [one.in_force(NOON) for one in await measures.told(NOON - timedelta(hours=1))] == [False]


async def test_a_confirmation_is_used_by_one_event_alone_and_in_time(memory: Database) -> None:
    store = AdminRoomStore(memory)
    end = NOON + timedelta(minutes=10)
    waiting = Waiting("abc234", "$asked", "!admin", HEAD, "{}", "0123456789ab", end)
    await store.wait(waiting)
    await store.wait(waiting)
    await store.prompted("$asked", "$prompt")
    assert await store.waiting("!admin", prompt="$prompt") == waiting
    assert await store.waiting("!elsewhere", code="abc234") is None
    assert not await store.use("abc234", "$late", now=end)
    assert await store.use("abc234", "$yes", now=NOON)
    assert await store.use("abc234", "$yes", now=end)  # the same again, after a crash
    assert not await store.use("abc234", "$other", now=NOON)
