"""One lane of the outbox: what is sent in one room, one message after another.

Before the first try of a message what it says is written down; its transaction id was from the
beginning. So whatever happens, another try sends the same, and what became of it is known once it
is taken out.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from appservice.storage import jobs
from appservice.storage.database import Database
from appservice.storage.outbox import LANE_JOB, SentRow
from appservice.storage.statements import statements

HELD: Final = timedelta(seconds=5)
"""So long a lane stays with a process that says nothing more. Below the time after which jobs are
taken over (`jobs.TAKEN_OVER_S`), so that whoever takes one over finds the lane free.
"""

_SQL: Final = statements("outbox")


class Told(NamedTuple):
    entry: int
    document: str
    child: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is true once the message has arrived.

    `tells`: what it tells. `edits` is the event id of the message that it edits, "" for one of its
    own. `forgets`: entries of which nothing stands in this room any more. `over`: entries that no
    longer wait for a digest.
    """

    tells: Sequence[Told] = ()
    edits: str = ""
    digest: bool = False
    forgets: Sequence[int] = ()
    over: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class Outgoing:
    """The head of a lane. `entry` None: the digest that is due. `content` None: to be worded yet.
    `first_tried`: since then it may have arrived, also where it is to be worded again. `tells` are
    the entries of which it tells, once it is worded.
    """

    number: int
    room: str
    entry: int | None
    delivery: str
    attempts: int
    next_try: datetime
    queued_at: datetime
    first_tried: datetime | None
    room_id: str
    content: Mapping[str, object] | None
    tells: Sequence[int] = ()


class LaneStore:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def take_lane(self, room: str, holder: str, now: datetime) -> bool:
        """Whether the lane is ours; if it is not, who has it looks once more before going."""
        async with self._database.connection() as connection:
            return bool(await connection.fetchval(_SQL["take_lane"], room, holder, now, now + HELD))

    async def keep_lane(self, room: str, holder: str, now: datetime) -> None:
        async with self._database.connection() as connection:
            await connection.execute(_SQL["keep_lane"], room, holder, now + HELD)

    async def give_lane(self, room: str, holder: str) -> bool:
        """Whether it was given back. False: somebody had something more, and it is still ours."""
        async with self._database.connection() as connection:
            if await connection.fetchval(_SQL["give_lane"], room, holder) is not None:
                return True
            return await connection.fetchval(_SQL["once_more"], room, holder) is None

    async def head(self, room: str) -> Outgoing | None:
        async with self._database.connection() as connection:
            row = await connection.fetchrow(_SQL["head"], room)
        if row is None:
            return None
        fields = dict(row)
        fields["content"] = json.loads(row["content"]) if row["content"] else None
        told = _unpacked(fields.pop("outcome")).tells
        return Outgoing(**fields, tells=tuple(one.entry for one in told))

    async def waiting(self, room: str, now: datetime) -> Sequence[int]:
        """The entries that the digest of now is about."""
        async with self._database.connection() as connection:
            return [row["entry"] for row in await connection.fetch(_SQL["waiting_of"], room, now)]

    async def sent_of(self, entries: Collection[int]) -> Sequence[SentRow]:
        async with self._database.connection() as connection:
            rows = await connection.fetch(_SQL["sent_of"], list(entries))
        return [SentRow(**row) for row in rows]

    async def together(self, message: str, room: str) -> Sequence[SentRow]:
        """All that one message stands for."""
        async with self._database.connection() as connection:
            rows = await connection.fetch(_SQL["together"], message, room)
        return [SentRow(**row) for row in rows]

    async def prepare(
        self,
        number: int,
        *,
        room_id: str,
        content: Mapping[str, object],
        outcome: Outcome,
        at: datetime,
    ) -> bool:
        """Write down what is about to be sent; for ever, for it may arrive from now on. False:
        somebody else has done so, or erased what it tells.
        """
        async with self._database.connection() as connection:
            prepared = await connection.fetchval(
                _SQL["prepare"],
                number,
                json.dumps(content, ensure_ascii=False),
                _packed(outcome),
                room_id,
                at,
                [told.entry for told in outcome.tells],
            )
        return prepared is not None

    async def word_anew(self, number: int) -> None:
        """What was written down of a message counts no more; that it may have arrived does."""
        async with self._database.connection() as connection:
            await connection.execute(_SQL["unword_one"], number)

    async def arrived(self, number: int, message: str, at: datetime) -> None:
        """It stands in the room as `message`. Once is enough; twice does no harm."""
        async with self._database.transaction() as connection:
            row = await connection.fetchrow(_SQL["done"], number)
            if row is not None:
                await _record(
                    connection, row["room"], row["room_id"], _unpacked(row["outcome"]), message, at
                )

    async def nothing_to_say(self, number: int, over: Sequence[int]) -> None:
        """Take it out unsent; `over` no longer wait for a digest."""
        async with self._database.transaction() as connection:
            row = await connection.fetchrow(_SQL["done"], number)
            if row is not None and over:
                await connection.execute(_SQL["no_longer_waits"], row["room"], list(over))

    async def hold(self, number: int, entries: Sequence[int], at: datetime) -> None:
        """Take it out unsent; its entries wait for the digest of `at`."""
        async with self._database.transaction() as connection:
            row = await connection.fetchrow(_SQL["done"], number)
            if row is not None:
                await connection.execute(_SQL["hold"], row["room"], list(entries), at)

    async def failed(
        self, number: int, *, trouble: str, next_try: datetime, dead_at: datetime | None = None
    ) -> None:
        """Another try later; with `dead_at` only once somebody asks for it."""
        async with self._database.connection() as connection:
            await connection.execute(_SQL["failed"], number, next_try, trouble, dead_at)

    async def ask_again(self, room: str, after: timedelta, *, once: bool = False) -> None:
        """`once`: not where somebody has asked for this lane so already."""
        async with self._database.transaction() as connection:
            await jobs.put(connection, LANE_JOB, [room], after=after, once=once)


async def _record(
    connection: Any, room: str, room_id: str, outcome: Outcome, message: str, at: datetime
) -> None:
    if outcome.over:
        await connection.execute(_SQL["no_longer_waits"], room, list(outcome.over))
    if outcome.forgets:
        await connection.execute(_SQL["untell"], room, list(outcome.forgets))
    if not outcome.tells:
        return
    entries, documents, children = map(list, zip(*outcome.tells, strict=True))
    if outcome.edits:
        await connection.execute(_SQL["tell_by_edit"], room, entries, documents)
    else:
        await connection.execute(
            _SQL["tell"],
            room,
            room_id,
            message,
            at,
            outcome.digest,
            entries,
            documents,
            children,
        )


def _packed(outcome: Outcome) -> str:
    return json.dumps(
        {
            "tells": [list(each) for each in outcome.tells],
            "edits": outcome.edits,
            "digest": outcome.digest,
            "forgets": list(outcome.forgets),
            "over": list(outcome.over),
        },
        ensure_ascii=False,
    )


def _unpacked(text: str) -> Outcome:
    packed = json.loads(text) if text else {}
    return Outcome(
        tells=tuple(Told(*each) for each in packed.get("tells", ())),
        edits=packed.get("edits", ""),
        digest=packed.get("digest", False),
        forgets=tuple(packed.get("forgets", ())),
        over=tuple(packed.get("over", ())),
    )
