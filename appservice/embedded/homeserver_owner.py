"""What only the owner of a homeserver may ask of it: whoever holds its configuration."""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

import aiohttp

from appservice.embedded.homeserver_config import HomeserverSecrets
from appservice.embedded.registration import Registration

_ADMIN_LOCALPART = "homeserver-admin"
_REQUEST_TIMEOUT = aiohttp.ClientTimeout(total=30)


class HomeserverRefused(RuntimeError):
    """The embedded homeserver answered an administrative request with an error."""

    def __init__(self, what: str, status: int, errcode: str, error: str) -> None:
        super().__init__(f"{what}: {status} {errcode} {error}")
        self.errcode = errcode


@dataclass(frozen=True, slots=True)
class SignedUp:
    """An account that was just made, signed in."""

    user_id: str
    access_token: str = field(repr=False)


class HomeserverOwner:
    """Makes accounts, administrators and bots at a homeserver of ours.

    Usable from any event loop: every request has a connection of its own.
    """

    def __init__(self, url: str, server_name: str, kept: HomeserverSecrets) -> None:
        self._url = url
        self._server_name = server_name
        self._kept = kept
        self._admin_token: str | None = None

    async def create_user(self, localpart: str, password: str, *, admin: bool = False) -> SignedUp:
        """Make an account through the shared-secret registration, which has no rate limit.

        Raises HomeserverRefused, errcode M_USER_IN_USE when the name is taken.
        Source: Synapse's admin API, "Shared-Secret Registration".
        """
        where = "/_synapse/admin/v1/register"
        nonce = str((await self._request("GET", where))["nonce"])
        signed = "\0".join((nonce, localpart, password, "admin" if admin else "notadmin"))
        mac = hmac.new(
            self._kept.registration_shared_secret.encode(),
            signed.encode(),
            hashlib.sha1,
        )
        answer = await self._request(
            "POST",
            where,
            {
                "nonce": nonce,
                "username": localpart,
                "password": password,
                "admin": admin,
                "mac": mac.hexdigest(),
            },
        )
        return SignedUp(str(answer["user_id"]), str(answer["access_token"]))

    async def sign_in(self, localpart: str, password: str) -> SignedUp:
        """Sign in with a password, as a client does."""
        answer = await self._request(
            "POST",
            "/_matrix/client/v3/login",
            {
                "type": "m.login.password",
                "identifier": {"type": "m.id.user", "user": localpart},
                "password": password,
            },
        )
        return SignedUp(str(answer["user_id"]), str(answer["access_token"]))

    async def admin_token(self) -> str:
        """An access token of this homeserver's own administrator, made at the first call."""
        if self._admin_token is None:
            password = self._kept.admin_password
            try:
                admin = await self.create_user(_ADMIN_LOCALPART, password, admin=True)
            except HomeserverRefused as refused:
                if refused.errcode != "M_USER_IN_USE":
                    raise
                admin = await self.sign_in(_ADMIN_LOCALPART, password)
            self._admin_token = admin.access_token
        return self._admin_token

    async def prepare_bot(self, registration: Registration) -> str:
        """Register the application service's bot and make it a server admin; returns its id.

        The admin API takes an as_token once the bot behind it is a server admin. Doing it again
        changes nothing.
        """
        bot = f"@{registration.sender_localpart}:{self._server_name}"
        try:
            await self._request(
                "POST",
                "/_matrix/client/v3/register",
                {
                    "type": "m.login.application_service",
                    "username": registration.sender_localpart,
                    "inhibit_login": True,
                },
                token=registration.as_token,
            )
        except HomeserverRefused as refused:
            if refused.errcode != "M_USER_IN_USE":
                raise
        await self._request(
            "PUT",
            f"/_synapse/admin/v2/users/{quote(bot, safe='')}",
            {"admin": True},
            token=await self.admin_token(),
        )
        return bot

    async def _request(
        self,
        method: str,
        path: str,
        body: Mapping[str, object] | None = None,
        *,
        token: str | None = None,
    ) -> Mapping[str, object]:
        # Not retried: the homeserver is on this machine, and its starter wants to know.
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        async with (
            aiohttp.ClientSession(timeout=_REQUEST_TIMEOUT) as session,
            session.request(method, self._url + path, json=body, headers=headers) as response,
        ):
            answer: dict[str, object] = await response.json(content_type=None)
            if response.status >= 400:
                raise HomeserverRefused(
                    f"{method} {path}",
                    response.status,
                    str(answer.get("errcode", "")),
                    str(answer.get("error", "")),
                )
            return answer
