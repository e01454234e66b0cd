"""Mutes, bans and locks that people in charge have given, in PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from appservice.rooms.measures import Measure, MeasureKind
from appservice.storage.database import Database
from appservice.storage.statements import statements

_SQL: Final = statements("measures")
_PARDON_KEPT: Final = timedelta(days=30)
"""How long an ended measure is told, so that what it did is undone after any outage."""


class MeasureStore:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def give(self, measure: Measure) -> int:
        """Record a decision; its number (that of `measure` is ignored)."""
        async with self._database.connection() as connection:
            number: int = await connection.fetchval(
                _SQL["give"],
                measure.kind,
                measure.school_id,
                measure.room,
                measure.user_id,
                measure.given_by,
                measure.reason,
                measure.began_at,
                measure.until,
            )
            return number

    async def lift(self, numbers: Sequence[int], *, by: str, at: datetime) -> None:
        """End decisions before their time; those that have ended stay as they are."""
        async with self._database.connection() as connection:
            await connection.execute(_SQL["lift"], list(numbers), by, at)

    async def told(self, now: datetime) -> Sequence[Measure]:
        """Those in force, and those that ended lately; in the order they were given."""
        async with self._database.connection() as connection:
            rows = await connection.fetch(_SQL["told"], now - _PARDON_KEPT)
        return [_measure(row) for row in rows]


def _measure(row: Any) -> Measure:
    return Measure(
        number=row["number"],
        kind=MeasureKind(row["kind"]),
        school_id=row["school_id"],
        room=row["room"],
        user_id=row["user_id"],
        given_by=row["given_by"],
        began_at=row["began_at"],
        until=row["until"],
        lifted_at=row["lifted_at"],
        reason=row["reason"],
    )
