"""People who type in rooms, over the client API."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote
from uuid import uuid4

from tests.upkeep.bystander import Bystander

PATIENCE_S = 120.0


@dataclass(frozen=True, slots=True)
class Speaker:
    """One person with a client."""

    client: Bystander
    user_id: str
    bot: str

    async def says(self, room_id: str, body: str, **content: object) -> str:
        """The id of the message."""
        return await self.sends(
            room_id, "m.room.message", {"msgtype": "m.text", "body": body, **content}
        )

    async def sends(self, room_id: str, kind: str, content: Mapping[str, object]) -> str:
        path = f"/_matrix/client/v3/rooms/{quote(room_id)}/send/{kind}/{uuid4().hex}"
        return str((await self.client.ask("PUT", path, content))["event_id"])

    async def reacts(self, room_id: str, event_id: str, sign: str) -> str:
        relation = {"rel_type": "m.annotation", "event_id": event_id, "key": sign}
        return await self.sends(room_id, "m.reaction", {"m.relates_to": relation})

    async def hears(self, room_id: str, after: str, *, count: int = 1) -> list[Mapping[str, Any]]:
        """What the bot said in the room after this event, once it is so many messages."""
        give_up = time.monotonic() + PATIENCE_S
        while True:
            said = await self.said_after(room_id, after)
            if len(said) >= count:
                return said
            assert time.monotonic() < give_up, "the bot said nothing"
            await asyncio.sleep(0.05)

    async def said_after(self, room_id: str, after: str) -> list[Mapping[str, Any]]:
        path = f"/_matrix/client/v3/rooms/{quote(room_id)}/messages?dir=b&limit=100"
        chunk: Any = (await self.client.ask("GET", path))["chunk"]
        ids = [event["event_id"] for event in chunk]
        if after not in ids:  # Synapse shows it once all that began to be written before is there
            return []
        later = chunk[: ids.index(after)]
        return [
            event
            for event in reversed(later)
            if event["sender"] == self.bot and event["type"] == "m.room.message"
        ]

    async def asks(self, room_id: str, body: str, **content: object) -> str:
        """The plain text of the answer."""
        answers = await self.hears(room_id, await self.says(room_id, body, **content))
        return str(answers[0]["content"]["body"])
