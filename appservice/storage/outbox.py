"""What is to be sent of the diary, in PostgreSQL: one lane for each room, in order.

How it gets there, and how it leaves again that was given up; `lanes` has what happens in between.
Plain values only.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import uuid4

from appservice.storage import jobs
from appservice.storage.database import Database
from appservice.storage.diary import Entry, entries_of
from appservice.storage.statements import statements

DEAD_LETTERS: Final = "diary dead letters"
"""What the administrators are told once, until somebody asks for another try."""

LANE_JOB: Final = "diary_lane"
"""Send what waits in one lane; the payload is the room key."""

DIGEST_JOB: Final = "diary_digest"
"""Look at the digests whose time has come; no payload."""

_SQL: Final = statements("outbox")


@dataclass(frozen=True, slots=True)
class SentRow:
    """The message that stands for an entry in a room. `document` is what it tells of it."""

    entry: int
    room: str
    room_id: str
    message: str
    at: datetime
    document: str
    child: str
    digest: bool


class PersonalRoom(NamedTuple):
    """`room` is its key."""

    room: str
    school: str
    person_id: str


@dataclass(frozen=True, slots=True)
class Settlement:
    """What becomes of entries whose settle delay is over.

    `now`: (entry, room key) to be sent at once; `later`: (entry, room key, time of the digest).
    `needed`: the personal rooms among them. `again`: (entry, time at which it is due once more).
    """

    now: Sequence[tuple[int, str]] = ()
    later: Sequence[tuple[int, str, datetime]] = ()
    needed: Collection[PersonalRoom] = ()
    again: Sequence[tuple[int, datetime]] = ()


@dataclass(frozen=True, slots=True)
class Unsettled:
    """`under_way`: rooms in which a message may arrive at any moment that is not in `sent` yet."""

    entries: Sequence[Entry]
    sent: Sequence[SentRow]
    under_way: frozenset[str]


class DeadLetter(NamedTuple):
    """A message that was given up. `trouble` is the code of its last failure."""

    number: int
    room: str
    dead_at: datetime
    trouble: str
    attempts: int


class OutboxGauge(NamedTuple):
    """`lag_s`: how long the oldest has waited."""

    queued: int
    dead: int
    lag_s: float


class OutboxStore:
    def __init__(self, database: Database) -> None:
        self._database = database

    # from an entry to the lanes
    async def settle(
        self,
        now: datetime,
        decide: Callable[[Unsettled], Awaitable[Settlement]],
        *,
        limit: int = 200,
    ) -> int:
        """Decide about entries that are due, and queue what comes of it, in one transaction; how
        many there were. Several may settle at a time: each takes others.
        """
        async with self._database.transaction() as connection:
            entries = entries_of(await connection.fetch(_SQL["due"], now, limit))
            if not entries:
                return 0
            numbers = [entry.number for entry in entries]
            sent = [SentRow(**row) for row in await connection.fetch(_SQL["sent_of"], numbers)]
            under_way = frozenset(row["room"] for row in await connection.fetch(_SQL["under_way"]))
            settlement = await decide(Unsettled(entries, sent, under_way))
            await connection.execute(_SQL["settled"], numbers)
            await _queue_settled(connection, settlement, now)
        return len(entries)

    async def queue_digests(self, now: datetime) -> int:
        """Queue the digests whose time has come; how many."""
        async with self._database.transaction() as connection:
            rooms = [row["room"] for row in await connection.fetch(_SQL["digests_due"], now)]
            await _queue(connection, [(room, None) for room in rooms], now)
        return len(rooms)

    async def wake(self, now: datetime) -> int:
        """Ask for every lane in which something can be sent and nobody does; how many."""
        async with self._database.transaction() as connection:
            rooms = [row["room"] for row in await connection.fetch(_SQL["ready"], now)]
            await jobs.put(connection, LANE_JOB, rooms, once=True)
        return len(rooms)

    # what was given up
    async def dead_letters(self) -> Sequence[DeadLetter]:
        async with self._database.connection() as connection:
            return [DeadLetter(**row) for row in await connection.fetch(_SQL["dead"])]

    async def revive(self, now: datetime) -> int:
        """Try everything again that was given up; how many messages."""
        async with self._database.transaction() as connection:
            rooms = [row["room"] for row in await connection.fetch(_SQL["revive"], now)]
            await jobs.put(connection, LANE_JOB, sorted(set(rooms)))
        return len(rooms)

    async def need(self, rooms: Collection[PersonalRoom], now: datetime) -> None:
        """These personal rooms are needed, whether or not they ever were."""
        async with self._database.transaction() as connection:
            await _need(connection, rooms, now)

    async def personal_rooms(self) -> Sequence[PersonalRoom]:
        """All that were needed once."""
        async with self._database.connection() as connection:
            return [PersonalRoom(*row) for row in await connection.fetch(_SQL["personal_rooms"])]

    async def personal_rooms_stamp(self) -> object:
        """Another one when there are others."""
        async with self._database.connection() as connection:
            return tuple(await connection.fetchrow(_SQL["personal_rooms_stamp"]))

    async def gauges(self) -> OutboxGauge:
        async with self._database.connection() as connection:
            return OutboxGauge(**await connection.fetchrow(_SQL["gauges"]))


async def _queue_settled(connection: Any, settlement: Settlement, now: datetime) -> None:
    await _need(connection, settlement.needed, now)
    if settlement.again:  # whoever looks every minute finds it
        await connection.execute(_SQL["due_again"], *map(list, zip(*settlement.again, strict=True)))
    await _queue(connection, [(room, entry) for entry, room in settlement.now], now)
    if settlement.later:
        await connection.execute(_SQL["wait"], *map(list, zip(*settlement.later, strict=True)))
        for at in sorted({at for _entry, _room, at in settlement.later}):
            await jobs.put(connection, DIGEST_JOB, [""], after=max(at - now, jobs.NO_WAIT))


async def _need(connection: Any, rooms: Collection[PersonalRoom], now: datetime) -> None:
    if rooms:
        await connection.fetch(
            _SQL["need_rooms"], *map(list, zip(*sorted(rooms), strict=True)), now
        )


async def _queue(connection: Any, rows: Sequence[tuple[str, int | None]], now: datetime) -> None:
    if rows:
        await connection.execute(
            _SQL["queue"],
            [room for room, _entry in rows],
            [entry for _room, entry in rows],
            [uuid4().hex for _row in rows],
            now,
        )
        await jobs.put(connection, LANE_JOB, sorted({room for room, _entry in rows}))
