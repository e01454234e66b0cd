"""Members who call themselves otherwise in a room get their name back, by way of their account."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from typing import Final

from appservice.accounts.backend import AccountBackend
from appservice.errors import Temporary
from appservice.language import _
from appservice.matrix.homeserver import Homeserver
from appservice.rooms.desired import Desired
from appservice.rooms.enforcement.departs import is_called_otherwise, membership_in
from appservice.storage.observed import ObservedStore

_PROPAGATION_S: Final = 3.0
_PATIENCE_S: Final = 10.0
_LOOK_S: Final = 0.2


class Naming:
    """The homeserver writes an account's name into all rooms of the account, one after another and
    in the background. So one writing is enough for all rooms in which somebody changed it, and a
    second one within that time would only begin it anew.
    """

    def __init__(self, homeserver: Homeserver, store: ObservedStore) -> None:
        self._homeserver = homeserver
        self._store = store
        self._written: dict[str, float] = {}

    async def put_right(
        self, backend: AccountBackend, desired: Desired, room_id: str, users: Sequence[str]
    ) -> None:
        """Returns when all bear their names in the room. Raises Temporary when they do not yet."""
        for user in users:
            await self._put_right(backend, desired, room_id, user)

    async def _put_right(
        self, backend: AccountBackend, desired: Desired, room_id: str, user: str
    ) -> None:
        give_up = time.monotonic() + _PATIENCE_S
        while await self._is_wrong(desired, room_id, user):
            now = time.monotonic()
            if now > give_up:
                raise Temporary(_("A name is not written into all rooms yet; looking again later."))
            if now - self._written.get(user, -_PROPAGATION_S) >= _PROPAGATION_S:
                self._forget_old(now)
                self._written[user] = now
                kept = await backend.update(desired.accounts[user], ("display_name",))
                await self._store.account_kept([kept])
            await asyncio.sleep(_LOOK_S)

    async def _is_wrong(self, desired: Desired, room_id: str, user: str) -> bool:
        content = await self._homeserver.member(room_id, user)
        return membership_in(content) == "join" and is_called_otherwise(desired, user, content)

    def _forget_old(self, now: float) -> None:
        for user in [user for user, at in self._written.items() if now - at > _PROPAGATION_S]:
            del self._written[user]
