"""What everybody who carries a plan out works on, and the single requests that both ways have in
common.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple, assert_never

from appservice.accounts.backend import AccountBackend
from appservice.errors import Permanent
from appservice.language import _
from appservice.matrix.homeserver import AliasTaken, Homeserver
from appservice.matrix.values import RoomCreation, StateEvent
from appservice.rooms.actions import (
    Action,
    AddMember,
    CreateAccount,
    DeactivateAccount,
    Link,
    RestoreAccount,
    SuspendAccount,
    UpdateAccount,
)
from appservice.rooms.desired import (
    POWER_LEVELS,
    SPACE_CHILD,
    Desired,
    DesiredRoom,
    initial_state,
    link_content,
)
from appservice.rooms.observed import ObservedRoom
from appservice.rooms.state import JsonObject, StateKey
from appservice.upkeep.adopt import adopt
from appservice.upkeep.journal import (
    AccountKept,
    AccountStands,
    Journal,
    MemberChanged,
    RoomGone,
    RoomMade,
    StateSet,
)
from appservice.year.leavers import AccountStanding

CANONICAL_ALIAS: Final = "m.room.canonical_alias"

AccountAction = CreateAccount | UpdateAccount | RestoreAccount | SuspendAccount | DeactivateAccount


class Trouble(NamedTuple):
    """Why one action failed: the homeserver's errcode or ours, and words for a person."""

    code: str
    text: str


