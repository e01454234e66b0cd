"""Accounts, over Synapse's user admin API. The bot must be a server admin."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from http import HTTPStatus
from typing import Final

from mautrix.api import ClientPath, Method, SynapseAdminPath

from appservice.errors import Permanent
from appservice.language import _
from appservice.matrix import answers
from appservice.matrix.connection import Connection
from appservice.matrix.values import UserRecord

SUSPEND: Final = "suspend"
_PAGE: Final = 500
_MADE_ELSEWHERE_S: Final = (0.1, 0.3, 1.0)  # until Synapse sees what another request made


class AccountRequests(Connection):
    """Synapse admin API, "User Admin API"."""

    async def register_bot(self) -> bool:
        """Make the bot's own account, which nobody else may make; False when it stands already.

        Source: application service API, "Server admin style permissions". `inhibit_login` is what
        the Matrix Authentication Service asks for, and we need no other token.
        """
        doing = _("making the bot's account")
        localpart = self.bot.removeprefix("@").partition(":")[0]
        body = {
            "type": "m.login.application_service",
            "username": localpart,
            "inhibit_login": True,
        }
        try:
            await self._send(doing, Method.POST, ClientPath.v3.register, body)
        except Permanent as error:
            if error.code == "M_USER_IN_USE":
                return False
            raise
        return True

    async def put_user(
        self,
        user_id: str,
        *,
        display_name: str | None = None,
        external_ids: Sequence[tuple[str, str]] | None = None,
        password: str | None = None,
        deactivated: bool | None = None,
    ) -> bool:
        """Create or change an account; True when it was created. None leaves a field as it is.

        `external_ids` replaces all (auth provider, id) pairs. A changed display name is sent to
        every room the account is in, so set it before the first join. After a broken connection an
        account that the lost request made counts as changed, also while the homeserver is still
        making it.
        """
        doing = _("writing the account {user}").format(user=user_id)
        body: dict[str, object] = {}
        if display_name is not None:
            body["displayname"] = display_name
        if external_ids is not None:
            body["external_ids"] = [
                {"auth_provider": provider, "external_id": external_id}
                for provider, external_id in external_ids
            ]
        if password is not None:
            body["password"] = password
        if deactivated is not None:
            body["deactivated"] = deactivated
        path = SynapseAdminPath.v2.users[user_id]
        pauses = iter(_MADE_ELSEWHERE_S)
        while True:
            try:
                answer = await self._exchange(doing, Method.PUT, path, body)
            except Permanent as error:
                pause = next(pauses, None)
                if error.code != "M_USER_IN_USE" or pause is None:
                    raise
                # Another request makes the account between Synapse's look and its own making of it.
                await asyncio.sleep(pause)
            else:
                return answer.status == HTTPStatus.CREATED

    async def set_suspended(self, user_id: str, suspended: bool) -> None:
        """Suspend an account (it may read and leave rooms, nothing else), or end that.

        Where Synapse knows no suspension, or has it switched off, the account is locked instead.
        Source: Synapse admin API, "Suspend/Unsuspend Account" (MSC3823) and "Create or modify
        account".
        """
        doing = _("suspending or restoring the account {user}").format(user=user_id)
        try:
            await self._send(
                doing, Method.PUT, SynapseAdminPath.v1[SUSPEND][user_id], {"suspend": suspended}
            )
        except Permanent as error:
            if error.code != "M_UNRECOGNIZED":
                raise
            await self._send(
                doing, Method.PUT, SynapseAdminPath.v2.users[user_id], {"locked": suspended}
            )

    async def deactivate_user(self, user_id: str) -> None:
        """Close an account: it is signed out and leaves all rooms; its messages stay.

        The path makes accounts that are not there, so the caller looks first.
        """
        doing = _("deactivating the account {user}").format(user=user_id)
        await self._send(
            doing, Method.PUT, SynapseAdminPath.v2.users[user_id], {"deactivated": True}
        )

    async def user(self, user_id: str) -> UserRecord | None:
        doing = _("reading the account {user}").format(user=user_id)
        try:
            answer = await self._send(doing, Method.GET, SynapseAdminPath.v2.users[user_id])
        except Permanent as error:
            if error.code == "M_NOT_FOUND":
                return None
            raise
        return answers.user_record(answers.as_object(answer, doing), doing)

    async def users(self) -> AsyncIterator[UserRecord]:
        """All local accounts, page by page, deactivated and locked ones included.

        Oldest first, so that accounts made meanwhile do not shift the pages.
        """
        doing = _("reading all accounts")
        start: str | None = "0"
        while start is not None:
            answer = answers.as_object(
                await self._send(
                    doing,
                    Method.GET,
                    SynapseAdminPath.v2.users,
                    query={
                        "from": start,
                        "limit": str(_PAGE),
                        "deactivated": "true",
                        "locked": "true",
                        "order_by": "creation_ts",
                    },
                ),
                doing,
            )
            for record in answers.as_objects(answer.get("users"), doing):
                yield answers.user_record(record, doing)
            start = (
                None if "next_token" not in answer else answers.text(answer, "next_token", doing)
            )
