"""A whole invented school, or a delivery of several."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from random import Random
from typing import TypeVar

from appservice.language import Language
from appservice.school.model import (
    MemberRole,
    Membership,
    Role,
    Roster,
    School,
    SchoolClass,
)
from appservice.school.sample.families import Families, Seat, settle_families
from appservice.school.sample.lessons import grades, labels, lessons
from appservice.school.sample.names import NAMES, Names, Sex
from appservice.school.sample.registrar import MOST_SCHOOLS, Registrar
from appservice.school.sample.subjects import MOST_SUBJECTS

Entity = TypeVar("Entity")

YEAR = 2026  # the school year of a sample begins in this year, whenever it is made
_FIRST_SCHOOL = 17  # "Школа № 17"
_STUDENTS_A_CLASS = 25
_TEACHERS_A_CLASS = 2


def school_year_of(today: date) -> int:
    """The calendar year in which the school year that holds `today` began."""
    return today.year if today.month >= 9 else today.year - 1


def demo_school(language: Language = "ru", *, year: int = YEAR) -> Roster:
    """Three classes, 74 people."""
    return sample_school(classes=3, students=27, subjects=6, language=language, year=year)


def sample_schools(
    count: int, *, classes: int = 40, seed: int = 1, language: Language = "ru"
) -> Roster:
    """One delivery of several schools of this size, of 2,584 people each by default."""
    if not 1 <= count <= MOST_SCHOOLS:
        raise ValueError(f"1 to {MOST_SCHOOLS} schools can be made up")
    schools = [
        sample_school(classes=classes, seed=seed, language=language, index=index)
        for index in range(count)
    ]
    return Roster(
        schools=tuple(sorted(school for roster in schools for school in roster.schools)),
        people=_by_id(roster.people for roster in schools),
        roles=tuple(sorted(role for roster in schools for role in roster.roles)),
        classes=_by_id(roster.classes for roster in schools),
        groups=_by_id(roster.groups for roster in schools),
        memberships=tuple(sorted(one for roster in schools for one in roster.memberships)),
        guardianships=tuple(sorted(one for roster in schools for one in roster.guardianships)),
        consents=tuple(sorted(consent for roster in schools for consent in roster.consents)),
    )


def _by_id(parts: Iterable[Mapping[str, Entity]]) -> dict[str, Entity]:
    return dict(sorted(pair for part in parts for pair in part.items()))


def sample_school(
    *,
    classes: int = 40,
    students: int | None = None,
    subjects: int = 12,
    seed: int = 1,
    language: Language = "ru",
    year: int = YEAR,
    index: int = 0,
) -> Roster:
    """A school with `students` in all (25 a class by default) and `subjects` in each class.

    Half as many guardians again, two teachers a class, and some of the teachers are guardians.
    `year` is the one in which the school year begins; `index` tells the schools of one delivery
    apart.
    """
    students = classes * _STUDENTS_A_CLASS if students is None else students
    if not 1 <= classes <= students or not 1 <= subjects <= MOST_SUBJECTS:
        raise ValueError("a class needs a student, and 1 to MOST_SUBJECTS subjects")
    origin = f"{language}/{seed}/{index}"
    rng = Random(origin)  # noqa: S311 - invents names, keeps no secrets
    names = NAMES[language]
    number = _FIRST_SCHOOL + index
    school_id = f"school{number}"
    registrar = Registrar(school_id, index, origin)
    school_year = f"{year}/{year + 1}"
    class_grades = grades(classes)
    school_classes = [
        SchoolClass(registrar.id_for("c", place + 1), school_id, label, grade, school_year)
        for place, (grade, label) in enumerate(
            zip(class_grades, labels(class_grades, language), strict=True)
        )
    ]
    seats = [
        Seat(place, class_grades[place])
        for place in range(classes)
        for _ in range(students // classes + (place < students % classes))
    ]
    parents_who_teach = min(max(1, classes // 10), students // 3) if classes > 1 else 0
    families = settle_families(registrar, names, seats, year, parents_who_teach, rng)
    teachers = [
        _grown_up(registrar, names, rng, year, Role.TEACHER)
        for _ in range(classes * _TEACHERS_A_CLASS - len(families.teachers))
    ]
    teachers.extend(families.teachers)
    for _ in range(1 + classes // 20):
        _grown_up(registrar, names, rng, year, Role.SCHOOL_ADMIN)
    for _ in range(1 + classes // 10):
        _grown_up(registrar, names, rng, year, Role.STAFF)
    by_class: list[list[str]] = [[] for _ in school_classes]
    for seat, student in zip(seats, families.students, strict=True):
        by_class[seat.class_index].append(student)
    timetable = lessons(registrar, school_classes, by_class, teachers, subjects, language)
    memberships = [
        *timetable.memberships,
        *_class_members(school_classes, by_class, teachers, families),
    ]
    return Roster(
        schools=(
            School(
                school_id,
                f"Школа № {number}" if language == "ru" else f"School No. {number}",
                "Europe/Moscow" if language == "ru" else "Europe/London",
                language,
                school_year,
            ),
        ),
        people=registrar.people,
        roles=tuple(sorted(registrar.roles)),
        classes={one.class_id: one for one in school_classes},
        groups={group.group_id: group for group in timetable.groups},
        memberships=tuple(sorted(memberships)),
        guardianships=tuple(sorted(families.guardianships)),
        consents=tuple(sorted(families.consents)),
    )


def _grown_up(registrar: Registrar, names: Names, rng: Random, year: int, role: Role) -> str:
    sex: Sex = "male" if rng.random() < 0.15 else "female"
    name = names.name(
        sex,
        rng.choice(names.families),
        rng.choice(names.adults[sex]),
        rng.choice(names.adults["male"]),
    )
    birth = date(year - 64, 9, 1) + timedelta(days=rng.randrange(365 * 40))
    return registrar.enrol(name, birth, role)


def _class_members(
    classes: list[SchoolClass], students: list[list[str]], teachers: list[str], families: Families
) -> list[Membership]:
    """Students, the class teacher, and the guardian whom the guardians elected."""
    guardians = dict(zip(families.students, families.guardians, strict=True))
    found: list[Membership] = []
    for school_class, members, teacher in zip(classes, students, teachers, strict=False):
        class_id = school_class.class_id
        found.append(Membership(teacher, class_id, MemberRole.CLASS_TEACHER))
        found += [Membership(student, class_id, MemberRole.STUDENT) for student in members]
        elected = guardians[members[len(members) // 2]][-1]
        found.append(Membership(elected, class_id, MemberRole.MODERATOR))
    return found
