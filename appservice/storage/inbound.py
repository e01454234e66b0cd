"""What the homeserver told and somebody has yet to look at: events that look like drift, messages
to our bot. Kept until judged or answered.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple, Protocol

from appservice.rooms.enforcement.departs import REDACTION
from appservice.rooms.observed import InboundEvent, InboundMessage, MessageKind
from appservice.rooms.state import canonical
from appservice.storage import jobs
from appservice.storage.database import Database
from appservice.storage.standing import version_now
from appservice.storage.statements import statements

ROOM_JOB: Final = "room"
"""Look at a room in which something happened; the payload is its room id."""

MESSAGE_JOB: Final = "message"
"""Answer a message; the payload is the number of its row."""

_SQL: Final = statements("inbound")


class Watch(Protocol):
    """Says quickly, in memory, what has to be looked at. Saying yes too often does no harm."""

    @property
    def version(self) -> int:
        """The version of the accepted roster that it knows."""
        ...

    def departs(self, event: InboundEvent) -> bool:
        """Whether an event of somebody else than the bot may be drift."""
        ...

    def heeds(self, message: InboundMessage) -> bool:
        """Whether a message is for us."""
        ...


class KeptEvent(NamedTuple):
    number: int
    event: InboundEvent


async def keep(
    connection: Any, told: Iterable[InboundEvent | InboundMessage], watch: Watch, *, bot: str
) -> None:
    """Keep what `watch` finds worth a look, with a job for each room and message; inside the
    caller's transaction, after the observed state has been brought up to date.
    """
    told = list(told)
    events = [
        event
        for event in map(_as_event, told)
        if event is not None and (event.sender != bot or event.state_key == bot)
    ]
    if events:
        latest = await version_now(connection) == watch.version
        await _keep_events(
            connection, [event for event in events if not latest or watch.departs(event)]
        )
    messages = [one for one in told if isinstance(one, InboundMessage) and one.sender != bot]
    invitations = [event for event in events if _invites(event, bot)]
    if invitations:
        ours = await _ours(connection, invitations)
        messages += [_invitation(event) for event in invitations if event.room_id not in ours]
    messages = [one for one in messages if watch.heeds(one)]
    if messages:
        await _keep_messages(connection, messages)


def _as_event(one: InboundEvent | InboundMessage) -> InboundEvent | None:
    """What may be drift: state, and redactions, which may take state back."""
    if isinstance(one, InboundEvent):
        return one
    if one.kind is not MessageKind.REDACTION:
        return None
    return InboundEvent(
        room_id=one.room_id,
        type=REDACTION,
        state_key=one.relates_to,
        content={},
        sender=one.sender,
        event_id=one.event_id,
        timestamp=one.timestamp,
    )


def _invites(event: InboundEvent, bot: str) -> bool:
    return (
        event.type == "m.room.member"
        and event.state_key == bot
        and event.sender != bot
        and event.content.get("membership") == "invite"
    )


def _invitation(event: InboundEvent) -> InboundMessage:
    return InboundMessage(
        room_id=event.room_id,
        kind=MessageKind.INVITATION,
        body="",
        sender=event.sender,
        event_id=event.event_id,
        timestamp=event.timestamp,
    )


async def _ours(connection: Any, events: Sequence[InboundEvent]) -> frozenset[str]:
    """Those of the rooms in which it happened that are ours, or were before we were removed."""
    rooms = sorted({event.room_id for event in events})
    return frozenset(row["room_id"] for row in await connection.fetch(_SQL["ours_of"], rooms))


async def _keep_events(connection: Any, events: Sequence[InboundEvent]) -> None:
    ours = await _ours(connection, events)
    kept = [event for event in events if event.room_id in ours]
    if not kept:
        return
    await connection.execute(
        _SQL["keep_events"],
        [event.room_id for event in kept],
        [event.type for event in kept],
        [event.state_key for event in kept],
        [canonical(event.content).decode() for event in kept],
        [event.sender for event in kept],
        [event.event_id for event in kept],
        [event.timestamp for event in kept],
    )
    await jobs.put(connection, ROOM_JOB, sorted({event.room_id for event in kept}))


async def _keep_messages(connection: Any, messages: Sequence[InboundMessage]) -> None:
    rows = await connection.fetch(
        _SQL["keep_messages"],
        [one.room_id for one in messages],
        [one.kind for one in messages],
        [one.body for one in messages],
        [one.relates_to for one in messages],
        [one.thread for one in messages],
        [one.sender for one in messages],
        [one.event_id for one in messages],
        [one.timestamp for one in messages],
    )
    await jobs.put(connection, MESSAGE_JOB, [str(row["number"]) for row in rows])


class InboundStore:
    """What was kept, for those who look at it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def events(self, room_id: str) -> Sequence[KeptEvent]:
        """In the order in which the homeserver told them."""
        async with self._database.connection() as connection:
            rows = await connection.fetch(_SQL["events"], room_id)
        return [KeptEvent(row["number"], _event(row)) for row in rows]

    async def hand_in(self, events: Sequence[InboundEvent]) -> None:
        """Keep events that somebody found otherwise than by being told, to be judged like all."""
        async with self._database.transaction() as connection:
            await _keep_events(connection, events)

    async def judged(self, numbers: Sequence[int]) -> None:
        """Forget events that were looked at."""
        async with self._database.connection() as connection:
            await connection.execute(_SQL["judged"], list(numbers))

    async def message(self, number: int) -> InboundMessage | None:
        """None when it was answered before."""
        async with self._database.connection() as connection:
            row = await connection.fetchrow(_SQL["message"], number)
        if row is None:
            return None
        return InboundMessage(
            room_id=row["room_id"],
            kind=MessageKind(row["kind"]),
            body=row["body"],
            sender=row["sender"],
            event_id=row["event_id"],
            timestamp=row["sent_ms"],
            relates_to=row["relates_to"],
            thread=row["thread"],
        )

    async def answered(self, number: int) -> None:
        """Forget a message."""
        async with self._database.connection() as connection:
            await connection.execute(_SQL["answered"], number)


def _event(row: Any) -> InboundEvent:
    return InboundEvent(
        room_id=row["room_id"],
        type=row["type"],
        state_key=row["state_key"],
        content=json.loads(row["content"]),
        sender=row["sender"],
        event_id=row["event_id"],
        timestamp=row["sent_ms"],
    )
