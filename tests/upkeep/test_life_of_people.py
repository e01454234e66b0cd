"""What happens to people in the course of a year, seen end to end."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace

from appservice.rooms.actions import AddMember, GrantPower, RemoveMember, RevokePower, UpdateAccount
from appservice.school.model import (
    Guardianship,
    MemberRole,
    Membership,
    Role,
    RoleAssignment,
    Roster,
    School,
    SchoolClass,
)
from tests.upkeep.bystander import Bystander
from tests.upkeep.conftest import FEW_KINDS, SchoolOnTrial
from tests.upkeep.tiny_school import moved, tiny_roster, without

MATHS = "17/subject_room/5a-math"


def taught_by(person_id: str, group_id: str) -> Roster:
    """The tiny school where this person teaches the group in place of Oleg."""
    return replace(
        tiny_roster(),
        memberships=tuple(
            each._replace(person_id=person_id)
            if each.target_id == group_id and each.role is MemberRole.TEACHER
            else each
            for each in tiny_roster().memberships
        ),
    )


async def signed_in(school: SchoolOnTrial, person: str) -> Bystander:
    path = f"/_synapse/admin/v1/users/{school.user(person)}/login"
    token = await school.bot.ask("POST", path, {})
    return Bystander(school.slot.homeserver_url, str(token["access_token"]))


async def said_in(reader: Bystander, room_id: str) -> list[str]:
    """What somebody who scrolls all the way up can read, the latest first."""
    answer = await reader.ask("GET", f"/_matrix/client/v3/rooms/{room_id}/messages?dir=b&limit=100")
    chunk = answer["chunk"]
    assert isinstance(chunk, list)
    return [
        str(event["content"].get("body"))
        for event in chunk
        if isinstance(event, Mapping) and event["type"] == "m.room.message"
    ]


async def say(speaker: Bystander, room_id: str, text: str) -> None:
    path = f"/_matrix/client/v3/rooms/{room_id}/send/m.room.message/{abs(hash(text))}"
    await speaker.ask("PUT", path, {"msgtype": "m.text", "body": text})


async def test_a_student_who_changes_one_subject_group_keeps_everything_else(
    school: SchoolOnTrial,
) -> None:
    await school.stand()
    changed = moved(tiny_roster(), "petya", {"5a-math": "5b-math"})
    report = await school.apply(changed)
    petya = school.user("petya")
    assert {result.action for result in report.results} == {
        RemoveMember(MATHS, petya),
        AddMember("17/subject_room/5b-math", petya),
    }
    assert await school.seen() == school.wanted(changed)


async def test_a_replaced_teacher_hands_over_the_room_with_its_power(
    school: SchoolOnTrial,
) -> None:
    await school.stand()
    changed = taught_by("lena", "5a-math")
    report = await school.apply(changed)
    assert report.exit_status == 0
    seen = await school.seen()
    assert seen == school.wanted(changed)
    assert seen.rooms[MATHS].levels[school.user("lena")] == 50
    assert school.user("oleg") not in seen.rooms[MATHS].levels
    assert (await school.plan(changed)).actions == ()


async def test_a_new_subject_teacher_does_not_read_what_was_said_before_when_the_school_wants_it_so(
    school: SchoolOnTrial,
) -> None:
    school.with_rooms(kinds={**FEW_KINDS, "subject_room": {"history": "joined"}})
    await school.stand()
    room_id = await school.room_id(MATHS)
    await say(await signed_in(school, "petya"), room_id, "Олег Петрович задаёт слишком много")

    await school.apply(taught_by("boris", "5a-math"))
    newcomer, masha = await signed_in(school, "boris"), await signed_in(school, "masha")
    await say(masha, room_id, "Здравствуйте!")
    assert await said_in(newcomer, room_id) == ["Здравствуйте!"]
    assert await said_in(masha, room_id) == [
        "Здравствуйте!",
        "Олег Петрович задаёт слишком много",
    ]


async def test_what_newcomers_see_of_all_that_is_said_from_now_on_is_a_matter_of_configuration(
    school: SchoolOnTrial,
) -> None:
    await school.stand()
    room_id = await school.room_id(MATHS)
    petya = await signed_in(school, "petya")
    await say(petya, room_id, "Контрольная в пятницу")
    school.with_rooms(kinds={**FEW_KINDS, "subject_room": {"history": "joined"}})
    await school.apply()
    await say(petya, room_id, "Контрольная была трудная")
    await school.apply(taught_by("boris", "5a-math"))
    assert (await school.seen()).rooms[MATHS].history == "joined"
    # What was said while everybody could read it stays readable (client-server API, "Room history
    # visibility").
    assert await said_in(await signed_in(school, "boris"), room_id) == ["Контрольная в пятницу"]


async def test_a_new_name_is_read_in_every_room(school: SchoolOnTrial) -> None:
    await school.stand()
    tiny = tiny_roster()
    married = replace(
        tiny,
        people={**tiny.people, "lena": tiny.people["lena"]._replace(family_name="Синицына")},
    )
    report = await school.apply(married)
    lena = school.user("lena")
    assert [result.action for result in report.results] == [UpdateAccount(lena, ("display_name",))]
    rooms = [key for key, room in school.wish().desired.rooms.items() if lena in room.members]
    names: set[str] = set()
    for _look in range(600):  # Synapse tells the rooms one by one, in the background
        names = {await _name_in(school, key, lena) for key in rooms}
        if names == {"Синицына Елена Игоревна 🎓"}:
            break
        await asyncio.sleep(0.1)
    assert (len(rooms), names) == (4, {"Синицына Елена Игоревна 🎓"})
    assert await school.seen() == school.wanted(married)


async def _name_in(school: SchoolOnTrial, key: str, user: str) -> str:
    room_id = await school.room_id(key)
    path = f"/_matrix/client/v3/rooms/{room_id}/state/m.room.member/{user}"
    return str((await school.bot.ask("GET", path))["displayname"])


async def test_a_teacher_who_is_also_a_parent_is_each_in_the_right_rooms_and_loses_only_one(
    school: SchoolOnTrial,
) -> None:
    school.with_rooms(kinds={**FEW_KINDS, "guardians_only": {}})
    both = replace(
        tiny_roster(),
        roles=(*tiny_roster().roles, RoleAssignment("lena", "17", Role.GUARDIAN)),
        guardianships=(*tiny_roster().guardianships, Guardianship("vanya", "lena")),
    )
    await school.stand(both)
    lena = school.user("lena")
    seen = await school.seen()
    assert seen == school.wanted(both)
    assert {key: room.levels[lena] for key, room in seen.rooms.items() if lena in room.levels} == {
        "17/school_space": 0,
        "17/class_space/5a": 50,
        "17/class_chat/5a": 50,
        "17/subject_room/5a-math": 50,
        "17/class_space/5b": 0,
        "17/guardians_only/5b": 0,
    }

    report = await school.apply()  # the child has left, the teacher has not
    assert {result.action for result in report.results} == {
        RemoveMember("17/class_space/5b", lena),
        RemoveMember("17/guardians_only/5b", lena),
    }
    assert await school.seen() == school.wanted()


async def test_two_schools_of_one_deployment_share_a_teacher_and_nothing_else(
    school: SchoolOnTrial,
) -> None:
    tiny = tiny_roster()
    two = replace(
        tiny,
        schools=(*tiny.schools, School("42", "Школа № 42")),
        people={
            **tiny.people,
            "dima": tiny.people["vanya"]._replace(person_id="dima", given_name="Дмитрий"),
        },
        roles=(
            *tiny.roles,
            RoleAssignment("dima", "42", Role.STUDENT),
            RoleAssignment("oleg", "42", Role.TEACHER),
        ),
        classes={**tiny.classes, "42-5a": SchoolClass("42-5a", "42", "5А", 5)},
        memberships=(
            *tiny.memberships,
            Membership("dima", "42-5a", MemberRole.STUDENT),
            Membership("oleg", "42-5a", MemberRole.CLASS_TEACHER),
        ),
    )
    await school.stand(two)
    seen = await school.seen()
    assert seen == school.wanted(two)
    dima, oleg, petya = (school.user(name) for name in ("dima", "oleg", "petya"))
    schools = {
        user: {key.partition("/")[0] for key, room in seen.rooms.items() if user in room.levels}
        for user in (dima, oleg, petya)
    }
    assert schools == {dima: {"42"}, oleg: {"17", "42"}, petya: {"17"}}

    one_only = replace(
        without(two, "dima"),
        memberships=tuple(
            each
            for each in without(two, "dima").memberships
            if (each.person_id, each.target_id) != ("oleg", "42-5a")
        ),
        roles=tuple(
            each
            for each in without(two, "dima").roles
            if (each.person_id, each.school_id) != ("oleg", "42")
        ),
    )
    await school.apply(one_only)
    left = {key for key, room in (await school.seen()).rooms.items() if oleg in room.levels}
    assert left == {
        key for key in seen.rooms if key.startswith("17/") and oleg in seen.rooms[key].levels
    }
    assert (await school.bot.user(oleg))["suspended"] is False


async def test_a_class_teacher_who_is_replaced_keeps_what_the_subject_gives(
    school: SchoolOnTrial,
) -> None:
    """Oleg no longer leads 5B, Lena does; he still teaches it."""
    await school.stand()
    changed = replace(
        tiny_roster(),
        memberships=tuple(
            each._replace(person_id="lena")
            if (each.target_id, each.role) == ("5b", MemberRole.CLASS_TEACHER)
            else each
            for each in tiny_roster().memberships
        ),
    )
    report = await school.apply(changed)
    assert {type(result.action) for result in report.results} == {
        RevokePower,
        AddMember,
        GrantPower,
    }
    seen = await school.seen()
    assert seen == school.wanted(changed)
    chat = seen.rooms["17/class_chat/5b"].levels
    assert (chat[school.user("lena")], chat[school.user("oleg")]) == (50, 25)
