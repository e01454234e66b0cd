"""Classes and groups: one class teacher, one class a student, fitting ages, no empty groups."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from appservice.language import _
from appservice.school.masking import masked
from appservice.school.model import MemberRole, Membership, SchoolClass
from appservice.school.problem import Problem, Severity
from appservice.school.rules.case import Case, overlap, severity_of, years_old

YOUNGEST = 4  # full years on 1 September, less the grade: an early start, counted from six
OLDEST = 8  # a late start and a year repeated


def judge_classes(case: Case) -> Iterator[Problem]:
    homerooms: dict[str, list[Membership]] = {}
    aged: set[str] = set()
    for class_id, school_class in case.roster.classes.items():
        members = case.members.get(class_id, ())
        students = [member for member in members if member.role is MemberRole.STUDENT]
        teachers = [member for member in members if member.role is MemberRole.CLASS_TEACHER]
        for member in students:
            homerooms.setdefault(member.person_id, []).append(member)
        if class_id not in case.finished:
            yield from _judge_class_teachers(case, school_class, students, teachers)
        yield from _judge_ages(case, school_class, students, aged)
    yield from _judge_homerooms(case, homerooms)
    yield from _judge_groups(case)


def _judge_class_teachers(
    case: Case,
    school_class: SchoolClass,
    students: Sequence[Membership],
    teachers: Sequence[Membership],
) -> Iterator[Problem]:
    severity = severity_of(case.rules.class_teacher_needed)
    day = _first_day(students, case.today)
    if severity is not None and not any(
        (teacher.begin is None or teacher.begin <= day)
        and (teacher.end is None or day < teacher.end)
        for teacher in teachers
    ):
        yield case.problem(
            "class_without_teacher",
            severity,
            "classes",
            school_class.row,
            "class_id",
            _("The class {label} has no class teacher on {day}. Name one.").format(
                label=school_class.label, day=day.isoformat()
            ),
        )
    for later, earlier in _colliding(teachers):
        if later.person_id != earlier.person_id:
            yield case.problem(
                "two_primary_teachers",
                Severity.ERROR,
                "memberships",
                later.row,
                "role",
                _(
                    "The class {label} has another class teacher at the same time (row {row})."
                    " Leave one of them, or make one a teacher."
                ).format(label=school_class.label, row=earlier.row),
            )


def _first_day(students: Sequence[Membership], today: date) -> date:
    """The day from which the class needs its teacher: today, or when its first student begins."""
    begins = [student.begin or today for student in students]
    return max(today, min(begins, default=today))


def _colliding(members: Sequence[Membership]) -> Iterator[tuple[Membership, Membership]]:
    """Each membership that is in force together with one from an earlier row, with that one."""
    in_rows = sorted(members, key=lambda member: (member.row, member))
    for index, later in enumerate(in_rows):
        for earlier in in_rows[:index]:
            if overlap(earlier, later):
                yield later, earlier
                break


def _judge_homerooms(case: Case, homerooms: dict[str, list[Membership]]) -> Iterator[Problem]:
    for person_id, memberships in homerooms.items():
        if len(memberships) < 2 or person_id not in case.students:
            continue
        for later, earlier in _colliding(memberships):
            if later.target_id == earlier.target_id:
                continue
            classes = case.roster.classes
            yield case.problem(
                "two_homerooms",
                Severity.ERROR,
                "memberships",
                later.row,
                "target_id",
                _(
                    "The student {name} is in two classes at the same time: {one} (row {row}) and"
                    " {other}. Leave one, or set the day on which the first ends."
                ).format(
                    name=masked(case.students[person_id].family_name),
                    one=classes[earlier.target_id].label,
                    other=classes[later.target_id].label,
                    row=earlier.row,
                ),
            )


def _judge_ages(
    case: Case, school_class: SchoolClass, students: Sequence[Membership], aged: set[str]
) -> Iterator[Problem]:
    """`aged` holds the students that were reported already, in another class."""
    grade = school_class.grade
    if grade is None:
        return
    first_of_september = date(_first_year(case, school_class), 9, 1)
    for member in students:
        student = case.students.get(member.person_id)
        if student is None or student.birth_date is None or member.person_id in aged:
            continue
        age = years_old(student.birth_date, first_of_september)
        if not YOUNGEST <= age - grade <= OLDEST:
            aged.add(member.person_id)
            yield case.problem(
                "age_grade_mismatch",
                Severity.WARNING,
                "people",
                student.row,
                "birth_date",
                _(
                    "The student {name} of the class {label} is {age} years old on 1 September."
                    " Check the birth date and the class."
                ).format(name=masked(student.family_name), label=school_class.label, age=age),
            )


def _first_year(case: Case, school_class: SchoolClass) -> int:
    """The calendar year in which the school year of this class began."""
    of_school = next(
        (
            school.year
            for school in case.roster.schools
            if school.school_id == school_class.school_id
        ),
        "",
    )
    for year in (school_class.year, of_school):
        if year[:4].isdecimal() and 1900 < int(year[:4]) < 3000:
            return int(year[:4])
    return case.today.year if case.today.month >= 8 else case.today.year - 1


def _judge_groups(case: Case) -> Iterator[Problem]:
    for group_id, group in case.roster.groups.items():
        if group_id not in case.in_use:
            yield case.problem(
                "empty_group",
                Severity.WARNING,
                "groups",
                group.row,
                "group_id",
                _(
                    "The group {title} has no members besides its teachers. Add its students, or"
                    " remove the group."
                ).format(title=group.title or group.subject or group_id),
            )
