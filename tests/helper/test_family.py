"""Whose diary somebody may read: exactly those of whom the diary tells them."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings

from appservice.diary.routing import Directory, Reader
from appservice.diary.settings import RoomKinds
from appservice.helper.family import children_of, class_named, class_teachers
from appservice.school.model import MemberRole, Membership, Roster, SchoolClass
from tests.contacts.town import PEOPLE, TODAY, YESTERDAY, town
from tests.diary.documents import event
from tests.diary.test_routing import SECRET, rosters


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(rosters())
def test_the_diaries_that_can_be_asked_for_are_those_that_are_told(roster: Roster) -> None:
    directory = Directory(
        roster, accounts=PEOPLE, rooms=(), kinds=RoomKinds(), secret=SECRET, today=TODAY
    )
    for school in (each.school_id for each in roster.schools):
        told: dict[str, set[str]] = {}
        for student in roster.people:
            said = event("grade.posted", school=school, student=student)
            for reader in directory.route(said).recipients:
                assert isinstance(reader, Reader)
                told.setdefault(reader.person_id, set()).add(student)
        asked = {
            person: {one.person_id for one in children_of(directory, roster, school, person, TODAY)}
            for person in roster.people
        }
        assert {person: found for person, found in asked.items() if found} == told


def test_a_class_is_found_however_its_letter_is_typed_and_only_where_it_is_allowed() -> None:
    roster = Roster(
        classes={"c5": SchoolClass("c5", "s1", "5А"), "d5": SchoolClass("d5", "s2", "5Б")}
    )
    assert [class_named(roster, "s1", said, None) for said in ("5А", "5 а", "5a", "5A")] == [
        "c5"
    ] * 4
    assert class_named(roster, "s1", "5Б", None) is None
    assert class_named(roster, "s1", "5А", {"other"}) is None
    assert class_named(roster, "s1", "5А", {"c5"}) == "c5"


def test_only_the_class_teacher_of_today_confirms() -> None:
    roster = town()
    student = next(
        one.person_id
        for one in roster.memberships
        if one.role is MemberRole.STUDENT and one.target_id in roster.classes
    )
    (place,) = {
        one.target_id
        for one in roster.memberships
        if one.person_id == student and one.target_id in roster.classes
    }
    school = roster.classes[place].school_id
    people = sorted(set(roster.people) - {student})[:2]
    members = (
        Membership(student, place, MemberRole.STUDENT),
        Membership(people[0], place, MemberRole.CLASS_TEACHER),
        Membership(people[1], place, MemberRole.CLASS_TEACHER, end=YESTERDAY),
    )
    changed = Roster(
        schools=roster.schools, people=roster.people, classes=roster.classes, memberships=members
    )
    assert class_teachers(changed, school, student, TODAY) == (people[0],)
