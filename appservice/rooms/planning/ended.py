"""What has to be done in a kept room that is no longer desired: archived or emptied, and deleted at
last. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from appservice.rooms.actions import (
    Action,
    ArchiveRoom,
    DeleteRoom,
    RemoveMember,
    SetState,
    Unlink,
)
from appservice.rooms.desired import (
    JOIN_RULES,
    POWER_LEVELS,
    SPACE_CHILD,
    SPACE_PARENT,
    join_rules,
)
from appservice.rooms.identity import key_parts
from appservice.rooms.kinds.power import (
    ANSWER_TYPES,
    BOT_LEVEL,
    Needs,
    integers,
    power_frame,
    power_levels,
    with_levels_kept,
)
from appservice.rooms.observed import ObservedRoom, RoomOutline
from appservice.rooms.planning.scene import PRESENT, Scene
from appservice.rooms.state import ROOM_KEY, JsonObject, StateKey
from appservice.year.archive import Archive, Archived, archived_in, with_mark

NAME: Final[StateKey] = ("m.room.name", "")
KEY: Final[StateKey] = (ROOM_KEY, "")
REDACTION: Final = "m.room.redaction"

READ_ONLY: Final = Needs(
    post=BOT_LEVEL,
    calls=BOT_LEVEL,
    pins=BOT_LEVEL,
    polls=BOT_LEVEL,
    room_mentions=BOT_LEVEL,
    moderation=BOT_LEVEL,
    # What somebody wrote stays theirs to take back.
    events={kind: BOT_LEVEL for kind in ANSWER_TYPES if kind != REDACTION},
)


class EndedDiff(NamedTuple):
    """`ends_now`: the room stood for something until now."""

    actions: tuple[Action, ...]
    ends_now: bool


def ended_as_desired(scene: Scene, outline: RoomOutline) -> bool:
    """Whether an outline alone shows that nothing is to be done in a room that has ended.

    An archived room is not compared again: nobody but the bot can change anything in it.
    """
    members = (*outline.joined, *outline.invited)
    archive = scene.desired.archive
    if archive is None or (outline.archived is None and archive.settings.mode == "emptied"):
        return not any(map(scene.may_move, members))
    if outline.archived is None or archive.is_over(outline.archived):
        return False
    school_id = key_parts(outline.key).school_id
    return not any(scene.has_left(user, school_id) for user in members)


def diff_ended(scene: Scene, observed: ObservedRoom) -> EndedDiff:
    """Everything to be done in a room that is no longer desired."""
    archive = scene.desired.archive
    mark = archived_in(observed.state.get(KEY, {}))
    if archive is None or (mark is None and archive.settings.mode == "emptied"):
        actions = tuple(_emptied(scene, observed))
        return EndedDiff(actions, bool(actions))
    if mark is not None and archive.is_over(mark):
        return EndedDiff((DeleteRoom(observed.key, observed.room_id),), False)
    return EndedDiff(tuple(_archived(scene, observed, archive, mark)), mark is None)


def _emptied(scene: Scene, observed: ObservedRoom) -> Iterator[Action]:
    """It loses every member, and nobody may come in by themselves."""
    for user, membership in observed.members.items():
        if membership in PRESENT and scene.may_move(user):
            yield RemoveMember(observed.key, user)
    rules = observed.state.get(JOIN_RULES, {})
    if rules != join_rules():
        yield SetState(observed.key, *JOIN_RULES, rules, join_rules())


def _archived(
    scene: Scene, observed: ObservedRoom, archive: Archive, mark: Archived | None
) -> Iterator[Action]:
    """Its members stay and read, those who left the school go; a space keeps what ended with it."""
    school_id = key_parts(observed.key).school_id
    for user, membership in observed.members.items():
        if membership in PRESENT and scene.has_left(user, school_id):
            yield RemoveMember(observed.key, user)
    mark = mark or archive.mark_of(school_id)
    changes = tuple(_changes(scene, observed, mark))
    if changes:
        yield ArchiveRoom(observed.key, mark.year, changes)
    for (kind, child_id), content in observed.state.items():
        key = scene.keys.get(child_id)
        if kind == SPACE_CHILD and content and key is not None and key in scene.desired.rooms:
            yield Unlink(observed.key, child_id)


def _changes(
    scene: Scene, observed: ObservedRoom, mark: Archived
) -> Iterator[tuple[str, str, JsonObject]]:
    """State events that make it an archive, the mark last: who bears it is finished."""
    before = observed.state
    wanted: dict[StateKey, JsonObject] = {
        POWER_LEVELS: _levels(scene, observed),
        JOIN_RULES: join_rules(),
        NAME: {"name": _name(str(before.get(NAME, {}).get("name", "")), mark.year)},
    }
    for kind, parent_id in before:
        # What has ended together stays together.
        if kind == SPACE_PARENT and scene.keys.get(parent_id, "") in ("", *scene.desired.rooms):
            wanted[kind, parent_id] = {}
    wanted[KEY] = with_mark(before.get(KEY, {}), mark)
    for place, content in wanted.items():
        if before.get(place, {}) != content:
            yield (*place, content)


def _levels(scene: Scene, observed: ObservedRoom) -> JsonObject:
    bot, version = scene.desired.bot, observed.version
    levels = power_levels(power_frame(READ_ONLY, version), {}, version=version, bot=bot)
    before = observed.state.get(POWER_LEVELS, {})
    # In older rooms an equal cannot be lowered.
    equals = [
        user
        for user, level in integers(before.get("users")).items()
        if level >= BOT_LEVEL and user != bot
    ]
    return with_levels_kept(levels, before, equals) if equals else levels


def _name(name: str, year: str) -> str:
    ending = f" · {year}"
    return name if name.endswith(ending) else name + ending
