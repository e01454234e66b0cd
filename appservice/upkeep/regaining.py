"""Our bot is out of a room that it keeps: the ways back in, and what is told when there is none."""

from __future__ import annotations

from datetime import UTC, datetime

from appservice.errors import Permanent
from appservice.matrix.homeserver import Homeserver
from appservice.rooms.enforcement.drift import Drift, DriftKind
from appservice.rooms.observed import InboundEvent


async def rejoin(homeserver: Homeserver, room_id: str, bot: str) -> None:
    """Bring the bot in again: by the room's own rules, or by those of a server admin. Raises
    Permanent when nobody lets it in.

    No member of the room or of its space could invite it: inviting takes the bot's own level.
    """
    try:
        await homeserver.join(room_id)
    except Permanent:
        await homeserver.join_user(room_id, bot)


def bot_lost(key: str, event: InboundEvent) -> Drift:
    """A room that is lost for good: the next plan makes it anew."""
    return Drift(
        room=key,
        who=event.sender,
        kind=DriftKind.BOT,
        type=event.type,
        state_key=event.state_key,
        before={"membership": "join"},
        after={"membership": str(event.content.get("membership", ""))},
        event_id=event.event_id,
        at=datetime.fromtimestamp(event.timestamp / 1000, UTC),
    )
