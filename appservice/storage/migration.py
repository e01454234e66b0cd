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
    """All steps, in order: "0001_observed_state.sql" is version 1."""
    found = []
    for path in sorted(folder.glob("*.sql")):
        number, _underscore, name = path.stem.partition("_")
        found.append(Migration(int(number), name, path.read_text(encoding="utf-8")))
    if [step.version for step in found] != list(range(1, len(found) + 1)):
        raise RuntimeError(f"The migrations in {folder} are not numbered 1, 2, 3 ...")
    return found


async def bring_up_to_date(connection: Any, steps: Sequence[Migration] | None = None) -> int:
    """Apply what is missing; the version afterwards. Raises Refused when the database is newer."""
    steps = migrations() if steps is None else steps
    newest = len(steps)
    version = await _version(connection)
    if version < newest:
        await connection.execute("SELECT set_config('lock_timeout', $1, false)", _LOCK_LIMIT)
        await connection.execute("SELECT pg_advisory_lock($1)", _LOCK)
        try:
            version = await _version(connection)  # somebody else may have been faster
            for step in steps[version:]:
                async with connection.transaction():
                    await connection.execute(step.sql)
                    await connection.execute(
                        "INSERT INTO schema_version (version, name) VALUES ($1, $2)",
                        step.version,
                        step.name,
                    )
                version = step.version
                log.info("The database is at version %d (%s).", step.version, step.name)
        finally:
            await connection.execute("SELECT pg_advisory_unlock($1)", _LOCK)
    if version > newest:
        raise Refused(
            _(
                "The database is at version {found}, this program knows versions up to {known}: it"
                " was used by a newer School Spaces. Install that version again, or restore a"
                " backup of the database."
            ).format(found=version, known=newest)
        )
    return version


async def _version(connection: Any) -> int:
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
    found: int = await connection.fetchval("SELECT coalesce(max(version), 0) FROM schema_version")
    return found
