"""Rooms as the tests of this folder make them."""

from collections.abc import Sequence

from appservice.matrix.values import RoomCreation, StateEvent
from tests.ground import AppserviceSlot

CLOSED: Sequence[StateEvent] = (
    StateEvent("m.room.join_rules", "", {"join_rule": "restricted", "allow": []}),
    StateEvent("m.room.guest_access", "", {"guest_access": "forbidden"}),
    StateEvent("m.room.history_visibility", "", {"history_visibility": "shared"}),
)


def power_levels(**users: int) -> dict[str, object]:
    """The power levels of a room where the bot alone may do anything but talk."""
    return {
        "ban": 50,
        "events": {"m.room.tombstone": 150},
        "events_default": 0,
        "invite": 100,
        "kick": 50,
        "notifications": {"room": 50},
        "redact": 50,
        "state_default": 100,
        "users": users,
        "users_default": 0,
    }


def alias_of(slot: AppserviceSlot, name: str) -> str:
    return f"#{slot.id}.{name}:{slot.server_name}"


def room_named(
    slot: AppserviceSlot,
    name: str,
    *,
    version: str = "12",
    space: bool = False,
    members: tuple[str, ...] = (),
) -> RoomCreation:
    alias = alias_of(slot, name)
    users = {slot.bot_id: 100} if version == "11" else {}
    return RoomCreation(
        version=version,
        alias=alias,
        space=space,
        federate=False,
        power_levels=power_levels(**users),
        state=(
            StateEvent("m.room.name", "", {"name": "5А · Математика"}),
            StateEvent("m.room.canonical_alias", "", {"alias": alias}),
            StateEvent("org.schoolspaces.room", "", {"key": f"{slot.id}/{name}", "kind": name}),
            *CLOSED,
        ),
        members=members,
    )
