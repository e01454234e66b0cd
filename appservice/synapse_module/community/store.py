"""The kept policies: written whole, by what changed, or in parts; each time in one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from synapse.module_api import ModuleApi

from .document import Document, Part
from .tables import create_tables, lock_for_writing

if TYPE_CHECKING:
    from synapse.storage.database import LoggingTransaction


@dataclass(frozen=True)
class Stored:
    """The policy in force."""

    version: int
    digest: str
    people: int


@dataclass(frozen=True)
class Staged:
    """A part was put aside; these are there now. Nothing changed yet."""

    version: int
    digest: str
    parts: tuple[int, ...]
    of: int


@dataclass(frozen=True)
class Conflict:
    """Another version is stored than the document goes with. None: no policy at all."""

    version: int | None


class PolicyStore:
    """Reads and writes the policies of all owners."""

    def __init__(self, api: ModuleApi) -> None:
        self._api = api
        self._created = False

    async def ready(self) -> None:
        """Make sure that the tables are there. Cheap when they are."""
        if not self._created:
            await self._api.run_db_interaction("school_spaces_tables", create_tables)
            self._created = True

    async def stored(self, owner: str) -> Stored | None:
        """What is in force for an owner."""
        await self.ready()
        return await self._api.run_db_interaction("school_spaces_policy", _stored, owner)

    async def put(self, owner: str, document: Document) -> Stored | Staged | Conflict:
        """Bring a document in force, or put a part of it aside until all are there."""
        await self.ready()
        return await self._api.run_db_interaction("school_spaces_put_policy", _put, owner, document)


def _put(txn: LoggingTransaction, owner: str, document: Document) -> Stored | Staged | Conflict:
    lock_for_writing(txn, "school_spaces_policies")
    now = _stored(txn, owner)
    if now is not None and (now.version, now.digest) == (document.version, document.digest):
        return now
    if now is not None and document.version <= now.version:
        return Conflict(now.version)
    if document.base is not None:
        if now is None or now.version != document.base:
            return Conflict(None if now is None else now.version)
        return _change(txn, owner, document)
    if document.part is None:
        _discard_parts(txn, owner)
    else:
        staged = _stage(txn, owner, document, document.part)
        if len(staged.parts) < staged.of:
            return staged
    return _replace(txn, owner, document)


def _change(txn: LoggingTransaction, owner: str, document: Document) -> Stored:
    txn.execute("SELECT generation FROM school_spaces_policies WHERE owner = ?", (owner,))
    row = txn.fetchone()
    assert row is not None, "looked at in this transaction"
    generation: int = row[0]
    txn.execute_batch(
        "DELETE FROM school_spaces_people WHERE owner = ? AND generation = ? AND user_id = ?",
        [(owner, generation, user_id) for user_id in document.removed],
    )
    _write_people(txn, owner, generation, document.people)
    return _bring_in_force(txn, owner, document, generation)


def _replace(txn: LoggingTransaction, owner: str, document: Document) -> Stored:
    if document.part is None:
        _write_people(txn, owner, document.version, document.people)
    stored = _bring_in_force(txn, owner, document, document.version)
    txn.execute(
        "DELETE FROM school_spaces_people WHERE owner = ? AND generation <> ?",
        (owner, document.version),
    )
    txn.execute("DELETE FROM school_spaces_parts WHERE owner = ?", (owner,))
    return stored


def _stage(txn: LoggingTransaction, owner: str, document: Document, part: Part) -> Staged:
    txn.execute(
        "SELECT version, digest, parts, part FROM school_spaces_parts WHERE owner = ?", (owner,)
    )
    rows = txn.fetchall()
    if any(tuple(row[:3]) != (document.version, document.digest, part.of) for row in rows):
        _discard_parts(txn, owner)  # of another document, which nobody finished
        rows = []
    there = {row[3] for row in rows}
    if part.number not in there:
        _write_people(txn, owner, document.version, document.people)
        txn.execute(
            "INSERT INTO school_spaces_parts (owner, version, digest, part, parts)"
            " VALUES (?, ?, ?, ?, ?)",
            (owner, document.version, document.digest, part.number, part.of),
        )
        there.add(part.number)
    return Staged(document.version, document.digest, tuple(sorted(there)), part.of)


def _discard_parts(txn: LoggingTransaction, owner: str) -> None:
    """Forget what was put aside, and nothing of what is in force."""
    txn.execute("DELETE FROM school_spaces_parts WHERE owner = ?", (owner,))
    txn.execute(
        "DELETE FROM school_spaces_people WHERE owner = ? AND generation NOT IN"
        " (SELECT generation FROM school_spaces_policies WHERE owner = ?)",
        (owner, owner),
    )


def _write_people(
    txn: LoggingTransaction, owner: str, generation: int, people: Mapping[str, str]
) -> None:
    rows: Iterable[tuple[object, ...]] = [
        (owner, generation, user_id, entry) for user_id, entry in people.items()
    ]
    txn.execute_batch(
        "INSERT INTO school_spaces_people (owner, generation, user_id, entry) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (owner, generation, user_id) DO UPDATE SET entry = EXCLUDED.entry",
        rows,
    )


def _bring_in_force(
    txn: LoggingTransaction, owner: str, document: Document, generation: int
) -> Stored:
    txn.execute(
        "SELECT COUNT(*) FROM school_spaces_people WHERE owner = ? AND generation = ?",
        (owner, generation),
    )
    row = txn.fetchone()
    people = int(row[0]) if row is not None else 0
    txn.execute(
        "INSERT INTO school_spaces_policies (owner, version, digest, generation, people, rules)"
        " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (owner) DO UPDATE SET"
        " version = EXCLUDED.version, digest = EXCLUDED.digest,"
        " generation = EXCLUDED.generation, people = EXCLUDED.people, rules = EXCLUDED.rules",
        (owner, document.version, document.digest, generation, people, document.rules),
    )
    return Stored(document.version, document.digest, people)


def _stored(txn: LoggingTransaction, owner: str) -> Stored | None:
    txn.execute(
        "SELECT version, digest, people FROM school_spaces_policies WHERE owner = ?", (owner,)
    )
    row = txn.fetchone()
    return None if row is None else Stored(int(row[0]), str(row[1]), int(row[2]))
