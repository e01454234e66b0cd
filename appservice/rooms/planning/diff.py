"""What has to be done in one room, so that it is as it must be. Pure; knows nothing of the order of
a plan.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from appservice.rooms.actions import (
    Action,
    AddMember,
    BanMember,
    LiftBan,
    Link,
    RemoveMember,
    SetState,
    Unlink,
)
from appservice.rooms.desired import (
    POWER_LEVELS,
    SPACE_CHILD,
    DesiredRoom,
    whole_state,
)
from appservice.rooms.kinds.power import (
    in_version,
    integers,
    split_power,
    user_level,
    with_levels_kept,
)
from appservice.rooms.observed import ObservedRoom, RoomOutline
from appservice.rooms.planning.ended import diff_ended, ended_as_desired
from appservice.rooms.planning.notes import ban_notes, stranger_notes
from appservice.rooms.planning.scene import PRESENT, Scene
from appservice.rooms.state import GOVERNED, ROOM_KEY, JsonObject, StateKey, state_digest
from appservice.year.archive import archived_in


class RoomDiff(NamedTuple):
    """The work in one room.

    `leaderless`: it takes away the teacher of the room and gives none; `adminless`: the last
    administrator of the school. `ends_now`: the room is no longer desired, and was until now.
    """

    actions: tuple[Action, ...]
    notes: tuple[str, ...] = ()
    leaderless: bool = False
    adminless: bool = False
    ends_now: bool = False


NO_WORK = RoomDiff(())


def outline_of(room: ObservedRoom) -> RoomOutline:
    """The outline of a room known in full, as the store would tell it."""
    return RoomOutline(
        key=room.key,
        room_id=room.room_id,
        version=room.version,
        state_digest=state_digest(room.state.items()),
        joined=[user for user, membership in room.members.items() if membership == "join"],
        invited=[
            user for user, membership in room.members.items() if membership in ("invite", "knock")
        ],
        archived=archived_in(room.state.get((ROOM_KEY, ""), {})),
    )


def expected_state(scene: Scene, room: DesiredRoom, version: str) -> dict[StateKey, JsonObject]:
    """The governed state that a desired room has when nothing is left to do, in the room version it
    was made in.
    """
    state = whole_state(
        room,
        scene.room_ids.get,
        server_name=scene.desired.server_name,
        children=scene.children.get(room.key, ()),
    )
    if version != room.version:
        state[POWER_LEVELS] = in_version(
            state[POWER_LEVELS], version=version, bot=scene.desired.bot
        )
    return state


def is_as_desired(scene: Scene, outline: RoomOutline) -> bool:
    """Whether an outline alone shows that there is nothing to do in a room, and nothing to note."""
    key = outline.key
    if scene.desired.holds_room(key):
        return True
    room = scene.desired.rooms.get(key)
    if room is None:
        return ended_as_desired(scene, outline)
    if room.banned or room.pardoned:
        return False  # an outline tells nothing of bans
    members = room.members
    if len(outline.joined) != len(members) or not members.keys() >= set(outline.joined):
        return False
    if any(scene.may_move(user) for user in outline.invited):
        return False
    expected = expected_state(scene, room, outline.version)
    return scene.digests.state_digest(expected) == outline.state_digest


def diff_room(scene: Scene, observed: ObservedRoom) -> RoomDiff:
    """Everything to be done in a kept room, also in one that is no longer desired. A held room is
    left alone.

    A desired member who is banned stays out until pardoned: a ban is a person's decision, which
    only a person lifts; it is noted. A stranger, neither desired nor managed, goes like a leaver;
    where the configuration keeps strangers, they stay with the level they have, and are noted too.
    """
    if scene.desired.holds_room(observed.key):
        return NO_WORK
    room = scene.desired.rooms.get(observed.key)
    if room is None:
        ended = diff_ended(scene, observed)
        notes = tuple(stranger_notes(scene, observed))
        return RoomDiff(ended.actions, notes, ends_now=ended.ends_now)
    expected = expected_state(scene, room, observed.version)
    before = observed.state.get(POWER_LEVELS, {})
    after = levels_wanted(scene, room, before, expected[POWER_LEVELS])
    return RoomDiff(
        actions=(
            *_member_actions(scene, room, observed),
            *(step for step in split_power(room.key, before, after) if step),
            *_link_actions(scene, observed, expected),
            *_state_actions(room, observed, expected),
        ),
        notes=(*stranger_notes(scene, observed), *ban_notes(scene, room, observed)),
        leaderless=not room.leads and _loses(scene, room, observed, room.lead_level, before, after),
        adminless=not scene.desired.admins.get(room.school_id)
        and _loses(scene, room, observed, room.admin_level, before, after),
    )


def _member_actions(scene: Scene, room: DesiredRoom, observed: ObservedRoom) -> Iterator[Action]:
    for user, membership in observed.members.items():
        if (
            membership in PRESENT
            and user not in room.members
            and user not in room.banned
            and scene.may_move(user)
        ):
            yield RemoveMember(room.key, user)
    for user in sorted(room.banned):
        if observed.members.get(user) != "ban":
            yield BanMember(room.key, user)
    for user in sorted(room.pardoned):
        if observed.members.get(user) == "ban":
            yield LiftBan(room.key, user)
    for user in room.members:
        known = observed.members.get(user)
        if user in scene.desired.suspended:
            continue  # the homeserver would not let them in
        if known != "join" and (known != "ban" or user in room.pardoned):
            yield AddMember(room.key, user)


def levels_wanted(
    scene: Scene, room: DesiredRoom, before: JsonObject, expected: JsonObject
) -> JsonObject:
    """The levels a room is to have: those of people whom we may not touch stay as they are."""
    bot = scene.desired.bot
    not_ours = [
        user
        for user in integers(before.get("users"))
        if user not in room.members and user != bot and not scene.may_move(user)
    ]
    return with_levels_kept(expected, before, not_ours) if not_ours else expected


def _link_actions(
    scene: Scene, observed: ObservedRoom, expected: Mapping[StateKey, JsonObject]
) -> Iterator[Action]:
    for (kind, child_id), content in observed.state.items():
        if kind == SPACE_CHILD and content and (kind, child_id) not in expected:
            key = scene.keys.get(child_id)
            if key is None or not scene.desired.holds_room(key):
                yield Unlink(observed.key, child_id)
    for child in scene.children.get(observed.key, ()):
        place = (SPACE_CHILD, scene.room_ids.get(child.key, ""))
        if (
            place in expected
            and observed.state.get(place) != expected[place]
            and not scene.desired.holds_room(child.key)
        ):
            yield Link(observed.key, child.key, child.order, child.suggested)


def _state_actions(
    room: DesiredRoom, observed: ObservedRoom, expected: Mapping[StateKey, JsonObject]
) -> Iterator[Action]:
    for key in observed.state.keys() | expected.keys():
        event_type, state_key = key
        if event_type not in GOVERNED or event_type == SPACE_CHILD or key == POWER_LEVELS:
            continue
        if room.is_free(key):
            continue
        before, after = observed.state.get(key, {}), expected.get(key, {})
        if before != after:
            yield SetState(room.key, event_type, state_key, before, after)


def _loses(
    scene: Scene,
    room: DesiredRoom,
    observed: ObservedRoom,
    level: int,
    before: JsonObject,
    after: JsonObject,
) -> bool:
    """Whether somebody of ours had at least this level in the room and is to have it no more."""
    return level > 0 and any(
        membership == "join"
        and scene.is_ours(user)
        and user_level(before, user) >= level
        and (user not in room.members or user_level(after, user) < level)
        for user, membership in observed.members.items()
    )
