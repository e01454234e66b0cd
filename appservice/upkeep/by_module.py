"""A plan carried out through the School Spaces module in Synapse: a room with its members is one
request, later changes of a room are one batch.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, assert_never

from appservice.matrix.values import (
    Ban,
    BatchItem,
    Join,
    Kick,
    Outcome,
    RoomCreation,
    StateEvent,
    Unban,
)
from appservice.rooms.actions import (
    PHASE_OF,
    Action,
    AddMember,
    ArchiveRoom,
    BanMember,
    CreateAccount,
    CreateRoom,
    DeactivateAccount,
    DeleteRoom,
    GrantPower,
    LiftBan,
    Link,
    Phase,
    RemoveMember,
    RestoreAccount,
    RevokePower,
    SetParent,
    SetState,
    SuspendAccount,
    Unlink,
    UpdateAccount,
)
from appservice.rooms.desired import POWER_LEVELS, SPACE_CHILD, link_content, parent_state
from appservice.upkeep.by_api import AT_ONCE as SINGLES_AT_ONCE
from appservice.upkeep.by_api import by_depth
from appservice.upkeep.journal import MemberChanged, StateSet
from appservice.upkeep.site import CANONICAL_ALIAS, AccountAction, Site, Trouble, now_ms

ABILITIES: Final = frozenset({"rooms.create", "rooms.batch"})
"""What the module must offer for this way."""

# Measured: whole rooms and batches come fastest 8 at a time, single requests 16 at a time.
AT_ONCE: Final = 8
# The module takes 1,000; a smaller batch answers well within the time limit.
LARGEST_BATCH: Final = 500

Step = tuple[Action, ...]


class ByModule:
    """A step is one account, one room to be made with everyone in it, or one batch for one room."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def at_once(self, phase: Phase) -> int:
        return SINGLES_AT_ONCE if phase is Phase.ACCOUNTS else AT_ONCE

    def arrange(self, actions: Sequence[Action]) -> Mapping[Phase, Sequence[Step]]:
        """People who belong in a room that is to be made come with it."""
        made = {action.room for action in actions if isinstance(action, CreateRoom)}
        phases: dict[Phase, dict[object, list[Action]]] = {}
        for action in by_depth(actions, self._site.desired.rooms):
            phase = PHASE_OF[type(action)]
            if isinstance(action, AddMember) and action.room in made:
                phase = Phase.ROOMS
            phases.setdefault(phase, {}).setdefault(_place(action), []).append(action)
        return {
            phase: [step for group in groups.values() for step in _steps(group)]
            for phase, groups in phases.items()
        }

    async def carry_out(self, step: Step) -> Sequence[Trouble | None]:
        match step[0]:
            case (
                CreateAccount()
                | UpdateAccount()
                | RestoreAccount()
                | SuspendAccount()
                | DeactivateAccount()
            ) as action:
                await self._site.put_account(action)
                return [None]
            case DeleteRoom(_key, room_id):
                await self._site.delete_room(room_id)
                return [None]
            case CreateRoom(key):
                people = [action for action in step[1:] if isinstance(action, AddMember)]
                return [None, *await self._make_room(key, people)]
            case _:
                return await self._change_room(step)

    async def _make_room(self, key: str, people: Sequence[AddMember]) -> Sequence[Trouble | None]:
        site = self._site
        troubles: dict[str, Trouble | None] = {}

        async def create(creation: RoomCreation) -> tuple[str, frozenset[str]]:
            room_id, outcomes = await site.homeserver.create_room_with_members(creation)
            troubles.update(zip(creation.members, map(_trouble, outcomes), strict=True))
            return room_id, frozenset(user for user, trouble in troubles.items() if trouble is None)

        await site.make_room(key, create, members=[action.user for action in people])
        # An adopted room was made without them.
        late = tuple(
            action
            for action in people
            if action.user not in troubles and not site.stands_already(action)
        )
        if late:
            found = await self._change_room(late)
            troubles |= {action.user: trouble for action, trouble in zip(late, found, strict=True)}
        return [troubles.get(action.user) for action in people]

    async def _change_room(self, step: Step) -> Sequence[Trouble | None]:
        """All of the step concerns one room."""
        site = self._site
        items = [self._items(action) for action in step]
        at = now_ms()
        room_id = site.room_id(_room_of(step[0]))
        for action in step:
            if isinstance(action, SetState) and action.type == CANONICAL_ALIAS:
                await site.lead_alias(room_id, action.after)
        together = [item for group in items for item in group]
        outcomes = iter(await site.homeserver.change_room(room_id, together) if together else ())
        troubles: list[Trouble | None] = []
        for action, group in zip(step, items, strict=True):
            trouble = None
            for item in group:
                failure = _trouble(next(outcomes))
                trouble = trouble or failure
                if failure is None:
                    site.journal.note(_fact(room_id, item, at))
            if isinstance(action, ArchiveRoom) and trouble is None:
                # The mark comes last: whatever bears it is finished.
                type_, state_key, content = action.changes[-1]
                await site.put_state(room_id, (type_, state_key), content)
            troubles.append(trouble)
        return troubles

    def _items(self, action: Action) -> Sequence[BatchItem]:
        site = self._site
        server_name = site.desired.server_name
        match action:
            case AddMember(_, user):
                return [Join(user)]
            case ArchiveRoom(_, _, changes):
                return [StateEvent(*change) for change in changes[:-1]]
            case RemoveMember(_, user):
                return [Kick(user)]
            case BanMember(_, user):
                return [Ban(user)]
            case LiftBan(_, user):
                return [Unban(user)]
            case RevokePower(_, _, content) | GrantPower(_, _, content):
                return [StateEvent(*POWER_LEVELS, content)]
            case SetState(_, type_, state_key, _, after):
                return [StateEvent(type_, state_key, after)]
            case Link(_, child):
                content = link_content(site.desired.rooms[child], server_name)
                return [StateEvent(SPACE_CHILD, site.room_id(child), content)]
            case Unlink(_, child_id):
                return [StateEvent(SPACE_CHILD, child_id, {})]
            case SetParent(key):
                state = parent_state(
                    site.desired.rooms[key], site.room_ids.get, server_name=server_name
                )
                return [StateEvent(*place, content) for place, content in state.items()]
            case (
                CreateAccount()
                | UpdateAccount()
                | RestoreAccount()
                | SuspendAccount()
                | DeactivateAccount()
                | CreateRoom()
                | DeleteRoom()
            ):
                raise ValueError(f"{type(action).__name__} is no change of a room")
            case _:
                assert_never(action)


