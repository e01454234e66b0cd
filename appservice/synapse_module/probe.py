"""Which of Synapse's own parts are here, in the shape that the bulk way needs.

The promised module API has no call that persists several events at once; Synapse's own room
creation and room upgrade do it with the parts named below. They are no promise, so they are looked
at when Synapse starts: a part that is missing, or takes other arguments, turns the bulk way off,
and the promised calls do the work one by one. Nothing goes by a version number.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, cast

if TYPE_CHECKING:
    from synapse.api.room_versions import RoomVersion
    from synapse.events.snapshot import UnpersistedEventContext
    from synapse.handlers.directory import DirectoryHandler
    from synapse.handlers.event_auth import EventAuthHandler
    from synapse.handlers.message import EventCreationHandler
    from synapse.handlers.room import RoomCreationHandler
    from synapse.handlers.room_member import RoomMemberHandler
    from synapse.server import HomeServer
    from synapse.storage.controllers.state import StateStorageController
    from synapse.storage.databases.state.store import StateGroupDataStore


class RoomStore(Protocol):
    """What is used of Synapse's main store."""

    async def get_latest_event_ids_in_room(self, room_id: str) -> Collection[str]:
        """The ends of a room's history."""

    async def is_room_blocked(self, room_id: str) -> bool | None:
        """Whether an administrator of the server blocked the room."""

    async def store_room(
        self,
        room_id: str,
        room_creator_user_id: str,
        is_public: bool,
        room_version: RoomVersion,
    ) -> None:
        """Write a room id down, with its version."""


@dataclass(frozen=True)
class BulkParts:
    """Synapse's parts that create and persist events in bulk."""

    creation: EventCreationHandler
    members: RoomMemberHandler
    rooms: RoomCreationHandler
    directory: DirectoryHandler
    auth: EventAuthHandler
    state: StateStorageController
    store: RoomStore
    groups: StateGroupDataStore
    contexts: type[UnpersistedEventContext]


@dataclass(frozen=True)
class NoBulk:
    """Why the bulk way is off; a sentence for the administrator."""

    reason: str


def find_bulk_parts(homeserver: HomeServer) -> BulkParts | NoBulk:
    """Look for the parts. Never raises."""
    try:
        from synapse.events.snapshot import UnpersistedEventContext

        stores = homeserver.get_datastores()
        parts = BulkParts(
            creation=homeserver.get_event_creation_handler(),
            members=homeserver.get_room_member_handler(),
            rooms=homeserver.get_room_creation_handler(),
            directory=homeserver.get_directory_handler(),
            auth=homeserver.get_event_auth_handler(),
            state=homeserver.get_storage_controllers().state,
            store=cast("RoomStore", stores.main),
            groups=stores.state,
            contexts=UnpersistedEventContext,
        )
        writers = homeserver.config.worker.writers.events
        if list(writers) != [homeserver.get_instance_name()]:
            return NoBulk("Events are persisted by other processes than the main one.")
        for call, arguments in _expected_calls(parts):
            if not takes(call, arguments):
                name = getattr(call, "__qualname__", str(call))
                return NoBulk(f"This Synapse's {name} takes other arguments than expected.")
    except Exception as error:  # whatever is missing, there is another way
        return NoBulk(f"This Synapse has no {error}." if _names_a_part(error) else repr(error))
    return parts


def _expected_calls(parts: BulkParts) -> list[tuple[Callable[..., object], set[str]]]:
    return [
        (
            parts.creation.create_event,
            {"requester", "event_dict", "prev_event_ids", "depth", "state_map", "for_batch"},
        ),
        (
            parts.creation.handle_new_client_event,
            {"requester", "events_and_context", "ratelimit"},
        ),
        (
            parts.contexts.batch_persist_unpersisted_contexts,
            {"events_and_context", "room_id", "last_known_state_group", "datastore"},
        ),
        (parts.contexts.persist, {"event"}),
        (parts.creation.limiter.queue, {"key"}),
        (parts.members.member_linearizer.queue, {"key"}),
        (parts.auth.check_auth_rules_from_context, {"event", "batched_auth_events"}),
        (parts.state.get_state_group_for_events, {"event_ids"}),
        (parts.state.get_state_ids_for_group, {"state_group"}),
        (parts.store.get_latest_event_ids_in_room, {"room_id"}),
        (parts.store.is_room_blocked, {"room_id"}),
        (
            parts.store.store_room,
            {"room_id", "room_creator_user_id", "is_public", "room_version"},
        ),
        (
            parts.rooms._generate_and_create_room_id,
            {"creator_id", "is_public", "room_version"},
        ),
        (
            parts.directory.create_association,
            {"requester", "room_alias", "room_id", "servers", "check_membership"},
        ),
        (parts.directory.delete_appservice_association, {"service", "room_alias"}),
    ]


def takes(call: Callable[..., object], arguments: set[str]) -> bool:
    """Whether a call takes all of these by name, and needs nothing else."""
    parameters = inspect.signature(call).parameters
    return arguments <= parameters.keys() and all(
        name in arguments or parameter.default is not parameter.empty
        for name, parameter in parameters.items()
        if name != "self"
        and parameter.kind not in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD)
    )


def _names_a_part(error: Exception) -> bool:
    return isinstance(error, (ImportError, AttributeError))
