"""What was changed against the roster and undone, in PostgreSQL; kept for ninety days."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from appservice.rooms.enforcement.drift import Drift, DriftKind
from appservice.rooms.enforcement.fights import Undone
from appservice.rooms.enforcement.moderation import BanGiven, BanLifted, Decision
from appservice.rooms.measures import Measure, MeasureKind
from appservice.rooms.state import canonical
from appservice.storage import jobs
from appservice.storage.audit_log import REPAIR, SERVICE, Entry, note_in
from appservice.storage.database import Database
from appservice.storage.inbound import ROOM_JOB
from appservice.storage.statements import statements

UNDONE: Final = "undone"
KEPT: Final = timedelta(days=90)

_SQL: Final = statements("drift")
_MEASURES: Final = statements("measures")
_MOST: Final = 10_000


@dataclass(frozen=True, slots=True)
class DriftRecord:
    """`outcome` is "undone", else the code of what was in the way."""

    drift: Drift
    outcome: str
    undone_at: datetime


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is written down when the work in a room is over, in one transaction.

    `numbers` are the events that were judged. `decisions` become measures of the room `room`.
    """

    numbers: Sequence[int]
    records: Sequence[DriftRecord]
    decisions: Sequence[Decision] = ()
    room_id: str = ""
    room: str = ""
    school_id: str = ""


class DriftStore:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def settle(
        self, verdict: Verdict, bans: Mapping[str, Sequence[int]], *, at: datetime
    ) -> Sequence[DriftRecord]:
        """Record what became of judged events and forget them; nothing is recorded twice. What was
        recorded; what of it was undone stands in the audit log, too.

        `bans` are the numbers of the measures that keep each person (user id) out of the room.
        """
        async with self._database.transaction() as connection:
            taken = {
                row["event_id"]
                for row in await connection.fetch(_SQL["judged"], list(verdict.numbers))
            }
            records = [one for one in verdict.records if one.drift.event_id in taken]
            if records:
                await _record(connection, records)
            for one in records:
                if one.outcome == UNDONE:
                    await note_in(connection, _repair(one))
            decisions = [one for one in verdict.decisions if one.event_id in taken]
            for decision in decisions:
                await _decide(connection, decision, verdict, bans.get(decision.user, ()), at)
            if decisions:  # what must be true is another thing now
                await jobs.put(connection, ROOM_JOB, [verdict.room_id])
        return records

    async def undone(self, room: str, since: datetime) -> Sequence[Undone]:
        """What was undone in a room (key) lately."""
        async with self._database.connection() as connection:
            rows = await connection.fetch(_SQL["undone"], room, since)
        return [Undone((row["type"], row["state_key"]), row["undone_at"]) for row in rows]

    async def since(
        self, when: datetime, *, room: str | None = None, limit: int = _MOST
    ) -> Sequence[DriftRecord]:
        """The latest first, of one room (key) or of all."""
        async with self._database.connection() as connection:
            rows = (
                await connection.fetch(_SQL["since"], when, limit)
                if room is None
                else await connection.fetch(_SQL["of_room"], when, room, limit)
            )
        return [_record_of(row) for row in rows]

    async def forget_old(self, now: datetime) -> None:
        """Names stand in these rows: they go after ninety days."""
        async with self._database.connection() as connection:
            await connection.execute(_SQL["forget"], now - KEPT)

    # what a judge needs to know of the neighbourhood of a room
    async def room_of(self, room_id: str) -> str | None:
        """The key of a room of ours, also of one that we have just been removed from."""
        async with self._database.connection() as connection:
            key: str | None = await connection.fetchval(_SQL["room_of"], room_id)
        return key

    async def neighbours(
        self, keys: Collection[str], room_ids: Collection[str]
    ) -> Mapping[str, str]:
        """key → room id of the kept rooms among these."""
        async with self._database.connection() as connection:
            return dict(await connection.fetch(_SQL["neighbours"], list(keys), list(room_ids)))

    async def managed(self, users: Collection[str]) -> frozenset[str]:
        """Those of these users whom we made or were told to manage."""
        async with self._database.connection() as connection:
            rows = await connection.fetch(_SQL["managed"], list(users))
        return frozenset(row["user_id"] for row in rows)


async def _record(connection: Any, records: Sequence[DriftRecord]) -> None:
    drifts = [one.drift for one in records]
    await connection.execute(
        _SQL["record"],
        [one.room for one in drifts],
        [one.who for one in drifts],
        [one.kind for one in drifts],
        [one.type for one in drifts],
        [one.state_key for one in drifts],
        [canonical(one.before).decode() for one in drifts],
        [canonical(one.after).decode() for one in drifts],
        [one.event_id for one in drifts],
        [one.at for one in drifts],
        [one.times for one in drifts],
        [one.slowed for one in drifts],
        [one.outcome for one in records],
        [one.undone_at for one in records],
    )


def _repair(record: DriftRecord) -> Entry:
    """What is kept for good: neither names nor what anybody wrote."""
    drift = record.drift
    details: dict[str, object] = {
        "kind": drift.kind.value,
        "type": drift.type,
        "changed_by": drift.who,
        "times": drift.times,
    }
    if drift.state_key.startswith("@"):
        details["user"] = drift.state_key
    return Entry(record.undone_at, SERVICE, REPAIR, drift.room, details, drift.event_id)


async def _decide(
    connection: Any, decision: Decision, verdict: Verdict, bans: Sequence[int], at: datetime
) -> None:
    match decision:
        case BanGiven(user, by, reason):
            await connection.fetchval(
                _MEASURES["give"],
                MeasureKind.BAN,
                verdict.school_id,
                verdict.room,
                user,
                by,
                reason,
                at,
                None,
            )
        case BanLifted(_user, by):
            await connection.execute(_MEASURES["lift"], list(bans), by, at)


def bans_of(measures: Sequence[Measure], room: str, now: datetime) -> Mapping[str, Sequence[int]]:
    """The numbers of the bans in force in a room (key), by user id; those of a whole school are not
    for the moderators of one room.
    """
    found: dict[str, list[int]] = {}
    for measure in measures:
        if measure.kind is MeasureKind.BAN and measure.room == room and measure.in_force(now):
            found.setdefault(measure.user_id, []).append(measure.number)
    return found


def _record_of(row: Any) -> DriftRecord:
    drift = Drift(
        room=row["room"],
        who=row["who"],
        kind=DriftKind(row["kind"]),
        type=row["type"],
        state_key=row["state_key"],
        before=json.loads(row["before"]),
        after=json.loads(row["after"]),
        event_id=row["event_id"],
        at=row["at"],
        times=row["times"],
        slowed=row["slowed"],
    )
    return DriftRecord(drift, row["outcome"], row["undone_at"])
