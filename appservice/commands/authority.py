"""Who may ask for what, and where: by the roster and the configuration, whatever power levels a
room shows. Pure.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from appservice.commands.command import Command, Reach
from appservice.commands.directory import Someone
from appservice.rooms.desired import POWER_LEVELS, DesiredRoom
from appservice.rooms.kinds.power import scalar
from appservice.school.model import Role

_TEACHING: Final = frozenset({Role.TEACHER, Role.CLASS_TEACHER, Role.STAFF, Role.SCHOOL_ADMIN})


@dataclass(frozen=True, slots=True)
class AdminRoom:
    """The message was written in the administrators' room."""


@dataclass(frozen=True, slots=True)
class SchoolRoom:
    """The message was written in this room of a school."""

    room: DesiredRoom


Place = AdminRoom | SchoolRoom


@dataclass(frozen=True, slots=True)
class Asker:
    """Who speaks. `schools` are those they administer; None: all of the deployment."""

    who: Someone
    schools: frozenset[str] | None

    def administers(self, school_id: str) -> bool:
        return self.schools is None or school_id in self.schools


def asker_of(
    who: Someone, admins: Mapping[str, Collection[str]], administrators: Collection[str]
) -> Asker:
    """`admins` are the user ids with the role, by school; `administrators` those of the
    configuration.
    """
    if who.user_id in administrators:
        return Asker(who, None)
    schools = frozenset(school for school, users in admins.items() if who.user_id in users)
    return Asker(who, None if admins and len(schools) == len(admins) else schools)


def may_ask(asker: Asker, command: Command, place: Place) -> bool:
    """Whether they may give this command here at all."""
    match place:
        case AdminRoom():
            if command.reach is Reach.WHOLE:
                return asker.schools is None
            return asker.schools is None or bool(asker.schools)
        case SchoolRoom(room):
            return command.reach is Reach.ROOM and (
                asker.administers(room.school_id) or teaches(asker.who, room)
            )


def may_concern(asker: Asker, target: str, room: DesiredRoom) -> bool:
    """Whether they may mute or remove this person there.

    Nobody does it to themselves. Who does not administer the school must stand above the other.
    """
    if target == asker.who.user_id:
        return False
    if asker.administers(room.school_id):
        return True
    return room.members.get(target, 0) < room.members.get(asker.who.user_id, 0)


def teaches(who: Someone, room: DesiredRoom) -> bool:
    """Whether the roster puts them in charge of this room: a teacher by role, and at the level that
    moderation needs in what the room must be.
    """
    needed = scalar(room.state.get(POWER_LEVELS, {}), "kick")
    level = room.members.get(who.user_id, 0)
    return not _TEACHING.isdisjoint(who.roles) and level > 0 and level >= needed
