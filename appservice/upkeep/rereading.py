"""A room read in full from the homeserver, and what in it departs from what must be true."""

from __future__ import annotations

from collections.abc import Sequence

from appservice.errors import Permanent
from appservice.matrix.homeserver import Homeserver
from appservice.matrix.values import StateEvent
from appservice.rooms.enforcement.departs import REDACTION, departs
from appservice.rooms.observed import InboundEvent, ObservedRoom
from appservice.rooms.planning.scene import Scene
from appservice.storage.observed import ObservedStore
from appservice.upkeep.found import found_room
from appservice.upkeep.site import now_ms


async def read_room(
    homeserver: Homeserver, store: ObservedStore, room_id: str
) -> tuple[ObservedRoom | None, Sequence[StateEvent]]:
    """The room as it stands, which is recorded, with the events it is made of; None when it is not
    ours.
    """
    at = now_ms()
    try:
        events = await homeserver.room_state(room_id)
    except Permanent as error:
        if error.code in ("M_FORBIDDEN", "M_NOT_FOUND"):
            return None, ()
        raise
    found = found_room(room_id, events, bot=homeserver.bot)
    if found.creator != homeserver.bot or not found.bot_is_in or not found.room.key:
        return None, ()
    await store.room_made(found.room, at=at)
    return found.room, events


def departing(
    scene: Scene,
    room_id: str,
    state: Sequence[StateEvent],
    *,
    redactions: Sequence[InboundEvent] = (),
) -> Sequence[InboundEvent]:
    """What of a room's current state departs, as if somebody had just told it.

    What the bot set is its own affair, unless somebody took it back: then it is theirs.
    """
    taken_back = {one.state_key: one for one in redactions if one.type == REDACTION}
    found = []
    for event in state:
        by = taken_back.get(event.event_id)
        if by is None and event.sender == scene.desired.bot:
            continue
        told = InboundEvent(
            room_id=room_id,
            type=event.type,
            state_key=event.state_key,
            content=event.content,
            sender=by.sender if by else event.sender,
            event_id=f"{by.event_id} {event.event_id}" if by else event.event_id,
            timestamp=by.timestamp if by else event.timestamp,
        )
        if departs(scene, told):
            found.append(told)
    return found
