"""Who did what, kept for good: rows are only ever added."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from appservice.rooms.measures import Measure
from appservice.storage.database import Database
from appservice.storage.statements import statements

TERMINAL: Final = "terminal"
"""The actor of what was typed at the command line."""

SERVICE: Final = "service"
"""The actor of what the running service did by itself."""

REPAIR: Final = "repair"
"""The action of putting back what somebody changed against the roster."""

_SQL: Final = statements("audit_log")
_MEASURES: Final = statements("measures")
_AT_ONCE: Final = 1000


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry. `object` is a room key or user id, "" for the whole deployment; `details` hold no
    names. `cause` is the id of the event that asked for it: of two entries of one cause the first
    alone is kept; "" without one. `number` is 0 before it is kept.
    """

    at: datetime
    actor: str  # user id, TERMINAL or SERVICE
    action: str
    object: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)
    cause: str = ""
    number: int = 0


class AuditLog:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def note(self, entry: Entry) -> bool:
        """Add an entry; False when one of the same cause is there."""
        async with self._database.connection() as connection:
            return await note_in(connection, entry)

    async def take_measures(self, measures: Sequence[Measure], entry: Entry) -> bool:
        """Give measures and note who did: both or neither, and only once for one cause."""
        async with self._database.transaction() as connection:
            if not await note_in(connection, entry):
                return False
            for one in measures:
                await connection.execute(
                    _MEASURES["give"],
                    *(one.kind, one.school_id, one.room, one.user_id),
                    *(one.given_by, one.reason, one.began_at, one.until),
                )
        return True

    async def lift_measures(self, numbers: Sequence[int], entry: Entry) -> bool:
        """The same for ending them."""
        async with self._database.transaction() as connection:
            if not await note_in(connection, entry):
                return False
            await connection.execute(_MEASURES["lift"], list(numbers), entry.actor, entry.at)
        return True

    async def latest(
        self, count: int, *, about: Collection[str] | None = None, without: str = ""
    ) -> Sequence[Entry]:
        """The latest first; only those about these objects, where they are named, and not those of
        the action `without`.
        """
        async with self._database.connection() as connection:
            rows = await connection.fetch(
                _SQL["latest"], count, None if about is None else list(about), without
            )
        return [_entry(row) for row in rows]

    async def since(self, when: datetime) -> AsyncIterator[Entry]:
        """All entries from then on, in the order in which they were made."""
        last = 0
        while True:
            async with self._database.connection() as connection:
                rows = await connection.fetch(_SQL["since"], when, last, _AT_ONCE)
            for row in rows:
                yield _entry(row)
            if len(rows) < _AT_ONCE:
                return
            last = rows[-1]["number"]


async def note_in(connection: Any, entry: Entry) -> bool:
    """As `AuditLog.note`, in a transaction that others began."""
    number = await connection.fetchval(
        _SQL["note"],
        entry.at,
        entry.actor,
        entry.action,
        entry.object,
        json.dumps(dict(entry.details)),
        entry.cause or None,
    )
    return number is not None


def _entry(row: Any) -> Entry:
    return Entry(
        at=row["at"],
        actor=row["actor"],
        action=row["action"],
        object=row["object"],
        details=json.loads(row["details"]),
        number=row["number"],
    )
