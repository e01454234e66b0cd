"""Who is in which room, at which level, as the built-in kinds give it."""

from datetime import date

import pytest

from appservice.rooms.kinds.settings import RoomsSettings
from appservice.school.model import (
    Guardianship,
    MemberRole,
    Membership,
    Role,
    RoleAssignment,
    School,
    SchoolClass,
    TeachingGroup,
)
from tests.rooms.small_school import (
    CLASSES,
    GROUPS,
    GUARDIANSHIPS,
    MEMBERSHIPS,
    PEOPLE,
    ROLES,
    SCHOOL,
    desired,
    only,
    school,
    user,
    who,
)

EVERYONE = {
    "director": 75,
    "secretary": 0,
    "ivanova": 0,
    "petrov": 0,
    "anna": 0,
    "boris": 0,
    "vera": 0,
    "annas_mother": 0,
    "boris_father": 0,
    "veras_mother": 0,
}
WHOLE_5A = {
    "director": 75,
    "ivanova": 50,
    "petrov": 25,
    "anna": 0,
    "boris": 0,
    "annas_mother": 0,
    "boris_father": 0,
}
WHOLE_5B = {"director": 75, "petrov": 50, "vera": 0, "veras_mother": 0}


def test_the_small_school_has_these_rooms_with_these_people() -> None:
    assert who(desired()) == {
        "17/school_space": EVERYONE,
        "17/announcements": EVERYONE,
        "17/class_space/5a": WHOLE_5A,
        "17/class_space/5b": WHOLE_5B,
        "17/club/choir": {"director": 75, "petrov": 50, "anna": 0, "vera": 0},
        "17/mixed_group/physics": {
            "director": 75,
            "petrov": 50,
            "ivanova": 50,
            "boris": 0,
            "vera": 0,
        },
        "17/school_guardians": {
            "director": 75,
            "annas_mother": 0,
            "boris_father": 0,
            "veras_mother": 0,
        },
        "17/school_students": {"director": 75, "anna": 0, "boris": 0, "vera": 0},
        "17/staff_room": {"director": 75, "ivanova": 50, "petrov": 50, "secretary": 0},
        "17/class_announcements/5a": WHOLE_5A,
        "17/class_announcements/5b": WHOLE_5B,
        "17/class_chat/5a": {"director": 75, "ivanova": 50, "petrov": 25, "anna": 0, "boris": 0},
        "17/class_chat/5b": {"director": 75, "petrov": 50, "vera": 0},
        "17/guardians_only/5a": {"annas_mother": 0, "boris_father": 50},
        "17/guardians_only/5b": {"veras_mother": 0},
        "17/guardians_with_teacher/5a": {
            "director": 75,
            "ivanova": 50,
            "annas_mother": 0,
            "boris_father": 0,
        },
        "17/guardians_with_teacher/5b": {"director": 75, "petrov": 50, "veras_mother": 0},
        "17/subject_room/maths": {"director": 75, "ivanova": 50, "anna": 0, "boris": 0},
    }


def test_a_parent_stands_before_its_children() -> None:
    rooms = desired().rooms
    seen: set[str] = set()
    for key, room in rooms.items():
        assert room.parent == "" or room.parent in seen, key
        seen.add(key)
    assert {
        key: room.parent for key, room in rooms.items() if room.parent != "17/school_space"
    } == {
        "17/school_space": "",
        "17/class_announcements/5a": "17/class_space/5a",
        "17/class_announcements/5b": "17/class_space/5b",
        "17/class_chat/5a": "17/class_space/5a",
        "17/class_chat/5b": "17/class_space/5b",
        "17/guardians_only/5a": "17/class_space/5a",
        "17/guardians_only/5b": "17/class_space/5b",
        "17/guardians_with_teacher/5a": "17/class_space/5a",
        "17/guardians_with_teacher/5b": "17/class_space/5b",
        "17/subject_room/maths": "17/class_space/5a",
    }


def test_a_teacher_who_is_also_a_guardian_has_the_higher_of_both_levels() -> None:
    of_ivanova = (*GUARDIANSHIPS, Guardianship("anna", "ivanova"))
    rooms = who(desired(school(guardianships=of_ivanova)))
    assert rooms["17/guardians_with_teacher/5a"]["ivanova"] == 50
    # Among the guardians alone she is a guardian: the level of a teacher has no entry there.
    assert rooms["17/guardians_only/5a"]["ivanova"] == 0
    assert rooms["17/class_space/5a"]["ivanova"] == 50


def test_the_guardians_of_a_student_without_an_account_are_in() -> None:
    rooms = who(desired(without_account=["anna"]))
    assert rooms["17/class_chat/5a"] == {
        "director": 75,
        "ivanova": 50,
        "petrov": 25,
        "boris": 0,
    }
    assert rooms["17/guardians_only/5a"] == {"annas_mother": 0, "boris_father": 50}


