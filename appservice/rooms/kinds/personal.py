"""The one-to-one rooms of the bot with people, laid over what the roster gives.

What is read there is for one person alone, so nothing personal stands in name, topic, alias or
state: the key says nothing to who does not know the secret behind it, and the name is the same for
everybody.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import NamedTuple

from appservice.language import _, speaking
from appservice.rooms.desired import Desired, DesiredRoom
from appservice.rooms.identity import key_parts, room_alias
from appservice.rooms.kinds.power import Needs, power_frame
from appservice.rooms.kinds.room_state import Look, RoomState
from appservice.rooms.kinds.settings import RoomsSettings
from appservice.rooms.kinds.widget import widget_state
from appservice.school.model import School


class Personal(NamedTuple):
    """A personal room that was needed. `key` is its room key."""

    key: str
    school_id: str
    person_id: str


def with_personal_rooms(
    desired: Desired,
    wanted: Iterable[Personal],
    *,
    user_ids: Mapping[str, str],
    schools: Mapping[str, School],
    settings: RoomsSettings,
    page: str = "",
) -> Desired:
    """Also the personal rooms of those who are still here; `user_ids` by person id, `page` the
    address of the diary page where rooms show it.

    The room of somebody who left ends like any other room that the roster no longer gives. That of
    somebody who is held stays as it is.
    """
    rooms = dict(desired.rooms)
    held = set(desired.held_rooms)
    for each in wanted:
        user, school = user_ids.get(each.person_id), schools.get(each.school_id)
        if user is None or school is None:
            continue
        rooms[each.key] = _room(each.key, user, school, desired, settings, page)
        if each.person_id in desired.held_ids:
            held.add(each.key)
    return replace(desired, rooms=rooms, held_rooms=frozenset(held))


def _room(
    key: str, user: str, school: School, desired: Desired, settings: RoomsSettings, page: str
) -> DesiredRoom:
    parts = key_parts(key)
    alias = room_alias(
        settings.alias_prefix, desired.server_name, parts.school_id, parts.kind, parts.target_id
    )
    look = Look(
        kind=parts.kind,
        version=settings.version,
        bot=desired.bot,
        levels=power_frame(Needs(calls=100, pins=100, polls=100), settings.version),
        shared={
            ("m.room.guest_access", ""): {"guest_access": "forbidden"},
            # Who comes into it later reads what was said to them before.
            ("m.room.history_visibility", ""): {"history_visibility": "shared"},
            **widget_state(page, bot=desired.bot, language=school.language),
        },
    )
    members = {user: 0}
    with speaking("ru" if school.language == "ru" else "en"):
        name, topic = _("Diary"), _("Only you and the school's bot are here.")
    return DesiredRoom(
        key=key,
        kind=parts.kind,
        school_id=school.school_id,
        alias=alias,
        space=False,
        parent="",
        order="",
        version=settings.version,
        federate=settings.federate,
        open_to_parent=False,
        suggested=False,
        state=RoomState(look, key=key, alias=alias, name=name, topic=topic, members=members),
        members=members,
    )
