"""From names as they were typed to the people, rooms and deeds that are meant. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, tzinfo

from appservice.commands.authority import AdminRoom, Asker, Place, SchoolRoom, may_concern
from appservice.commands.deeds import LIFTED_BY, Deed, Lift, Resync, taken
from appservice.commands.directory import Directory, Someone
from appservice.commands.parsing import Request
from appservice.commands.registry import COMMANDS
from appservice.commands.vocabulary import HERE, Verb
from appservice.language import _
from appservice.rooms.desired import DesiredRoom
from appservice.rooms.measures import Measure


@dataclass(frozen=True, slots=True)
class Unclear:
    """Nobody and nothing is meant for certain: who or what it may be, by what they are told apart.

    `said` is what was typed. `whose`: of each of the rooms the person whose diary room it is, ""
    where it is none. `diaries`: how many diary rooms are called so, none of them among `rooms`.
    """

    said: str
    people: tuple[Someone, ...] = ()
    rooms: tuple[DesiredRoom, ...] = ()
    whose: tuple[str, ...] = ()
    diaries: int = 0


@dataclass(frozen=True, slots=True)
class Denied:
    """It may not be done, and why."""

    why: str


@dataclass(frozen=True, slots=True)
class Meant:
    """The deed, with the request rewritten in ids, so that it means the same for ever."""

    deed: Deed
    request: Request
    who: Someone | None = None
    rooms: tuple[DesiredRoom, ...] = ()


@dataclass(frozen=True, slots=True)
class Scene:
    """Who asks where, and what is known. `measures` are those in force, and lately ended ones."""

    asker: Asker
    place: Place
    directory: Directory
    measures: Sequence[Measure]
    now: datetime
    zone: tzinfo


def one_person(scene: Scene, said: str) -> Someone | Unclear:
    """The person meant; one of the people of the room, where it is a school's room."""
    found = scene.directory.people(said, _schools(scene))
    if isinstance(scene.place, SchoolRoom) and not said.startswith("@"):
        present = scene.place.room.members
        found = tuple(one for one in found if one.user_id in present)
    return found[0] if len(found) == 1 else Unclear(said, people=found)


def one_room(scene: Scene, said: str) -> DesiredRoom | Unclear:
    """The room meant; "here" and nothing are the school's room that was written in."""
    if isinstance(scene.place, SchoolRoom) and (not said or said.casefold() in HERE):
        return scene.place.room
    directory, schools = scene.directory, _schools(scene)
    found = directory.rooms(said, schools)
    if isinstance(scene.place, SchoolRoom):
        found = tuple(one for one in found if one.key == scene.place.room.key)
        return found[0] if len(found) == 1 else Unclear(said, rooms=found)
    if len(found) == 1:
        return found[0]
    whose = tuple(directory.whose(one) for one in found)
    return Unclear(said, rooms=found, whose=whose, diaries=directory.diaries_called(said, schools))


def measure_meant(scene: Scene, request: Request) -> Meant | Unclear | Denied:
    """What mute, remove, ban and lock come to, and their opposites."""
    who: Someone | None = None
    if COMMANDS[request.verb].needed:
        person = one_person(scene, request.person)
        if isinstance(person, Unclear):
            return person
        if not person.user_id:
            return Denied(_("{name} has no account.").format(name=person.name))
        who = person
    rooms: tuple[DesiredRoom, ...] = ()
    if request.room or isinstance(scene.place, SchoolRoom) or who is None:
        room = one_room(scene, request.room)
        if isinstance(room, Unclear):
            return room
        rooms = (room,)
    if who is not None and (why := _protected(scene, who, rooms)):
        return Denied(why)
    if request.verb is Verb.SUSPEND and (
        why := _kept_open(scene, user_id=who.user_id if who else "")
    ):
        return Denied(why)
    places = _places(scene, who, rooms)
    if not places:
        return Denied(_("This person is in none of your schools: name a room."))
    user = who.user_id if who is not None else ""
    lasting = replace(request, person=user, room=rooms[0].key if rooms else "", text="")
    if request.verb in LIFTED_BY:
        lifted = _lifted(scene, request.verb, places, user)
        if not lifted.numbers:
            return Denied(_("Nothing of the kind is in force."))
        return Meant(lifted, lasting, who, rooms)
    until = None
    if request.until is not None:
        until = datetime.combine(request.until, time(), scene.zone)
        if until <= scene.now:
            return Denied(_("That time is over."))
    deed = taken(
        request.verb,
        places,
        user,
        length=request.length,
        until=until,
        reason=request.reason,
    )
    return Meant(deed, lasting, who, rooms)


def resync_meant(scene: Scene, request: Request) -> Meant | Unclear:
    """A room where one room is called so, else a person."""
    room = one_room(scene, request.person)
    if isinstance(room, DesiredRoom):
        return Meant(Resync((room.key,)), replace(request, person=room.key), rooms=(room,))
    person = one_person(scene, request.person)
    if isinstance(person, Unclear):
        return replace(room, people=person.people)
    return Meant(Resync((), person.user_id), replace(request, person=person.user_id), person)


def _schools(scene: Scene) -> frozenset[str] | None:
    match scene.place:
        case AdminRoom():
            return scene.asker.schools
        case SchoolRoom(room):
            return frozenset((room.school_id,))


def _protected(scene: Scene, who: Someone, rooms: Iterable[DesiredRoom]) -> str:
    """Why nothing may be done to this person; "" when it may."""
    if who.user_id == scene.directory.desired.bot:
        return _("That is me.")
    if who.user_id == scene.asker.who.user_id:
        return _("That is you.")
    if not all(may_concern(scene.asker, who.user_id, room) for room in rooms):
        return _("This person is in charge here too. Ask the school's administrators.")
    return ""


def _kept_open(scene: Scene, *, user_id: str) -> str:
    """Why this account is not suspended by a command; "" when it may be."""
    desired = scene.directory.desired
    if desired.leavers is None:
        return _("The accounts are kept elsewhere: suspend it there.")
    if user_id not in desired.accounts:
        return _("This account is not one of the roster.")
    if any(user_id in admins for admins in desired.admins.values()):
        return _("An administrator is not suspended: take the role away in the roster first.")
    return ""


def _places(
    scene: Scene, who: Someone | None, rooms: Sequence[DesiredRoom]
) -> tuple[tuple[str, str], ...]:
    if rooms:
        return tuple((room.school_id, room.key) for room in rooms)
    schools = who.schools if who is not None else frozenset()
    return tuple((school, "") for school in sorted(schools) if scene.asker.administers(school))


def _lifted(scene: Scene, verb: Verb, places: tuple[tuple[str, str], ...], user: str) -> Lift:
    kind = LIFTED_BY[verb]
    named = frozenset(places)
    everywhere = frozenset(school for school, room in places if not room)
    numbers = tuple(
        sorted(
            one.number
            for one in scene.measures
            if one.kind is kind
            and one.user_id == user
            and one.in_force(scene.now)
            and ((one.school_id, one.room) in named or one.school_id in everywhere)
        )
    )
    return Lift(verb, kind, numbers, places, user)
