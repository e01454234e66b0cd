"""Accounts that somebody else makes: we look whether they are there, and change nothing."""

from __future__ import annotations

from collections.abc import Collection

from appservice.accounts.backend import Looked, looked_quietly
from appservice.errors import Permanent
from appservice.language import _
from appservice.matrix.homeserver import Homeserver
from appservice.rooms.desired import DesiredAccount
from appservice.rooms.observed import ObservedAccount
from appservice.year.leavers import AccountStanding


class ExternalAccounts:
    """AccountBackend over accounts of others. To create one here means to find it."""

    def __init__(self, homeserver: Homeserver) -> None:
        self._homeserver = homeserver

    async def create(self, account: DesiredAccount) -> ObservedAccount:
        found = await self._homeserver.user(account.user_id)
        if found is None:
            raise Permanent(
                _(
                    "There is no account {user} on this homeserver. It is kept elsewhere: have it"
                    " made there, or correct the roster."
                ).format(user=account.user_id),
                code="unknown_account",
            )
        if found.deactivated:
            raise Permanent(
                _("The account {user} is deactivated; whoever keeps it must activate it.").format(
                    user=account.user_id
                ),
                code="deactivated_account",
            )
        return ObservedAccount(account.user_id, account.display_name, account.external_ids)

    async def update(self, account: DesiredAccount, changed: Collection[str]) -> ObservedAccount:
        return await self.create(account)

    async def restore(self, account: DesiredAccount) -> ObservedAccount:
        return await self.create(account)

    async def suspend(self, user_id: str) -> AccountStanding:
        raise _not_ours(user_id)

    async def deactivate(self, user_id: str) -> AccountStanding:
        raise _not_ours(user_id)

    async def managed(
        self, expected: Collection[str], progress: Looked = looked_quietly
    ) -> list[ObservedAccount]:
        wanted = frozenset(expected)
        return sorted(
            [
                ObservedAccount(
                    user.user_id,
                    "",
                    (),
                    AccountStanding.DEACTIVATED if user.deactivated else AccountStanding.ACTIVE,
                )
                async for user in self._homeserver.users()
                if user.user_id in wanted
            ]
        )


def _not_ours(user_id: str) -> Permanent:
    return Permanent(
        _("The account {user} is kept elsewhere: whoever keeps it must close it.").format(
            user=user_id
        ),
        code="account_of_others",
    )
