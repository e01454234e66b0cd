"""What the School Spaces module in Synapse offers: whole rooms and batches in one request.

The shapes are those of docs/synapse-module.md.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from mautrix.api import Method, PathBuilder

from appservice.errors import Permanent, Temporary
from appservice.language import _
from appservice.matrix import answers, refusals
from appservice.matrix.room_requests import (
    RoomRequests,
    creation_content,
    local_alias,
    state_body,
)
from appservice.matrix.values import (
    Ban,
    BatchItem,
    Join,
    JsonObject,
    Kick,
    Outcome,
    RoomCreation,
    StateEvent,
    Unban,
)

log = logging.getLogger(__name__)

NOT_LOADED: Final = frozenset({"M_UNRECOGNIZED", "M_NOT_FOUND", "HTTP_404"})
"""The errcodes of a homeserver without the module, or of a proxy that does not let us to it."""

_MODULE: Final = PathBuilder("_synapse/client/school_spaces/v1")
_LONG_S: Final = 300.0
# Below what the module takes, so that one request stays within its time on a slow machine.
_EVENTS: Final = 500
_BYTES: Final = 3 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class _Limits:
    """How much one request may hold."""

    events: int = _EVENTS
    members: int = _EVENTS
    body_bytes: int = _BYTES


class ModuleRequests(RoomRequests):
    """Requests to the module. The caller asks `abilities` first."""

    _limits = _Limits()

    async def abilities(self) -> frozenset[str]:
        """What the module offers ("rooms.create", "rooms.batch"); empty without it.

        Also empty, with a line in the log, where it is loaded but not for us or not reachable:
        everything works without it.
        """
        doing = _("asking for the abilities of the Synapse module")
        try:
            answer = await self._send(doing, Method.GET, _MODULE.abilities)
        except Permanent as error:
            if error.code not in NOT_LOADED:
                log.warning("The Synapse module cannot be used: %s", error.code)
            return frozenset()
        told = answers.as_object(answer, doing)
        limits = answers.as_object(told.get("limits", {}), doing)
        self._limits = _Limits(
            events=min(_EVENTS, answers.whole(limits, "events", doing)),
            members=min(_EVENTS, answers.whole(limits, "members", doing)),
            body_bytes=min(_BYTES, answers.whole(limits, "body_bytes", doing)),
        )
        return frozenset(answers.as_texts(told.get("abilities"), doing))

    async def create_room_with_members(self, room: RoomCreation) -> tuple[str, list[Outcome]]:
        """The room id and one outcome a member. Raises AliasTaken.

        As safe to repeat as createRoom. Members beyond what one request takes follow in batches.
        """
        doing = _("making the room {alias}").format(alias=room.alias)
        first = room.members[: self._limits.members]
        body = {
            "room_version": room.version,
            "room_alias_name": local_alias(room.alias),
            "creation_content": creation_content(room),
            "power_levels": room.power_levels,
            "initial_state": [state_body(event) for event in room.state],
            "members": list(first),
        }
        try:
            answer = answers.as_object(
                await self._send(doing, Method.POST, _MODULE.rooms.create, body, within=_LONG_S),
                doing,
            )
        except Permanent as error:
            raise await self._alias_taken_or(error, room.alias) from error
        room_id = answers.text(answer, "room_id", doing)
        outcomes = _outcomes(answer.get("members"), len(first), doing)
        rest = [Join(user) for user in room.members[len(first) :]]
        return room_id, outcomes + await self._later_batches(room_id, rest)

    async def change_room(self, room_id: str, items: Sequence[BatchItem]) -> list[Outcome]:
        """A batch for one room, in the order given; one outcome an item.

        Once a part of a large batch is done, the failure of a later part is told in the outcomes.
        """
        for batch in self._batches(items):
            done = await self._batch(room_id, batch)
            return done + await self._later_batches(room_id, items[len(batch) :])
        return []

    async def _later_batches(self, room_id: str, items: Sequence[BatchItem]) -> list[Outcome]:
        outcomes: list[Outcome] = []
        for batch in self._batches(items):
            try:
                outcomes += await self._batch(room_id, batch)
            except (Permanent, Temporary) as error:
                code = error.code if isinstance(error, Permanent) else ""
                left = len(items) - len(outcomes)
                return outcomes + [Outcome("failed", code, str(error))] * left
        return outcomes

    async def _batch(self, room_id: str, batch: Sequence[JsonObject]) -> list[Outcome]:
        doing = _("changing the room {room}").format(room=room_id)
        body = {"room_id": room_id, "events": batch}
        answer = answers.as_object(
            await self._send(doing, Method.POST, _MODULE.rooms.batch, body, within=_LONG_S), doing
        )
        return _outcomes(answer.get("results"), len(batch), doing)

    def _batches(self, items: Sequence[BatchItem]) -> Iterator[list[JsonObject]]:
        """The items as JSON, cut to what one request takes; an item too large stands alone."""
        batch: list[JsonObject] = []
        size = 0
        for item in items:
            body = _item_body(item)
            length = len(json.dumps(body))
            full = len(batch) == self._limits.events or size + length > self._limits.body_bytes
            if batch and full:
                yield batch
                batch, size = [], 0
            batch.append(body)
            size += length + 2
        if batch:
            yield batch


def _item_body(item: BatchItem) -> Mapping[str, object]:
    match item:
        case Join():
            return {"kind": "join", "user_id": item.user}
        case Kick():
            reason = {"reason": item.reason} if item.reason else {}
            return {"kind": "kick", "user_id": item.user} | reason
        case Ban():
            reason = {"reason": item.reason} if item.reason else {}
            return {"kind": "ban", "user_id": item.user} | reason
        case Unban():
            return {"kind": "unban", "user_id": item.user}
        case StateEvent():
            return {"kind": "state", **state_body(item)}


def _outcomes(answer: object, count: int, doing: str) -> list[Outcome]:
    results = answers.as_objects(answer, doing)
    if [result.get("index") for result in results] != list(range(count)):
        raise refusals.misshapen(doing)
    return [_outcome(result, doing) for result in results]


def _outcome(result: JsonObject, doing: str) -> Outcome:
    match answers.text(result, "outcome", doing):
        case "done":
            return Outcome("done")
        case "unchanged":
            return Outcome("unchanged")
        case "failed":
            code, error = result.get("errcode", ""), result.get("error", "")
            return Outcome("failed", str(code), str(error))
        case _:
            raise refusals.misshapen(doing)
