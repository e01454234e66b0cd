"""What keeps accounts: one Protocol, so that whoever carries a plan out does not know who really
makes them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Protocol

from appservice.rooms.desired import DesiredAccount
from appservice.rooms.observed import ObservedAccount
from appservice.year.leavers import AccountStanding

Looked = Callable[[int, int], None]
"""Called with how many accounts were looked at, and how many there are to look at."""


def looked_quietly(over: int, total: int) -> None:
    """For those who do not wait for it."""


class AccountBackend(Protocol):
    """Where accounts live.

    Nothing here speaks of Synapse's admin API: under the Matrix Authentication Service accounts are
    made through MAS's own admin API, with a token of its own, and the display name is then set on
    the homeserver in a second step. Such a backend is one more class with these methods,
    whose `create` returns when both steps are done.

    All methods raise Temporary or Permanent; each may be repeated after a crash with the same end.
    """

    async def create(self, account: DesiredAccount) -> ObservedAccount:
        """See that the account is there, called as it should be, before its first join; what now
        stands.
        """
        ...

    async def update(self, account: DesiredAccount, changed: Collection[str]) -> ObservedAccount:
        """Bring the named fields ("display_name", "external_ids") in line; what now
        stands.
        """
        ...

    async def restore(self, account: DesiredAccount) -> ObservedAccount:
        """Open a suspended or deactivated account again, called and bound as it should be."""
        ...

    async def suspend(self, user_id: str) -> AccountStanding:
        """See that an account can only read; how it stands then. One that must not be taken away
        (an administrator of the homeserver) stays active.
        """
        ...

    async def deactivate(self, user_id: str) -> AccountStanding:
        """Close an account whose person is gone; how it stands then. Nothing is erased."""
        ...

    async def managed(
        self, expected: Collection[str], progress: Looked = looked_quietly
    ) -> list[ObservedAccount]:
        """Everyone of ours, read from where accounts live: those we made and those of `expected`
        (user ids) that exist; sorted.
        """
        ...
