"""The connection pool: connecting, migrating, transactions, and errors in our families."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, Final

import asyncpg

from appservice.storage.exclusive import held_alone
from appservice.storage.failures import translated
from appservice.storage.migration import bring_up_to_date
from appservice.storage.opening import CONNECT_TIMEOUT_S, SESSION, open_connection, place

_STATEMENT_TIMEOUT_S: Final = 60.0
_MIGRATION_TIMEOUT_S: Final = 600.0
_CLOSE_TIMEOUT_S: Final = 5.0
_IDLE_LIFETIME_S: Final = 300.0


class Database:
    """A pool of connections to a database of the current schema.

    `async with Database.connect(dsn) as database:`. A connection that broke is replaced at the next
    use; what was under way on it ends in Temporary.
    """

    def __init__(self, pool: Any, dsn: str) -> None:
        self._pool = pool
        self._dsn = dsn
        self.where = place(dsn)

    @classmethod
    @asynccontextmanager
    async def connect(cls, dsn: str, *, connections: int = 10) -> AsyncIterator[Database]:
        """Connect, and migrate first if need be.

        Raises Temporary (not reachable), Permanent (no such database, wrong password), Refused (of
        a newer version, or an address that cannot be read).
        """
        with translated(place(dsn)):
            await migrate(dsn)
            pool = await asyncpg.create_pool(
                dsn,
                min_size=1,
                max_size=connections,
                timeout=CONNECT_TIMEOUT_S,
                command_timeout=_STATEMENT_TIMEOUT_S,
                max_inactive_connection_lifetime=_IDLE_LIFETIME_S,
                server_settings=dict(SESSION),
            )
        try:
            yield cls(pool, dsn)
        finally:
            try:
                async with asyncio.timeout(_CLOSE_TIMEOUT_S):
                    await pool.close()
            except TimeoutError:  # it waits for connections that were never given back
                pool.terminate()

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Any]:
        """One connection of the pool, each statement on its own."""
        with translated(self.where):
            async with self._pool.acquire(timeout=CONNECT_TIMEOUT_S) as connection:
                yield connection

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Any]:
        """One connection, everything inside the block or nothing."""
        async with self.connection() as connection, connection.transaction():
            yield connection

    @asynccontextmanager
    async def pool(self, *, connections: int) -> AsyncIterator[Any]:
        """A pool of its own to the same database, for a library that brings its own statements."""
        pool = await asyncpg.create_pool(
            self._dsn,
            min_size=1,
            max_size=connections,
            timeout=CONNECT_TIMEOUT_S,
            command_timeout=_STATEMENT_TIMEOUT_S,
            server_settings=dict(SESSION),
        )
        try:
            yield pool
        finally:
            try:
                async with asyncio.timeout(_CLOSE_TIMEOUT_S):
                    await pool.close()
            except TimeoutError:
                pool.terminate()

    def exclusive(self, name: str) -> AbstractAsyncContextManager[None]:
        """Hold the lock `name` for the block, on a connection of its own.

        Raises LockTaken (Refused) at once when somebody else of this database holds it, saying who
        and since when. Should the connection break, the block is cancelled and ends in Temporary.
        """
        return held_alone(self._dsn, self.where, name)


async def migrate(dsn: str) -> None:
    """Bring the database to the schema of this version; nothing happens when it is there."""
    with translated(place(dsn)):
        connection = await open_connection(dsn, statement_timeout=_MIGRATION_TIMEOUT_S)
        try:
            await bring_up_to_date(connection)
        finally:
            await connection.close()
