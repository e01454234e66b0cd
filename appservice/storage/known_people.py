"""Whether a person id still names the same person: fingerprints of the people accepted before."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from hashlib import blake2b
from typing import Final

from appservice.school.fingerprint import Fingerprint
from appservice.storage.database import Database
from appservice.storage.statements import statements

_SQL: Final = statements("known_people")


class KnownPeople:
    """`namespace` names the space of person ids (RosterSettings.namespace, or the school's id)."""

    def __init__(self, database: Database, namespace: str) -> None:
        self._database = database
        self._namespace = namespace

    async def fingerprints(self, person_ids: Collection[str]) -> Mapping[str, Fingerprint]:
        """Of those among them that were accepted before, by person id."""
        by_digest = {self._digest(person_id): person_id for person_id in person_ids}
        async with self._database.connection() as connection:
            return {
                by_digest[id_digest]: _unpacked(fingerprint)
                for id_digest, fingerprint in await connection.fetch(_SQL["find"], list(by_digest))
            }

    async def accept(self, people: Mapping[str, Fingerprint]) -> None:
        """Remember these people as they are now, by person id."""
        if people:
            async with self._database.connection() as connection:
                await connection.execute(
                    _SQL["accept"],
                    [self._digest(person_id) for person_id in people],
                    [_packed(fingerprint) for fingerprint in people.values()],
                )

    def _digest(self, person_id: str) -> bytes:
        return blake2b(f"{self._namespace}\0{person_id}".encode(), digest_size=16).digest()


def _packed(fingerprint: Fingerprint) -> bytes:
    """Two bytes, and a third where the birth date is known."""
    return bytes.fromhex("".join(fingerprint))


def _unpacked(packed: bytes) -> Fingerprint:
    return Fingerprint(packed[:1].hex(), packed[1:2].hex(), packed[2:].hex())
