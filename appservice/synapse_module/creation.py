"""A room at once: its create event, its whole state and its members.

In bulk, the alias is taken first and then everything is persisted in one transaction. So there is
never a room without its alias, which nobody would find again, and an alias whose room never came
to be is recognised by that room having no members: the next request takes it over.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from synapse.api.errors import Codes, SynapseError
from synapse.api.room_versions import KNOWN_ROOM_VERSIONS
from synapse.module_api import ModuleApi
from synapse.types import RoomAlias

from .asked import Join, NewRoom, SetState
from .batches import Batches, Mode, failed
from .bulk import PERSISTED_AT_ONCE, BulkWriter, CreatedRoom, DraftsRefused, NotInBulk
from .facts import RoomReader
from .shapes import BadBody
from .verdicts import Done, Draft, Failed, Outcome, Person, join_drafts, joinable

if TYPE_CHECKING:
    from synapse.appservice import ApplicationService
    from synapse.server import HomeServer
    from synapse.synapse_rust.types import Requester

logger = logging.getLogger(__name__)

_TRIES = 3


@dataclass(frozen=True)
class RoomMade:
    """A room that is there now, and what became of each of its members."""

    room_id: str
    alias: str | None
    mode: Mode
    repaired: Literal["replaced", "completed"] | None
    members: Sequence[Outcome]


class RoomInUse(Exception):
    """The alias has a room already."""

    def __init__(self, room_id: str) -> None:
        super().__init__("The alias has a room already")
        self.room_id = room_id


class Creation:
    """Creates rooms for one bot."""

    def __init__(
        self,
        api: ModuleApi,
        homeserver: HomeServer,
        bot: str,
        reader: RoomReader,
        batches: Batches,
    ) -> None:
        self._api = api
        self._homeserver = homeserver
        self._bot = bot
        self._reader = reader
        self._batches = batches

    async def create(self, requester: Requester, asked: NewRoom) -> RoomMade:
        """Create the room, unless its alias has one.

        Raises RoomInUse; BadBody for state that Synapse refuses; SynapseError for anything else,
        and then there is no room and the alias is free.
        """
        if asked.room_version not in KNOWN_ROOM_VERSIONS:
            raise SynapseError(
                400, "This Synapse does not know the room version", Codes.UNSUPPORTED_ROOM_VERSION
            )
        if asked.alias_localpart is None:
            return await self._make(requester, asked, None, repaired=None)
        alias = RoomAlias(asked.alias_localpart, self._api.server_name)
        service = self._service(requester)
        if service is None or not service.is_room_alias_in_namespace(alias.to_string()):
            raise SynapseError(
                400, "The alias is not of the application service's namespace", Codes.EXCLUSIVE
            )
        async with self._one_at_a_time(alias):
            there = await self._room_of(alias)
            if there is None:
                return await self._make(requester, asked, alias, repaired=None)
            if not await self._reader.has_members(there):
                await self._free(requester, alias)
                return await self._make(requester, asked, alias, repaired="replaced")
            bot = (await self._reader.people(there, [self._bot]))[self._bot]
            if bot.membership != "join" or await self._reader.is_whole(there):
                raise RoomInUse(there)
            return await self._complete(there, alias, asked)

    async def _make(
        self,
        requester: Requester,
        asked: NewRoom,
        alias: RoomAlias | None,
        repaired: Literal["replaced"] | None,
    ) -> RoomMade:
        bulk = self._batches.bulk
        people = await self._reader.people(None, [self._bot, *asked.members])
        if not people[self._bot].exists:
            raise SynapseError(403, "The bot is not registered", Codes.FORBIDDEN)
        if bulk is not None:
            try:
                return await self._in_bulk(bulk, requester, asked, alias, people, repaired)
            except NotInBulk as why:
                logger.info("A room was not created in bulk: %s", why)
            except (AttributeError, TypeError) as error:
                logger.exception("The bulk way does not work on this Synapse; off until restarted")
                self._batches.bulk, self._batches.bulk_broke = None, repr(error)
        room_id = await self._singly(asked, alias)
        joins = [Join(user_id) for user_id in asked.members]
        done = await self._batches.carry_out(room_id, joins)
        return RoomMade(room_id, _text(alias), "one_by_one", repaired, done.outcomes)

    async def _in_bulk(
        self,
        bulk: BulkWriter,
        requester: Requester,
        asked: NewRoom,
        alias: RoomAlias | None,
        people: Mapping[str, Person],
        repaired: Literal["replaced"] | None,
    ) -> RoomMade:
        room = await bulk.prepare_room(
            KNOWN_ROOM_VERSIONS[asked.room_version], asked.creation_content
        )
        if alias is not None:
            await self._homeserver.get_directory_handler().create_association(
                requester=requester,
                room_id=room.room_id,
                room_alias=alias,
                servers=[self._api.server_name],
                check_membership=False,
            )
        try:
            outcomes = await self._persist_first(bulk, room, asked, alias, people)
        except BaseException:
            if alias is not None:
                await self._free(requester, alias)
            raise
        left = [index for index in range(len(asked.members)) if index not in outcomes]
        if left:
            joins = [Join(asked.members[index]) for index in left]
            rest = await self._batches.carry_out(room.room_id, joins)
            outcomes.update(zip(left, rest.outcomes, strict=True))
        members = [outcomes[index] for index in range(len(asked.members))]
        return RoomMade(room.room_id, _text(alias), "bulk", repaired, members)

    async def _persist_first(
        self,
        bulk: BulkWriter,
        room: CreatedRoom,
        asked: NewRoom,
        alias: RoomAlias | None,
        people: Mapping[str, Person],
    ) -> dict[int, Outcome]:
        """Persist the room with as many members as fit into one transaction."""
        state = [
            *join_drafts(people[self._bot], self._bot, "public"),
            *(
                Draft(entry.type, entry.state_key, self._bot, entry.content)
                for entry in _whole_state(asked, alias)
            ),
        ]
        outcomes: dict[int, Outcome] = {}
        joining: list[tuple[int, list[Draft]]] = []
        room_left = PERSISTED_AT_ONCE - 1 - len(state)
        for index, user_id in enumerate(asked.members):
            person = joinable(people.get(user_id))
            if isinstance(person, Failed):
                outcomes[index] = person
                continue
            drafts = join_drafts(person, self._bot, asked.join_rule)
            if len(drafts) > room_left:
                break
            room_left -= len(drafts)
            joining.append((index, drafts))
        for _ in range(_TRIES):
            drafts = [*state, *(draft for _, own in joining for draft in own)]
            try:
                event_ids = await bulk.send_first(room, drafts)
            except DraftsRefused as refusal:
                joining = _without_refused(refusal, len(state), joining, outcomes)
                continue
            at = len(state)
            for index, own in joining:
                at += len(own)
                outcomes[index] = Done(event_ids[at - 1])
            return outcomes
        raise NotInBulk("Synapse refused its members again and again.")

    async def _singly(self, asked: NewRoom, alias: RoomAlias | None) -> str:
        levels = SetState("m.room.power_levels", "", asked.power_levels)
        config: dict[str, object] = {
            "preset": "private_chat",
            "visibility": "private",
            "room_version": asked.room_version,
            "creation_content": dict(asked.creation_content),
            "initial_state": [
                {"type": s.type, "state_key": s.state_key, "content": dict(s.content)}
                for s in (levels, *asked.initial_state)
            ],
        }
        if alias is not None:
            config["room_alias_name"] = alias.localpart
        room_id, _ = await self._api.create_room(self._bot, config, ratelimit=False)
        return room_id

    async def _complete(self, room_id: str, alias: RoomAlias, asked: NewRoom) -> RoomMade:
        state = _whole_state(asked, alias)
        joins = [Join(user_id) for user_id in asked.members]
        done = await self._batches.carry_out(room_id, [*state, *joins])
        members = done.outcomes[len(state) :]
        return RoomMade(room_id, alias.to_string(), done.mode, "completed", members)

    async def _room_of(self, alias: RoomAlias) -> str | None:
        found = await self._homeserver.get_datastores().main.get_association_from_room_alias(alias)
        return None if found is None else found.room_id

    async def _free(self, requester: Requester, alias: RoomAlias) -> None:
        service = self._service(requester)
        if service is not None:
            await self._homeserver.get_directory_handler().delete_appservice_association(
                service, alias
            )

    def _service(self, requester: Requester) -> ApplicationService | None:
        services = self._homeserver.get_datastores().main.get_app_services()
        # By the bot: how a requester names its service differs by Synapse's version.
        sender = requester.user.to_string()
        return next((one for one in services if str(one.sender) == sender), None)

    @asynccontextmanager
    async def _one_at_a_time(self, alias: RoomAlias) -> AsyncIterator[None]:
        # Synapse's own lock, under a key that no room has.
        linearizer = self._homeserver.get_room_member_handler().member_linearizer
        async with linearizer.queue(("school_spaces", alias.to_string())):
            yield


def _whole_state(asked: NewRoom, alias: RoomAlias | None) -> list[SetState]:
    state = [SetState("m.room.power_levels", "", asked.power_levels), *asked.initial_state]
    if alias is not None and not any(s.type == "m.room.canonical_alias" for s in state):
        state.append(SetState("m.room.canonical_alias", "", {"alias": alias.to_string()}))
    return state


def _without_refused(
    refusal: DraftsRefused,
    state_length: int,
    joining: Sequence[tuple[int, list[Draft]]],
    outcomes: dict[int, Outcome],
) -> list[tuple[int, list[Draft]]]:
    """Leave out the members that were refused. State that was refused is the request's fault."""
    for at, error in sorted(refusal.refused.items()):
        if at == 0:
            raise error
        if at == 1:
            raise BadBody("/power_levels", error.msg)
        if at < state_length:
            raise BadBody(f"/initial_state/{at - 2}", error.msg)
    left = []
    at = state_length
    for index, own in joining:
        errors = [refusal.refused[d] for d in range(at, at + len(own)) if d in refusal.refused]
        at += len(own)
        if errors:
            outcomes[index] = failed(errors[0])
        else:
            left.append((index, own))
    return left


def _text(alias: RoomAlias | None) -> str | None:
    return None if alias is None else alias.to_string()
