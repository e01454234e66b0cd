"""Makes a plan while the outlines of the kept rooms stream by: only a room that differs is ever
looked at in full.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from hashlib import blake2b

from appservice.language import _
from appservice.rooms.actions import (
    Action,
    AddMember,
    CreateAccount,
    CreateRoom,
    Link,
    RestoreAccount,
    SetParent,
    UpdateAccount,
)
from appservice.rooms.desired import Desired, DesiredRoom
from appservice.rooms.identity import key_parts
from appservice.rooms.observed import ObservedAccount, ObservedRoom, RoomOutline
from appservice.rooms.planning.accounts import (
    diff_accounts,
    leaver_notes,
    wanted_external_ids,
)
from appservice.rooms.planning.diff import diff_room, is_as_desired, outline_of
from appservice.rooms.planning.plan import Plan, Totals, sorted_actions
from appservice.rooms.planning.safety import Facts, SafetySettings, holds_for
from appservice.rooms.planning.scene import Scene
from appservice.rooms.state import canonical


class PlanMaker:
    """Give it every outline (`take`), then in full those it asked for (`take_room`), then let it
    `finish`.

    In between nothing may be written: `room_ids`, `accounts` and the outlines are to be of one
    snapshot.
    """

    def __init__(
        self,
        desired: Desired,
        *,
        room_ids: Mapping[str, str],
        accounts: Mapping[str, ObservedAccount],
        managed: Collection[str] = (),
    ) -> None:
        """`room_ids` by key of every kept room; `managed` are accounts of ours beyond `accounts`
        and the desired ones.
        """
        ours = {*accounts, *managed, *desired.accounts}
        for room in desired.rooms.values():
            ours.update(room.members)
        self._desired = desired
        self._accounts = accounts
        self._scene = Scene.of(desired, room_ids, ours)
        self._seen: set[str] = set()
        self._awaited: set[str] = set()
        self._actions: list[Action] = []
        self._notes: list[str] = []
        self._retired: list[str] = []
        self._archived = 0
        self._leaderless: list[str] = []
        self._adminless: set[str] = set()
        self._rooms_of: dict[str, int] = {}
        self._memberships_of: dict[str, int] = {}

    def take(self, outline: RoomOutline) -> bool:
        """Note a kept room; True when it must be given in full to `take_room`."""
        self._seen.add(outline.key)
        room = self._desired.rooms.get(outline.key)
        school_id = room.school_id if room else key_parts(outline.key).school_id
        standing = outline.archived is None
        self._archived += not standing
        self._rooms_of[school_id] = self._rooms_of.get(school_id, 0) + standing
        joined = len(outline.joined)
        self._memberships_of[school_id] = self._memberships_of.get(school_id, 0) + joined
        if is_as_desired(self._scene, outline):
            return False
        self._awaited.add(outline.key)
        return True

    def take_room(self, room: ObservedRoom) -> None:
        """Work out what is to be done in a room whose outline differs."""
        self._awaited.discard(room.key)
        diff = diff_room(self._scene, room)
        self._actions += diff.actions
        self._notes += diff.notes
        desired = self._desired.rooms.get(room.key)
        if desired is None:
            if diff.ends_now:
                self._retired.append(room.key)
            return
        if diff.leaderless:
            self._leaderless.append(room.key)
        if diff.adminless:
            self._adminless.add(desired.school_id)

    def finish(
        self,
        totals: Totals,
        settings: SafetySettings,
        *,
        first_run: bool | None = None,
        notes: Iterable[str] = (),
    ) -> Plan:
        """The plan.

        `first_run` None: it is one when `totals` knows no accounts and no rooms; say True while the
        first apply has not come to its end, so that going on after a crash is not held. `notes` are
        the caller's own. ValueError when a room that was asked for is missing.
        """
        if self._awaited:
            raise ValueError(f"rooms asked for but not given: {sorted(self._awaited)[:3]}")
        desired = self._desired
        self._actions += diff_accounts(desired, self._accounts)
        for room in desired.rooms.values():
            if room.key not in self._seen and not desired.holds_room(room.key):
                self._actions += self._new_room(room)
        actions = sorted_actions(self._actions, depths=_depths(desired))
        facts = Facts(
            totals=totals,
            schools={
                school: Totals(rooms=rooms, memberships=self._memberships_of[school])
                for school, rooms in sorted(self._rooms_of.items())
            },
            retired=tuple(sorted(self._retired)),
            archived=self._archived,
            leaderless=tuple(sorted(self._leaderless)),
            adminless=tuple(sorted(self._adminless)),
            first_run=_nothing_yet(totals) if first_run is None else first_run,
        )
        return Plan(
            actions=actions,
            totals=totals,
            holds=holds_for(actions, desired, facts, settings),
            notes=(
                *notes,
                *sorted(self._notes),
                *_school_notes(desired),
                *leaver_notes(desired, self._accounts),
            ),
            contents=contents_digest(actions, desired, self._accounts),
        )

    def _new_room(self, room: DesiredRoom) -> Iterator[Action]:
        holds = self._desired.holds_room
        yield CreateRoom(room.key, room.kind, room.name)
        if room.parent and not holds(room.parent):
            yield Link(room.parent, room.key, room.order, room.suggested)
        for user in room.members:
            if user not in self._desired.suspended:
                yield AddMember(room.key, user)
        for child in self._scene.children.get(room.key, ()):
            if child.key in self._seen and not holds(child.key):
                yield Link(room.key, child.key, child.order, child.suggested)
                yield SetParent(child.key, room.key)


def make_plan(
    desired: Desired,
    rooms: Iterable[ObservedRoom],
    accounts: Mapping[str, ObservedAccount],
    *,
    settings: SafetySettings | None = None,
    first_run: bool | None = None,
    managed: Collection[str] = (),
) -> Plan:
    """The plan from rooms known in full, for those who have them in memory."""
    kept = list(rooms)
    maker = PlanMaker(
        desired,
        room_ids={room.key: room.room_id for room in kept},
        accounts=accounts,
        managed=managed,
    )
    for room in kept:
        if maker.take(outline_of(room)):
            maker.take_room(room)
    return maker.finish(
        totals_of(kept, len(accounts)), settings or SafetySettings(), first_run=first_run
    )


def totals_of(rooms: Iterable[ObservedRoom], accounts: int) -> Totals:
    """How much there is, counted over rooms known in full."""
    totals = Totals(accounts=accounts)
    for room in rooms:
        totals = replace(
            totals,
            rooms=totals.rooms + (outline_of(room).archived is None),
            memberships=totals.memberships + list(room.members.values()).count("join"),
            links=totals.links
            + sum(
                1 for key, content in room.state.items() if key[0] == "m.space.child" and content
            ),
        )
    return totals


def contents_digest(
    actions: Iterable[Action], desired: Desired, accounts: Mapping[str, ObservedAccount]
) -> bytes:
    """What stands behind the actions that only name a room to be made or an account."""
    whole = blake2b(digest_size=16)
    for action in actions:
        match action:
            case CreateRoom():
                whole.update(_room_contents(desired.rooms[action.room]))
            case CreateAccount() | UpdateAccount() | RestoreAccount():
                account = desired.accounts[action.user]
                ids = wanted_external_ids(account, accounts.get(action.user), desired)
                whole.update(canonical([account.user_id, account.display_name, *map(list, ids)]))
            case _:
                pass
    return whole.digest()


def _room_contents(room: DesiredRoom) -> bytes:
    state = [[*key, content] for key, content in sorted(room.state.items(), key=lambda e: e[0])]
    return canonical(
        [
            room.key,
            room.alias,
            room.version,
            room.space,
            room.federate,
            room.parent,
            room.open_to_parent,
            *state,
        ]
    )


def _depths(desired: Desired) -> dict[str, int]:
    depths: dict[str, int] = {}
    for room in desired.rooms.values():
        depths[room.key] = depths.get(room.parent, -1) + 1
    return depths


def _nothing_yet(totals: Totals) -> bool:
    return not totals.accounts and not totals.rooms


def _school_notes(desired: Desired) -> Iterator[str]:
    if not desired.held_ids:
        for school_id, admins in sorted(desired.admins.items()):
            if not admins:
                yield _("School {school} has no administrator.").format(school=school_id)
