"""What must be true: the rooms and accounts that the roster gives."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache

from appservice.rooms.identity import key_parts
from appservice.rooms.state import JsonObject, StateKey
from appservice.year.archive import Archive
from appservice.year.leavers import Leavers

RoomIds = Callable[[str], str | None]
"""The room id of a room key, None while the room does not exist (`mapping.get` is one)."""

JOIN_RULES: StateKey = ("m.room.join_rules", "")
POWER_LEVELS: StateKey = ("m.room.power_levels", "")
SPACE_CHILD = "m.space.child"
SPACE_PARENT = "m.space.parent"


@dataclass(frozen=True, slots=True)
class DesiredAccount:
    """An account a person signs in with. `external_ids` are (auth provider, id) pairs, sorted."""

    user_id: str
    display_name: str
    external_ids: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class DesiredRoom:
    """One room or space.

    `key` is its identity for ever: "<school_id>/<kind>" or "<school_id>/<kind>/<class_id or
    group_id>". `state` holds all governed state that needs no room id (name, topic, power levels,
    guest access, history visibility, canonical alias, the key event); join rules, m.space.parent
    and m.space.child are added by `whole_state`. `members` maps everyone who must be joined to
    their power level, the bot excluded. `leads` are the members who teach here, `lead_level` is
    their level (0: a room of this kind has no teacher). `free` names state that is ours at the
    creation only: people may change it afterwards; `free_types` names types that are theirs
    altogether. `banned` must be banned and are no members; `pardoned` were, and their ban is to be
    lifted.
    """

    key: str
    kind: str
    school_id: str
    alias: str  # "#school.17.class_chat.5a:example.org", whole
    space: bool
    parent: str  # key of the parent space, "" for the root
    order: str  # m.space.child order: printable ASCII, at most 50 characters
    version: str  # room version, "12" or "11"
    federate: bool
    open_to_parent: bool  # whether members of the parent may join by themselves
    suggested: bool
    state: Mapping[StateKey, JsonObject]
    members: Mapping[str, int]
    leads: frozenset[str] = frozenset()
    lead_level: int = 0
    admin_level: int = 0
    free: frozenset[StateKey] = frozenset()
    free_types: frozenset[str] = frozenset()
    banned: frozenset[str] = frozenset()
    pardoned: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        """What people read above the room."""
        return str(self.state.get(("m.room.name", ""), {}).get("name", ""))

    def is_free(self, key: StateKey) -> bool:
        """Whether people may change this state of a room that stands."""
        return key in self.free or key[0] in self.free_types


@dataclass(frozen=True, slots=True)
class Desired:
    """The whole of a deployment. `rooms` are ordered so that a parent stands before its children.

    `held_users`, `held_rooms` and every room whose key names an id of `held_ids` (from
    Delivery.held) are left exactly as they are: no action may concern them. `admins` are the user
    ids that hold the role school_admin, by school id. `governed` are the auth providers whose
    external ids are ours to bind and to unbind. Without `leavers` no account is ever taken away;
    without `archive` rooms that end are emptied and kept. `tolerated` may be in any room, whatever
    the roster says; other strangers are removed unless `keep_strangers`. `suspended` are accounts
    of `accounts` that people in charge have suspended: they keep their rooms, and come into no new
    one meanwhile.
    """

    server_name: str
    bot: str
    accounts: Mapping[str, DesiredAccount]  # by user id
    rooms: Mapping[str, DesiredRoom]  # by key
    admins: Mapping[str, frozenset[str]] = field(default_factory=dict)
    governed: frozenset[str] = frozenset()
    leavers: Leavers | None = None
    archive: Archive | None = None
    suspended: frozenset[str] = frozenset()
    held_users: frozenset[str] = frozenset()
    held_rooms: frozenset[str] = frozenset()
    held_ids: frozenset[str] = frozenset()
    keep_strangers: bool = False
    tolerated: frozenset[str] = frozenset()

    def holds_room(self, key: str) -> bool:
        """Whether a room is to be left as it is; also of rooms that the roster no longer knows."""
        if key in self.held_rooms:
            return True
        if not self.held_ids:
            return False
        parts = key_parts(key)
        return parts.school_id in self.held_ids or parts.target_id in self.held_ids


def children_of(desired: Desired) -> Mapping[str, tuple[DesiredRoom, ...]]:
    """The desired children of each space, by the space's key."""
    found: dict[str, list[DesiredRoom]] = {}
    for room in desired.rooms.values():
        if room.parent:
            found.setdefault(room.parent, []).append(room)
    return {key: tuple(rooms) for key, rooms in found.items()}


def link_content(child: DesiredRoom, server_name: str) -> JsonObject:
    """m.space.child in the parent of `child` (Matrix spec, "Spaces")."""
    return {"via": [server_name], "order": child.order, "suggested": child.suggested}


@cache
def join_rules(allowed: str | None = None) -> JsonObject:
    """`restricted`: nobody joins unaided but members of the room `allowed`, if there is one."""
    allow = [{"type": "m.room_membership", "room_id": allowed}] if allowed else []
    return {"join_rule": "restricted", "allow": allow}


@cache
def parent_content(server_name: str) -> JsonObject:
    """m.space.parent of every room."""
    return {"via": [server_name], "canonical": True}


def parent_state(
    room: DesiredRoom, room_ids: RoomIds, *, server_name: str
) -> dict[StateKey, JsonObject]:
    """The state of a room that depends on the id of its parent: join rules, and m.space.parent if
    the parent exists.
    """
    parent = room_ids(room.parent) if room.parent else None
    state: dict[StateKey, JsonObject] = {
        JOIN_RULES: join_rules(parent if room.open_to_parent else None)
    }
    if parent:
        state[SPACE_PARENT, parent] = parent_content(server_name)
    return state


def initial_state(
    room: DesiredRoom, room_ids: RoomIds, *, server_name: str
) -> dict[StateKey, JsonObject]:
    """The whole state a room is created with: everything but m.space.child."""
    state = dict(room.state.items())
    state.update(parent_state(room, room_ids, server_name=server_name))
    return state


def whole_state(
    room: DesiredRoom,
    room_ids: RoomIds,
    *,
    server_name: str,
    children: Iterable[DesiredRoom] = (),
) -> dict[StateKey, JsonObject]:
    """All governed state of a room: with m.space.child for each of `children` that exists."""
    state = initial_state(room, room_ids, server_name=server_name)
    for child in children:
        if child_id := room_ids(child.key):
            state[SPACE_CHILD, child_id] = link_content(child, server_name)
    return state
