"""An answer as messages: under transaction ids made from the question, so that whoever sends it
again says nothing twice.
"""

from __future__ import annotations

from collections.abc import Iterable

from appservice.commands.answering import transaction_id
from appservice.commands.paper import Answer, pages
from appservice.matrix.homeserver import Homeserver
from appservice.rooms.observed import InboundMessage, MessageKind


async def send(homeserver: Homeserver, reply: Answer, message: InboundMessage, room_id: str) -> str:
    """The event id of the last message. Somewhere else than in the room of the question it rings:
    the asker looks at another room.
    """
    event_id = ""
    is_here = room_id == message.room_id
    for number, page in enumerate(pages(reply)):
        content: dict[str, object] = {
            "msgtype": "m.notice" if is_here else "m.text",
            "body": page.plain,
            "format": "org.matrix.custom.html",
            "formatted_body": page.html,
            "m.mentions": {} if is_here else {"user_ids": [message.sender]},
        }
        if is_here and message.kind is MessageKind.MESSAGE:
            content["m.relates_to"] = {"m.in_reply_to": {"event_id": message.event_id}}
        txn = transaction_id(message.event_id, number)
        event_id = await homeserver.send(room_id, "m.room.message", content, txn=txn)
    return event_id


async def react(
    homeserver: Homeserver,
    message: InboundMessage,
    to: str,
    keys: Iterable[str],
    *,
    room_id: str = "",
) -> None:
    """Reactions of ours below an event of the room of the question, or of `room_id`."""
    room_id = room_id or message.room_id
    for key in keys:
        pressed = {"rel_type": "m.annotation", "event_id": to, "key": key}
        txn = transaction_id(f"{message.event_id} {key}")
        await homeserver.send(room_id, "m.reaction", {"m.relates_to": pressed}, txn=txn)
