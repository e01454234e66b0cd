"""From a roster to a school that stands, and stays as the roster says."""

from dataclasses import replace

import pytest

from appservice.embedded.synapse import EmbeddedSynapse
from appservice.rooms.actions import (
    AddMember,
    RemoveMember,
    RestoreAccount,
)
from appservice.school.model import Role, RoleAssignment
from appservice.upkeep import by_module
from tests.upkeep.bystander import Bystander
from tests.upkeep.conftest import FEW_KINDS, SchoolOnTrial
from tests.upkeep.tiny_school import moved, tiny_roster, without


async def test_a_school_stands_and_a_second_run_does_nothing(either_way: SchoolOnTrial) -> None:
    either_way.with_all_kinds()
    report = await either_way.apply(approved=False)
    assert (report.failed, report.skipped, report.exit_status) == ((), (), 0)
    assert len(report.results) > 100
    assert await either_way.seen() == either_way.wanted()

    before = either_way.workplace.homeserver.requests
    again = await either_way.apply(approved=False)
    assert (again.results, either_way.workplace.homeserver.requests - before) == ((), 0)
    assert (await either_way.plan()).actions == ()


async def test_a_student_who_changes_class_loses_the_old_rooms_and_finds_the_new(
    either_way: SchoolOnTrial,
) -> None:
    await either_way.stand()
    changed = moved(tiny_roster(), "petya", {"5a": "5b", "5a-math": "5b-math"})
    report = await either_way.apply(changed)

    petya, anna = either_way.user("petya"), either_way.user("anna")
    done = {result.action for result in report.results}
    assert done == {
        RemoveMember("17/class_space/5a", petya),
        RemoveMember("17/class_space/5a", anna),  # his mother goes with him
        RemoveMember("17/class_chat/5a", petya),
        RemoveMember("17/subject_room/5a-math", petya),
        AddMember("17/class_space/5b", petya),
        AddMember("17/class_space/5b", anna),
        AddMember("17/class_chat/5b", petya),
        AddMember("17/subject_room/5b-math", petya),
    }
    assert report.exit_status == 0
    assert await either_way.seen() == either_way.wanted(changed)


async def test_a_leaver_is_removed_everywhere_and_a_tolerated_account_is_left_alone(
    school: SchoolOnTrial, homeserver: EmbeddedSynapse
) -> None:
    await school.stand()
    chat = await school.room_id("17/class_chat/5a")
    stranger = await homeserver.create_user(f"inspector-{school.slot.id}", "a long password")
    await school.bot.admin_join(chat, stranger.user_id)
    await school.audit()
    school.with_rooms(kinds=FEW_KINDS, tolerated=[stranger.user_id])

    report = await school.apply(without(tiny_roster(), "masha"))
    assert report.exit_status == 0

    left = await school.seen()
    wanted = school.wanted(without(tiny_roster(), "masha"))
    in_chat = wanted.rooms["17/class_chat/5a"]
    with_stranger = replace(in_chat, levels={**in_chat.levels, stranger.user_id: 0})
    assert left.rooms == {**wanted.rooms, "17/class_chat/5a": with_stranger}
    assert not any(school.user("masha") in room.levels for room in left.rooms.values())
    school.with_rooms(kinds=FEW_KINDS)
    report = await school.apply(without(tiny_roster(), "masha"))
    assert [result.action for result in report.results] == [
        RemoveMember("17/class_chat/5a", stranger.user_id)
    ]


async def test_somebody_who_comes_back_finds_the_rooms_again(school: SchoolOnTrial) -> None:
    await school.stand()
    await school.apply(without(tiny_roster(), "petya"))
    report = await school.apply()
    assert {type(result.action) for result in report.results} == {RestoreAccount, AddMember}
    assert await school.seen() == school.wanted()


async def test_a_student_who_left_a_room_is_brought_back(school: SchoolOnTrial) -> None:
    await school.stand()
    chat = await school.room_id("17/class_chat/5a")
    petya = school.user("petya")
    token = await school.bot.ask("POST", f"/_synapse/admin/v1/users/{petya}/login", {})
    await Bystander(school.slot.homeserver_url, str(token["access_token"])).act(chat, "leave")
    await school.audit()

    report = await school.apply()
    assert [result.action for result in report.results] == [AddMember("17/class_chat/5a", petya)]
    assert await school.seen() == school.wanted()


