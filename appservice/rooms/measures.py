"""What people in charge decided beyond the roster: mutes, bans and locked rooms, laid over what the
roster gives. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from appservice.rooms.desired import POWER_LEVELS, Desired, DesiredRoom
from appservice.rooms.kinds.power import MESSAGE_TYPES, integers, scalar
from appservice.rooms.state import JsonObject

MUTED: Final = -1
"""The level of a muted member: below what anything needs."""

LOCKED: Final = 25
"""What it needs to write in a locked room: the level of teachers in a class (docs/rooms.md)."""


class MeasureKind(StrEnum):
    MUTE = "mute"  # may read, may not write or react
    BAN = "ban"  # is out of the room and stays out
    LOCK = "lock"  # of a room: only staff write
    SUSPEND = "suspend"  # of an account: may sign in and read, nothing else; `room` is ""


@dataclass(frozen=True, slots=True)
class Measure:
    """One decision. `room` is a room key, "" for every room of the school; `user_id` is "" where
    the decision concerns the room itself. `until` None: until somebody lifts it.
    """

    number: int
    kind: MeasureKind
    school_id: str
    room: str
    user_id: str
    given_by: str  # user id
    began_at: datetime
    until: datetime | None = None
    lifted_at: datetime | None = None
    reason: str = ""

    def in_force(self, now: datetime) -> bool:
        return self.lifted_at is None and (self.until is None or now < self.until)


def with_measures(desired: Desired, measures: Iterable[Measure], *, now: datetime) -> Desired:
    """What must be true with these decisions; those no longer in force pardon whom they banned.

    A measure against the bot, or in a room that is not desired, changes nothing.
    """
    by_room: dict[str, list[Measure]] = {}
    everywhere: dict[str, list[Measure]] = {}
    for measure in measures:
        if measure.user_id == desired.bot:
            continue
        if measure.room:
            by_room.setdefault(measure.room, []).append(measure)
        else:
            everywhere.setdefault(measure.school_id, []).append(measure)
    if not by_room and not everywhere:
        return desired
    rooms = {
        key: _measured(room, [*everywhere.get(room.school_id, ()), *by_room.get(key, ())], now)
        for key, room in desired.rooms.items()
    }
    suspended = frozenset(
        measure.user_id
        for given in everywhere.values()
        for measure in given
        if measure.kind is MeasureKind.SUSPEND and measure.in_force(now)
    )
    return replace(desired, rooms=rooms, suspended=suspended)


def _measured(room: DesiredRoom, measures: Iterable[Measure], now: datetime) -> DesiredRoom:
    muted: set[str] = set()
    banned: set[str] = set()
    pardoned: set[str] = set()
    locked = False
    for measure in measures:
        if not measure.in_force(now):
            if measure.kind is MeasureKind.BAN:
                pardoned.add(measure.user_id)
            continue
        match measure.kind:
            case MeasureKind.MUTE:
                muted.add(measure.user_id)
            case MeasureKind.BAN:
                banned.add(measure.user_id)
            case MeasureKind.LOCK:
                locked = True
            case MeasureKind.SUSPEND:
                pass  # of the account, not of the room
    muted &= room.members.keys()
    if not (muted or banned or pardoned or locked):
        return room
    members = {
        user: MUTED if user in muted else level
        for user, level in room.members.items()
        if user not in banned
    }
    levels = _levels(room.state[POWER_LEVELS], members, muted, banned, locked=locked)
    return replace(
        room,
        members=members,
        state={**room.state, POWER_LEVELS: levels},
        banned=frozenset(banned),
        pardoned=frozenset(pardoned - banned),
    )


def _levels(
    before: JsonObject,
    members: Mapping[str, int],
    muted: Iterable[str],
    banned: Iterable[str],
    *,
    locked: bool,
) -> JsonObject:
    users = integers(before.get("users"))
    for user in banned:
        users.pop(user, None)
    users |= {user: members[user] for user in muted}
    content: dict[str, object] = {**before, "users": users}
    if locked:
        content["events_default"] = max(LOCKED, scalar(before, "events_default"))
        content["events"] = {
            kind: max(LOCKED, level) if kind in MESSAGE_TYPES else level
            for kind, level in integers(before.get("events")).items()
        }
    return content
