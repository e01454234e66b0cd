"""How long the diary is kept, and what is kept of one person."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from appservice.storage.database import Database
from appservice.storage.diary_wishes import wishes_of
from appservice.storage.page_sessions import end_all_of
from appservice.storage.statements import statements
from appservice.storage.timetable import forget_in

_SQL: Final = statements("diary")
_UNWORD: Final = statements("outbox")["unword"]
_LOSING: Final = (
    "lose_addressee",
    "lose_address",
    "lose_entries",
    "lose_sent",
    "lose_waiting",
    "lose_outbox",
    "lose_rooms",
    "lose_preferences",
)


class DiaryRetention:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def forget_before(self, when: datetime) -> int:
        """Forget what was received before `when`, and lessons of days before; how many entries that
        were.
        """
        forgotten = 0
        async with self._database.connection() as connection:
            await forget_in(connection, when.date())
            while True:
                answer: str = await connection.execute(_SQL["forget"], when)
                count = int(answer.rpartition(" ")[2])
                forgotten += count
                if not count:
                    break
            await connection.execute(_UNWORD, "")
        return forgotten

    async def erase(self, person_id: str) -> None:
        """Everything of one person: entries, wishes, what was sent to them and what waits, and
        their links and sessions of the page. What was worded for others with something of it is
        worded anew before it is sent.
        """
        async with self._database.transaction() as connection:
            for name in _LOSING:
                await connection.execute(_SQL[name], person_id)
            await connection.execute(_UNWORD, person_id)
            await end_all_of(connection, person_id)

    async def export(self, person_id: str) -> Mapping[str, object]:
        """Everything of one person, as JSON holds it."""
        async with self._database.transaction() as connection:
            entries = await connection.fetch(_SQL["export_entries"], person_id)
            rooms = await connection.fetch(_SQL["export_rooms"], person_id)
            wishes = await connection.fetch(_SQL["export_preferences"], person_id)
        return {
            "entries": [json.loads(row["document"]) for row in entries],
            "rooms": [
                {
                    "room": row["room"],
                    "school": row["school"],
                    "needed_at": row["needed_at"].astimezone(UTC).isoformat(),
                }
                for row in rooms
            ],
            "preferences": [
                {"school": row["school"], **wishes_of(row).as_json()} for row in wishes
            ],
        }
