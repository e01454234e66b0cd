"""Whether an event takes a room away from what must be true. Quick: it is asked of every state
event that arrives.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from appservice.rooms.desired import (
    JOIN_RULES,
    POWER_LEVELS,
    SPACE_CHILD,
    SPACE_PARENT,
    Desired,
    DesiredRoom,
    join_rules,
    link_content,
    parent_state,
)
from appservice.rooms.kinds.power import in_version
from appservice.rooms.observed import InboundEvent
from appservice.rooms.planning.diff import levels_wanted
from appservice.rooms.planning.scene import Scene
from appservice.rooms.state import GOVERNED, JsonObject, StateKey

MEMBER: Final = "m.room.member"
REDACTION: Final = "m.room.redaction"
"""No state event; it stands in for one, with the id of what was taken back as its state key."""

_VERSIONS: Final = ("11", "12")
"""One of each kind of power levels: with the bot listed, and without it."""


def departs(scene: Scene, event: InboundEvent) -> bool:
    """Whether an event of somebody else than the bot may be drift; True in a room that `scene` does
    not know.

    A redaction may always be: what was taken back has to be looked up.
    """
    key = scene.keys.get(event.room_id)
    if key is None:
        return True
    desired = scene.desired
    if desired.holds_room(key):
        return False
    room = desired.rooms.get(key)
    if room is None and desired.archive is not None and event.state_key != desired.bot:
        return False  # it has ended: what becomes of it is a plan's affair
    if event.type == REDACTION:
        return True
    if event.type == MEMBER:
        return _member_departs(scene, room, event)
    if event.type not in GOVERNED:
        return False
    place = (event.type, event.state_key)
    if room is None:
        return place == JOIN_RULES and event.content != join_rules()
    if room.is_free(place) or _is_held_child(scene, place):
        return False
    if place == POWER_LEVELS:
        return event.content not in _levels_that_fit(scene, room, event.content)
    return event.content != wanted_content(scene, room, place)


def wanted_content(scene: Scene, room: DesiredRoom, place: StateKey) -> JsonObject:
    """What must stand at a place of a room's state; empty: nothing. Power levels as in the room
    version of `room`.
    """
    kind, state_key = place
    server_name = scene.desired.server_name
    if kind == SPACE_CHILD:
        child = scene.desired.rooms.get(scene.keys.get(state_key, ""))
        if child is None or child.parent != room.key:
            return {}
        return link_content(child, server_name)
    if kind == SPACE_PARENT or place == JOIN_RULES:
        of_parent = parent_state(room, scene.room_ids.get, server_name=server_name)
        return of_parent.get(place, {})
    return room.state.get(place, {})


def is_called_otherwise(desired: Desired, user: str, content: JsonObject) -> bool:
    """Whether a member of a room bears another name than the roster gives; never where accounts are
    not ours to name.
    """
    account = desired.accounts.get(user)
    if account is None or not account.display_name:
        return False
    return content.get("displayname") != account.display_name


def membership_in(content: JsonObject) -> str:
    """The membership that an m.room.member event tells, "" when it tells none."""
    membership = content.get("membership")
    return membership if isinstance(membership, str) else ""


def _member_departs(scene: Scene, room: DesiredRoom | None, event: InboundEvent) -> bool:
    user = event.state_key
    desired = scene.desired
    membership = membership_in(event.content)
    if user == desired.bot:
        return membership != "join"
    if user in desired.held_users:
        return False
    belongs = room is not None and user in room.members
    banned = room is not None and user in room.banned
    match membership:
        case "join" if belongs:
            return is_called_otherwise(desired, user, event.content)
        case "leave":
            return belongs or banned
        case "ban":
            return belongs
        case "join" | "invite" | "knock":
            return belongs or banned or scene.may_move(user)
        case _:
            return False


def _is_held_child(scene: Scene, place: StateKey) -> bool:
    kind, child_id = place
    if kind != SPACE_CHILD:
        return False
    key = scene.keys.get(child_id)
    return key is not None and scene.desired.holds_room(key)


def _levels_that_fit(
    scene: Scene, room: DesiredRoom, content: JsonObject
) -> tuple[Mapping[str, object], ...]:
    """What the levels may be: which version the room has is not known here."""
    wanted = room.state[POWER_LEVELS]
    return tuple(
        levels_wanted(
            scene, room, content, in_version(wanted, version=version, bot=scene.desired.bot)
        )
        for version in _VERSIONS
    )
