"""The module's own tables in Synapse's database, PostgreSQL or SQLite.

Synapse's transactions are REPEATABLE READ: what one reads belongs together. A writer takes the
table's lock before anything else, which on PostgreSQL comes before the snapshot, and so sees what
the writer before it did.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from synapse.storage.engines import PostgresEngine

if TYPE_CHECKING:
    from synapse.storage.database import LoggingTransaction

# Any number that nobody else takes: "school", letter by letter.
_CREATION_LOCK = 0x7363686F6F6C

_TABLES = (
    """
    CREATE TABLE IF NOT EXISTS school_spaces_policies (
        owner TEXT PRIMARY KEY,
        version BIGINT NOT NULL,
        digest TEXT NOT NULL,
        generation BIGINT NOT NULL,
        people BIGINT NOT NULL,
        rules TEXT NOT NULL
    )
    """,
    # generation: the version that last replaced everything. Parts of the next one stand beside it.
    """
    CREATE TABLE IF NOT EXISTS school_spaces_people (
        owner TEXT NOT NULL,
        generation BIGINT NOT NULL,
        user_id TEXT NOT NULL,
        entry TEXT NOT NULL,
        PRIMARY KEY (owner, generation, user_id)
    )
    """,
    "CREATE INDEX IF NOT EXISTS school_spaces_people_by_user ON school_spaces_people (user_id)",
    """
    CREATE TABLE IF NOT EXISTS school_spaces_parts (
        owner TEXT NOT NULL,
        version BIGINT NOT NULL,
        digest TEXT NOT NULL,
        part BIGINT NOT NULL,
        parts BIGINT NOT NULL,
        PRIMARY KEY (owner, part)
    )
    """,
    """
    CREATE TABLE IF NOT EXISTS school_spaces_blocked (
        id {serial},
        owner TEXT NOT NULL,
        kind TEXT NOT NULL,
        user_id TEXT NOT NULL,
        other TEXT NOT NULL,
        hour BIGINT NOT NULL,
        at_ms BIGINT NOT NULL,
        reason TEXT NOT NULL,
        attempts BIGINT NOT NULL,
        UNIQUE (owner, user_id, hour, kind, other)
    )
    """,
    "CREATE INDEX IF NOT EXISTS school_spaces_blocked_by_time ON school_spaces_blocked (at_ms)",
)


def create_tables(txn: LoggingTransaction) -> None:
    """Make what is not there. Safe to call from several processes at once."""
    postgres = isinstance(txn.database_engine, PostgresEngine)
    if postgres:
        # IF NOT EXISTS alone does not keep two that create at once apart.
        txn.execute("SELECT pg_advisory_xact_lock(?)", (_CREATION_LOCK,))
    serial = "BIGSERIAL PRIMARY KEY" if postgres else "INTEGER PRIMARY KEY AUTOINCREMENT"
    for statement in _TABLES:
        txn.execute(statement.format(serial=serial))


def lock_for_writing(txn: LoggingTransaction, table: str) -> None:
    """One writer at a time. Must be the transaction's first statement. SQLite has one anyway."""
    if isinstance(txn.database_engine, PostgresEngine):
        txn.execute(f"LOCK TABLE {table} IN SHARE ROW EXCLUSIVE MODE")