def test_nobody_without_an_account_is_in_a_room() -> None:
    missing = ["director", "annas_mother", "vera"]
    rooms = who(desired(without_account=missing))
    assert not [key for key, members in rooms.items() if members.keys() & set(missing)]


def test_a_student_who_is_gone_takes_the_guardian_along() -> None:
    rooms = who(desired(school(gone=["vera"])))
    assert [
        key for key, members in rooms.items() if {"vera", "veras_mother"} & members.keys()
    ] == []
    # Nobody is left in it, so it is not made.
    assert "17/guardians_only/5b" not in rooms


def test_a_guardian_of_two_children_stays_while_one_is_there() -> None:
    both = (*GUARDIANSHIPS, Guardianship("anna", "veras_mother"))
    rooms = who(desired(school(guardianships=both, gone=["vera"])))
    assert [key for key, members in rooms.items() if "veras_mother" in members] == [
        "17/school_space",
        "17/announcements",
        "17/class_space/5a",
        "17/school_guardians",
        "17/class_announcements/5a",
        "17/guardians_only/5a",
        "17/guardians_with_teacher/5a",
    ]


def test_the_role_of_a_guardian_alone_opens_nothing() -> None:
    roles = (*ROLES, RoleAssignment("uncle", "17", Role.GUARDIAN))
    rooms = who(desired(school(people=(*PEOPLE, "uncle"), roles=roles)))
    assert [key for key, members in rooms.items() if "uncle" in members] == []


def test_a_student_who_has_no_class_yet_is_in_the_rooms_of_the_school() -> None:
    roles = (*ROLES, RoleAssignment("newcomer", "17", Role.STUDENT))
    ties = (*GUARDIANSHIPS, Guardianship("newcomer", "newcomers_father"))
    people = (*PEOPLE, "newcomer", "newcomers_father")
    rooms = who(desired(school(people=people, roles=roles, guardianships=ties)))
    assert [key for key, members in rooms.items() if "newcomer" in members] == [
        "17/school_space",
        "17/announcements",
        "17/school_students",
    ]
    assert [key for key, members in rooms.items() if "newcomers_father" in members] == [
        "17/school_space",
        "17/announcements",
        "17/school_guardians",
    ]


@pytest.mark.parametrize(
    ("begin", "end", "is_in"),
    [
        (None, None, True),
        (date(2026, 10, 1), None, True),
        (date(2026, 10, 2), None, False),
        (None, date(2026, 10, 2), True),
        (None, date(2026, 10, 1), False),
    ],
)
def test_an_assignment_counts_from_its_begin_until_the_day_before_its_end(
    begin: date | None, end: date | None, is_in: bool
) -> None:
    boris = Membership("boris", "5b", MemberRole.STUDENT, begin, end)
    rooms = who(desired(school(memberships=(*MEMBERSHIPS, boris))))
    assert ("boris" in rooms["17/class_chat/5b"]) == is_in

    roles = (RoleAssignment("petrov", "17", Role.SCHOOL_ADMIN, begin, end),)
    assert desired(school(roles=roles)).admins == {
        "17": frozenset({user("petrov")} if is_in else ())
    }

    tie = (Guardianship("anna", "secretary", begin=begin, end=end),)
    members = who(desired(school(guardianships=tie))).get("17/guardians_only/5a", {})
    assert ("secretary" in members) == is_in


def test_a_moderator_whose_child_left_the_class_is_let_in_nowhere() -> None:
    # The election stands in the roster still.
    left = tuple(m for m in MEMBERSHIPS if (m.person_id, m.target_id) != ("boris", "5a"))
    rooms = who(desired(school(memberships=left)))
    assert rooms["17/guardians_only/5a"] == {"annas_mother": 0}


def test_the_leader_of_a_club_does_not_become_a_teacher_of_its_classes() -> None:
    choir = TeachingGroup("choir", "17", ("5a", "5b"), "", "Хор")
    leader = Membership("secretary", "choir", MemberRole.TEACHER)
    roster = school(groups=(*GROUPS[:2], choir), memberships=(*MEMBERSHIPS, leader))
    rooms = who(desired(roster))
    assert rooms["17/club/choir"]["secretary"] == 50
    assert [key for key, members in rooms.items() if "secretary" in members] == [
        "17/school_space",
        "17/announcements",
        "17/club/choir",
        "17/staff_room",
    ]


