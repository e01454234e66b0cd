"""Who is behind an OpenID token that a Matrix client gave (client-server API, "OpenID")."""

from __future__ import annotations

import asyncio
import json
from typing import Final

from aiohttp import ClientError

from appservice.language import _
from appservice.matrix import answers, refusals
from appservice.matrix.connection import Connection
from appservice.matrix.transport import refusal_of

_USERINFO: Final = "/_matrix/federation/v1/openid/userinfo"
_WITHIN_S: Final = 10.0  # somebody waits for it before a page


class OpenIdRequests(Connection):
    """The listener that `homeserver.url` leads to needs the resource `openid` (or `federation`)."""

    async def openid_user(self, token: str) -> str:
        """The user id. Raises Permanent (M_UNKNOWN_TOKEN for one that is unknown or too old), and
        Temporary at the first failure.

        Asked without our as_token: where federation is closed, Synapse takes any Authorization for
        that of another server, and refuses it.
        """
        doing = _("asking whose OpenID token it is")
        if self._transport is None:
            raise RuntimeError("Open the connection first: async with Homeserver(...).")
        try:
            async with (
                asyncio.timeout(_WITHIN_S),
                self._transport.session.get(
                    self._url + _USERINFO, params={"access_token": token}, allow_redirects=False
                ) as response,
            ):
                content = await response.read()
        except TimeoutError as error:
            raise refusals.silent(self._url, doing, _WITHIN_S) from error
        except ClientError as error:
            # Its text may quote the address, and with it the token.
            raise refusals.unreachable(self._url, doing, type(error).__name__) from None
        if response.status != 200:
            answered = refusal_of(response, content)
            if refusals.worth_another_try(answered):
                raise refusals.temporary(answered, doing)
            raise refusals.permanent(answered, doing)
        try:
            answer = json.loads(content)
        except ValueError:
            raise refusals.misshapen(doing) from None
        return answers.text(answers.as_object(answer, doing), "sub", doing)
