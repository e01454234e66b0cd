"""Who may read whose diary: the rule of the messages from the other side, and no more than that."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appservice.diary.events import DiaryEvent, parse
from appservice.diary.routing import Directory, Reader
from appservice.diary.settings import RoomKinds
from appservice.diary.sight import SeenClass, SeenStudent, Sight, Sights
from appservice.school.model import (
    Guardianship,
    MemberRole,
    Membership,
    Person,
    Role,
    RoleAssignment,
    Roster,
    School,
    SchoolClass,
    TeachingGroup,
)
from tests.diary.documents import document

TODAY = date(2026, 10, 1)
PEOPLE = ("anna", "boris", "vera", "gleb", "dina")

SMALL = Roster(
    schools=(School("17", "School 17"),),
    people={name: Person(name, "Family", name.title()) for name in PEOPLE},
    roles=(RoleAssignment("dina", "17", Role.SCHOOL_ADMIN),),
    classes={"5a": SchoolClass("5a", "17", "5А")},
    groups={
        "5a-maths": TeachingGroup("5a-maths", "17", ("5a",), "Maths", "Maths"),
        "choir": TeachingGroup("choir", "17", (), "", "Choir"),
    },
    memberships=(
        Membership("anna", "5a", MemberRole.STUDENT),
        Membership("anna", "choir", MemberRole.STUDENT),
        Membership("boris", "5a", MemberRole.STUDENT),
        Membership("gleb", "5a", MemberRole.CLASS_TEACHER),
        Membership("dina", "5a-maths", MemberRole.TEACHER),
    ),
    guardianships=(
        Guardianship("anna", "vera"),
        Guardianship("boris", "vera", may_view_diary=False),
    ),
)


def seen(student: str, role: Role, *places: str) -> SeenStudent:
    return SeenStudent("17", student, role, places)


ANNA = seen("anna", Role.STUDENT, "5a", "choir")
BORIS = seen("boris", Role.STUDENT, "5a")


@pytest.mark.parametrize(
    ("reader", "sight"),
    [
        ("anna", Sight((ANNA,))),
        ("boris", Sight((BORIS,))),
        ("vera", Sight((ANNA._replace(role=Role.GUARDIAN),))),
        (
            "gleb",
            Sight(
                classes=(
                    SeenClass(
                        "17",
                        "5a",
                        (
                            ANNA._replace(role=Role.CLASS_TEACHER),
                            BORIS._replace(role=Role.CLASS_TEACHER),
                        ),
                        ("5a", "5a-maths"),
                    ),
                )
            ),
        ),
        ("dina", Sight()),
        ("somebody", Sight()),
    ],
)
def test_a_student_sees_their_own_a_guardian_the_children_and_a_class_teacher_the_class(
    reader: str, sight: Sight
) -> None:
    assert Sights(SMALL, TODAY).of(reader) == sight


def test_nobody_sees_anything_from_the_day_on_which_it_ends() -> None:
    ended = replace(
        SMALL,
        memberships=tuple(each._replace(end=TODAY) for each in SMALL.memberships),
    )
    assert {each: Sights(ended, TODAY).of(each) for each in PEOPLE} == dict.fromkeys(
        PEOPLE, Sight()
    )
    assert Sights(ended, TODAY - timedelta(days=1)).of("vera") == Sight(
        (ANNA._replace(role=Role.GUARDIAN),)
    )


names = st.sampled_from(PEOPLE)
edges = st.sampled_from((None, TODAY, TODAY + timedelta(days=1)))
rosters = st.builds(
    Roster,
    schools=st.just((School("17", "School 17"), School("18", "School 18"))),
    people=st.lists(names, unique=True).map(
        lambda gone: {
            name: Person(name, "Family", name.title(), active=name not in gone[:1])
            for name in PEOPLE
        }
    ),
    classes=st.just({"5a": SchoolClass("5a", "17", "5А"), "6b": SchoolClass("6b", "18", "6Б")}),
    roles=st.lists(
        st.builds(
            RoleAssignment,
            names,
            st.sampled_from(("17", "18")),
            st.sampled_from(Role),
            edges,
            edges,
        )
    ).map(tuple),
    memberships=st.lists(
        st.builds(
            Membership,
            names,
            st.sampled_from(("5a", "6b")),
            st.sampled_from(MemberRole),
            edges,
            edges,
        )
    ).map(tuple),
    guardianships=st.lists(
        st.builds(
            Guardianship,
            names,
            names,
            may_view_diary=st.booleans(),
            begin=edges,
            end=edges,
        )
    ).map(tuple),
)


@given(rosters)
def test_the_page_shows_a_student_to_exactly_those_whom_the_bot_tells_of_a_grade(
    roster: Roster,
) -> None:
    directory = Directory(
        roster, accounts=PEOPLE, rooms=(), kinds=RoomKinds(), secret=b"secret", today=TODAY
    )
    sights = Sights(roster, TODAY)
    for school in ("17", "18"):
        for student in PEOPLE:
            grade = parse(document(student=student, school=school))
            assert isinstance(grade, DiaryEvent)
            told = {
                each.person_id
                for each in directory.route(grade).recipients
                if isinstance(each, Reader)
            }
            readers = {
                reader
                for reader in PEOPLE
                if (school, student)
                in {(each.school, each.student) for each in sights.of(reader).students}
            }
            assert readers == told


@given(rosters)
def test_a_class_teacher_sees_only_students_who_are_in_the_class_today(roster: Roster) -> None:
    for reader in PEOPLE:
        for led in Sights(roster, TODAY).of(reader).classes:
            inside = {
                each.person_id
                for each in roster.memberships
                if each.target_id == led.class_id
                and each.role is MemberRole.STUDENT
                and (each.begin is None or each.begin <= TODAY)
                and (each.end is None or each.end > TODAY)
                and roster.people[each.person_id].active
            }
            assert {each.student for each in led.students} == inside


def test_whoever_belongs_to_a_school_has_a_home_there_also_without_a_diary_to_read() -> None:
    sights = Sights(SMALL, TODAY)
    assert [sights.home_of(one) for one in ("dina", "gleb", "anna", "nobody")] == [
        ("17", Role.TEACHER),
        ("17", Role.CLASS_TEACHER),
        ("17", Role.STUDENT),
        None,
    ]
