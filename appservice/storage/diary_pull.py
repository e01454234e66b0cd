"""What is remembered of the files that a diary leaves behind, in PostgreSQL."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, NamedTuple

from appservice.storage import jobs
from appservice.storage.database import Database
from appservice.storage.statements import statements
from appservice.storage.timetable import TimetableLesson, replace_in

PULL_JOB: Final = "diary_pull"
"""Read the files of the diary that were not read as they are."""

_SQL: Final = statements("diary_pull")


@dataclass(frozen=True, slots=True)
class Remembered:
    """`stamp` is of the files as they were read; `memory` is the source's own, JSON. `accepted`:
    the state of the files of which somebody said that what is missing is gone indeed.
    """

    stamp: str = ""
    memory: Mapping[str, Any] | None = None
    accepted: str = ""


class Timetable(NamedTuple):
    """What a source knows of the lessons from `since` on; none where it knows of none."""

    school: str
    since: date
    lessons: Sequence[TimetableLesson]


class PullStore:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, source: str) -> Remembered:
        """After the last reading; empty before the first one."""
        async with self._database.connection() as connection:
            row = await connection.fetchrow(_SQL["of"], source)
        if row is None:
            return Remembered()
        return Remembered(row["stamp"], json.loads(row["memory"]), row["accepted"])

    async def keep(
        self,
        source: str,
        stamp: str,
        memory: Mapping[str, Any],
        now: datetime,
        timetable: Timetable | None = None,
        *,
        stopped: str = "",
    ) -> None:
        """A reading is over, and what it gave is safe. `stopped`: the state of files in which too
        much is missing to be believed.
        """
        async with self._database.transaction() as connection:
            await connection.execute(_SQL["keep"], source, stamp, _json(memory), now, stopped)
            if timetable is not None:
                await replace_in(
                    connection, source, timetable.school, timetable.lessons, timetable.since
                )

    async def stopped(self) -> Sequence[str]:
        """The sources that wait until somebody says whether what is missing is gone indeed."""
        async with self._database.connection() as connection:
            return [row["source"] for row in await connection.fetch(_SQL["stopped"])]

    async def accept(self, source: str) -> bool:
        """What is missing from the files as they were read is gone; whether that was waited for."""
        async with self._database.transaction() as connection:
            waited = await connection.fetchval(_SQL["accept"], source) is not None
            if waited:
                await jobs.put(connection, PULL_JOB, [""], once=True)
            return waited

    async def memories(self) -> Mapping[str, Any]:
        """What is remembered, by source."""
        async with self._database.connection() as connection:
            rows = await connection.fetch(_SQL["memories"])
        return {row["source"]: json.loads(row["memory"]) for row in rows}

    async def rewrite(self, change: Callable[[Any], Any]) -> None:
        """Every memory as `change` makes it, all in one transaction."""
        async with self._database.transaction() as connection:
            for row in await connection.fetch(_SQL["memories"]):
                memory = _json(change(json.loads(row["memory"])))
                if memory != row["memory"]:
                    await connection.execute(_SQL["remember"], row["source"], memory)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
