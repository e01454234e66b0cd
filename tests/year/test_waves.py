"""What starts on which day, and who comes with it."""

from dataclasses import replace
from datetime import date

from appservice.accounts.desired import roles_in_force
from appservice.school.model import (
    Guardianship,
    MemberRole,
    Membership,
    Person,
    Role,
    RoleAssignment,
    Roster,
    School,
    TeachingGroup,
)
from appservice.year.settings import WaveSettings
from appservice.year.waves import started, unknown_names, waiting
from tests.upkeep.tiny_school import tiny_roster

FIRST, SECOND = date(2026, 9, 1), date(2026, 10, 1)


def wave(on: date = FIRST, **named: object) -> WaveSettings:
    return WaveSettings.model_validate({"on": on, **named})


def people_in(roster: Roster, today: date = FIRST) -> set[str]:
    """Who gets an account."""
    return set(roles_in_force(roster, today))


def test_without_waves_everything_has_started() -> None:
    assert started(tiny_roster(), (), FIRST) == tiny_roster()


def test_before_its_day_a_school_gives_nothing() -> None:
    begun = started(tiny_roster(), [wave()], date(2026, 8, 31))
    assert begun == Roster(people=tiny_roster().people)


def test_on_its_day_a_whole_school_starts() -> None:
    assert started(tiny_roster(), [wave()], FIRST) == tiny_roster()
    assert started(tiny_roster(), [wave(schools=["17"])], FIRST) == tiny_roster()


def test_a_class_that_starts_brings_its_own_people_and_leaves_those_of_others() -> None:
    """Oleg leads 5B and teaches in both classes; Lena leads 5A alone; the head is everybody's."""
    begun = started(tiny_roster(), [wave(classes=["5b"])], FIRST)
    assert people_in(begun) == {"head", "oleg", "vanya", "boris"}
    assert (set(begun.classes), set(begun.groups)) == ({"5b"}, {"5b-math"})
    assert {one.target_id for one in begun.memberships} == {"5b", "5b-math"}


def test_the_second_wave_brings_the_rest() -> None:
    waves = [wave(classes=["5b"]), wave(SECOND, grades=[5])]
    assert started(tiny_roster(), waves, SECOND) == tiny_roster()
    assert [each.class_id for each in waiting(tiny_roster(), waves, FIRST)] == ["5a"]
    assert waiting(tiny_roster(), waves, SECOND) == ()


def test_a_grade_starts_in_the_schools_of_its_wave_alone() -> None:
    roster = tiny_roster()
    two = replace(
        roster,
        schools=(*roster.schools, School("18", "Школа № 18")),
        classes={
            **roster.classes,
            "x": roster.classes["5a"]._replace(class_id="x", school_id="18"),
        },
    )
    begun = started(two, [wave(schools=["18"], grades=[5])], FIRST)
    assert (set(begun.classes), [school.school_id for school in begun.schools]) == ({"x"}, ["18"])


def test_a_student_of_a_class_that_waits_waits_in_every_group() -> None:
    roster = tiny_roster()
    choir = TeachingGroup("choir", "17", (), "", "Хор")
    profile = TeachingGroup("profile", "17", ("5a", "5b"), "Физика", "Физика")
    members = [
        Membership(person, group, MemberRole.STUDENT)
        for person in ("petya", "vanya")
        for group in ("choir", "profile")
    ]
    roster = replace(
        roster,
        groups={**roster.groups, "choir": choir, "profile": profile},
        memberships=(*roster.memberships, *members),
    )
    begun = started(roster, [wave(classes=["5b"])], FIRST)
    assert {
        one.person_id for one in begun.memberships if one.target_id in ("choir", "profile")
    } == {"vanya"}


def test_a_guardian_comes_with_the_first_child() -> None:
    roster = tiny_roster()
    roster = replace(roster, guardianships=(*roster.guardianships, Guardianship("vanya", "anna")))
    begun = started(roster, [wave(classes=["5b"])], FIRST)
    assert "anna" in people_in(begun)
    assert [tie.student_id for tie in begun.guardianships] == ["vanya", "vanya"]


def test_whoever_is_in_no_class_starts_with_the_school() -> None:
    roster = tiny_roster()
    roster = replace(
        roster,
        people={**roster.people, "new": Person("new", "Нова", "Ия")},
        roles=(*roster.roles, RoleAssignment("new", "17", Role.TEACHER)),
    )
    assert "new" in people_in(started(roster, [wave(classes=["5b"])], FIRST))
    assert "new" not in people_in(started(roster, [wave(SECOND)], FIRST))


def test_a_student_who_moved_to_a_class_that_has_started_has_started() -> None:
    roster = tiny_roster()
    moved = replace(
        roster,
        memberships=(
            *(one for one in roster.memberships if one.person_id != "petya"),
            Membership("petya", "5a", MemberRole.STUDENT, end=FIRST),
            Membership("petya", "5b", MemberRole.STUDENT, begin=FIRST),
        ),
    )
    assert "petya" in people_in(started(moved, [wave(classes=["5b"])], FIRST))


def test_a_name_that_the_roster_does_not_have_is_told() -> None:
    waves = [wave(schools=["17", "71"], classes=["5a"]), wave(classes=["5z"])]
    assert unknown_names(tiny_roster(), waves) == ("5z", "71")
