"""What the bot says in rooms, over the client-server API.

Every sending carries a transaction id of the caller's: sent again, it is the same event (for half
an hour; Synapse keeps them in memory).
"""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

from mautrix.api import ClientPath, MediaPath, Method

from appservice.errors import Permanent
from appservice.language import _
from appservice.matrix import answers
from appservice.matrix.connection import Connection
from appservice.matrix.transport import File
from appservice.matrix.values import JsonObject

_PINNED: Final = "m.room.pinned_events"


class MessageRequests(Connection):
    """Source: client-server API, "Sending events to a room", "Room events: pinned"."""

    async def send(self, room_id: str, kind: str, content: JsonObject, *, txn: str) -> str:
        """An event that is no state ("m.room.message", "m.reaction"); its event id."""
        doing = _("speaking in the room {room}").format(room=room_id)
        path = ClientPath.v3.rooms[room_id].send[kind][txn]
        answer = await self._send(doing, Method.PUT, path, content)
        return answers.text(answers.as_object(answer, doing), "event_id", doing)

    async def upload(self, file: File, name: str) -> str:
        """Put a file into the homeserver's media; its mxc URI. Source: "Content repository"."""
        doing = _("uploading the file {name}").format(name=name)
        path = MediaPath.v3.upload
        answer = await self._send(doing, Method.POST, path, file, query={"filename": name})
        return answers.text(answers.as_object(answer, doing), "content_uri", doing)

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
