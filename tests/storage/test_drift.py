"""What was undone is recorded once, told in one message, and forgotten in time."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from appservice.language import speaking
from appservice.rooms.enforcement.drift import Drift, DriftKind
from appservice.rooms.enforcement.fights import Undone
from appservice.rooms.enforcement.moderation import BanGiven
from appservice.rooms.measures import MeasureKind
from appservice.rooms.observed import InboundEvent, ObservedRoom
from appservice.rooms.state import ROOM_KEY
from appservice.storage.audit_log import REPAIR, SERVICE, AuditLog, Entry
from appservice.storage.database import Database
from appservice.storage.drift import DriftRecord, DriftStore, Verdict
from appservice.storage.inbound import InboundStore
from appservice.storage.measures import MeasureStore
from appservice.storage.observed import ObservedStore
from appservice.upkeep.drift_summary import drift_summary

NOON = datetime(2026, 10, 1, 12, tzinfo=UTC)
CHAT = "17/class_chat/5a"
TEACHER = "@lena:school.test"


def drift(event_id: str, kind: DriftKind = DriftKind.STATE, **changed: object) -> Drift:
    one = Drift(
        room=CHAT,
        who=TEACHER,
        kind=kind,
        type="m.room.name",
        state_key="",
        before={"name": "5А"},
        after={"name": "Чатик"},
        event_id=event_id,
        at=NOON,
    )
    return replace(one, **changed)  # type: ignore[arg-type]


@pytest.fixture
async def inbound(memory: Database, store: ObservedStore) -> InboundStore:
    """Three events of a kept room that wait to be judged."""
    key = {(ROOM_KEY, ""): {"key": CHAT, "kind": "class_chat"}}
    await store.room_made(ObservedRoom(CHAT, "!kept", "12", key, {}), at=500)
    waiting = InboundStore(memory)
    await waiting.hand_in(
        [
            InboundEvent("!kept", "m.room.name", "", {"name": "Чатик"}, TEACHER, f"${number}", 1000)
            for number in range(3)
        ]
    )
    return waiting


async def test_what_two_processes_judged_is_recorded_once(
    memory: Database, inbound: InboundStore
) -> None:
    store = DriftStore(memory)
    numbers = [one.number for one in await inbound.events("!kept")]
    record = DriftRecord(drift("$1"), "undone", NOON)
    ban = BanGiven("@petya:school.test", TEACHER, "травля", "$0")
    verdict = Verdict(numbers[:2], [record], [ban], "!kept", CHAT, "17")

    assert await store.settle(verdict, {}, at=NOON) == [record]
    assert await store.settle(verdict, {}, at=NOON) == []

    assert list(await store.since(NOON - timedelta(hours=1))) == [record]
    assert list(await store.since(NOON - timedelta(hours=1), room="17/other")) == []
    assert list(await store.undone(CHAT, NOON - timedelta(hours=1))) == [
        Undone(("m.room.name", ""), NOON)
    ]
    assert [one.event.event_id for one in await inbound.events("!kept")] == ["$2"]
    (measure,) = await MeasureStore(memory).told(NOON)
    assert (measure.kind, measure.room, measure.user_id, measure.reason) == (
        MeasureKind.BAN,
        CHAT,
        "@petya:school.test",
        "травля",
    )
    await store.forget_old(NOON + timedelta(days=91))
    assert list(await store.since(NOON - timedelta(hours=1))) == []


async def test_every_repair_stands_in_the_audit_log_without_a_word_of_what_was_written(
    memory: Database, inbound: InboundStore
) -> None:
    store, log = DriftStore(memory), AuditLog(memory)
    numbers = [one.number for one in await inbound.events("!kept")]
    gone = drift(
        "$1",
        DriftKind.OUT,
        type="m.room.member",
        state_key="@masha:school.test",
        before={"membership": "join", "displayname": "Ли Мария"},
        after={"membership": "leave"},
    )
    records = [
        DriftRecord(drift("$0", times=3), "undone", NOON),
        DriftRecord(gone, "undone", NOON + timedelta(minutes=1)),
        DriftRecord(drift("$2"), "M_FORBIDDEN", NOON),
    ]
    await store.settle(Verdict(numbers, records), {}, at=NOON)
    await store.settle(Verdict(numbers, records), {}, at=NOON)

    told = [entry async for entry in log.since(NOON - timedelta(days=1))]
    assert [replace(one, number=0) for one in told] == [
        Entry(
            NOON,
            SERVICE,
            "repair",
            CHAT,
            {"kind": "state", "type": "m.room.name", "changed_by": TEACHER, "times": 3},
        ),
        Entry(
            NOON + timedelta(minutes=1),
            SERVICE,
            "repair",
            CHAT,
            {
                "kind": "out",
                "type": "m.room.member",
                "changed_by": TEACHER,
                "times": 1,
                "user": "@masha:school.test",
            },
        ),
    ]
    assert list(await log.latest(5, about=[CHAT], without=REPAIR)) == []


async def test_many_repairs_are_told_in_one_message_and_a_fight_once(
    memory: Database, inbound: InboundStore
) -> None:
    store = DriftStore(memory)
    numbers = [one.number for one in await inbound.events("!kept")]
    records = [
        DriftRecord(drift("$0"), "undone", NOON),
        DriftRecord(drift("$1", slowed=True), "undone", NOON + timedelta(minutes=1)),
        DriftRecord(
            drift("$2", DriftKind.STRANGER, type="m.room.member"),
            "M_FORBIDDEN",
            NOON + timedelta(minutes=7),
        ),
    ]
    await store.settle(Verdict(numbers, records), {}, at=NOON)

    with speaking("en"):
        assert await drift_summary(store, NOON - timedelta(minutes=5)) == (
            "Put back what was changed in 1 room:\n"
            f"• {CHAT}: what the room says × 2\n"
            f"• {CHAT}: people who do not belong there could not be put back (M_FORBIDDEN)\n"
            f"{TEACHER} changes what the room says in {CHAT} again and again: it is put back more"
            " slowly now."
        )
        assert await drift_summary(store, NOON + timedelta(minutes=5)) == (
            "Put back what was changed in 1 room:\n"
            f"• {CHAT}: people who do not belong there could not be put back (M_FORBIDDEN)"
        )
        assert await drift_summary(store, NOON + timedelta(hours=1)) is None