@dataclass
class Site:
    """`room_ids` (key → room id) and `adopted` (rooms found instead of made, by key) grow as the
    work goes on.
    """

    desired: Desired
    homeserver: Homeserver
    backend: AccountBackend
    journal: Journal
    room_ids: dict[str, str]
    adopted: dict[str, ObservedRoom] = field(default_factory=dict)

    def room_id(self, key: str) -> str:
        room_id = self.room_ids.get(key)
        if room_id is None:
            raise Permanent(
                _(
                    "The room {room} is not there. Run `school-spaces audit`, then apply again."
                ).format(room=key),
                code="room_lost",
            )
        return room_id

    def state(self, key: str) -> dict[StateKey, JsonObject]:
        """The whole state that a room is made with."""
        room = self.desired.rooms[key]
        return initial_state(room, self.room_ids.get, server_name=self.desired.server_name)

    async def put_account(self, action: AccountAction) -> None:
        accounts, backend = self.desired.accounts, self.backend
        match action:
            case CreateAccount(user):
                self.journal.note(AccountKept(await backend.create(accounts[user])))
            case UpdateAccount(user, changed):
                self.journal.note(AccountKept(await backend.update(accounts[user], changed)))
            case RestoreAccount(user):
                self.journal.note(AccountKept(await backend.restore(accounts[user])))
            case SuspendAccount(user):
                self._note_standing(user, await backend.suspend(user))
            case DeactivateAccount(user):
                self._note_standing(user, await backend.deactivate(user))
            case _:
                assert_never(action)

    def _note_standing(self, user: str, standing: AccountStanding) -> None:
        leavers = self.desired.leavers
        assert leavers is not None  # nobody else's account is taken away
        self.journal.note(AccountStands(user, standing, leavers.today))

    async def make_room(
        self,
        key: str,
        create: Callable[[RoomCreation], Awaitable[tuple[str, frozenset[str]]]],
        *,
        members: Sequence[str] = (),
    ) -> None:
        """Make the room through `create` (the room id and who is in it at once), or adopt the one
        that is there.
        """
        room = self.desired.rooms[key]
        state = self.state(key)
        for _try in range(2):
            at = now_ms()
            try:
                room_id, joined = await create(_creation(room, state, members))
            except AliasTaken as taken:
                found = await adopt(self.homeserver, room, taken.room_id, bot=self.desired.bot)
                if found is None:
                    continue
                await self._adopt(found, state, at)
                return
            else:
                present = dict.fromkeys(joined, "join")
                made = ObservedRoom(key, room_id, room.version, state, present)
                self.room_ids[key] = room_id
                self.journal.note(RoomMade(made, at))
                return
        raise Permanent(
            _("The alias {alias} is broken and comes back. Look into Synapse's log.").format(
                alias=room.alias
            ),
            code="alias_broken",
        )

    async def _adopt(
        self, found: ObservedRoom, wanted: Mapping[StateKey, JsonObject], at: int
    ) -> None:
        """Record the room whole and bring its state in line.

        Its children and members follow as those of a new room do. What it has too many of them
        waits for the next plan, where a person may judge it.
        """
        self.room_ids[found.key] = found.room_id
        self.adopted[found.key] = found
        self.journal.note(RoomMade(found, at))
        room = self.desired.rooms[found.key]
        for key in sorted(wanted.keys() | found.state.keys()):
            content = wanted.get(key, {})
            if (room.is_free(key) and key in found.state) or key[0] == SPACE_CHILD:
                continue
            if content != found.state.get(key, {}):
                await self.put_state(found.room_id, key, content)

    def stands_already(self, action: Action) -> bool:
        """Whether an adopted room needs this action no more."""
        match action:
            case AddMember(key, user) if key in self.adopted:
                return self.adopted[key].members.get(user) == "join"
            case Link(parent, child) if parent in self.adopted:
                wanted = link_content(self.desired.rooms[child], self.desired.server_name)
                place = (SPACE_CHILD, self.room_ids.get(child, ""))
                return self.adopted[parent].state.get(place) == wanted
            case _:
                return False

    async def delete_room(self, room_id: str) -> None:
        await self.homeserver.delete_room(room_id)
        self.journal.note(RoomGone(room_id))

    async def put_state(self, room_id: str, key: StateKey, content: JsonObject) -> None:
        at = now_ms()
        await self.homeserver.put_state(room_id, StateEvent(*key, content))
        self.journal.note(StateSet(room_id, key, content, at))

    async def lead_alias(self, room_id: str, canonical_alias: JsonObject) -> None:
        """See that the alias leads to the room: the homeserver refuses m.room.canonical_alias
        otherwise.
        """
        alias = canonical_alias.get("alias")
        if not isinstance(alias, str):
            return
        leads_to = await self.homeserver.resolve_alias(alias)
        if leads_to is None:
            await self.homeserver.set_alias(alias, room_id)
        elif leads_to != room_id:
            raise Permanent(
                _("The alias {alias} leads to another room, {room}. Take it from there.").format(
                    alias=alias, room=leads_to
                ),
                code="alias_of_another_room",
            )

    async def join(self, room_id: str, user: str) -> None:
        at = now_ms()
        await self.homeserver.join_user(room_id, user)
        self.journal.note(MemberChanged(room_id, user, "join", at))

    async def kick(self, room_id: str, user: str) -> None:
        at = now_ms()
        await self.homeserver.kick(room_id, user)
        self.journal.note(MemberChanged(room_id, user, "leave", at))

    async def ban(self, room_id: str, user: str) -> None:
        at = now_ms()
        await self.homeserver.ban(room_id, user)
        self.journal.note(MemberChanged(room_id, user, "ban", at))

    async def lift_ban(self, room_id: str, user: str) -> None:
        at = now_ms()
        await self.homeserver.unban(room_id, user)
        self.journal.note(MemberChanged(room_id, user, "leave", at))


def now_ms() -> int:
    return time.time_ns() // 1_000_000


def _creation(
    room: DesiredRoom, state: Mapping[StateKey, JsonObject], members: Sequence[str]
) -> RoomCreation:
    return RoomCreation(
        version=room.version,
        alias=room.alias,
        space=room.space,
        federate=room.federate,
        power_levels=state[POWER_LEVELS],
        state=tuple(
            StateEvent(*key, content) for key, content in state.items() if key != POWER_LEVELS
        ),
        members=tuple(members),
    )
