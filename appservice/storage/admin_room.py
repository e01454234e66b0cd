"""What belongs to the administrators' room: where it is, what waits for a confirmation there, what
was reported.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from appservice.storage.database import Database
from appservice.storage.statements import statements

_SQL: Final = statements("admin_room")


@dataclass(frozen=True, slots=True)
class Waiting:
    """A dangerous command that was shown. `asked_event` is the message that asked; `digest` that of
    what was shown; `used_by` the event that confirmed or dropped it, "" while it waits.

    Without a digest: a list to choose from.
    """

    code: str
    asked_event: str
    room_id: str
    asker: str  # user id
    request: str  # JSON
    digest: str
    expires_at: datetime
    used_by: str = ""


class AdminRoomStore:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def room_id(self) -> str | None:
        """None while the room was not made, or is not known to this database yet."""
        async with self._database.connection() as connection:
            found: str | None = await connection.fetchval(_SQL["room_id"])
            return found

    async def keep_room(self, room_id: str) -> None:
        async with self._database.connection() as connection:
            await connection.execute(_SQL["keep_room"], room_id)

    async def wait(self, waiting: Waiting) -> None:
        """Nothing happens where the same message waits already."""
        async with self._database.connection() as connection:
            await connection.execute(
                _SQL["keep_confirmation"],
                *(waiting.code, waiting.asked_event, waiting.room_id, waiting.asker),
                *(waiting.request, waiting.digest, waiting.expires_at),
            )

    async def prompted(self, asked_event: str, event_id: str) -> None:
        """Which message of ours shows what was asked for there."""
        async with self._database.connection() as connection:
            await connection.execute(_SQL["prompted"], asked_event, event_id)

    async def waiting(self, room_id: str, *, code: str = "", prompt: str = "") -> Waiting | None:
        """What was shown here under a code, or in a message of ours; also when it is over."""
        async with self._database.connection() as connection:
            row = await connection.fetchrow(_SQL["confirmation"], room_id, code, prompt)
        if row is None:
            return None
        return Waiting(**{**dict(row), "used_by": row["used_by"] or ""})

    async def choice(self, room_id: str, *, asker: str, prompt: str = "") -> Waiting | None:
        """The list in a message of ours, without one the last that the asker was shown here; also
        when it is over.
        """
        async with self._database.connection() as connection:
            row = await connection.fetchrow(_SQL["choice"], room_id, asker, prompt)
        return None if row is None else Waiting(**{**dict(row), "used_by": ""})

    async def use(self, code: str, event_id: str, *, now: datetime) -> bool:
        """Take it for this event, alone and once; again for the same event. False: too late."""
        async with self._database.connection() as connection:
            return bool(await connection.fetchval(_SQL["use"], code, event_id, now))

    async def forget_old(self, before: datetime) -> None:
        """Drop what waited for a confirmation until before then."""
        async with self._database.connection() as connection:
            await connection.execute(_SQL["forget_old"], before)

    async def was_reported(self, matter: str) -> bool:
        async with self._database.connection() as connection:
            return bool(await connection.fetchval(_SQL["was_reported"], matter))

    async def reported(self, matter: str) -> None:
        async with self._database.connection() as connection:
            await connection.execute(_SQL["reported"], matter)

    async def settled(self, beginning: str) -> None:
        """Forget the reports of these matters: should they come up again, they are told again."""
        async with self._database.connection() as connection:
            await connection.execute(_SQL["settled"], beginning)
