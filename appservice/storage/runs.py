"""What was done and when, for `school-spaces status`. Nothing about a person is kept."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal

from appservice.storage.database import Database
from appservice.storage.statements import statements

RunKind = Literal["plan", "apply", "audit"]
Outcome = Literal["", "done", "incomplete", "refused", "failed"]

CARRIED_OUT: Final[Collection[Outcome]] = frozenset({"done", "incomplete"})
"""What was not broken off."""

ENDED: Final[Collection[Outcome]] = frozenset({*CARRIED_OUT, "refused", "failed"})
"""All but what is under way, or was killed."""

_SQL: Final = statements("runs")


@dataclass(frozen=True, slots=True)
class Run:
    """One run. `outcome` is empty while it is under way, and stays so when it was killed.

    `planned` counts the plan's actions by kind; `left_over` counts what was not done, by why.
    """

    number: int
    kind: RunKind
    started_at: datetime
    ended_at: datetime | None = None
    digest: str = ""
    planned: Mapping[str, int] = field(default_factory=dict)
    outcome: Outcome = ""
    left_over: Mapping[str, int] = field(default_factory=dict)


class RunLog:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def began(
        self,
        kind: RunKind,
        at: datetime,
        *,
        digest: str = "",
        planned: Mapping[str, int] | None = None,
    ) -> int:
        """The number of the new run."""
        async with self._database.connection() as connection:
            number: int = await connection.fetchval(
                _SQL["began"], kind, at, digest, json.dumps(dict(planned or {}))
            )
            return number

    async def ended(
        self,
        number: int,
        at: datetime,
        outcome: Outcome,
        *,
        left_over: Mapping[str, int] | None = None,
    ) -> None:
        async with self._database.connection() as connection:
            await connection.execute(
                _SQL["ended"], number, at, outcome, json.dumps(dict(left_over or {}))
            )

    async def has_completed(self, kind: RunKind) -> bool:
        """Whether any run of this kind ever came to its end with nothing left over."""
        async with self._database.connection() as connection:
            return bool(await connection.fetchval(_SQL["has_completed"], kind))

    async def last_began(self, kind: RunKind, outcomes: Collection[Outcome]) -> datetime | None:
        """When the last run of this kind began that ended like this."""
        async with self._database.connection() as connection:
            found: datetime | None = await connection.fetchval(
                _SQL["last_began"], kind, list(outcomes)
            )
            return found

    async def latest(self, count: int = 10) -> Sequence[Run]:
        """The latest first."""
        async with self._database.connection() as connection:
            return [
                Run(
                    number=row["number"],
                    kind=row["kind"],
                    started_at=row["started_at"],
                    ended_at=row["ended_at"],
                    digest=row["digest"],
                    planned=json.loads(row["planned"]),
                    outcome=row["outcome"],
                    left_over=json.loads(row["left_over"]),
                )
                for row in await connection.fetch(_SQL["latest"], count)
            ]
