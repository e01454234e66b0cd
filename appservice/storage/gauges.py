"""What is to be measured of the deployment and stands in the database alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from appservice.storage.database import Database
from appservice.storage.migration import migrations
from appservice.storage.statements import statements

_SQL: Final = statements("gauges")


class QueueGauge(NamedTuple):
    """Jobs of one entry point: `due` wait for a process, `later` for their time. `lag_s`: how long
    the one that is due longest has waited.
    """

    entrypoint: str
    due: int
    later: int
    under_way: int
    lag_s: float


class RunGauge(NamedTuple):
    """How many runs of a kind ended so; `outcome` "" are under way or were killed."""

    kind: str
    outcome: str
    number: int


async def queue_gauges(database: Database) -> Sequence[QueueGauge]:
    async with database.connection() as connection:
        return [QueueGauge(**row) for row in await connection.fetch(_SQL["queue"])]


async def run_gauges(database: Database) -> Sequence[RunGauge]:
    async with database.connection() as connection:
        return [RunGauge(**row) for row in await connection.fetch(_SQL["runs"])]


async def schema_is_current(database: Database) -> bool:
    """Whether the database has every step that this version knows. Raises Temporary when it is
    away.
    """
    async with database.connection() as connection:
        applied = {row[0] for row in await connection.fetch("SELECT version FROM schema_version")}
    return all(step.version in applied for step in migrations())
