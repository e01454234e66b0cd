"""A plan carried out through the client and admin APIs: one request an action."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, assert_never

from appservice.matrix.values import RoomCreation
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
from appservice.rooms.desired import (
    POWER_LEVELS,
    SPACE_CHILD,
    DesiredRoom,
    link_content,
    parent_state,
)
from appservice.upkeep.site import CANONICAL_ALIAS, Site, Trouble

AT_ONCE: Final = 16  # more gains nothing: Synapse works on one core


class ByApi:
    """Every step is one action."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def at_once(self, phase: Phase) -> int:
        return AT_ONCE

    def arrange(self, actions: Sequence[Action]) -> Mapping[Phase, Sequence[tuple[Action, ...]]]:
        """In each phase rooms by depth, and all that goes into one room spread over the whole."""
        phases: dict[Phase, list[Action]] = {}
        for action in actions:
            phases.setdefault(PHASE_OF[type(action)], []).append(action)
        rooms = self._site.desired.rooms
        return {
            phase: [(action,) for action in spread(by_depth(found, rooms))]
            for phase, found in phases.items()
        }

    async def carry_out(self, step: Sequence[Action]) -> Sequence[Trouble | None]:
        for action in step:
            await carry_out_one(self._site, action)
        return [None] * len(step)


async def carry_out_one(site: Site, action: Action) -> None:
    """One action, and a note of it. Raises Temporary or Permanent."""
    server_name = site.desired.server_name
    match action:
        case (
            CreateAccount()
            | UpdateAccount()
            | RestoreAccount()
            | SuspendAccount()
            | DeactivateAccount()
        ):
            await site.put_account(action)
        case CreateRoom(key):
            await site.make_room(key, lambda creation: _create(site, creation))
        case ArchiveRoom(key, _year, changes):
            for type_, state_key, content in changes:
                await site.put_state(site.room_id(key), (type_, state_key), content)
        case DeleteRoom(_key, room_id):
            await site.delete_room(room_id)
        case RemoveMember(key, user):
            await site.kick(site.room_id(key), user)
        case BanMember(key, user):
            await site.ban(site.room_id(key), user)
        case LiftBan(key, user):
            await site.lift_ban(site.room_id(key), user)
        case AddMember(key, user):
            await site.join(site.room_id(key), user)
        case RevokePower(key, _, content) | GrantPower(key, _, content):
            await site.put_state(site.room_id(key), POWER_LEVELS, content)
        case SetState(key, type_, state_key, _, after):
            if type_ == CANONICAL_ALIAS:
                await site.lead_alias(site.room_id(key), after)
            await site.put_state(site.room_id(key), (type_, state_key), after)
        case Link(parent, child):
            content = link_content(site.desired.rooms[child], server_name)
            await site.put_state(site.room_id(parent), (SPACE_CHILD, site.room_id(child)), content)
        case Unlink(parent, child_id):
            await site.put_state(site.room_id(parent), (SPACE_CHILD, child_id), {})
        case SetParent(key):
            room = site.desired.rooms[key]
            state = parent_state(room, site.room_ids.get, server_name=server_name)
            for place, content in state.items():
                await site.put_state(site.room_id(key), place, content)
        case _:
            assert_never(action)


async def _create(site: Site, creation: RoomCreation) -> tuple[str, frozenset[str]]:
    return await site.homeserver.create_room(creation), frozenset()


def by_depth(actions: Sequence[Action], rooms: Mapping[str, DesiredRoom]) -> Sequence[Action]:
    """Rooms to be made come first, the highest of them before all: whoever waits for a parent waits
    for somebody who has begun.
    """

    def depth(action: Action) -> tuple[bool, int]:
        match action:
            case CreateRoom(key):
                steps = 0
                while key := rooms[key].parent:
                    steps += 1
                return False, steps
            case _:
                return True, 0

    return sorted(actions, key=depth)


def spread(actions: Sequence[Action]) -> Sequence[Action]:
    """Members in such an order that each room's work lies evenly over the whole.

    Two changes of one room's members wait for each other inside the homeserver; of two rooms, they
    do not.
    """
    members = [action for action in actions if isinstance(action, AddMember | RemoveMember)]
    if not members:
        return actions
    in_all: dict[str, int] = {}
    for action in members:
        in_all[action.room] = in_all.get(action.room, 0) + 1
    so_far = dict.fromkeys(in_all, 0)
    places: list[tuple[float, int]] = []
    for index, action in enumerate(members):
        places.append(((so_far[action.room] + 0.5) / in_all[action.room], index))
        so_far[action.room] += 1
    rest = [action for action in actions if not isinstance(action, AddMember | RemoveMember)]
    return [*(members[index] for _place, index in sorted(places)), *rest]
