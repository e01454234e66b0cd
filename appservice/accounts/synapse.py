"""Accounts made through Synapse's admin API (`PUT /_synapse/admin/v2/users/{user_id}`, "Create or
modify account").
"""

from __future__ import annotations

from collections.abc import Collection

from appservice.accounts.backend import Looked, looked_quietly
from appservice.accounts.identity import ComputedIdentities
from appservice.accounts.initial_passwords import PasswordFile
from appservice.accounts.settings import MARK_PROVIDER, AccountsSettings
from appservice.matrix.homeserver import Homeserver
from appservice.matrix.values import UserRecord
from appservice.rooms.desired import DesiredAccount
from appservice.rooms.observed import ObservedAccount
from appservice.side_by_side import side_by_side
from appservice.year.leavers import AccountStanding

_READ_AT_ONCE = 8  # more gains nothing: Synapse's one core is the limit


class SynapseAccounts:
    """AccountBackend over Synapse's own user table: one request an account."""

    def __init__(
        self, homeserver: Homeserver, settings: AccountsSettings, identities: ComputedIdentities
    ) -> None:
        self._homeserver = homeserver
        self._identities = identities
        self._governed = frozenset({MARK_PROVIDER, *settings.external_ids.values()})
        self._passwords = (
            PasswordFile(settings.initial_passwords.file)
            if settings.initial_passwords.mode == "generate"
            else None
        )

    async def create(self, account: DesiredAccount) -> ObservedAccount:
        password = None
        # Looking first costs a request, but a password is given to nobody who may have one.
        if self._passwords is not None and await self._homeserver.user(account.user_id) is None:
            password = self._passwords.issue(account.user_id, account.display_name)
        await self._homeserver.put_user(
            account.user_id,
            display_name=account.display_name,
            external_ids=account.external_ids,
            password=password,
        )
        return ObservedAccount(account.user_id, account.display_name, account.external_ids)

    async def update(self, account: DesiredAccount, changed: Collection[str]) -> ObservedAccount:
        if unknown := set(changed) - {"display_name", "external_ids"}:
            raise ValueError(f"no such fields of an account: {sorted(unknown)}")
        if set(changed) == {"display_name"}:
            await self._homeserver.put_user(account.user_id, display_name=account.display_name)
            return ObservedAccount(account.user_id, account.display_name, account.external_ids)
        user = await self._homeserver.user(account.user_id)
        if user is None:  # the homeserver lost it: an older backup, say
            return await self.create(account)
        return await self._bring_in_line(account, user)

    async def restore(self, account: DesiredAccount) -> ObservedAccount:
        user = await self._homeserver.user(account.user_id)
        if user is None:
            return await self.create(account)
        if user.set_aside:
            await self._homeserver.set_suspended(account.user_id, False)
        return await self._bring_in_line(account, user)

    async def suspend(self, user_id: str) -> AccountStanding:
        user = await self._homeserver.user(user_id)
        if user is None or user.deactivated:
            return AccountStanding.DEACTIVATED
        if user.admin:
            return AccountStanding.ACTIVE
        await self._homeserver.set_suspended(user_id, True)
        return AccountStanding.SUSPENDED

    async def deactivate(self, user_id: str) -> AccountStanding:
        user = await self._homeserver.user(user_id)
        if user is None:
            return AccountStanding.DEACTIVATED
        if user.admin:
            return AccountStanding.ACTIVE
        if not user.deactivated:
            await self._homeserver.deactivate_user(user_id)
        return AccountStanding.DEACTIVATED

    async def _bring_in_line(self, account: DesiredAccount, user: UserRecord) -> ObservedAccount:
        # The homeserver replaces all of them: what somebody else bound (a sign-in page, say) stays.
        others = [pair for pair in user.external_ids or () if pair[0] not in self._governed]
        password = None
        if user.deactivated and self._passwords is not None:
            password = self._passwords.issue(account.user_id, account.display_name)
        await self._homeserver.put_user(
            account.user_id,
            display_name=account.display_name,
            external_ids=(*account.external_ids, *others),
            password=password,
            deactivated=False if user.deactivated else None,
        )
        return ObservedAccount(account.user_id, account.display_name, account.external_ids)

    async def managed(
        self, expected: Collection[str], progress: Looked = looked_quietly
    ) -> list[ObservedAccount]:
        wanted = frozenset(expected)
        candidates = [
            user.user_id
            async for user in self._homeserver.users()
            if user.user_id in wanted or self._identities.could_be_ours(user.user_id)
        ]
        found: list[ObservedAccount] = []
        over = 0

        async def look(user_id: str) -> None:
            nonlocal over
            # The listing leaves external ids out, and they alone say whose an account is.
            user = await self._homeserver.user(user_id)
            if user is not None and (user_id in wanted or self._is_marked(user)):
                found.append(self._observed(user))
            over += 1
            progress(over, len(candidates))

        await side_by_side(candidates, look, at_once=_READ_AT_ONCE)
        return sorted(found)

    def _is_marked(self, user: UserRecord) -> bool:
        return any(
            provider == MARK_PROVIDER and self._identities.is_our_mark(mark)
            for provider, mark in user.external_ids or ()
        )

    def _observed(self, user: UserRecord) -> ObservedAccount:
        governed = sorted(pair for pair in user.external_ids or () if pair[0] in self._governed)
        return ObservedAccount(
            user.user_id, user.display_name, tuple(governed), _standing(user), user.admin
        )


def _standing(user: UserRecord) -> AccountStanding:
    if user.deactivated:
        return AccountStanding.DEACTIVATED
    return AccountStanding.SUSPENDED if user.set_aside else AccountStanding.ACTIVE
