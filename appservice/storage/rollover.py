"""The turns from one school year to the next in PostgreSQL: drafted, applied, taken back or
confirmed. Rosters are kept only for as long as they may be needed.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final, Literal

from pydantic import TypeAdapter, ValidationError

from appservice.errors import Refused
from appservice.language import _
from appservice.school.problem import Delivery
from appservice.storage import jobs
from appservice.storage.database import Database
from appservice.storage.standing import packed, unpacked
from appservice.storage.statements import statements
from appservice.year.rollover import Turn

ROLLOVER_JOB: Final = "rollover"
"""Finish the rollover that was begun, or its way back. There from the moment it begins, so that
whoever lives does it when its doer stops.
"""

_SQL: Final = statements("rollover")
_TURN: Final = TypeAdapter(Turn)


class RolloverState(StrEnum):
    """`applying` and `returning` have begun and are to be finished by whoever comes next."""

    DRAFTED = "drafted"
    APPLYING = "applying"
    APPLIED = "applied"
    RETURNING = "returning"
    RETURNED = "returned"
    CONFIRMED = "confirmed"


@dataclass(frozen=True, slots=True)
class Rollover:
    """`on`: the day it is set for; None: a person begins it."""

    number: int
    state: RolloverState
    digest: str
    namespace: str
    on: date | None
    turn: Turn
    drafted_at: datetime
    changed_at: datetime


class RolloverStore:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def draft(
        self,
        delivery: Delivery,
        turn: Turn,
        *,
        digest: str,
        namespace: str,
        on: date | None,
        at: datetime,
    ) -> int:
        """Keep a draft, in place of the one before; its number.

        Raises Refused while a rollover is applied and neither confirmed nor taken back.
        """
        content = packed(delivery)
        turned = json.dumps(turn_content(turn))
        async with self._database.transaction() as connection:
            await connection.execute(_SQL["drop_draft"], at)
            if await connection.fetchrow(_SQL["under_way"]) is not None:
                raise Refused(
                    _(
                        "The last rollover is not over. Confirm it (`school-spaces rollover"
                        " confirm`) or take it back (`school-spaces rollover back`) first."
                    )
                )
            number: int = await connection.fetchval(
                _SQL["draft"], digest, namespace, on, turned, at, content
            )
        return number

    async def drop_draft(self, at: datetime) -> bool:
        """Whether there was one."""
        async with self._database.connection() as connection:
            return bool(await connection.execute(_SQL["drop_draft"], at) != "UPDATE 0")

    async def latest(self) -> Rollover | None:
        """The one under way, else the one that was over last."""
        async with self._database.connection() as connection:
            row = await connection.fetchrow(_SQL["under_way"])
            row = row or await connection.fetchrow(_SQL["latest"])
        return None if row is None else _rollover(row)

    async def turn(self) -> Turn | None:
        """The turn in force: of the last rollover that has begun and was not taken back."""
        async with self._database.connection() as connection:
            content = await connection.fetchval(_SQL["turn"])
        return None if content is None else _TURN.validate_json(content)

    async def restore(self, turn: Turn, *, namespace: str, at: datetime) -> None:
        """Put a turn in force of whose rollover nothing else is known."""
        async with self._database.connection() as connection:
            await connection.execute(_SQL["restore"], namespace, json.dumps(turn_content(turn)), at)

    async def delivery(self, number: int, which: Literal["next", "before"]) -> Delivery | None:
        """A roster of a rollover, while it is kept."""
        async with self._database.connection() as connection:
            content = await connection.fetchval(_SQL[which], number)
        return None if content is None else unpacked(content)

    async def begin(self, number: int, at: datetime) -> None:
        """From drafted to applying; the accepted roster is kept as the one before."""
        async with self._database.transaction() as connection:
            if await connection.fetchval(_SQL["begin"], number, at) is not None:
                await jobs.put(connection, ROLLOVER_JOB, [""])

    async def step(
        self, number: int, came_from: RolloverState, to: RolloverState, at: datetime
    ) -> bool:
        """From one state to the next; False when it was in another one. Rosters that can no longer
        be needed are forgotten.
        """
        async with self._database.transaction() as connection:
            stepped = await connection.fetchval(_SQL["step"], number, came_from, to, at) is not None
            if stepped and to is RolloverState.RETURNING and came_from is not to:
                await jobs.put(connection, ROLLOVER_JOB, [""])
        return stepped


def turn_content(turn: Turn) -> dict[str, object]:
    """A turn as JSON."""
    content: dict[str, object] = _TURN.dump_python(turn, mode="json")
    return content


def turn_in(content: object) -> Turn | None:
    """The turn in such JSON; None where it is something else."""
    try:
        return _TURN.validate_python(content)
    except ValidationError:
        return None


def _rollover(row: Any) -> Rollover:
    return Rollover(
        number=row["number"],
        state=RolloverState(row["state"]),
        digest=row["digest"],
        namespace=row["namespace"],
        on=row["on_day"],
        turn=_TURN.validate_json(row["turn"]),
        drafted_at=row["drafted_at"],
        changed_at=row["changed_at"],
    )
