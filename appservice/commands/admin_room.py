"""The administrators' room: made by the bot, found by its alias, kept true. It is none of the
school's rooms: its key event names no key, so that plan, audit and enforcement leave it alone.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping
from typing import Final

from appservice.errors import Permanent
from appservice.language import _
from appservice.matrix.homeserver import AliasTaken, Homeserver
from appservice.matrix.values import RoomCreation, StateEvent
from appservice.rooms.identity import admin_alias
from appservice.rooms.kinds.power import Needs, power_frame, power_levels
from appservice.rooms.state import ROOM_KEY, JsonObject, StateKey
from appservice.storage.admin_room import AdminRoomStore

KIND: Final = "admin_room"
_POWER: Final[StateKey] = ("m.room.power_levels", "")

log = logging.getLogger(__name__)


def admin_state(alias: str, *, version: str, bot: str) -> Mapping[StateKey, JsonObject]:
    """All state of the room, in the language spoken."""
    frame = power_frame(Needs(pins=0, polls=0, moderation=100), version)
    return {
        _POWER: power_levels(frame, {}, version=version, bot=bot),
        (ROOM_KEY, ""): {"kind": KIND},
        ("m.room.name", ""): {"name": _("School Spaces: administration")},
        ("m.room.topic", ""): {"topic": _("Ask the bot: !school help")},
        ("m.room.canonical_alias", ""): {"alias": alias},
        ("m.room.join_rules", ""): {"join_rule": "invite"},
        ("m.room.guest_access", ""): {"guest_access": "forbidden"},
        ("m.room.history_visibility", ""): {"history_visibility": "joined"},
    }


async def keep_admin_room(
    homeserver: Homeserver,
    store: AdminRoomStore,
    *,
    alias_prefix: str,
    version: str,
    members: Collection[str],
) -> str:
    """See that the room stands as it must, with these people in it; its room id.

    Costs three requests where nothing has changed. People who cannot be brought in (no account yet,
    another homeserver) are named in the log and tried again the next time. Raises Permanent when
    the alias leads to a room that is not ours.
    """
    alias = admin_alias(alias_prefix, homeserver.server_name)
    state = admin_state(alias, version=version, bot=homeserver.bot)
    room_id = await _room(homeserver, alias, state, version)
    found = await _state_within(homeserver, room_id)
    if found is None:
        # The alias is ours, and what it leads to was never finished or has lost our bot for good.
        await homeserver.delete_alias(alias)
        room_id = await _room(homeserver, alias, state, version)
        found = await homeserver.room_state(room_id)
    creation = next((event for event in found if event.type == "m.room.create"), None)
    if creation is None or creation.sender != homeserver.bot:
        raise Permanent(
            _(
                "The alias {alias} leads to a room that we did not make. Take the alias from that"
                " room."
            ).format(alias=alias),
            code="alias_of_another_room",
        )
    await _bring_in_line(
        homeserver, room_id, found, state, str(creation.content.get("room_version"))
    )
    await store.keep_room(room_id)
    await _keep_members(homeserver, room_id, found, members)
    return room_id


async def _state_within(homeserver: Homeserver, room_id: str) -> list[StateEvent] | None:
    """The state of a room that the bot is in; None where it is not."""
    try:
        found = await homeserver.room_state(room_id)
    except Permanent as error:
        if error.code in ("M_FORBIDDEN", "M_NOT_FOUND"):
            return None
        raise
    joined = any(
        (event.type, event.state_key) == ("m.room.member", homeserver.bot)
        and event.content.get("membership") == "join"
        for event in found
    )
    return found if joined else None


async def _room(
    homeserver: Homeserver, alias: str, state: Mapping[StateKey, JsonObject], version: str
) -> str:
    standing = await homeserver.resolve_alias(alias)
    if standing is not None:
        return standing
    try:
        return await homeserver.create_room(
            RoomCreation(
                version=version,
                alias=alias,
                space=False,
                federate=False,
                power_levels=state[_POWER],
                state=tuple(
                    StateEvent(*key, content) for key, content in state.items() if key != _POWER
                ),
            )
        )
    except AliasTaken as taken:
        return taken.room_id


async def _bring_in_line(
    homeserver: Homeserver,
    room_id: str,
    found: Collection[StateEvent],
    state: Mapping[StateKey, JsonObject],
    version: str,
) -> None:
    present = {(event.type, event.state_key): event.content for event in found}
    alias = str(state["m.room.canonical_alias", ""]["alias"])
    wanted = admin_state(alias, version=version, bot=homeserver.bot)
    for key, content in wanted.items():
        # A room of another version keeps its own power levels.
        if present.get(key) != (content if key == _POWER else state[key]):
            await homeserver.put_state(room_id, StateEvent(*key, content))


async def _keep_members(
    homeserver: Homeserver, room_id: str, found: Collection[StateEvent], members: Collection[str]
) -> None:
    present = {
        event.state_key: event.content.get("membership")
        for event in found
        if event.type == "m.room.member"
    }
    for user in sorted(present):
        if present[user] in ("join", "invite", "knock") and user not in {*members, homeserver.bot}:
            await homeserver.kick(room_id, user)
    for user in sorted(set(members)):
        if present.get(user) == "join":
            continue
        try:
            if present.get(user) == "ban":
                await homeserver.unban(room_id, user)
            await homeserver.join_user(room_id, user)
        except Permanent as error:
            log.warning("%s cannot be brought into the administrators' room: %s", user, error)
