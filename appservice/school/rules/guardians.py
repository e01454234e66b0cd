"""Guardians: every student under age has one, who is of age and somebody else."""

from __future__ import annotations

from collections.abc import Iterator

from appservice.language import _
from appservice.school.masking import masked
from appservice.school.model import Guardianship
from appservice.school.problem import Problem, Severity
from appservice.school.rules.case import ADULT, Case, severity_of, years_old


def judge_guardians(case: Case) -> Iterator[Problem]:
    if not case.guardians_known:
        yield from _judge_absent_table(case)
        return
    yield from _judge_students(case)
    for found in case.guardians.values():
        for guardianship in found:
            yield from _judge_guardianship(case, guardianship)


def students_without_guardian(case: Case) -> set[str]:
    """The students under age who have no guardian."""
    return {
        student_id
        for student_id, student in case.students.items()
        if student_id not in case.guardians
        and (student.birth_date is None or years_old(student.birth_date, case.today) < ADULT)
    }


def _judge_absent_table(case: Case) -> Iterator[Problem]:
    if severity_of(case.rules.guardian_needed) is None or not case.students:
        return
    files = case.roster.files
    native = files.get("people") == "people.csv"
    yield Problem(
        "student_without_guardian",
        Severity.WARNING,
        "guardians.csv" if native else files.get("people", ""),
        0,
        "",
        _(
            "The delivery names no guardians at all, so no rule about guardians was applied."
            " Deliver them, or set rules: guardian_needed: off."
        ),
    )


def _judge_students(case: Case) -> Iterator[Problem]:
    severity = severity_of(case.rules.guardian_needed)
    if severity is None:
        return
    for student_id in sorted(students_without_guardian(case)):
        student = case.students[student_id]
        yield case.problem(
            "student_without_guardian",
            severity,
            "people",
            student.row,
            "person_id",
            _(
                "The student {name} has no guardian. Add one, or leave the student out until there"
                " is one."
            ).format(name=masked(student.family_name)),
        )


def _judge_guardianship(case: Case, guardianship: Guardianship) -> Iterator[Problem]:
    people = case.roster.people
    guardian = people.get(guardianship.guardian_id)
    name = masked(guardian.family_name) if guardian else ""
    if guardianship.guardian_id == guardianship.student_id:
        yield case.problem(
            "self_guardian",
            Severity.ERROR,
            "guardianships",
            guardianship.row,
            "guardian_id",
            _("The student {name} is named as their own guardian. Name the guardian.").format(
                name=name
            ),
        )
    elif (
        guardian is not None
        and guardian.birth_date is not None
        and years_old(guardian.birth_date, case.today) < ADULT
    ):
        yield case.problem(
            "guardian_is_minor",
            Severity.ERROR,
            "guardianships",
            guardianship.row,
            "guardian_id",
            _(
                "The guardian {name} is under {age} years old. Check that student and guardian are"
                " not swapped, and the guardian's birth date (row {row})."
            ).format(name=name, age=ADULT, row=guardian.row),
        )
    elif not (guardianship.may_view_diary and guardianship.legal):
        yield case.problem(
            "restricted_guardian",
            Severity.WARNING,
            "guardianships",
            guardianship.row,
            "legal" if guardianship.may_view_diary else "may_view_diary",
            (
                _(
                    "The guardian {name} is not a legal guardian: they cannot sign a consent."
                    " Check that they belong in the rooms of the class."
                )
                if guardianship.may_view_diary
                else _(
                    "The guardian {name} may not view the diary of this student."
                    " Check that they belong in the rooms of the class."
                )
            ).format(name=name),
        )
