"""An answer becomes messages, under transaction ids made from what it answers: whoever sends it
again sends the same.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from appservice.commands.answering import transaction_id
from appservice.commands.paper import Answer, Bullets, pages
from appservice.helper.understanding import NUMBERS
from appservice.matrix.homeserver import Homeserver
from appservice.rooms.observed import InboundMessage, MessageKind

_HTML: Final = "org.matrix.custom.html"


def numbers_of(reply: Answer) -> tuple[str, ...]:
    """A button for each line of the list in this answer, as far as there are some."""
    lists = [block for block in reply.blocks if isinstance(block, Bullets) and block.numbered]
    return NUMBERS[: sum(len(block.items) for block in lists)]


async def send(
    homeserver: Homeserver,
    room_id: str,
    reply: Answer,
    cause: InboundMessage,
    *,
    buttons: Collection[str] = (),
) -> str:
    """The id of the last message. `buttons`: reactions that stand below it, to be pressed."""
    event_id = ""
    for number, page in enumerate(pages(reply)):
        content: dict[str, object] = {
            "msgtype": "m.notice",
            "body": page.plain,
            "format": _HTML,
            "formatted_body": page.html,
            "m.mentions": {},
        }
        if cause.kind is MessageKind.MESSAGE:
            content["m.relates_to"] = {"m.in_reply_to": {"event_id": cause.event_id}}
        txn = transaction_id(cause.event_id, number)
        event_id = await homeserver.send(room_id, "m.room.message", content, txn=txn)
    for key in buttons:
        pressed = {"rel_type": "m.annotation", "event_id": event_id, "key": key}
        txn = transaction_id(f"{cause.event_id} {key}")
        await homeserver.send(room_id, "m.reaction", {"m.relates_to": pressed}, txn=txn)
    return event_id