class InOneRoom(ByModule):
    """For changes of one room that stands: all in one batch, in the order given."""

    def arrange(self, actions: Sequence[Action]) -> Mapping[Phase, Sequence[Step]]:
        return {PHASE_OF[type(actions[0])]: _steps(actions)}


def _place(action: Action) -> object:
    """What may share a request with this action: all that has the same place."""
    return action if isinstance(action, AccountAction | DeleteRoom) else _room_of(action)


def _room_of(action: Action) -> str:
    match action:
        case Link(parent) | Unlink(parent):
            return parent
        case (
            CreateAccount()
            | UpdateAccount()
            | RestoreAccount()
            | SuspendAccount()
            | DeactivateAccount()
        ):
            raise ValueError("an account is in no room of its own")
        case _:
            return action.room


def _steps(group: Sequence[Action]) -> Sequence[Step]:
    """A room comes before its people, and a very large batch is cut."""
    ordered = sorted(group, key=lambda action: not isinstance(action, CreateRoom))
    return [tuple(ordered[at : at + LARGEST_BATCH]) for at in range(0, len(ordered), LARGEST_BATCH)]


def _trouble(outcome: Outcome) -> Trouble | None:
    return Trouble(outcome.code, outcome.error) if outcome.outcome == "failed" else None


def _fact(room_id: str, item: BatchItem, at: int) -> MemberChanged | StateSet:
    match item:
        case Join(user):
            return MemberChanged(room_id, user, "join", at)
        case Kick(user) | Unban(user):
            return MemberChanged(room_id, user, "leave", at)
        case Ban(user):
            return MemberChanged(room_id, user, "ban", at)
        case StateEvent(type_, state_key, content):
            return StateSet(room_id, (type_, state_key), content, at)
