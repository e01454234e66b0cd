"""Many events of one room, persisted in one go.

The same steps as Synapse's own `create_and_send_new_client_events`, with two differences that
measure (docs/synapse-module.md): the state before each event, which is known here, is put into
Synapse's cache of state groups, so that it is not read back from the database once per event; and
a room's create event goes into the same transaction as everything after it, so that a room either
is there whole or is not there at all. Every event is checked by Synapse's authorisation rules.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from synapse.api.errors import SynapseError
from synapse.types import create_requester

from .probe import BulkParts
from .verdicts import Draft
from .warmth import CacheWarmth, StateIds

if TYPE_CHECKING:
    from synapse.api.room_versions import RoomVersion
    from synapse.events import EventBase
    from synapse.events.snapshot import EventContext, UnpersistedEventContextBase
    from synapse.synapse_rust.types import Requester

PERSISTED_AT_ONCE = 100
"""How many events Synapse persists in one transaction; a longer list is cut."""


class DraftsRefused(Exception):
    """Some drafts, by their index, may not be sent. Nothing was sent."""

    def __init__(self, refused: Mapping[int, SynapseError]) -> None:
        super().__init__(f"{len(refused)} events were refused")
        self.refused = refused


class NotInBulk(Exception):
    """This room, as it is now, does not take a bulk; its text says why. Nothing was sent."""


@dataclass(frozen=True)
class CreatedRoom:
    """A room id and the create event of it, which is not persisted yet."""

    room_id: str
    event: EventBase
    context: EventContext


@dataclass(frozen=True)
class _Start:
    prev_event_id: str
    depth: int | None
    state_group: int
    state: StateIds
    federated: bool


@dataclass(frozen=True)
class _Built:
    event: EventBase
    context: UnpersistedEventContextBase
    state_before: StateIds


class BulkWriter:
    """Sends drafts in bulk, in the name of one bot."""

    def __init__(self, parts: BulkParts, bot: str, server_name: str) -> None:
        self._parts = parts
        self._bot = bot
        # As the module API does: the server acts, so the suspension or the missing consent of a
        # person is not in the way of the bot. Whether a person may be joined is checked before.
        self._requester: Requester = create_requester(bot, authenticated_entity=server_name)
        self._warmth = CacheWarmth(parts.groups)
        self._last_creation_ms = 0

    @asynccontextmanager
    async def alone_in(self, room_id: str) -> AsyncIterator[None]:
        """Keep everybody else from creating events in the room.

        In this order: Synapse, which sends m.room.guest_access, asks for the second lock while it
        holds the first.
        """
        async with (
            self._parts.creation.limiter.queue(room_id),
            self._parts.members.member_linearizer.queue((room_id,)),
        ):
            yield

    async def is_blocked(self, room_id: str) -> bool:
        """Whether an administrator of the server blocked the room."""
        return bool(await self._parts.store.is_room_blocked(room_id))

    async def send(
        self, room_id: str, drafts: Sequence[Draft], *, federated: bool = True
    ) -> list[str]:
        """Send drafts into a room, which the caller is alone in. Returns their event ids.

        `federated` False: the room's create event keeps every other server out (m.federate).
        Raises DraftsRefused, NotInBulk, or what Synapse raises.
        """
        start = await self._latest(room_id, federated)
        built = await self._build(room_id, start, drafts)
        await self._persist(room_id, start, built)
        return [one.event.event_id for one in built]

    async def prepare_room(
        self, version: RoomVersion, creation_content: Mapping[str, object]
    ) -> CreatedRoom:
        """Make a create event, and the room id that comes of it."""
        # Version 12: the room id is a hash of this event. Two rooms of one millisecond with the
        # same content would be one room.
        self._last_creation_ms = max(
            self._parts.creation.clock.time_msec(), self._last_creation_ms + 1
        )
        draft: dict[str, object] = {
            "type": "m.room.create",
            "state_key": "",
            "sender": self._bot,
            "content": {**creation_content, "room_version": version.identifier},
            "origin_server_ts": self._last_creation_ms,
        }
        hashed = getattr(version, "msc4291_room_ids_as_hashes", False)
        if not hashed:
            draft["room_id"] = await self._parts.rooms._generate_and_create_room_id(
                creator_id=self._bot, is_public=False, room_version=version
            )
        event, context = await self._parts.creation.create_event(
            requester=self._requester,
            event_dict=draft,
            prev_event_ids=[],
            depth=1,
            state_map={},
            for_batch=False,
        )
        if hashed:
            await self._parts.store.store_room(
                room_id=event.room_id,
                room_creator_user_id=self._bot,
                is_public=False,
                room_version=version,
            )
        return CreatedRoom(event.room_id, event, await context.persist(event))

    async def send_first(self, room: CreatedRoom, drafts: Sequence[Draft]) -> list[str]:
        """Persist a new room with its first events. Returns their ids, without the create event's.

        Raises DraftsRefused, or what Synapse raises; then the room does not exist.
        """
        group = room.context.state_group
        if group is None:
            raise NotInBulk("Synapse gave the create event no state group.")
        start = _Start(
            prev_event_id=room.event.event_id,
            depth=2,
            state_group=group,
            state={("m.room.create", ""): room.event.event_id},
            federated=room.event.content.get("m.federate") is not False,
        )
        built = await self._build(room.room_id, start, drafts)
        await self._persist(room.room_id, start, built, first=room)
        return [one.event.event_id for one in built]

    async def _latest(self, room_id: str, federated: bool) -> _Start:
        latest = await self._parts.store.get_latest_event_ids_in_room(room_id)
        if len(latest) != 1:
            # The next event that Synapse makes by itself joins the ends.
            raise NotInBulk(f"The room's history has {len(latest)} ends.")
        (prev_event_id,) = latest
        groups = await self._parts.state.get_state_group_for_events([prev_event_id])
        group = groups[prev_event_id]
        state = await self._parts.state.get_state_ids_for_group(group)
        return _Start(prev_event_id, None, group, state, federated)

    async def _build(self, room_id: str, start: _Start, drafts: Sequence[Draft]) -> list[_Built]:
        prev_event_id, depth, state = start.prev_event_id, start.depth, dict(start.state)
        built: list[_Built] = []
        refused: dict[int, SynapseError] = {}
        times: dict[tuple[str, str], int] = {}
        for index, draft in enumerate(drafts):
            before = dict(state)  # its own copy: the event's context keeps it
            place = draft.type, draft.state_key
            # Whoever is told of an unban and a join must see which of them was the later one.
            time_ms = max(self._parts.creation.clock.time_msec(), times.get(place, 0) + 1)
            try:
                event, context = await self._parts.creation.create_event(
                    requester=self._requester,
                    event_dict={
                        "type": draft.type,
                        "state_key": draft.state_key,
                        "sender": draft.sender,
                        "room_id": room_id,
                        "content": dict(draft.content),
                        "origin_server_ts": time_ms,
                    },
                    prev_event_ids=[prev_event_id],
                    depth=depth,
                    state_map=before,
                    for_batch=True,
                )
            except SynapseError as error:
                refused[index] = error
                continue
            if not start.federated:
                # As Synapse marks what no other server need be sent. Without it, the servers in
                # the room are worked out anew from the database at every single event.
                event.internal_metadata.proactively_send = False
            built.append(_Built(event, context, before))
            prev_event_id, depth = event.event_id, event.depth + 1
            state[place] = event.event_id
            times[place] = time_ms
        if refused:
            raise DraftsRefused(refused)
        return built

    async def _persist(
        self,
        room_id: str,
        start: _Start,
        built: Sequence[_Built],
        first: CreatedRoom | None = None,
    ) -> None:
        pairs = await self._parts.contexts.batch_persist_unpersisted_contexts(
            [(one.event, one.context) for one in built],
            room_id,
            start.state_group,
            self._parts.groups,
        )
        self._warmth.tell(
            (one.event, context, one.state_before)
            for one, (_, context) in zip(built, pairs, strict=True)
        )
        if first is not None:
            pairs = [(first.event, first.context), *pairs]
        try:
            sent = await self._parts.creation.handle_new_client_event(
                requester=self._requester, events_and_context=pairs, ratelimit=False
            )
        except SynapseError:
            refused = await self._refused_by_auth_rules(built)
            if refused:
                raise DraftsRefused(refused) from None
            raise
        if sent.event_id != built[-1].event.event_id:
            # Synapse takes the first event that changes nothing for the answer, and drops the rest.
            raise NotInBulk("One of the events changed nothing.")

    async def _refused_by_auth_rules(self, built: Sequence[_Built]) -> dict[int, SynapseError]:
        known = {one.event.event_id: one.event for one in built}
        refused: dict[int, SynapseError] = {}
        for index, one in enumerate(built):
            needed = {
                event_id: known[event_id]
                for event_id in one.event.auth_event_ids()
                if event_id in known
            }
            try:
                await self._parts.auth.check_auth_rules_from_context(one.event, needed)
            except SynapseError as error:
                refused[index] = error
        return refused