async def test_a_teacher_who_becomes_administrator_has_the_power_of_one(
    school: SchoolOnTrial,
) -> None:
    await school.stand()
    promoted = replace(
        tiny_roster(),
        roles=(*tiny_roster().roles, RoleAssignment("lena", "17", Role.SCHOOL_ADMIN)),
    )
    assert (await school.apply(promoted)).exit_status == 0
    assert await school.seen() == school.wanted(promoted)

    assert (await school.apply()).exit_status == 0
    assert await school.seen() == school.wanted()


async def test_a_class_that_is_gone_is_emptied_and_stands_again_when_it_comes_back(
    school: SchoolOnTrial,
) -> None:
    school.with_rooms(kinds=FEW_KINDS, archive={"mode": "emptied"})
    await school.stand()
    rooms_before = set((await school.seen()).rooms)
    one_class = without(
        replace(
            tiny_roster(),
            classes={"5a": tiny_roster().classes["5a"]},
            groups={"5a-math": tiny_roster().groups["5a-math"]},
            memberships=tuple(
                each for each in tiny_roster().memberships if not each.target_id.startswith("5b")
            ),
        ),
        "vanya",
        "boris",
    )
    assert (await school.apply(one_class)).exit_status == 0
    seen, wanted = await school.seen(), school.wanted(one_class)
    assert {key: seen.rooms[key] for key in wanted.rooms} == wanted.rooms
    emptied = {key: room.levels for key, room in seen.rooms.items() if key not in wanted.rooms}
    assert emptied == {
        "17/class_space/5b": {},
        "17/class_chat/5b": {},
        "17/subject_room/5b-math": {},
    }
    assert (await school.plan(one_class)).actions == ()

    assert (await school.apply()).exit_status == 0
    again = await school.seen()
    assert (again, set(again.rooms)) == (school.wanted(), rooms_before)


async def test_a_school_may_put_its_rooms_into_other_spaces(either_way: SchoolOnTrial) -> None:
    await either_way.stand()
    before = {key: await either_way.room_id(key) for key in either_way.wanted().rooms}
    either_way.with_rooms(
        kinds={
            **FEW_KINDS,
            "class_subjects": {
                "for": "class",
                "space": True,
                "parent": "class_space",
                "name": "{label}: предметы",
                "members": {"student": 0, "teacher": 25, "class_teacher": 50},
            },
            "subject_room": {"parent": "class_subjects", "open_to_parent": True},
        }
    )
    assert (await either_way.apply()).exit_status == 0
    assert await either_way.seen() == either_way.wanted()
    assert (await either_way.plan()).actions == ()
    assert (
        before.items()
        <= {key: await either_way.room_id(key) for key in either_way.wanted().rooms}.items()
    )


async def test_rooms_of_version_11_stand_and_change_too(school: SchoolOnTrial) -> None:
    school.with_rooms(kinds=FEW_KINDS, version="11")
    await school.stand()
    assert await school.seen() == school.wanted()
    promoted = replace(
        tiny_roster(),
        roles=(*tiny_roster().roles, RoleAssignment("lena", "17", Role.SCHOOL_ADMIN)),
    )
    assert (await school.apply(promoted)).exit_status == 0
    assert await school.seen() == school.wanted(promoted)
    fewer = without(tiny_roster(), "lena")
    assert (await school.apply(fewer)).exit_status == 0
    assert await school.seen() == school.wanted(fewer)
    assert (await school.plan(fewer)).actions == ()


async def test_people_of_a_very_large_room_come_in_several_batches(
    school: SchoolOnTrial, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(by_module, "LARGEST_BATCH", 3)
    await school.stand()
    assert await school.seen() == school.wanted()
    fewer = without(tiny_roster(), "masha", "petya")
    assert (await school.apply(fewer)).exit_status == 0
    assert (await school.apply()).exit_status == 0
    assert await school.seen() == school.wanted()
