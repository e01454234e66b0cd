"""The lessons that sources of timetables know, in PostgreSQL."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any, Final, NamedTuple

from appservice.storage.database import Database
from appservice.storage.statements import statements

_SQL: Final = statements("timetable")


class TimetableLesson(NamedTuple):
    """`place` is a class_id or group_id, `begins` "08:30", `room` "" where none is named."""

    place: str
    day: date
    lesson: int
    begins: str
    subject: str
    room: str = ""
    cancelled: bool = False


class TimetableStore:
    def __init__(self, database: Database, sources: Collection[str]) -> None:
        """`sources`: the names of those of which something is shown."""
        self._database = database
        self._sources = list(sources)

    async def of_places(
        self, school: str, places: Collection[str], first: date, last: date
    ) -> Sequence[TimetableLesson]:
        """Of these classes and groups from `first` to `last`, both included, in their order."""
        if not self._sources:
            return ()
        async with self._database.connection() as connection:
            rows = await connection.fetch(
                _SQL["of_places"], school, list(places), first, last, self._sources
            )
        return [TimetableLesson(*row) for row in rows]


async def replace_in(
    connection: Any, source: str, school: str, lessons: Sequence[TimetableLesson], since: date
) -> None:
    """What a source knows from `since` on, in place of what it knew; inside a transaction."""
    since = min((since, *(each.day for each in lessons)))
    await connection.execute(_SQL["drop"], source, since)
    if lessons:
        columns = [list(column) for column in zip(*lessons, strict=True)]
        await connection.execute(_SQL["put"], source, school, *columns)


async def forget_in(connection: Any, before: date) -> None:
    await connection.execute(_SQL["forget"], before)
