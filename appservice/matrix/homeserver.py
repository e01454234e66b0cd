"""Every request we make of Synapse, as the bot (as_token), each with a timeout and a retry rule.

429 is waited out (Retry-After), 5xx and broken connections are retried with backoff and jitter, all
within `patience` seconds; then Temporary. Other refusals become Permanent with the errcode. Every
request counts in `requests`. They stand by subject in account_requests, message_requests,
openid_requests, policy_requests, room_requests and, over it, module_requests; `connection` sends
them.
"""

from __future__ import annotations

from mautrix.api import ClientPath, Method, SynapseAdminPath

from appservice.errors import Permanent
from appservice.language import _
from appservice.matrix import answers
from appservice.matrix.account_requests import AccountRequests
from appservice.matrix.message_requests import MessageRequests
from appservice.matrix.module_requests import ModuleRequests
from appservice.matrix.openid_requests import OpenIdRequests
from appservice.matrix.policy_requests import PolicyRequests
from appservice.matrix.room_requests import AliasTaken
from appservice.matrix.values import JsonObject

__all__ = ["AliasTaken", "Homeserver"]


class Homeserver(AccountRequests, MessageRequests, ModuleRequests, OpenIdRequests, PolicyRequests):
    """`async with Homeserver(...) as homeserver:` opens the connection pool."""

    async def whoami(self) -> str:
        """The user id behind the as_token."""
        doing = _("asking who we are")
        answer = await self._send(doing, Method.GET, ClientPath.v3.account.whoami)
        return answers.text(answers.as_object(answer, doing), "user_id", doing)

    async def synapse_version(self) -> str:
        """Such as "1.163.2"."""
        doing = _("asking for Synapse's version")
        answer = await self._send(doing, Method.GET, SynapseAdminPath.v1.server_version)
        return answers.text(answers.as_object(answer, doing), "server_version", doing)

    async def noted(self, kind: str) -> JsonObject:
        """What stands in the bot's account data of this type; {} where nothing does."""
        doing = _("reading what we noted on the homeserver")
        path = ClientPath.v3.user[self.bot].account_data[kind]
        try:
            return answers.as_object(await self._send(doing, Method.GET, path), doing)
        except Permanent as error:
            if error.code == "M_NOT_FOUND":
                return {}
            raise

    async def note(self, kind: str, content: JsonObject) -> None:
        """Put this there."""
        doing = _("noting something on the homeserver")
        path = ClientPath.v3.user[self.bot].account_data[kind]
        await self._send(doing, Method.PUT, path, content)

    async def get(self, path: str, query: JsonObject | None = None) -> JsonObject:
        """Any other GET, for diagnosis (doctor). `path` is whole and quoted ("/_matrix/…")."""
        doing = _("reading {path}").format(path=path)
        texts = {name: str(value) for name, value in (query or {}).items()}
        return answers.as_object(await self._send(doing, Method.GET, path, query=texts), doing)
