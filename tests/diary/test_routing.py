"""Who is told, and in which room."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from appservice.diary.events import DiaryEvent
from appservice.diary.payloads import OfPlace, OfStudent
from appservice.diary.personal_rooms import personal_room_key
from appservice.diary.routing import Directory, LeftOut, Missing, Reader, Recipient, Room, Route
from appservice.diary.settings import RoomKinds
from appservice.rooms.identity import key_parts
from appservice.rooms.kinds.roster_rooms import desired_state
from appservice.rooms.kinds.settings import RoomsSettings
from appservice.school.model import (
    Guardianship,
    MemberRole,
    Role,
    RoleAssignment,
    Roster,
    in_force,
)
from tests.contacts.test_properties import days, memberships, names, roles, some_of
from tests.contacts.town import (
    CLASSES,
    GROUPS,
    GUARDIANSHIPS,
    MEMBERSHIPS,
    PEOPLE,
    ROLES,
    TODAY,
    TOMORROW,
    YESTERDAY,
    town,
    users,
)
from tests.diary.documents import PAYLOADS, event

SECRET = b"of the rooms"
SCHOOL_OF = {
    **{each.class_id: each.school_id for each in CLASSES},
    **{each.group_id: each.school_id for each in GROUPS},
}
ROOMS = frozenset(
    desired_state(
        town(),
        user_ids=users(),
        accounts={},
        settings=RoomsSettings(),
        server_name="school.test",
        bot="@school:school.test",
        today=TODAY,
    ).rooms
)


def route(
    said: DiaryEvent,
    roster: Roster | None = None,
    *,
    accounts: Collection[str] = PEOPLE,
    rooms: Collection[str] = ROOMS,
    today: date = TODAY,
) -> Route:
    return Directory(
        roster or town(),
        accounts=accounts,
        rooms=rooms,
        kinds=RoomKinds(),
        secret=SECRET,
        today=today,
    ).route(said)


def told(found: Route) -> dict[str, tuple[Role, str]]:
    """Role and child by person."""
    return {
        each.person_id: (each.role, each.child)
        for each in found.recipients
        if isinstance(each, Reader)
    }


def in_rooms(found: Route) -> list[str]:
    return [each.room for each in found.recipients if isinstance(each, Room)]


@pytest.mark.parametrize(
    "event_type", [each for each, made in PAYLOADS.items() if "student" in made]
)
def test_what_is_about_a_student_goes_to_the_student_and_each_guardian(event_type: str) -> None:
    found = route(event(event_type))
    assert told(found) == {
        "anna": (Role.STUDENT, "anna"),
        "annas_mother": (Role.GUARDIAN, "anna"),
        "annas_father": (Role.GUARDIAN, "anna"),
        "annas_aunt": (Role.GUARDIAN, "anna"),
    }
    assert len({each.room for each in found.recipients}) == 4
    assert (in_rooms(found), found.left_out) == ([], ())


def test_a_guardian_who_may_not_view_the_diary_is_told_nothing() -> None:
    ties = (
        Guardianship("anna", "annas_mother"),
        Guardianship("anna", "annas_father", may_view_diary=False),
        Guardianship("anna", "annas_aunt", end=TODAY),
        Guardianship("anna", "boris_mother", begin=TOMORROW),
    )
    assert set(told(route(event(), town(guardianships=ties)))) == {"anna", "annas_mother"}


def test_recipients_are_those_of_the_day_on_which_it_is_sent() -> None:
    ties = (
        Guardianship("anna", "annas_mother", end=TODAY),
        Guardianship("anna", "annas_father", begin=TODAY),
    )
    roster = town(guardianships=ties)
    assert set(told(route(event(), roster, today=YESTERDAY))) == {"anna", "annas_mother"}
    assert set(told(route(event(), roster))) == {"anna", "annas_father"}


def test_who_has_no_account_is_left_out_and_named() -> None:
    found = route(event(), accounts={"annas_mother", "annas_aunt"})
    assert set(told(found)) == {"annas_mother", "annas_aunt"}
    assert set(found.left_out) == {
        LeftOut("anna", Missing.NO_ACCOUNT),
        LeftOut("annas_father", Missing.NO_ACCOUNT),
    }


@pytest.mark.parametrize("student", ["gleb", "lena", "nobody", "annas_mother", "5a"])
def test_nothing_is_told_of_somebody_who_is_no_student_of_the_school(student: str) -> None:
    assert route(event(student=student)) == Route(left_out=(LeftOut(student, Missing.NOT_HERE),))


def test_of_a_student_who_has_left_nothing_is_told() -> None:
    assert route(event(), town(gone={"anna"})).recipients == ()


@pytest.mark.parametrize(
    ("place", "rooms", "wanted"),
    [
        ("5a-maths", ROOMS, ["17/subject_room/5a-maths"]),
        ("choir", ROOMS, ["17/club/choir"]),
        ("5a", ROOMS, ["17/class_announcements/5a"]),
        ("5a-maths", {"17/class_announcements/5a"}, ["17/class_announcements/5a"]),
        ("choir", {"17/announcements"}, []),
        ("7a-maths", ROOMS, []),
        ("7a", ROOMS, []),
        ("anna", ROOMS, []),
    ],
    ids=[
        "a subject in its room",
        "a club in its room",
        "a class in the room for announcements",
        "a subject without a room in that of its class",
        "a club without a room nowhere",
        "a subject of another school nowhere",
        "a class of another school nowhere",
        "a person is no place",
    ],
)
def test_homework_is_told_in_one_room(
    place: str, rooms: Collection[str], wanted: list[str]
) -> None:
    found = route(event("homework.assigned", place=place), rooms=rooms)
    assert (in_rooms(found), told(found)) == (wanted, {})


def test_an_announcement_goes_to_those_whom_it_names_once() -> None:
    found = route(
        event(
            "announcement",
            to=[
                {"kind": "school", "audience": "staff"},
                {"kind": "place", "id": "5a", "audience": "guardians"},
                {"kind": "place", "id": "5a-maths", "audience": "guardians"},
                {"kind": "place", "id": "7a"},
                {"kind": "person", "id": "lena"},
                {"kind": "person", "id": "lena"},
                {"kind": "person", "id": "annas_mother"},
                {"kind": "person", "id": "glebs_mother"},
            ],
        )
    )
    assert in_rooms(found) == ["17/guardians_with_teacher/5a", "17/staff_room"]
    assert told(found) == {
        "lena": (Role.CLASS_TEACHER, ""),
        "annas_mother": (Role.GUARDIAN, ""),
    }
    assert found.left_out == (
        LeftOut("7a", Missing.NOT_HERE),
        LeftOut("glebs_mother", Missing.NOT_HERE),
    )


def test_the_key_of_a_personal_room_tells_nothing_of_the_person_and_stays() -> None:
    key = personal_room_key("17", "4509 123456", secret=SECRET)
    assert key == personal_room_key("17", "4509 123456", secret=SECRET)
    assert key_parts(key)[:2] == ("17", "diary")
    assert "4509" not in key
    others = {
        personal_room_key("18", "4509 123456", secret=SECRET),
        personal_room_key("17", "4509 123457", secret=SECRET),
        personal_room_key("17", "4509 123456", secret=b"another"),
    }
    assert len({key, *others}) == 4


ties = st.builds(
    Guardianship,
    names,
    names,
    legal=st.booleans(),
    may_view_diary=st.booleans(),
    begin=days,
    end=days,
)


@st.composite
def rosters(draw: st.DrawFn) -> Roster:
    return town(
        roles=(*draw(some_of(ROLES)), *draw(st.lists(roles, max_size=3))),
        memberships=(*draw(some_of(MEMBERSHIPS)), *draw(st.lists(memberships, max_size=5))),
        guardianships=(*draw(some_of(GUARDIANSHIPS)), *draw(st.lists(ties, max_size=5))),
        gone=draw(st.sets(names, max_size=2)),
    )


@st.composite
def events(draw: st.DrawFn) -> DiaryEvent:
    event_type = draw(st.sampled_from(sorted(PAYLOADS)))
    school = draw(st.sampled_from(["17", "18", "19"]))
    places = st.sampled_from(sorted(SCHOOL_OF))
    changes: dict[str, Any] = {}
    if "student" in PAYLOADS[event_type]:
        changes["student"] = draw(names)
    elif "place" in PAYLOADS[event_type]:
        changes["place"] = draw(places)
    else:
        changes["to"] = draw(
            st.lists(
                st.one_of(
                    st.builds(lambda id_: {"kind": "person", "id": id_}, names),
                    st.builds(lambda id_: {"kind": "place", "id": id_}, places),
                    st.just({"kind": "school"}),
                ),
                min_size=1,
                max_size=4,
            )
        )
    return event(event_type, school=school, **changes)


slow = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def studies(roster: Roster, person: str, school: str) -> bool:
    """Whether the roster says so, looked up the long way."""
    return any(
        one == RoleAssignment(person, school, Role.STUDENT, one.begin, one.end, one.row)
        and in_force(one.begin, one.end, TODAY)
        for one in roster.roles
    ) or any(
        one.person_id == person
        and one.role is MemberRole.STUDENT
        and SCHOOL_OF[one.target_id] == school
        and in_force(one.begin, one.end, TODAY)
        for one in roster.memberships
    )


@slow
@given(rosters(), events(), st.sets(names))
def test_what_is_about_a_student_reaches_exactly_those_who_may_see_it(
    roster: Roster, said: DiaryEvent, accounts: set[str]
) -> None:
    if not isinstance(said.payload, OfStudent):
        return
    student = said.payload.student
    here = {name for name in PEOPLE if roster.people[name].active}
    allowed = {student} | {
        tie.guardian_id
        for tie in roster.guardianships
        if tie.student_id == student and tie.may_view_diary and in_force(tie.begin, tie.end, TODAY)
    }
    if student not in here or not studies(roster, student, said.school):
        allowed = set()
    found = route(said, roster, accounts=accounts)
    assert set(told(found)) == allowed & here & accounts
    assert in_rooms(found) == []


@slow
@given(rosters(), events())
def test_nothing_crosses_from_one_school_to_another(roster: Roster, said: DiaryEvent) -> None:
    for each in route(said, roster).recipients:
        assert key_parts(each.room).school_id == said.school


@slow
@given(rosters(), events())
def test_every_person_has_a_room_alone_and_rooms_of_many_are_those_of_the_roster(
    roster: Roster, said: DiaryEvent
) -> None:
    found = route(said, roster).recipients
    readers: list[Recipient] = [each for each in found if isinstance(each, Reader)]
    assert len({each.room for each in found}) == len(found)
    assert all(each.room not in ROOMS for each in readers)
    assert all(each.room in ROOMS for each in found if isinstance(each, Room))
    if isinstance(said.payload, OfPlace):
        assert len(found) <= 1
        assert readers == []
