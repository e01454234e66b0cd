"""From what a browser shows (the secret of a link, an OpenID token of a client) to a session."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final

from appservice.errors import Permanent
from appservice.matrix.homeserver import Homeserver
from appservice.storage.page_sessions import Opened, PageSessions, Way
from appservice.web.diary_page.guests import Guests

_MOST_OPENED: Final = 30
_WITHIN: Final = timedelta(minutes=10)
"""Of one person: enough for a widget in every room, too few to fill the audit log."""


class NotLetIn(StrEnum):
    """Why there is no session."""

    LINK_IS_OVER = "link_is_over"  # used, too old, or none of ours
    NOT_OURS = "not_ours"  # another homeserver's account, or a token that ours does not know
    UNKNOWN = "unknown"  # nobody of the roster of today
    TOO_OFTEN = "too_often"


class Door:
    def __init__(self, homeserver: Homeserver, sessions: PageSessions, guests: Guests) -> None:
        self._homeserver = homeserver
        self._sessions = sessions
        self._guests = guests

    async def by_link(self, secret: str) -> Opened | NotLetIn:
        person_id = await self._sessions.whose_link(secret, now=datetime.now(UTC))
        if person_id is None:
            return NotLetIn.LINK_IS_OVER
        return await self._open(person_id, "link")

    async def by_openid(self, token: str, server_name: str) -> Opened | NotLetIn:
        """`server_name` is the one that the client names: no other server than ours is ever asked.

        Raises Temporary while the homeserver is away.
        """
        if server_name != self._homeserver.server_name:
            return NotLetIn.NOT_OURS
        try:
            user_id = await self._homeserver.openid_user(token)
        except Permanent as error:
            if error.code in ("M_UNKNOWN_TOKEN", "M_MISSING_TOKEN"):
                return NotLetIn.NOT_OURS
            raise
        if user_id.partition(":")[2] != self._homeserver.server_name:
            return NotLetIn.NOT_OURS
        person_id = await self._guests.person_of(user_id)
        if person_id is None:
            return NotLetIn.UNKNOWN
        return await self._open(person_id, "widget")

    async def _open(self, person_id: str, way: Way) -> Opened | NotLetIn:
        now = datetime.now(UTC)
        guest = await self._guests.guest(person_id)
        if guest is None:
            return NotLetIn.UNKNOWN
        if await self._sessions.opened_since(person_id, now - _WITHIN) >= _MOST_OPENED:
            return NotLetIn.TOO_OFTEN
        return await self._sessions.open(person_id, guest.user_id, way, now=now)
