"""Facts about a kept room that need no action but a reader."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from appservice.language import _
from appservice.rooms.desired import POWER_LEVELS, DesiredRoom
from appservice.rooms.kinds.power import user_level
from appservice.rooms.observed import ObservedRoom
from appservice.rooms.planning.scene import Scene

_SHOWN = 5


def stranger_notes(scene: Scene, observed: ObservedRoom) -> Iterator[str]:
    """Members who are neither desired nor managed: they stay, and are named."""
    room = scene.desired.rooms.get(observed.key)
    members = room.members if room else {}
    levels = observed.state.get(POWER_LEVELS, {})
    strangers = sorted(
        user
        for user, membership in observed.members.items()
        if membership == "join" and user not in members and scene.is_stranger(user)
    )
    if strangers:
        yield _("{room}: left alone, nobody told us to manage them: {users}").format(
            room=observed.key,
            users=listed([_with_level(user, user_level(levels, user)) for user in strangers]),
        )


def ban_notes(scene: Scene, room: DesiredRoom, observed: ObservedRoom) -> Iterator[str]:
    """Desired members whom a person banned: they stay out until a person lifts the ban."""
    banned = sorted(
        user
        for user in room.members
        if observed.members.get(user) == "ban"
        and user not in room.pardoned
        and user not in scene.desired.held_users
    )
    if banned:
        yield _("{room}: the roster wants them in, but somebody banned them: {users}").format(
            room=room.key, users=listed(banned)
        )


def listed(names: Sequence[str]) -> str:
    """The first few of many names."""
    shown = ", ".join(names[:_SHOWN])
    more = len(names) - _SHOWN
    return _("{shown} and {more} more").format(shown=shown, more=more) if more > 0 else shown


def _with_level(user: str, level: int) -> str:
    return _("{user} (level {level})").format(user=user, level=level) if level else user