def test_a_council_takes_guardians_who_were_sent_to_it_and_no_other() -> None:
    council = TeachingGroup("council", "17", (), "", "Совет школы")
    sent = (
        Membership("annas_mother", "council", MemberRole.GUARDIAN),
        Membership("boris_father", "council", MemberRole.GUARDIAN),
        Membership("boris_father", "council", MemberRole.MODERATOR),
        Membership("vera", "council", MemberRole.STUDENT),
        Membership("secretary", "council", MemberRole.STAFF),
    )
    roster = school(groups=(*GROUPS, council), memberships=(*MEMBERSHIPS, *sent))
    assert who(desired(roster))["17/club/council"] == {
        "director": 75,
        "secretary": 50,
        "annas_mother": 0,
        "boris_father": 50,
        "vera": 0,
    }


def test_an_observer_of_a_lesson_reads_and_does_not_write() -> None:
    inspector = Membership("inspector", "maths", MemberRole.OBSERVER)
    roster = school(people=(*PEOPLE, "inspector"), memberships=(*MEMBERSHIPS, inspector))
    wanted = desired(roster)
    assert who(wanted)["17/subject_room/maths"]["inspector"] == -1
    levels = wanted.rooms["17/subject_room/maths"].state["m.room.power_levels", ""]
    assert levels["events_default"] == 0


def test_the_rooms_of_two_schools_are_apart() -> None:
    other = School("18", "Школа № 18")
    roster = school(
        people=(*PEOPLE, "head", "pupil"),
        schools=(SCHOOL, other),
        roles=(*ROLES, RoleAssignment("head", "18", Role.SCHOOL_ADMIN)),
        classes=(*CLASSES, SchoolClass("9v", "18", "9В")),
        memberships=(*MEMBERSHIPS, Membership("pupil", "9v", MemberRole.STUDENT)),
    )
    rooms = who(desired(roster))
    assert {key: members for key, members in rooms.items() if key.startswith("18/")} == {
        "18/school_space": {"head": 75, "pupil": 0},
        "18/announcements": {"head": 75, "pupil": 0},
        "18/class_space/9v": {"head": 75, "pupil": 0},
        "18/school_guardians": {"head": 75},
        "18/school_students": {"head": 75, "pupil": 0},
        "18/staff_room": {"head": 75},
        "18/class_announcements/9v": {"head": 75, "pupil": 0},
        "18/class_chat/9v": {"head": 75, "pupil": 0},
        "18/guardians_with_teacher/9v": {"head": 75},
    }
    assert {key: value for key, value in rooms.items() if key.startswith("17/")} == who(desired())


def test_a_group_whose_class_is_gone_stands_alone() -> None:
    roster = school(classes=CLASSES[1:])
    assert desired(roster).rooms["17/subject_room/maths"].parent == ""


def test_whoever_is_held_is_in_no_room_to_be_made_but_their_guardians_are() -> None:
    wanted = desired(held=["anna"])
    assert wanted.held_users == frozenset({user("anna")})
    assert user("anna") not in wanted.accounts
    assert who(wanted)["17/guardians_only/5a"] == {"annas_mother": 0, "boris_father": 50}
    assert "anna" not in who(wanted)["17/class_chat/5a"]


def test_a_class_that_is_held_holds_its_rooms_and_those_of_its_groups() -> None:
    wanted = desired(held=["5a"])
    assert sorted(wanted.held_rooms) == [
        "17/class_announcements/5a",
        "17/class_chat/5a",
        "17/class_space/5a",
        "17/guardians_only/5a",
        "17/guardians_with_teacher/5a",
        "17/mixed_group/physics",
        "17/subject_room/maths",
    ]
    # Rooms of an id that the roster does not even name any more.
    assert desired(held=["8z"]).holds_room("17/class_chat/8z")
    assert not desired(held=["8z"]).holds_room("17/class_chat/5a")


def test_a_room_that_a_school_added_takes_whom_it_names() -> None:
    council = {
        "for": "class",
        "parent": "class_space",
        "name": {"ru": "{label}: актив"},
        "members": {"class_teacher": 50, "moderator": 60, "guardian": 10},
    }
    settings = only("school_space", "class_space", active_parents=council)
    rooms = who(desired(settings=settings))
    assert rooms["17/active_parents/5a"] == {"ivanova": 50, "annas_mother": 10, "boris_father": 60}


def test_a_kind_that_is_dropped_gives_no_rooms() -> None:
    kept = {key.split("/")[1] for key in desired(settings=only("school_space", "staff_room")).rooms}
    assert kept == {"school_space", "staff_room"}
    everything = RoomsSettings.model_validate({"kinds": {"club": "off", "mixed_group": False}})
    kinds = {key.split("/")[1] for key in desired(settings=everything).rooms}
    assert "club" not in kinds
    assert "mixed_group" not in kinds
