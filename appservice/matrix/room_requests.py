"""Rooms, over the client-server API and, for joins without an invite, Synapse's admin API."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Final

from mautrix.api import ClientPath, Method, SynapseAdminPath

from appservice.errors import Permanent, Temporary
from appservice.language import _
from appservice.matrix import answers
from appservice.matrix.connection import Connection
from appservice.matrix.values import JsonObject, RoomCreation, StateEvent

_LONG_S: Final = 180.0
_LOOK_EVERY_S: Final = 0.3


class AliasTaken(Exception):
    """The alias of a room to be made stands already; `room_id` is where it points."""

    def __init__(self, room_id: str) -> None:
        super().__init__(room_id)
        self.room_id = room_id


class RoomRequests(Connection):
    """Making, changing and reading rooms as the bot."""

    async def create_room(self, room: RoomCreation) -> str:
        """One createRoom; the room id. Raises AliasTaken.

        The alias makes it safe to repeat: Synapse writes the alias before the first event, so of
        two tries one alone makes a room and the other is told that the alias is taken. A room
        that Synapse did not finish (it was killed) is found the same way.
        Source: client-server API, "Creation"; the power levels go into initial_state, where they
        stand alone instead of being merged with the server's.
        """
        if room.members:
            raise ValueError("Only the module makes rooms with members.")
        doing = _("making the room {alias}").format(alias=room.alias)
        try:
            answer = await self._send(
                doing, Method.POST, ClientPath.v3.createRoom, creation_body(room)
            )
        except Permanent as error:
            raise await self._alias_taken_or(error, room.alias) from error
        return answers.text(answers.as_object(answer, doing), "room_id", doing)

    async def _alias_taken_or(self, error: Permanent, alias: str) -> AliasTaken | Permanent:
        # Of two creations at once the later one fails while it writes the alias: 409, M_UNKNOWN.
        if error.code in ("M_ROOM_IN_USE", "M_UNKNOWN"):
            room_id = await self.resolve_alias(alias)
            if room_id is not None:
                return AliasTaken(room_id)
        return error

    async def resolve_alias(self, alias: str) -> str | None:
        doing = _("looking up the alias {alias}").format(alias=alias)
        try:
            answer = await self._send(doing, Method.GET, ClientPath.v3.directory.room[alias])
        except Permanent as error:
            if error.code == "M_NOT_FOUND":
                return None
            raise
        return answers.text(answers.as_object(answer, doing), "room_id", doing)

    async def delete_room(self, room_id: str) -> None:
        """Remove everybody and every trace of a room; returns when it is gone, however often it is
        asked for.

        Source: Synapse admin API, "Delete Room API", version 2. The work goes on in Synapse when
        nobody waits for it. Raises Temporary when it takes too long, Permanent when it failed.
        """
        doing = _("deleting the room {room}").format(room=room_id)
        path = SynapseAdminPath.v2.rooms[room_id]
        try:
            answer = await self._send(doing, Method.DELETE, path, {"purge": True})
            task = answers.text(answers.as_object(answer, doing), "delete_id", doing)
        except Permanent:
            found = await self._deletion_under_way(room_id)
            if found is None:
                raise
            task = found
        status = SynapseAdminPath.v2.rooms.delete_status[task]
        for _look in range(round(_LONG_S / _LOOK_EVERY_S)):
            answer = answers.as_object(await self._send(doing, Method.GET, status), doing)
            match answers.text(answer, "status", doing):
                case "complete":
                    return
                case "failed" | "cancelled":
                    raise Permanent(
                        _(
                            "Synapse could not delete the room {room}. Its log says why; the next"
                            " apply tries again."
                        ).format(room=room_id),
                        code="deletion_failed",
                    )
                case _:
                    await asyncio.sleep(_LOOK_EVERY_S)
        raise Temporary(
            _("Synapse is still deleting the room {room}. Apply again later.").format(room=room_id)
        )

    async def _deletion_under_way(self, room_id: str) -> str | None:
        """The id of a deletion that an earlier request began and that is not over."""
        doing = _("deleting the room {room}").format(room=room_id)
        path = SynapseAdminPath.v2.rooms[room_id].delete_status
        try:
            answer = answers.as_object(await self._send(doing, Method.GET, path), doing)
        except Permanent:
            return None
        over = ("complete", "failed", "cancelled")
        for result in answers.as_objects(answer.get("results"), doing):
            if result.get("status") not in over:
                return answers.text(result, "delete_id", doing)
        return None

    async def set_alias(self, alias: str, room_id: str) -> None:
        """Lead a free alias to a room. Raises Permanent when it leads to another one already."""
        doing = _("setting the alias {alias}").format(alias=alias)
        path = ClientPath.v3.directory.room[alias]
        try:
            await self._send(doing, Method.PUT, path, {"room_id": room_id})
        except Permanent:
            # Also refused when it leads there already, maybe by a try whose answer was lost.
            if await self.resolve_alias(alias) != room_id:
                raise

    async def delete_alias(self, alias: str) -> None:
        """No error when it is gone already."""
        doing = _("deleting the alias {alias}").format(alias=alias)
        try:
            await self._send(doing, Method.DELETE, ClientPath.v3.directory.room[alias])
        except Permanent as error:
            if error.code != "M_NOT_FOUND":
                raise

    async def put_state(self, room_id: str, event: StateEvent) -> str:
        """Sends a state event; its event id. Content that stands already makes no new event."""
        doing = _("setting {type} in the room {room}").format(type=event.type, room=room_id)
        path = ClientPath.v3.rooms[room_id].state[event.type][event.state_key]
        answer = await self._send(doing, Method.PUT, path, event.content)
        return answers.text(answers.as_object(answer, doing), "event_id", doing)

    async def join_user(self, room_id: str, user_id: str) -> None:
        """Admin join: no invite to be accepted; no error when already joined.

        Local users alone; the bot must be in the room and allowed to invite.
        Source: Synapse admin API, "Edit Room Membership API".
        """
        doing = _("bringing {user} into the room {room}").format(user=user_id, room=room_id)
        try:
            await self._send(
                doing, Method.POST, SynapseAdminPath.v1.join[room_id], {"user_id": user_id}
            )
        except Permanent as error:
            # Synapse invites first, and nobody who is in the room can be invited.
            if error.code != "M_FORBIDDEN" or await self._membership(room_id, user_id) != "join":
                raise

    async def join(self, room_id: str) -> None:
        """The bot itself, where the room's rules let it in."""
        doing = _("joining the room {room}").format(room=room_id)
        await self._send(doing, Method.POST, ClientPath.v3.join[room_id])

    async def decline(self, room_id: str, reason: str = "") -> None:
        """An invitation of the bot's; or leave the room."""
        doing = _("leaving the room {room}").format(room=room_id)
        body = {"reason": reason} if reason else {}
        await self._send(doing, Method.POST, ClientPath.v3.rooms[room_id].leave, body)

    async def kick(self, room_id: str, user_id: str, reason: str = "") -> None:
        """Remove a member, or take back an invite. No error when the user is not in the room."""
        doing = _("removing {user} from the room {room}").format(user=user_id, room=room_id)
        body = {"user_id": user_id} | ({"reason": reason} if reason else {})
        try:
            await self._send(doing, Method.POST, ClientPath.v3.rooms[room_id].kick, body)
        except Permanent as error:
            if error.code != "M_FORBIDDEN" or await self._membership(room_id, user_id) not in (
                "leave",
                "ban",
            ):
                raise

    async def ban(self, room_id: str, user_id: str, reason: str = "") -> None:
        """Remove a person, if they are there, and keep them out."""
        doing = _("banning {user} from the room {room}").format(user=user_id, room=room_id)
        body = {"user_id": user_id} | ({"reason": reason} if reason else {})
        await self._send(doing, Method.POST, ClientPath.v3.rooms[room_id].ban, body)

    async def unban(self, room_id: str, user_id: str) -> None:
        """No error when the user is not banned."""
        doing = _("lifting the ban of {user} in the room {room}").format(user=user_id, room=room_id)
        body = {"user_id": user_id}
        try:
            await self._send(doing, Method.POST, ClientPath.v3.rooms[room_id].unban, body)
        except Permanent:
            if await self._membership(room_id, user_id) in ("ban", ""):
                raise

    async def member(self, room_id: str, user_id: str) -> JsonObject:
        """The content of somebody's member event, empty for who was never there."""
        doing = _("reading who is in the room {room}").format(room=room_id)
        path = ClientPath.v3.rooms[room_id].state["m.room.member"][user_id]
        try:
            return answers.as_object(await self._send(doing, Method.GET, path), doing)
        except Permanent as error:
            if error.code == "M_NOT_FOUND":
                return {}
            raise

    async def is_state(self, room_id: str, event_id: str) -> bool:
        """Whether an event is state; False when we may not see it."""
        doing = _("reading an event in the room {room}").format(room=room_id)
        path = ClientPath.v3.rooms[room_id].event[event_id]
        try:
            answer = answers.as_object(await self._send(doing, Method.GET, path), doing)
        except Permanent as error:
            if error.code in ("M_NOT_FOUND", "M_FORBIDDEN"):
                return False
            raise
        return "state_key" in answer

    async def _membership(self, room_id: str, user_id: str) -> str:
        """ "leave" for who was never there, "" when we may not look."""
        doing = _("reading who is in the room {room}").format(room=room_id)
        path = ClientPath.v3.rooms[room_id].state["m.room.member"][user_id]
        try:
            answer = answers.as_object(await self._send(doing, Method.GET, path), doing)
        except Permanent as error:
            return "leave" if error.code == "M_NOT_FOUND" else ""
        return str(answer.get("membership", ""))

    async def joined_rooms(self) -> list[str]:
        """Every room the bot is in."""
        doing = _("reading which rooms we are in")
        answer = await self._send(doing, Method.GET, ClientPath.v3.joined_rooms, within=_LONG_S)
        return answers.as_texts(answers.as_object(answer, doing).get("joined_rooms"), doing)

    async def room_state(self, room_id: str) -> list[StateEvent]:
        """The full current state, members and the create event included."""
        doing = _("reading the room {room}").format(room=room_id)
        path = ClientPath.v3.rooms[room_id].state
        answer = await self._send(doing, Method.GET, path, within=_LONG_S)
        return [answers.state_event(event, doing) for event in answers.as_objects(answer, doing)]


def creation_body(room: RoomCreation) -> JsonObject:
    """What createRoom takes. Nothing is left to a preset: guests could join by its defaults."""
    power = StateEvent("m.room.power_levels", "", room.power_levels)
    return {
        "room_version": room.version,
        "room_alias_name": local_alias(room.alias),
        "visibility": "private",
        "preset": "private_chat",
        "creation_content": creation_content(room),
        "initial_state": [state_body(event) for event in (power, *room.state)],
    }


def creation_content(room: RoomCreation) -> JsonObject:
    """What of m.room.create is ours to say."""
    space = {"type": "m.space"} if room.space else {}
    return space if room.federate else {**space, "m.federate": False}


def state_body(event: StateEvent) -> Mapping[str, object]:
    return {"type": event.type, "state_key": event.state_key, "content": event.content}


def local_alias(alias: str) -> str:
    """ "school.17" of "#school.17:example.org"."""
    return alias[1:].partition(":")[0]
