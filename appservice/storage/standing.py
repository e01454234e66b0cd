"""The accepted roster in PostgreSQL: what must be true, for every process of a deployment.

Only a roster that passed all checks, and whose plan was small enough or approved, gets here; what
lies in the roster's folder may be another one.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Final

from pydantic import TypeAdapter

from appservice.school.model import (
    Consent,
    Guardianship,
    Membership,
    Person,
    RoleAssignment,
    Roster,
    School,
    SchoolClass,
    TeachingGroup,
)
from appservice.school.problem import Delivery
from appservice.storage.database import Database
from appservice.storage.statements import statements

_SQL: Final = statements("standing")
_QUICK: Final = 1  # zlib: most of the gain at little cost


@dataclass(frozen=True, slots=True)
class Standing:
    """`version` grows with every accepted roster. `delivery` has no problems and no file names."""

    version: int
    accepted_at: datetime
    namespace: str
    delivery: Delivery


@dataclass(frozen=True, slots=True)
class _Kept:
    schools: tuple[School, ...]
    people: Sequence[Person]
    roles: tuple[RoleAssignment, ...]
    classes: Sequence[SchoolClass]
    groups: Sequence[TeachingGroup]
    memberships: tuple[Membership, ...]
    guardianships: tuple[Guardianship, ...]
    consents: tuple[Consent, ...]
    held: frozenset[str]


class StandingStore:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def accept(self, delivery: Delivery, *, namespace: str, at: datetime) -> int:
        """Make this roster the one that must be true; its version.

        The version stays when nothing in it has changed. ValueError without a roster.
        """
        content = packed(delivery)
        async with self._database.transaction() as connection:
            version: int = await connection.fetchval(_SQL["accept"], at, namespace, content)
        return version

    async def version(self) -> int:
        """0 while no roster was accepted."""
        async with self._database.connection() as connection:
            return await version_now(connection)

    async def latest(self) -> Standing | None:
        """None while no roster was accepted. A region's takes seconds."""
        async with self._database.connection() as connection:
            row = await connection.fetchrow(_SQL["latest"])
        if row is None:
            return None
        delivery = unpacked(row["delivery"])
        return Standing(row["version"], row["accepted_at"], row["namespace"], delivery)


async def version_now(connection: Any) -> int:
    """The version as this connection's transaction sees it."""
    version: int = await connection.fetchval(_SQL["version"])
    return version


@cache
def _adapter() -> TypeAdapter[_Kept]:
    return TypeAdapter(_Kept)


def packed(delivery: Delivery) -> bytes:
    """A delivery's roster as the database keeps it. ValueError without one."""
    roster = delivery.roster
    if roster is None:
        raise ValueError("a delivery without a roster cannot be accepted")
    kept = _Kept(
        schools=roster.schools,
        people=list(roster.people.values()),
        roles=roster.roles,
        classes=list(roster.classes.values()),
        groups=list(roster.groups.values()),
        memberships=roster.memberships,
        guardianships=roster.guardianships,
        consents=roster.consents,
        held=frozenset(delivery.held),
    )
    return zlib.compress(_adapter().dump_json(kept), _QUICK)


def unpacked(content: bytes) -> Delivery:
    """What `packed` made of a delivery; it has no problems and no file names."""
    kept = _adapter().validate_json(zlib.decompress(content))
    roster = Roster(
        schools=kept.schools,
        people={person.person_id: person for person in kept.people},
        roles=kept.roles,
        classes={each.class_id: each for each in kept.classes},
        groups={each.group_id: each for each in kept.groups},
        memberships=kept.memberships,
        guardianships=kept.guardianships,
        consents=kept.consents,
    )
    return Delivery(roster, held=kept.held)
