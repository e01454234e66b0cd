"""Attempts that were not let pass: counted, and kept for 30 days.

One row for a person, a kind and the other side in an hour, and no more than so many for a person
in an hour: a client in a loop fills nothing. No text that a person wrote is kept.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

from synapse.module_api import ModuleApi

from .decisions import Blocked
from .store import PolicyStore
from .tables import lock_for_writing

if TYPE_CHECKING:
    from synapse.storage.database import LoggingTransaction

KEPT_MS = 30 * 24 * 3_600_000
MAX_OTHERS = 50
"""How many others of one person are told apart in one hour; the rest is counted with none named."""

_HOUR_MS = 3_600_000
_LONGEST_ID = 255


@dataclass(frozen=True)
class Attempt:
    """An attempt, made `attempts` times in an hour, the last time at `at_ms` (since 1970)."""

    id: int
    at_ms: int
    kind: str
    user_id: str
    other: str
    reason: str
    attempts: int


@dataclass(frozen=True)
class Listing:
    """A page of attempts, oldest first, and how many were made of each kind in all that is kept."""

    attempts: Collection[Attempt]
    counts: dict[str, int]


class Attempts:
    """Writes attempts down and lists them, for each owner those that concern its people."""

    def __init__(self, api: ModuleApi, store: PolicyStore) -> None:
        self._api = api
        self._store = store
        self._cleared_hour = 0

    async def record(self, blocked: Blocked, owners: Collection[str], now_ms: int) -> None:
        """Count an attempt for each of these owners."""
        hour = now_ms // _HOUR_MS
        clear = hour != self._cleared_hour
        await self._api.run_db_interaction(
            "school_spaces_record", _record, blocked, sorted(owners), now_ms, clear
        )
        self._cleared_hour = hour

    async def listed(self, owner: str, after: int, limit: int, now_ms: int) -> Listing:
        """Attempts with a greater id than `after`, at most `limit`."""
        await self._store.ready()
        return await self._api.run_db_interaction(
            "school_spaces_listed", _listed, owner, after, limit, now_ms - KEPT_MS
        )


def _record(
    txn: LoggingTransaction, blocked: Blocked, owners: Collection[str], now_ms: int, clear: bool
) -> None:
    # Also so that ids are given in the order in which they can be read.
    lock_for_writing(txn, "school_spaces_blocked")
    if clear:
        txn.execute("DELETE FROM school_spaces_blocked WHERE at_ms < ?", (now_ms - KEPT_MS,))
    hour = now_ms // _HOUR_MS
    for owner in owners:
        txn.execute(
            "SELECT COUNT(*) FROM school_spaces_blocked"
            " WHERE owner = ? AND user_id = ? AND hour = ?",
            (owner, blocked.user_id, hour),
        )
        row = txn.fetchone()
        many = row is not None and row[0] >= MAX_OTHERS
        txn.execute(
            "INSERT INTO school_spaces_blocked"
            " (owner, kind, user_id, other, hour, at_ms, reason, attempts)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, 1)"
            " ON CONFLICT (owner, user_id, hour, kind, other) DO UPDATE SET"
            " attempts = school_spaces_blocked.attempts + 1,"
            " at_ms = EXCLUDED.at_ms, reason = EXCLUDED.reason",
            (
                owner,
                blocked.kind,
                blocked.user_id,
                "" if many else _an_id(blocked.other),
                hour,
                now_ms,
                blocked.reason.value,
            ),
        )


def _an_id(other: str) -> str:
    """A room id may stand in a path that a person made up: what is none is not kept."""
    return other if other[:1] in ("@", "!") and len(other) <= _LONGEST_ID else ""


def _listed(txn: LoggingTransaction, owner: str, after: int, limit: int, since_ms: int) -> Listing:
    txn.execute(
        "SELECT id, at_ms, kind, user_id, other, reason, attempts FROM school_spaces_blocked"
        " WHERE owner = ? AND id > ? AND at_ms >= ? ORDER BY id LIMIT ?",
        (owner, after, since_ms, limit),
    )
    attempts = [Attempt(*row) for row in txn.fetchall()]
    txn.execute(
        "SELECT kind, SUM(attempts) FROM school_spaces_blocked"
        " WHERE owner = ? AND at_ms >= ? GROUP BY kind",
        (owner, since_ms),
    )
    return Listing(attempts, {str(kind): int(count) for kind, count in txn.fetchall()})
