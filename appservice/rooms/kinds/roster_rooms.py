"""From a roster to what must be true: the rooms it gives, who is in them, at which level."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from datetime import date

from appservice.rooms.desired import Desired, DesiredAccount, DesiredRoom
from appservice.rooms.kinds.audiences import Standings
from appservice.rooms.kinds.kind_rooms import Place, RoomsOfKinds
from appservice.rooms.kinds.settings import RoomsSettings
from appservice.rooms.kinds.template import Scope
from appservice.school.model import Roster


def desired_state(
    roster: Roster,
    *,
    user_ids: Mapping[str, str],
    accounts: Mapping[str, DesiredAccount],
    settings: RoomsSettings,
    server_name: str,
    bot: str,
    today: date,
    held: Collection[str] = (),
    page: str = "",
) -> Desired:
    """Everything that the roster gives on the day `today`.

    `user_ids` are user ids by person id: whoever has none (no consent yet, no account) is left out;
    it must name the people of `held` too, so that they can be left alone. `held` are person, class,
    group and school ids (Delivery.held). `bot` is the bot's user id, `server_name` the
    homeserver's, `page` the address of the diary page where rooms show it. Rooms
    nobody would be in are not made, spaces always are.
    """
    held_ids = frozenset(held)
    held_users = frozenset(user_ids[person] for person in held_ids if person in user_ids)
    present = (
        {person: user for person, user in user_ids.items() if person not in held_ids}
        if held_users
        else user_ids
    )
    standings = Standings(roster, _active(roster, present), today)
    kinds = RoomsOfKinds(settings, server_name, bot, page)
    rooms: list[tuple[int, DesiredRoom]] = []
    held_rooms: set[str] = set()
    for place in _places(roster, standings, held_ids):
        for depth, room in kinds.at(place):
            rooms.append((depth, room))
            if place.held:
                held_rooms.add(room.key)
    rooms.sort(key=lambda pair: (pair[0], pair[1].key))
    keys = {room.key for _depth, room in rooms}
    return Desired(
        server_name=server_name,
        bot=bot,
        accounts={user: account for user, account in accounts.items() if user not in held_users},
        rooms={
            # A group may outlive its class: its room then stands alone.
            room.key: room if room.parent in keys else replace(room, parent="")
            for _depth, room in rooms
        },
        admins={
            school.school_id: frozenset(standings.admins(school.school_id))
            for school in roster.schools
        },
        held_users=held_users,
        held_rooms=frozenset(held_rooms),
        held_ids=held_ids,
        keep_strangers=settings.strangers == "keep",
        tolerated=frozenset(settings.tolerated),
    )


def _active(roster: Roster, user_ids: Mapping[str, str]) -> dict[str, str]:
    people = roster.people
    return {
        person: user
        for person, user in user_ids.items()
        if person in people and people[person].active
    }


def _places(roster: Roster, standings: Standings, held: frozenset[str]) -> Iterator[Place]:
    schools = {school.school_id: school for school in roster.schools}
    for school in roster.schools:
        yield Place(
            scope=Scope.SCHOOL,
            school=school,
            target_id="",
            class_id="",
            words={"school": school.name, "year": school.year},
            sort="",
            standing=standings.of_school(school.school_id),
            held=school.school_id in held,
        )
    for each in roster.classes.values():
        if each.school_id in schools:
            school = schools[each.school_id]
            yield Place(
                scope=Scope.CLASS,
                school=school,
                target_id=each.class_id,
                class_id=each.class_id,
                words={
                    "school": school.name,
                    "year": each.year or school.year,
                    "label": each.label,
                },
                sort=each.label,
                standing=standings.of_class(each),
                held=not held.isdisjoint((school.school_id, each.class_id)),
            )
    for group in roster.groups.values():
        if group.school_id in schools:
            school = schools[group.school_id]
            title = group.title or group.subject
            labels = (roster.classes[id_].label for id_ in group.class_ids if id_ in roster.classes)
            if not group.subject:
                scope = Scope.CLUB
            else:
                scope = Scope.SUBJECT if len(group.class_ids) == 1 else Scope.MIXED_GROUP
            yield Place(
                scope=scope,
                school=school,
                target_id=group.group_id,
                class_id=group.class_ids[0] if len(group.class_ids) == 1 else "",
                words={
                    "school": school.name,
                    "year": school.year,
                    "label": ", ".join(labels),
                    "subject": group.subject or title,
                    "title": title,
                },
                sort=title,
                standing=standings.of_group(group),
                held=not held.isdisjoint((school.school_id, group.group_id, *group.class_ids)),
            )
