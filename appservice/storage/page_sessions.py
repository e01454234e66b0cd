"""Links to the diary page and its sessions in PostgreSQL. Secrets are made here and leave
this place once; what is kept is their digest.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Final, Literal

from appservice.storage.audit_log import Entry, note_in
from appservice.storage.database import Database
from appservice.storage.statements import statements

LINK_LIVES: Final = timedelta(minutes=10)
SESSION_LIVES: Final = timedelta(hours=1)

OPENED: Final = "open the diary page"
"""The action of a login in the audit log."""

Way = Literal["link", "widget"]

_SQL: Final = statements("page_sessions")
_SECRET_BYTES: Final = 32
_LONGEST: Final = 100  # characters of a secret that is looked at


@dataclass(frozen=True, slots=True)
class Opened:
    """A session; `secret` is what its holder shows."""

    person_id: str
    secret: str
    expires_at: datetime


class PageSessions:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def give_link(self, person_id: str, *, now: datetime) -> str:
        """The secret of a link for this person alone, good once and for LINK_LIVES."""
        secret = secrets.token_urlsafe(_SECRET_BYTES)
        async with self._database.connection() as connection:
            await connection.execute(
                _SQL["give_link"], digest_of(secret), person_id, now + LINK_LIVES
            )
        return secret

    async def whose_link(self, secret: str, *, now: datetime) -> str | None:
        """The person_id of a link, which is used up thereby; None for one that is not, or no
        longer, good.
        """
        if len(secret) > _LONGEST:
            return None
        async with self._database.connection() as connection:
            row = await connection.fetchrow(_SQL["use_link"], digest_of(secret))
        if row is None or row["expires_at"] <= now:
            return None
        return str(row["person_id"])

    async def open(self, person_id: str, user_id: str, way: Way, *, now: datetime) -> Opened:
        """A session of this person, and the entry of the audit log: both or neither."""
        secret = secrets.token_urlsafe(_SECRET_BYTES)
        expires_at = now + SESSION_LIVES
        async with self._database.transaction() as connection:
            await connection.execute(
                _SQL["open_session"], digest_of(secret), person_id, way, now, expires_at
            )
            await note_in(
                connection, Entry(at=now, actor=user_id, action=OPENED, details={"by": way})
            )
        return Opened(person_id, secret, expires_at)

    async def opened_since(self, person_id: str, when: datetime) -> int:
        """How many of this person's sessions that are still kept were opened since then."""
        async with self._database.connection() as connection:
            found: int = await connection.fetchval(_SQL["opened_since"], person_id, when)
        return found

    async def whose(self, secret: str, *, now: datetime) -> str | None:
        """The person_id of a session; None for one that ended, or never was."""
        if len(secret) > _LONGEST:
            return None
        async with self._database.connection() as connection:
            found: str | None = await connection.fetchval(_SQL["session"], digest_of(secret), now)
        return found

    async def end(self, secret: str) -> None:
        async with self._database.connection() as connection:
            await connection.execute(_SQL["end_session"], digest_of(secret))

    async def forget_old(self, now: datetime) -> None:
        """What expired."""
        async with self._database.transaction() as connection:
            await connection.execute(_SQL["forget_links"], now)
            await connection.execute(_SQL["forget_sessions"], now)


async def end_all_of(connection: Any, people: Sequence[str]) -> None:
    """Nothing of these people is left, in a transaction that others began; the audit log stays."""
    await connection.execute(_SQL["end_sessions_of"], people)
    await connection.execute(_SQL["end_links_of"], people)


async def opened_by(connection: Any, person_id: str) -> Sequence[Any]:
    """The sessions and unused links of one person: way, opened_at (None for a link), expires_at."""
    found: Sequence[Any] = await connection.fetch(_SQL["export_sessions"], person_id)
    return found


def digest_of(secret: str) -> bytes:
    """What is kept of a secret of 256 random bits."""
    return sha256(secret.encode("utf-8", "surrogatepass")).digest()
