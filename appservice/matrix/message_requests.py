"""What the bot says in rooms, over the client-server API.

Every sending carries a transaction id of the caller's: sent again, it is the same event (for half
an hour; Synapse keeps them in memory).
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Final
from urllib.parse import quote

from mautrix.api import ClientPath, Method

from appservice.errors import Permanent
from appservice.language import _
from appservice.matrix import answers
from appservice.matrix.connection import Connection
from appservice.matrix.values import JsonObject

_PINNED: Final = "m.room.pinned_events"
_PAGE: Final = 100


class MessageRequests(Connection):
    """Source: client-server API, "Sending events to a room", "Room events: pinned"."""

    async def send(self, room_id: str, kind: str, content: JsonObject, *, txn: str) -> str:
        """An event that is no state ("m.room.message", "m.reaction"); its event id."""
        doing = _("speaking in the room {room}").format(room=room_id)
        path = ClientPath.v3.rooms[room_id].send[kind][txn]
        answer = await self._send(doing, Method.PUT, path, content)
        return answers.text(answers.as_object(answer, doing), "event_id", doing)

    async def find_message(
        self, room_id: str, field: str, value: str, *, since: datetime
    ) -> str | None:
        """The event id of the bot's message whose content has this value in this field, among those
        sent since then (by the homeserver's clock); None where there is none.
        """
        doing = _("reading the room {room}").format(room=room_id)
        path = ClientPath.v3.rooms[room_id].messages
        only = json.dumps({"senders": [self.bot], "types": ["m.room.message"]})
        query = {"dir": "b", "limit": str(_PAGE), "filter": only}
        while True:
            answer = answers.as_object(
                await self._send(doing, Method.GET, path, query=query), doing
            )
            chunk = answer.get("chunk")
            events = (
                [one for one in chunk if isinstance(one, dict)] if isinstance(chunk, list) else []
            )
            for event in events:
                content = event.get("content")
                if isinstance(content, dict) and content.get(field) == value:
                    return answers.text(event, "event_id", doing)
            end = answer.get("end")
            if not isinstance(end, str) or any(_sent(event) < since for event in events):
                return None
            query = {**query, "from": end}

    async def pinned(self, room_id: str) -> list[str]:
        """The event ids that are pinned in a room."""
        doing = _("reading the room {room}").format(room=room_id)
        room = quote(room_id, safe="")
        path = f"/_matrix/client/v3/rooms/{room}/state/{_PINNED}/"
        try:
            answer = answers.as_object(await self._send(doing, Method.GET, path), doing)
        except Permanent as error:
            if error.code == "M_NOT_FOUND":
                return []
            raise
        pinned = answer.get("pinned")
        return [one for one in pinned if isinstance(one, str)] if isinstance(pinned, list) else []

    async def has_event(self, room_id: str, event_id: str) -> bool:
        """Whether this event stands in this room."""
        doing = _("reading the room {room}").format(room=room_id)
        path = ClientPath.v3.rooms[room_id].event[event_id]
        try:
            await self._send(doing, Method.GET, path)
        except Permanent as error:
            if error.code in ("M_NOT_FOUND", "M_FORBIDDEN"):
                return False
            raise
        return True


def _sent(event: JsonObject) -> datetime:
    at = event.get("origin_server_ts")
    return datetime.fromtimestamp((at if isinstance(at, int) else 0) / 1000, UTC)
