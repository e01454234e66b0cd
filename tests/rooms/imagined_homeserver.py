"""A homeserver thought out: what each action means for the observed state. Pure, no stand-in for a
real one; it shows that the plans' own arithmetic comes out even.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import assert_never

from appservice.rooms.actions import (
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
    Desired,
    initial_state,
    link_content,
    parent_state,
)
from appservice.rooms.kinds.power import creator_rules, integers
from appservice.rooms.observed import ObservedAccount, ObservedRoom
from appservice.rooms.planning.accounts import wanted_external_ids
from appservice.rooms.planning.maker import make_plan
from appservice.rooms.planning.plan import Plan
from appservice.rooms.state import JsonObject, StateKey
from appservice.year.leavers import AccountStanding, Past


@dataclass
class ImaginedRoom:
    room_id: str
    version: str
    state: dict[StateKey, JsonObject]
    members: dict[str, str] = field(default_factory=dict)


@dataclass
class ImaginedHomeserver:
    rooms: dict[str, ImaginedRoom] = field(default_factory=dict)
    accounts: dict[str, ObservedAccount] = field(default_factory=dict)
    made: int = 0

    def observed(self) -> list[ObservedRoom]:
        return [
            ObservedRoom(key, room.room_id, room.version, dict(room.state), dict(room.members))
            for key, room in self.rooms.items()
        ]

    def plan(self, desired: Desired) -> Plan:
        return make_plan(desired, self.observed(), dict(self.accounts))

    def apply(self, desired: Desired, plan: Plan | None = None) -> Plan:
        """Carry a plan out, refusing what a homeserver would refuse."""
        plan = self.plan(desired) if plan is None else plan
        for action in plan.actions:
            self._do(desired, action)
        return plan

    def room_id(self, key: str) -> str | None:
        room = self.rooms.get(key)
        return room.room_id if room else None

    def _do(self, desired: Desired, action: Action) -> None:
        match action:
            case RemoveMember(key, user):
                assert self.rooms[key].members.pop(user) in ("join", "invite", "knock")
            case RevokePower(key, _moves, content) | GrantPower(key, _moves, content):
                self._set_levels(desired, self.rooms[key], content)
            case Unlink(parent, child):
                del self.rooms[parent].state[SPACE_CHILD, child]
            case CreateAccount(user):
                assert user not in self.accounts
                account = desired.accounts[user]
                self.accounts[user] = ObservedAccount(
                    user, account.display_name, account.external_ids
                )
            case UpdateAccount(user, changed):
                self._update(desired, user, changed)
            case RestoreAccount(user, standing):
                assert self.accounts[user].standing == standing != "active"
                self._update(desired, user, ("display_name", "external_ids"))
                self.accounts[user] = self.accounts[user]._replace(
                    standing=AccountStanding.ACTIVE, past=Past()
                )
            case SuspendAccount(user):
                assert desired.leavers is not None
                past = self.accounts[user].past._replace(left_on=desired.leavers.today)
                self.accounts[user] = self.accounts[user]._replace(
                    standing=AccountStanding.SUSPENDED, past=past
                )
            case DeactivateAccount(user):
                assert self.accounts[user].standing is AccountStanding.SUSPENDED
                self.accounts[user] = self.accounts[user]._replace(
                    standing=AccountStanding.DEACTIVATED
                )
            case CreateRoom(key, _kind, _name):
                self._create(desired, key)
            case ArchiveRoom(key, _year, changes):
                for event_type, state_key, content in changes:
                    if content:
                        self.rooms[key].state[event_type, state_key] = content
                    else:
                        del self.rooms[key].state[event_type, state_key]
            case DeleteRoom(key, room_id):
                assert self.rooms.pop(key).room_id == room_id
            case SetState(key, event_type, state_key, before, after):
                state = self.rooms[key].state
                assert state.get((event_type, state_key), {}) == before
                if after:
                    state[event_type, state_key] = after
                else:
                    del state[event_type, state_key]
            case Link(parent, child, order, suggested):
                content = link_content(desired.rooms[child], desired.server_name)
                assert (content["order"], content["suggested"]) == (order, suggested)
                self.rooms[parent].state[SPACE_CHILD, self.rooms[child].room_id] = content
            case SetParent(key, parent):
                assert parent in self.rooms
                self.rooms[key].state.update(
                    parent_state(desired.rooms[key], self.room_id, server_name=desired.server_name)
                )
            case BanMember(key, user):
                assert self.rooms[key].members.get(user) != "ban"
                self.rooms[key].members[user] = "ban"
            case LiftBan(key, user):
                assert self.rooms[key].members.pop(user) == "ban"
            case AddMember(key, user):
                members = self.rooms[key].members
                assert members.get(user) not in ("join", "ban")
                assert self.accounts[user].active
                members[user] = "join"
            case _:
                assert_never(action)

    def _create(self, desired: Desired, key: str) -> None:
        room = desired.rooms[key]
        assert key not in self.rooms
        assert not room.parent or room.parent in self.rooms or desired.holds_room(room.parent)
        self.made += 1
        made = ImaginedRoom(
            room_id=f"!made{self.made}",
            version=room.version,
            state=initial_state(room, self.room_id, server_name=desired.server_name),
        )
        self._set_levels(desired, made, made.state[POWER_LEVELS])
        self.rooms[key] = made

    def _set_levels(self, desired: Desired, room: ImaginedRoom, content: JsonObject) -> None:
        users = integers(content["users"])
        if creator_rules(room.version):
            assert desired.bot not in users
        else:
            assert users[desired.bot] == 100
        room.state[POWER_LEVELS] = content

    def _update(self, desired: Desired, user: str, changed: tuple[str, ...]) -> None:
        known, account = self.accounts[user], desired.accounts[user]
        assert changed
        if "display_name" in changed:
            known = known._replace(display_name=account.display_name)
        if "external_ids" in changed:
            known = known._replace(external_ids=wanted_external_ids(account, known, desired))
        self.accounts[user] = known
