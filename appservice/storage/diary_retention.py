"""How long the diary is kept, and what is kept of one person."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from datetime import UTC, date, datetime
from typing import Any, Final

from appservice.storage.database import Database
from appservice.storage.diary_wishes import wishes_of
from appservice.storage.page_sessions import end_all_of, opened_by
from appservice.storage.statements import statements
from appservice.storage.timetable import forget_in

_SQL: Final = statements("diary")
_UNWORD: Final = statements("outbox")["unword"]
_LOSING: Final = (
    "lose_addressee",
    "lose_entries",
    "unaddress_sent",
    "unaddress",
    "unteach_sent",
    "unteach",
    "lose_address",
    "lose_sent",
    "lose_waiting",
    "lose_outbox",
    "lose_rooms",
    "lose_preferences",
    "lose_farewell",
    "lose_lists",
)


class DiaryRetention:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def forget_before(self, when: datetime) -> int:
        """Forget what was received before `when`, lessons of days before, and what is remembered of
        files that were read last before; how many entries that were.
        """
        forgotten = 0
        async with self._database.connection() as connection:
            await forget_in(connection, when.date())
            await connection.execute(_SQL["forget_pull"], when)
            while True:
                answer: str = await connection.execute(_SQL["forget"], when)
                count = int(answer.rpartition(" ")[2])
                forgotten += count
                if not count:
                    break
            await connection.execute(_UNWORD, "")
        return forgotten

    async def erase(self, *people: str) -> None:
        """Everything of these people (person ids): entries, also those whose text names them by
        `about`, wishes, what was sent to them and what waits, and their links and sessions of the
        page. What was worded for others with something of it is worded anew before it is sent.
        What others were told too stays, and names them by no id any more.
        """
        async with self._database.transaction() as connection:
            for name in _LOSING:
                await connection.execute(_SQL[name], people)
            for person_id in people:
                await connection.execute(_UNWORD, person_id)
            await end_all_of(connection, people)

    async def gone(self, present: Collection[str], today: date, *, since: date) -> list[str]:
        """Of whom something is kept and who are not among `present` (person ids): those who were
        not on any day of asking from `since` to `today`.
        """
        async with self._database.transaction() as connection:
            kept = [row["person_id"] for row in await connection.fetch(_SQL["kept_people"])]
            absent = [each for each in kept if each not in present]
            await connection.execute(_SQL["back_again"], absent)
            await connection.execute(_SQL["gone_since"], absent, today)
            return [row["person_id"] for row in await connection.fetch(_SQL["gone_long"], since)]

    async def export(self, person_id: str) -> dict[str, object]:
        """Everything of one person, as JSON holds it."""
        async with self._database.transaction() as connection:

            async def rows(name: str) -> list[Any]:
                return list(await connection.fetch(_SQL[name], person_id))

            return {
                "entries": [json.loads(row["document"]) for row in await rows("export_entries")],
                "rooms": [
                    {
                        "room": row["room"],
                        "school": row["school"],
                        "needed_at": _iso(row["needed_at"]),
                    }
                    for row in await rows("export_rooms")
                ],
                "messages": [
                    {"room_id": row["room_id"], "event_id": row["message"], "at": _iso(row["at"])}
                    for row in await rows("export_messages")
                ],
                "unsent": [_unsent(row) for row in await rows("export_unsent")],
                "preferences": [
                    {"school": row["school"], **wishes_of(row).as_json()}
                    for row in await rows("export_preferences")
                ],
                "sessions": [
                    {
                        "way": row["way"],
                        "opened_at": _iso(row["opened_at"]),
                        "until": _iso(row["expires_at"]),
                    }
                    for row in await opened_by(connection, person_id)
                ],
            }


def _unsent(row: Any) -> Mapping[str, object]:
    """`entry` is None for a digest, whose entries wait each for themselves."""
    document = row["document"]
    return {
        "room": row["room"],
        "at": _iso(row["at"]),
        "entry": None if document is None else json.loads(document),
    }


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).isoformat()
