"""Locks that one process of a deployment holds at a time: PostgreSQL's advisory locks.

The lock lives as long as the connection that took it, so a killed holder leaves none behind. It
needs a connection straight to PostgreSQL, or a pooler in session mode.
"""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from typing import Any, Final

import asyncpg

from appservice.errors import Refused, Temporary
from appservice.language import _
from appservice.storage.failures import translated
from appservice.storage.opening import open_connection
from appservice.storage.statements import statements

_SQL: Final = statements("exclusive")
_TIMEOUT_S: Final = 10.0
# A silent firewall must not cut the lock off, and a host that vanished must not keep it: its work
# is taken over within half a minute.
_KEEPALIVE: Final = {
    "tcp_keepalives_idle": "8",
    "tcp_keepalives_interval": "4",
    "tcp_keepalives_count": "3",
}
_NAME_LIMIT: Final = 63  # what PostgreSQL keeps of application_name


class LockTaken(Refused):
    """Somebody else of this database holds the lock; the text says who and since when."""


@asynccontextmanager
async def held_alone(dsn: str, where: str, name: str) -> AsyncIterator[None]:
    """See Database.exclusive."""
    with translated(where):
        connection = await open_connection(
            dsn, statement_timeout=_TIMEOUT_S, session={**_KEEPALIVE, "application_name": _holder()}
        )
        if not await connection.fetchval(_SQL["try_lock"], name):
            row = await connection.fetchrow(_SQL["who_holds"], name)
            await connection.close()
            raise _taken(row)
    try:
        async with _only_while_connected(connection, where):
            yield
    finally:
        # Closing would give the lock back too, but only once the server notices.
        with suppress(asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError):
            await connection.execute(_SQL["unlock"], name)
        connection.terminate()


@asynccontextmanager
async def _only_while_connected(connection: Any, where: str) -> AsyncIterator[None]:
    """Cancel the block when the connection breaks, and say why."""
    task = asyncio.current_task()
    broken = False
    within = True

    def stop(_connection: object) -> None:
        nonlocal broken
        if within and task is not None:
            broken = True
            task.cancel()

    connection.add_termination_listener(stop)
    try:
        yield
    except asyncio.CancelledError as error:
        if not broken or task is None or task.uncancel() > 0:
            raise
        raise Temporary(
            _(
                "The connection to the database broke ({where}), and with it the lock that keeps"
                " others from doing the same at the same time. The work stopped; start it again."
            ).format(where=where)
        ) from error
    finally:
        within = False


def _holder() -> str:
    """Who we are to the next one who asks: pid and host."""
    return f"school-spaces {os.getpid()} {socket.gethostname()}"[:_NAME_LIMIT]


def _taken(row: Any) -> LockTaken:
    if row is None:  # given back between the two questions
        return LockTaken(_("Another run has only just ended. Start again."))
    _program, _blank, rest = str(row["application_name"]).partition(" ")
    pid, _blank, host = rest.partition(" ")
    since: datetime = row["since"]
    return LockTaken(
        _(
            "Another run is under way: process {pid} on {host}, since {since}. Wait until it has"
            " ended, or end it there."
        ).format(pid=pid, host=host, since=since.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC"))
    )
