"""Judges what happened in a kept room: what of it is drift, and what brings the room back.

The events say what was touched; what is to be done there comes from the difference between the
room as it is by now and as it must be. What nobody touched waits for a plan, whose limits hold: a
mistake in the configuration must not creep in room by room.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
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
from appservice.rooms.desired import POWER_LEVELS, SPACE_CHILD, SPACE_PARENT, DesiredRoom
from appservice.rooms.enforcement.departs import (
    MEMBER,
    REDACTION,
    departs,
    is_called_otherwise,
    membership_in,
    wanted_content,
)
from appservice.rooms.enforcement.drift import Drift, DriftKind, apart
from appservice.rooms.enforcement.fights import Undone, pauses
from appservice.rooms.enforcement.moderation import Decision, decided
from appservice.rooms.kinds.power import in_version
from appservice.rooms.observed import InboundEvent, ObservedRoom
from appservice.rooms.planning.diff import diff_room
from appservice.rooms.planning.plan import sorted_actions
from appservice.rooms.planning.scene import Scene
from appservice.rooms.state import ENCRYPTION, JsonObject, StateKey


@dataclass(frozen=True, slots=True)
class Judgement:
    """What follows from the events of a room.

    `misnamed` are members whose name in the room is to be put right. `redacted` are the ids of
    events that were taken back: were they state, the room has to be read anew. `waiting` are the
    ids of the events that are judged again `after` this time, because the same thing was undone too
    often; all others are done with once the rest is carried out. `bot_is_out`: nothing can be done
    before the bot is back.
    """

    drifts: tuple[Drift, ...] = ()
    actions: tuple[Action, ...] = ()
    misnamed: tuple[str, ...] = ()
    decisions: tuple[Decision, ...] = ()
    redacted: tuple[str, ...] = ()
    waiting: frozenset[str] = frozenset()
    after: timedelta | None = None
    bot_is_out: bool = False


def judge_room(
    scene: Scene,
    observed: ObservedRoom,
    events: Sequence[InboundEvent],
    *,
    now: datetime,
    undone: Iterable[Undone] = (),
) -> Judgement:
    """`events` are those of this room that nobody has judged yet, in their order, the bot's left
    out; `observed` is the room as it is by now, `undone` what was undone in it lately.

    Without events: a look at what measures ask for (levels, bans).
    """
    if scene.desired.holds_room(observed.key):
        return Judgement()
    case = _Case(scene, observed, scene.desired.rooms.get(observed.key))
    case.take(events, pauses(undone, now))
    return case.judgement()


def place_of(scene: Scene, action: Action) -> StateKey:
    """What an action in a room changes."""
    match action:
        case RemoveMember(_, user) | BanMember(_, user) | LiftBan(_, user) | AddMember(_, user):
            return MEMBER, user
        case RevokePower() | GrantPower():
            return POWER_LEVELS
        case SetState(_, event_type, state_key, _, _):
            return event_type, state_key
        case Unlink(_, child_id):
            return SPACE_CHILD, child_id
        case Link(_, child, _, _):
            return SPACE_CHILD, scene.room_ids.get(child, "")
        case (
            CreateAccount()
            | UpdateAccount()
            | RestoreAccount()
            | SuspendAccount()
            | DeactivateAccount()
            | ArchiveRoom()
            | DeleteRoom()
            | CreateRoom()
            | SetParent()
        ):
            return "", ""  # never because somebody changed something
        case _:
            assert_never(action)


@dataclass
class _Case:
    scene: Scene
    observed: ObservedRoom
    room: DesiredRoom | None
    touched: dict[StateKey, list[InboundEvent]] = field(default_factory=dict)
    decisions: dict[str, Decision] = field(default_factory=dict)  # by user
    redacted: list[str] = field(default_factory=list)
    waiting: dict[str, timedelta] = field(default_factory=dict)  # by event id
    put_off: frozenset[StateKey] = frozenset()
    slowed: frozenset[StateKey] = frozenset()

    def take(self, events: Sequence[InboundEvent], pauses: Mapping[StateKey, timedelta]) -> None:
        self.put_off = frozenset(place for place, wait in pauses.items() if wait)
        self.slowed = frozenset(pauses)
        for event in events:
            place = (event.type, event.state_key)
            if event.type == REDACTION:
                self.redacted.append(event.state_key)
            elif not departs(self.scene, event):
                continue
            elif place in self.put_off:
                self.waiting[event.event_id] = pauses[place]
            else:
                self.touched.setdefault(place, []).append(event)
        for (kind, user), found in self.touched.items():
            if kind == MEMBER and self.room is not None:
                now = self.observed.members.get(user, "")
                if (decision := decided(self.room, found[-1], now)) is not None:
                    self.decisions[user] = decision

    def judgement(self) -> Judgement:
        bot = self.scene.desired.bot
        return Judgement(
            drifts=tuple(self._drifts()),
            actions=sorted_actions(self._actions()),
            misnamed=tuple(sorted(self._misnamed())),
            decisions=tuple(self.decisions.values()),
            redacted=tuple(dict.fromkeys(self.redacted)),
            waiting=frozenset(self.waiting),
            after=min(self.waiting.values(), default=None),
            bot_is_out=(MEMBER, bot) in self.touched,
        )

    def _actions(self) -> Iterator[Action]:
        lifted = set()
        for user in self._wrongly_banned():
            lifted.add(user)
            yield LiftBan(self.observed.key, user)
            yield AddMember(self.observed.key, user)
        for action in diff_room(self.scene, self.observed).actions:
            place = place_of(self.scene, action)
            if place in self.put_off or (place[0] == MEMBER and place[1] in self.decisions):
                continue
            if place in self.touched or self._is_measured(place):
                yield action

    def _wrongly_banned(self) -> Iterator[str]:
        """A plan would leave a ban to people; here it is known who gave it, and how."""
        if self.room is None:
            return
        for kind, user in self.touched:
            if (
                kind == MEMBER
                and user in self.room.members
                and user not in self.decisions
                and user not in self.room.pardoned
                and self.observed.members.get(user) == "ban"
            ):
                yield user

    def _is_measured(self, place: StateKey) -> bool:
        """Whether a measure may have changed what must be true here, without an event."""
        if place == POWER_LEVELS:
            return True
        if place[0] != MEMBER or self.room is None:
            return False
        return place[1] in self.room.banned or place[1] in self.room.pardoned

    def _misnamed(self) -> Iterator[str]:
        for (kind, user), found in self.touched.items():
            if (
                kind == MEMBER
                and self.room is not None
                and user in self.room.members
                and membership_in(found[-1].content) == "join"
                and self.observed.members.get(user) == "join"
                and is_called_otherwise(self.scene.desired, user, found[-1].content)
            ):
                yield user

    def _drifts(self) -> Iterator[Drift]:
        for place, found in self.touched.items():
            kind, user = place
            if kind == MEMBER and user in self.decisions:
                continue
            by_person: dict[str, list[InboundEvent]] = {}
            for event in found:
                by_person.setdefault(event.sender, []).append(event)
            for events in by_person.values():
                drift = self._drift(place, events[-1])
                yield replace(drift, times=len(events), slowed=place in self.slowed)

    def _drift(self, place: StateKey, event: InboundEvent) -> Drift:
        before, after = self._wanted(place, event), event.content
        if place[0] == MEMBER:
            after = {key: after[key] for key in ("membership", "displayname") if key in after}
        before, after = apart(before, after)
        return Drift(
            room=self.observed.key,
            who=event.sender,
            kind=self._kind(place, event),
            type=event.type,
            state_key=event.state_key,
            before=before,
            after=after,
            event_id=event.event_id,
            at=datetime.fromtimestamp(min(max(event.timestamp, 0), _LATEST_MS) / 1000, UTC),
        )

    def _kind(self, place: StateKey, event: InboundEvent) -> DriftKind:
        kind, user = place
        if place == POWER_LEVELS:
            return DriftKind.LEVELS
        if kind in (SPACE_CHILD, SPACE_PARENT):
            return DriftKind.LINK
        if kind == ENCRYPTION:
            return DriftKind.ENCRYPTION
        if kind != MEMBER:
            return DriftKind.STATE
        if user == self.scene.desired.bot:
            return DriftKind.BOT
        if self.room is None or user not in self.room.members:
            return DriftKind.STRANGER
        return DriftKind.NAME if membership_in(event.content) == "join" else DriftKind.OUT

    def _wanted(self, place: StateKey, event: InboundEvent) -> JsonObject:
        kind, user = place
        desired = self.scene.desired
        if kind == MEMBER:
            if user == desired.bot:
                return {"membership": "join"}
            if self.room is None or user not in self.room.members:
                banned = self.room is not None and user in self.room.banned
                return {"membership": "ban" if banned else "leave"}
            account = desired.accounts.get(user)
            name = account.display_name if account else ""
            return {"membership": "join"} | ({"displayname": name} if name else {})
        if self.room is None:
            return {}
        wanted = wanted_content(self.scene, self.room, place)
        if place == POWER_LEVELS:
            return in_version(wanted, version=self.observed.version, bot=desired.bot)
        return wanted


_LATEST_MS = 1 << 46
