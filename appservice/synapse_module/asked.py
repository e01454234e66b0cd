"""What a request asks for, as values, read from its JSON body.

Pure: no Synapse here. A body of another shape raises BadBody, which points at the place.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from .shapes import BadBody, items_in, mapping, members_of, text

MAX_EVENTS = 1000
MAX_MEMBERS = 1000
MAX_INITIAL_STATE = 200
ROOM_VERSIONS = ("11", "12")

_NEEDED_STATE = ("m.room.join_rules", "m.room.history_visibility", "m.room.guest_access")
_OWN_STATE = frozenset({"m.room.create", "m.room.member", "m.room.power_levels"})
_SET_IN_BATCH = frozenset({"m.room.create", "m.room.member"})

Value = TypeVar("Value")


@dataclass(frozen=True)
class Join:
    """A local person joins by themselves."""

    user_id: str


@dataclass(frozen=True)
class Kick:
    """The bot removes a person, or withdraws their invitation."""

    user_id: str
    reason: str | None = None


@dataclass(frozen=True)
class Ban:
    """The bot bans a person."""

    user_id: str
    reason: str | None = None


@dataclass(frozen=True)
class Unban:
    """The bot lifts a ban."""

    user_id: str
    reason: str | None = None


@dataclass(frozen=True)
class SetState:
    """The bot sets a piece of state."""

    type: str
    state_key: str
    content: Mapping[str, object]


Item = Join | Kick | Ban | Unban | SetState


@dataclass(frozen=True)
class Batch:
    """Changes of one room, in order."""

    room_id: str
    items: Sequence[Item]


@dataclass(frozen=True)
class NewRoom:
    """A room to create, whole. `alias_localpart` is what stands between # and : in its alias."""

    room_version: str
    alias_localpart: str | None
    creation_content: Mapping[str, object]
    power_levels: Mapping[str, object]
    initial_state: Sequence[SetState]
    members: Sequence[str]

    @property
    def join_rule(self) -> str:
        """What its m.room.join_rules will say."""
        for state in self.initial_state:
            if (state.type, state.state_key) == ("m.room.join_rules", ""):
                return str(state.content.get("join_rule"))
        return "invite"


def parse_batch(body: object) -> Batch:
    """The body of POST /rooms/batch."""
    top = members_of(body, "", needed=("room_id", "events"))
    return Batch(
        room_id=_room_id(top["room_id"], "/room_id"),
        items=items_in(top["events"], "/events", MAX_EVENTS, _item),
    )


def parse_new_room(body: object, bot: str) -> NewRoom:
    """The body of POST /rooms/create."""
    top = members_of(
        body,
        "",
        needed=("room_version", "power_levels", "initial_state"),
        optional=("room_alias_name", "creation_content", "members"),
    )
    version = top["room_version"]
    if version not in ROOM_VERSIONS:
        raise BadBody("/room_version", f"must be one of {', '.join(ROOM_VERSIONS)}, as a string")
    creation = mapping(top.get("creation_content", {}), "/creation_content")
    if "room_version" in creation or "creator" in creation:
        raise BadBody("/creation_content", "room_version and creator are not set here")
    levels = mapping(top["power_levels"], "/power_levels")
    users = mapping(levels.get("users", {}), "/power_levels/users")
    if version == "12" and bot in users:
        raise BadBody("/power_levels/users", "must not name the bot, the room's creator")
    if version == "11" and bot not in users:
        raise BadBody("/power_levels/users", "must name the bot, which has no other power")
    state = items_in(top["initial_state"], "/initial_state", MAX_INITIAL_STATE, _initial_state)
    for where, (type_, key) in _repeated((s.type, s.state_key) for s in state):
        raise BadBody(f"/initial_state/{where}", f"{type_} with state key {key!r} stands twice")
    given = {entry.type for entry in state if not entry.state_key}
    for type_ in _NEEDED_STATE:
        if type_ not in given:
            raise BadBody("/initial_state", f"must set {type_}: nothing is set by default")
    members = items_in(top.get("members", []), "/members", MAX_MEMBERS, text)
    for where, user_id in _repeated(members):
        raise BadBody(f"/members/{where}", f"{user_id} stands twice")
    return NewRoom(
        room_version=str(version),
        alias_localpart=_alias_localpart(top.get("room_alias_name")),
        creation_content=creation,
        power_levels=levels,
        initial_state=state,
        members=members,
    )


def _item(value: object, at: str) -> Item:
    kind = mapping(value, at).get("kind")
    if kind == "state":
        fields = members_of(value, at, needed=("kind", "type", "content"), optional=("state_key",))
        return _state(fields, at, _SET_IN_BATCH)
    if kind == "join":
        fields = members_of(value, at, needed=("kind", "user_id"))
        return Join(text(fields["user_id"], f"{at}/user_id"))
    if kind not in ("kick", "ban", "unban"):
        raise BadBody(f"{at}/kind", "must be join, kick, ban, unban or state")
    fields = members_of(value, at, needed=("kind", "user_id"), optional=("reason",))
    user_id = text(fields["user_id"], f"{at}/user_id")
    reason = None if fields.get("reason") is None else text(fields["reason"], f"{at}/reason")
    if kind == "kick":
        return Kick(user_id, reason)
    return Ban(user_id, reason) if kind == "ban" else Unban(user_id, reason)


def _initial_state(value: object, at: str) -> SetState:
    fields = members_of(value, at, needed=("type", "content"), optional=("state_key",))
    return _state(fields, at, _OWN_STATE)


def _state(fields: Mapping[str, object], at: str, refused: frozenset[str]) -> SetState:
    type_ = text(fields["type"], f"{at}/type")
    if type_ in refused:
        raise BadBody(f"{at}/type", f"{type_} is not set as plain state here")
    key = fields.get("state_key", "")
    if not isinstance(key, str):
        raise BadBody(f"{at}/state_key", "must be a string")
    return SetState(type_, key, mapping(fields["content"], f"{at}/content"))


def _alias_localpart(value: object) -> str | None:
    if value is None:
        return None
    localpart = text(value, "/room_alias_name")
    if ":" in localpart or any(character.isspace() for character in localpart):
        raise BadBody("/room_alias_name", "must be what stands between # and : in the alias")
    return localpart


def _room_id(value: object, at: str) -> str:
    room_id = text(value, at)
    if not room_id.startswith("!"):
        raise BadBody(at, "must be a room id, which begins with !")
    return room_id


def _repeated(values: Iterator[Value] | Sequence[Value]) -> Iterator[tuple[int, Value]]:
    seen: set[Value] = set()
    for index, value in enumerate(values):
        if value in seen:
            yield index, value
        seen.add(value)
