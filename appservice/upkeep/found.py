"""A room as it was found on the homeserver: from its full state to the values we compare. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from appservice.matrix.values import StateEvent
from appservice.rooms.observed import ObservedRoom
from appservice.rooms.state import GOVERNED, ROOM_KEY, JsonObject, StateKey

PRESENT = frozenset({"join", "invite", "knock", "ban"})


@dataclass(frozen=True, slots=True)
class FoundRoom:
    """`room.key` is "" where the room bears no key event of the bot; `created_at` in ms."""

    creator: str
    created_at: int
    bot_is_in: bool
    room: ObservedRoom


def found_room(room_id: str, events: Iterable[StateEvent], *, bot: str) -> FoundRoom:
    """What the current state of a room says."""
    creator, created_at, version, key, bot_is_in = "", 0, "1", "", False
    state: dict[StateKey, JsonObject] = {}
    members: dict[str, str] = {}
    for event in events:
        if event.type == "m.room.create":
            creator, created_at = event.sender, event.timestamp
            # Room version 1 is what a room without a word about it has (Matrix spec).
            version = str(event.content.get("room_version", "1"))
        elif event.type == "m.room.member":
            membership = str(event.content.get("membership", ""))
            if event.state_key == bot:
                bot_is_in = membership == "join"
            elif membership in PRESENT:
                members[event.state_key] = membership
        elif event.type in GOVERNED and event.content:
            state[event.type, event.state_key] = event.content
            if event.type == ROOM_KEY and event.state_key == "" and event.sender == bot:
                key = str(event.content.get("key", ""))
    return FoundRoom(
        creator,
        created_at,
        bot_is_in,
        ObservedRoom(key=key, room_id=room_id, version=version, state=state, members=members),
    )
