"""What is accepted, decided and waiting survives in the database as it was."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from appservice.rooms.measures import Measure, MeasureKind
from appservice.rooms.observed import InboundEvent, InboundMessage, MessageKind, ObservedRoom
from appservice.rooms.state import ROOM_KEY
from appservice.school.problem import Delivery
from appservice.school.sample import sample_school
from appservice.storage.database import Database
from appservice.storage.inbound import InboundStore
from appservice.storage.measures import MeasureStore
from appservice.storage.observed import ObservedStore
from appservice.storage.standing import Standing, StandingStore
from tests.storage.school_rooms import BOT

NOON = datetime(2026, 10, 1, 12, tzinfo=UTC)
ANNA = "@anna:school.test"


async def test_an_accepted_roster_is_read_back_whole(memory: Database) -> None:
    store = StandingStore(memory)
    assert (await store.version(), await store.latest()) == (0, None)
    roster = sample_school(classes=2)
    delivery = Delivery(roster, held=frozenset({"s1"}))

    version = await store.accept(delivery, namespace="17", at=NOON)
    again = await store.accept(delivery, namespace="17", at=NOON + timedelta(hours=1))
    latest = await store.latest()

    assert (version, again, await store.version()) == (1, 1, 1)
    assert latest == Standing(1, NOON + timedelta(hours=1), "17", delivery)


async def test_another_roster_is_another_version(memory: Database) -> None:
    store = StandingStore(memory)
    await store.accept(Delivery(sample_school(classes=1)), namespace="17", at=NOON)
    other = sample_school(classes=1, seed=2)
    assert await store.accept(Delivery(other), namespace="17", at=NOON) == 2
    latest = await store.latest()
    assert latest is not None
    assert latest.delivery.roster == other


def measure(kind: MeasureKind, *, until: datetime | None = None, number: int = 0) -> Measure:
    return Measure(
        number=number,
        kind=kind,
        school_id="17",
        room="17/class_chat/5a",
        user_id=ANNA,
        given_by="@teacher:school.test",
        began_at=NOON,
        until=until,
        reason="спам",
    )


async def test_a_measure_is_told_in_force_and_for_a_while_after_its_end(memory: Database) -> None:
    store = MeasureStore(memory)
    evening = NOON + timedelta(hours=6)
    mute = await store.give(measure(MeasureKind.MUTE, until=evening))
    ban = await store.give(measure(MeasureKind.BAN))
    wanted = [
        measure(MeasureKind.MUTE, until=evening, number=mute),
        measure(MeasureKind.BAN, number=ban),
    ]

    assert list(await store.told(NOON)) == wanted
    assert [one.in_force(evening) for one in await store.told(evening)] == [False, True]
    assert [one.number for one in await store.told(NOON + timedelta(days=60))] == [ban]

    await store.lift([mute, ban], by="@admin:school.test", at=evening + timedelta(hours=1))
    told = {one.number: one.lifted_at for one in await store.told(evening + timedelta(hours=2))}
    assert told == {mute: None, ban: evening + timedelta(hours=1)}


@dataclass(frozen=True)
class Looking:
    version: int
    departs: Callable[[InboundEvent], bool]
    heeds: Callable[[InboundMessage], bool]


def event(room_id: str, event_id: str, sender: str = ANNA) -> InboundEvent:
    return InboundEvent(room_id, "m.room.topic", "", {"topic": "🎉"}, sender, event_id, 1000)


def message(event_id: str, body: str) -> InboundMessage:
    return InboundMessage("!admin", MessageKind.MESSAGE, body, ANNA, event_id, 1000, "$r", "$t")


async def kept_room(store: ObservedStore) -> None:
    key = {(ROOM_KEY, ""): {"key": "17/class_chat/5a", "kind": "class_chat"}}
    await store.room_made(ObservedRoom("17/class_chat/5a", "!kept", "12", key, {}), at=500)


async def jobs_put(memory: Database) -> list[tuple[str, str]]:
    async with memory.connection() as connection:
        rows = await connection.fetch("SELECT entrypoint, payload FROM pgqueuer ORDER BY id")
    return [(row["entrypoint"], row["payload"].decode()) for row in rows]


async def test_what_looks_like_drift_is_kept_with_a_job_until_it_was_judged(
    memory: Database, store: ObservedStore
) -> None:
    await kept_room(store)
    watch = Looking(0, lambda one: one.event_id != "$fine", lambda one: one.body.startswith("!"))
    told: list[InboundEvent | InboundMessage] = [
        event("!kept", "$bad"),
        event("!kept", "$fine"),
        event("!kept", "$ours", sender=BOT),
        event("!elsewhere", "$other"),
        message("$ask", "!school help"),
        message("$chat", "hello"),
    ]
    inbound = InboundStore(memory)

    assert await store.take_transaction("1", told, watch=watch)
    assert not await store.take_transaction("1", told, watch=watch)

    found = await inbound.events("!kept")
    asked = [payload for name, payload in await jobs_put(memory) if name == "message"]
    assert [one.event for one in found] == [event("!kept", "$bad")]
    assert await jobs_put(memory) == [("room", "!kept"), ("message", asked[0])]
    assert await inbound.message(int(asked[0])) == message("$ask", "!school help")

    await inbound.judged([one.number for one in found])
    await inbound.answered(int(asked[0]))
    assert list(await inbound.events("!kept")) == []
    assert await inbound.message(int(asked[0])) is None


async def test_who_knows_an_older_roster_keeps_everything(
    memory: Database, store: ObservedStore
) -> None:
    await kept_room(store)
    await StandingStore(memory).accept(Delivery(sample_school(classes=1)), namespace="17", at=NOON)
    watch = Looking(0, lambda _one: False, lambda _one: False)
    await store.take_transaction("1", [event("!kept", "$fine")], watch=watch)
    assert [one.event.event_id for one in await InboundStore(memory).events("!kept")] == ["$fine"]


async def test_what_removes_our_bot_is_kept_too(memory: Database, store: ObservedStore) -> None:
    await kept_room(store)
    gone = InboundEvent("!kept", "m.room.member", BOT, {"membership": "leave"}, ANNA, "$gone", 1000)
    await store.take_transaction("1", [gone], watch=Looking(0, lambda _: True, lambda _: False))
    assert [one.event for one in await InboundStore(memory).events("!kept")] == [gone]
