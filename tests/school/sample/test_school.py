"""The invented school is believable, and nothing is wrong with it."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appservice.language import LANGUAGES, Language
from appservice.school.model import MemberRole, Role, Roster
from appservice.school.rules.judge import judge_people
from appservice.school.sample import (
    MOST_SUBJECTS,
    demo_school,
    sample_school,
    sample_schools,
    school_year_of,
)
from appservice.school.sample.lessons import grades, labels
from appservice.school.sample.names import NAMES, feminine, latin
from appservice.school.sample.subjects import subjects_of
from appservice.school.settings import RosterRules

LARGE = sample_school()


def roles_of(roster: Roster) -> Counter[Role]:
    return Counter(one.role for one in roster.roles)


def test_forty_classes_are_a_thousand_students_with_all_who_belong_to_them() -> None:
    assert roles_of(LARGE) == {
        Role.STUDENT: 1000,
        Role.GUARDIAN: 1500,
        Role.TEACHER: 80,
        Role.SCHOOL_ADMIN: 3,
        Role.STAFF: 5,
    }
    assert len(LARGE.people) == 2584  # four parents teach at the school
    of_a_class = Counter(group.class_ids for group in LARGE.groups.values())
    assert [of_a_class.pop((class_id,)) for class_id in LARGE.classes] == [12] * 40
    last_two = tuple(list(LARGE.classes)[-2:])
    assert of_a_class == {last_two: 1, (): 1}


def test_the_demo_is_a_small_school_with_everybody_in_it() -> None:
    roster = demo_school()
    assert (len(roster.classes), len(roster.people)) == (3, 74)
    assert roles_of(roster) == {
        Role.STUDENT: 27,
        Role.GUARDIAN: 40,
        Role.TEACHER: 6,
        Role.SCHOOL_ADMIN: 1,
        Role.STAFF: 1,
    }
    assert [one.label for one in roster.classes.values()] == ["2А", "6А", "10А"]


@settings(max_examples=40, deadline=None)
@given(
    classes=st.integers(1, 24),
    students=st.integers(0, 200),
    subjects=st.integers(1, MOST_SUBJECTS),
    seed=st.integers(),
    language=st.sampled_from(LANGUAGES),
    day=st.integers(0, 364),
)
def test_nothing_is_wrong_with_a_school_of_any_shape_on_any_day_of_its_year(
    classes: int, students: int, subjects: int, seed: int, language: Language, day: int
) -> None:
    roster = sample_school(
        classes=classes,
        students=classes + students,
        subjects=subjects,
        seed=seed,
        language=language,
    )
    today = date(2026, 9, 1) + timedelta(days=day)
    assert judge_people(roster, RosterRules(), today=today, known={}) == []
    assert roles_of(roster)[Role.STUDENT] == classes + students
    assert roles_of(roster)[Role.GUARDIAN] == (classes + students) * 3 // 2
    assert roles_of(roster)[Role.TEACHER] == 2 * classes


def test_a_school_of_another_year_is_as_sound() -> None:
    roster = demo_school(year=2031)
    assert roster.schools[0].year == "2031/2032"
    assert judge_people(roster, RosterRules(), today=date(2032, 5, 25), known={}) == []


def test_the_school_year_changes_on_the_first_of_september() -> None:
    assert [school_year_of(date(2026, 8, 31)), school_year_of(date(2026, 9, 1))] == [2025, 2026]


def test_wishes_that_cannot_be_met_are_refused() -> None:
    for classes, students, subjects in ((0, 5, 12), (3, 2, 12), (3, 9, MOST_SUBJECTS + 1)):
        with pytest.raises(ValueError, match="subjects"):
            sample_school(classes=classes, students=students, subjects=subjects)
    with pytest.raises(ValueError, match="schools"):
        sample_schools(0)


def test_names_and_patronymics_agree_with_each_other() -> None:
    names = NAMES["ru"]
    men, women = set(names.families), {feminine(family) for family in names.families}
    sons = {forms["male"] for forms in names.patronymics.values()}
    daughters = {forms["female"] for forms in names.patronymics.values()}
    for person in LARGE.people.values():
        if person.patronymic in daughters:
            assert person.family_name in women
            assert person.given_name in {*names.children["female"], *names.adults["female"]}
        else:
            assert person.patronymic in sons
            assert person.family_name in men
            assert person.given_name in {*names.children["male"], *names.adults["male"]}


@pytest.mark.parametrize(
    ("family", "her", "spelled"),
    [
        ("Воробьёв", "Воробьёва", "vorobeva"),
        ("Лукин", "Лукина", "lukina"),
        ("Троицкий", "Троицкая", "troitskaia"),
        ("Толстой", "Толстая", "tolstaia"),
        ("Шевченко", "Шевченко", "shevchenko"),
        ("Черных", "Черных", "chernykh"),
        ("Щербаков", "Щербакова", "shcherbakova"),
        ("O'Brien", "O'Brien", "obrien"),
    ],
)
def test_a_family_name_has_its_feminine_and_its_latin_spelling(
    family: str, her: str, spelled: str
) -> None:
    assert (feminine(family), latin(feminine(family))) == (her, spelled)


def test_nobody_real_can_be_reached() -> None:
    for person in LARGE.people.values():
        assert re.fullmatch(r"[a-z]+\.[a-z]+[0-9]+@school17\.example\.org", person.email)
        assert re.fullmatch(r"\+700[0-9]{8}", person.phone)


def test_an_id_says_nothing_about_a_person() -> None:
    assert {person_id[6:] for person_id in LARGE.people} == {
        f"-{number:05}" for number in range(1, 2585)
    }


def test_siblings_have_the_same_parents_and_sit_in_different_classes() -> None:
    guardians: dict[str, list[str]] = {}
    for one in LARGE.guardianships:
        guardians.setdefault(one.student_id, []).append(one.guardian_id)
    families = Counter(tuple(found) for found in guardians.values())
    assert Counter(families.values()) == {1: 840, 2: 80}
    home = {
        one.person_id: one.target_id
        for one in LARGE.memberships
        if one.role is MemberRole.STUDENT and one.target_id in LARGE.classes
    }
    siblings: dict[tuple[str, ...], set[str]] = {}
    for student, found in guardians.items():
        siblings.setdefault(tuple(found), set()).add(home[student])
    assert sum(len(classes) == 2 for classes in siblings.values()) == 80


def test_some_teachers_are_parents_and_some_parents_live_apart() -> None:
    roles: dict[str, set[Role]] = {}
    for role in LARGE.roles:
        roles.setdefault(role.person_id, set()).add(role.role)
    assert Counter(len(found) for found in roles.values()) == {1: 2580, 2: 4}
    couples: dict[str, set[str]] = {}
    for one in LARGE.guardianships:
        root = LARGE.people[one.guardian_id].family_name
        couples.setdefault(one.student_id, set()).add(root.rstrip("а"))
    assert sum(len(names) == 2 for names in couples.values()) > 50


def test_a_class_has_its_class_teacher_its_students_and_an_elected_guardian() -> None:
    for class_id in LARGE.classes:
        members = Counter(one.role for one in LARGE.memberships if one.target_id == class_id)
        assert members == {
            MemberRole.CLASS_TEACHER: 1,
            MemberRole.STUDENT: 25,
            MemberRole.MODERATOR: 1,
        }


def test_every_teacher_teaches_and_no_one_teaches_everything() -> None:
    lessons = Counter(one.person_id for one in LARGE.memberships if one.role is MemberRole.TEACHER)
    assert lessons.keys() == {one.person_id for one in LARGE.roles if one.role is Role.TEACHER}
    assert max(lessons.values()) <= 15


def test_labels_follow_the_grades_and_never_repeat() -> None:
    assert labels(grades(4), "ru") == ["2А", "5А", "7А", "10А"]
    fourteen = "1А 2А 2Б 3А 4А 5А 6А 6Б 7А 8А 9А 10А 10Б 11А"
    assert " ".join(labels(grades(14), "ru")) == fourteen
    many = labels(grades(1550), "ru")
    assert len(set(many)) == 1550
    assert (many[0], many[28], many[-1]) == ("1А", "1АА", "11ДА")
    assert labels([5, 5], "en") == ["5A", "5B"]


def test_subjects_fit_the_grade() -> None:
    first = {subject.russian for subject in subjects_of(1, 12)}
    ninth = {subject.russian for subject in subjects_of(9, 12)}
    assert "Химия" in ninth - first
    assert "Английский язык" in ninth - first
    assert "Окружающий мир" in first - ninth
    assert len(first) == len(ninth) == 12


def test_the_schools_of_one_delivery_share_nothing() -> None:
    region = sample_schools(3)
    assert len(region.schools) == 3
    for values in (
        list(region.people),
        [person.email for person in region.people.values()],
        [person.phone for person in region.people.values()],
        [*region.classes, *region.groups],
    ):
        assert len(set(values)) == len(values)
    assert len(region.people) == 3 * 2584
    assert judge_people(region, RosterRules(), today=date(2026, 11, 2), known={}) == []


def test_another_seed_is_other_people_under_other_ids() -> None:
    one, other = demo_school(), sample_school(classes=3, students=27, subjects=6, seed=2)
    assert one.people.keys().isdisjoint(other.people)
    assert [person[1:4] for person in one.people.values()] != [
        person[1:4] for person in other.people.values()
    ]
