"""Bringing a database to this version's schema: numbered steps, each in its own transaction."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from appservice.errors import Refused
from appservice.language import _

MIGRATIONS_DIR: Final = Path(__file__).parent / "migrations"

log = logging.getLogger(__name__)

# Held while migrating, so that several processes may start at once. Any number nobody else uses.
_LOCK: Final = 0x5C6001
_LOCK_LIMIT: Final = "60s"


@dataclass(frozen=True, slots=True)
class Migration:
    version: int
    name: str
    sql: str


def migrations(folder: Path = MIGRATIONS_DIR) -> Sequence[Migration]:
    """All steps, in order: "0001_observed_state.sql" is version 1. A number may be left out."""
    found = []
    for path in sorted(folder.glob("*.sql")):
        number, _underscore, name = path.stem.partition("_")
        found.append(Migration(int(number), name, path.read_text(encoding="utf-8")))
    numbers = [step.version for step in found]
    if numbers != sorted(set(numbers)):
        raise RuntimeError(f"Two migrations in {folder} have the same number.")
    return found


async def bring_up_to_date(connection: Any, steps: Sequence[Migration] | None = None) -> int:
    """Apply what is missing; the version afterwards. Raises Refused when the database is newer.

    A step is missing when its number was not applied, even where a later one was: what is developed
    side by side is not finished in the order of its numbers.
    """
    steps = migrations() if steps is None else steps
    newest = max((step.version for step in steps), default=0)
    applied = await _applied(connection)
    if any(step.version not in applied for step in steps):
        await connection.execute("SELECT set_config('lock_timeout', $1, false)", _LOCK_LIMIT)
        await connection.execute("SELECT pg_advisory_lock($1)", _LOCK)
        try:
            applied = await _applied(connection)  # somebody else may have been faster
            for step in steps:
                if step.version in applied:
                    continue
                async with connection.transaction():
                    await connection.execute(step.sql)
                    await connection.execute(
                        "INSERT INTO schema_version (version, name) VALUES ($1, $2)",
                        step.version,
                        step.name,
                    )
                applied.add(step.version)
                log.info("The database is at version %d (%s).", step.version, step.name)
        finally:
            await connection.execute("SELECT pg_advisory_unlock($1)", _LOCK)
    version = max(applied, default=0)
    if version > newest:
        raise Refused(
            _(
                "The database is at version {found}, this program knows versions up to {known}: it"
                " was used by a newer School Spaces. Install that version again, or restore a"
                " backup of the database."
            ).format(found=version, known=newest)
        )
    return version


async def _applied(connection: Any) -> set[int]:
    """The numbers of the steps that this database has."""
    if await connection.fetchval("SELECT to_regclass('schema_version')") is None:
        await connection.execute("SELECT pg_advisory_lock($1)", _LOCK)
        try:
            await connection.execute(
                "CREATE TABLE IF NOT EXISTS schema_version ("
                " version integer PRIMARY KEY,"
                " name text NOT NULL,"
                " applied_at timestamptz NOT NULL DEFAULT now())"
            )
        finally:
            await connection.execute("SELECT pg_advisory_unlock($1)", _LOCK)
    return {row[0] for row in await connection.fetch("SELECT version FROM schema_version")}
