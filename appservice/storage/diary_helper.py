"""Whose room a personal room is, and what a message in it told, in PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from appservice.storage.database import Database
from appservice.storage.outbox import PersonalRoom
from appservice.storage.statements import statements

_SQL: Final = statements("diary_helper")


class Told(NamedTuple):
    """One thing that a message tells of."""

    source: str
    external_id: str


class HelperStore:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def personal_room(self, room_id: str) -> PersonalRoom | None:
        """None: it is no personal room of ours."""
        async with self._database.connection() as connection:
            row = await connection.fetchrow(_SQL["personal_room"], room_id)
        return None if row is None else PersonalRoom(*row)

    async def told(self, room: str, message: str) -> Sequence[Told]:
        """What stands behind a message of ours in the room with this key."""
        async with self._database.connection() as connection:
            return [Told(*row) for row in await connection.fetch(_SQL["told"], room, message)]
