"""Whether the school is kept in line by itself, and what people were told about it; one answer for
all processes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from appservice.storage.database import Database
from appservice.storage.statements import statements

_SQL: Final = statements("sync_state")


@dataclass(frozen=True, slots=True)
class SyncState:
    """`paused_at` None: it goes on. `told` names the matter that people were told of last and that
    was not settled since, "" for none.
    """

    paused_at: datetime | None = None
    paused_by: str = ""
    told: str = ""

    @property
    def paused(self) -> bool:
        return self.paused_at is not None


class SyncStateStore:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def now(self) -> SyncState:
        async with self._database.connection() as connection:
            row = await connection.fetchrow(_SQL["state"])
        return SyncState(row["paused_at"], row["paused_by"], row["told"])

    async def pause(self, *, by: str, at: datetime) -> None:
        """Nothing is changed by itself until `resume`. A pause keeps its first author."""
        async with self._database.connection() as connection:
            await connection.execute(_SQL["pause"], at, by)

    async def resume(self) -> None:
        async with self._database.connection() as connection:
            await connection.execute(_SQL["resume"])

    async def told(self, matter: str) -> None:
        """People know of this matter; "": there is nothing to tell any more."""
        async with self._database.connection() as connection:
            await connection.execute(_SQL["tell"], matter)
