"""Writes what the homeserver has answered into the observed state, off the path of the requests.

A crash loses at most the last moments. The next run then finds that work to be done already: every
action may be repeated.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from types import TracebackType
from typing import Final, NamedTuple, Self

from appservice.errors import SchoolSpacesError
from appservice.rooms.observed import ObservedAccount, ObservedRoom
from appservice.rooms.state import JsonObject, StateKey
from appservice.storage.observed import ObservedStore
from appservice.year.leavers import AccountStanding

COLLECT_S: Final = 0.3


class RoomMade(NamedTuple):
    """A room in full, made or found again."""

    room: ObservedRoom
    at: int


class StateSet(NamedTuple):
    room_id: str
    key: StateKey
    content: JsonObject
    at: int


class MemberChanged(NamedTuple):
    room_id: str
    user: str
    membership: str  # "join", "leave", "ban"
    at: int


class AccountKept(NamedTuple):
    account: ObservedAccount


class AccountStands(NamedTuple):
    """An account that was suspended, deactivated, or left as it is. `on`: the day of it."""

    user: str
    standing: AccountStanding
    on: date


class RoomGone(NamedTuple):
    """A room that was deleted."""

    room_id: str


Fact = RoomMade | RoomGone | StateSet | MemberChanged | AccountKept | AccountStands


@dataclass
class _Changes:
    """Of one room's members: the earliest moment counts, so that no newer fact is ever covered."""

    at: int
    memberships: dict[str, str]


class Journal:
    """`async with Journal(store) as journal:` writes in the background, and the rest when it ends,
    also by Ctrl-C.

    `at` of a fact is the time in ms at which its request was sent.
    """

    def __init__(self, store: ObservedStore) -> None:
        self._store = store
        self._noted: list[Fact] = []
        self._writing = asyncio.Lock()
        self._writer: asyncio.Task[None] | None = None

    def note(self, fact: Fact) -> None:
        self._noted.append(fact)

    async def flush(self) -> None:
        """Returns when everything noted so far is in the database."""
        async with self._writing:
            facts, self._noted = self._noted, []
            try:
                await self._write(facts)
            except BaseException:
                self._noted = facts + self._noted  # writing twice does no harm
                raise

    async def __aenter__(self) -> Self:
        self._writer = asyncio.create_task(self._write_now_and_then())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._writer is not None:
            self._writer.cancel()
            with suppress(asyncio.CancelledError):
                await self._writer
        await self.flush()

    async def _write_now_and_then(self) -> None:
        # A database that fails here fails at the next flush() too, where somebody listens.
        with suppress(SchoolSpacesError):
            while True:
                await asyncio.sleep(COLLECT_S)
                await self.flush()

    async def _write(self, facts: Iterable[Fact]) -> None:
        accounts: list[ObservedAccount] = []
        members: dict[str, _Changes] = {}
        for fact in facts:
            match fact:
                case RoomMade(room, at):
                    await self._store.room_made(room, at=at)
                case StateSet(room_id, key, content, at):
                    await self._store.state_set(room_id, key, content, at=at)
                case MemberChanged(room_id, user, membership, at):
                    changes = members.setdefault(room_id, _Changes(at, {}))
                    changes.memberships[user] = membership
                    changes.at = min(changes.at, at)
                case AccountKept(account):
                    accounts.append(account)
                case RoomGone(room_id):
                    await self._store.room_lost(room_id)
                case AccountStands(user, standing, on):
                    await self._store.account_stands(user, standing, on=on)
        if accounts:
            await self._store.account_kept(accounts)
        for room_id, changes in members.items():
            await self._store.members_changed(room_id, changes.memberships, at=changes.at)
