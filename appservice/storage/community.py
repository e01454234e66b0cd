"""The contact policy that the homeserver was last given: to send only what changes."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from appservice.storage.database import Database
from appservice.storage.statements import statements

_SQL: Final = statements("community")


class PolicyPushed(NamedTuple):
    """What the homeserver took; version 0: nothing yet.

    `rules` is a digest of the rules alone. `checked_at`: when it was last seen to be right.
    """

    version: int = 0
    digest: str = ""
    rules: str = ""
    checked_at: datetime | None = None


class KeptPerson(NamedTuple):
    """An entry of the policy as text, and its digest."""

    digest: bytes
    entry: str


class CommunityStore:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def pushed(self) -> PolicyPushed:
        async with self._database.connection() as connection:
            return await policy_pushed(connection)

    async def checked(self, at: datetime) -> None:
        """It is still the right one."""
        async with self._database.connection() as connection:
            await connection.execute(_SQL["checked"], at)

    async def next_version(self, above: int) -> int:
        """A version that was never sent, above that one; kept before it is used."""
        async with self._database.connection() as connection:
            version: int = await connection.fetchval(_SQL["next_version"], above)
            return version

    async def digests(self) -> dict[str, bytes]:
        """The digests of the entries that the homeserver took, by user id."""
        async with self._database.connection() as connection:
            return dict(await connection.fetch(_SQL["digests"]))

    async def entries(self) -> dict[str, str]:
        """Those entries, by user id."""
        async with self._database.connection() as connection:
            return dict(await connection.fetch(_SQL["entries"]))

    async def around(self) -> dict[str, tuple[str, ...]]:
        """The ids of the class or groups that each circle of that policy is around."""
        async with self._database.connection() as connection:
            content: object = json.loads(await connection.fetchval(_SQL["around"]))
        assert isinstance(content, dict)
        return {str(circle): tuple(map(str, places)) for circle, places in content.items()}

    async def taken(
        self,
        pushed: PolicyPushed,
        *,
        around: Mapping[str, Sequence[str]],
        changed: Mapping[str, KeptPerson],
        removed: Sequence[str],
    ) -> None:
        """The homeserver took this; `changed` and `removed` against what is kept."""
        async with self._database.transaction() as connection:
            await connection.execute(_SQL["drop"], list(removed))
            await connection.execute(
                _SQL["keep"],
                list(changed),
                [one.digest for one in changed.values()],
                [one.entry for one in changed.values()],
            )
            await connection.execute(
                _SQL["taken"],
                pushed.version,
                pushed.digest,
                pushed.rules,
                json.dumps({circle: list(places) for circle, places in around.items()}),
                pushed.checked_at,
            )


async def policy_pushed(connection: Any) -> PolicyPushed:
    """The same on a connection of the caller's."""
    return PolicyPushed(*await connection.fetchrow(_SQL["pushed"]))
