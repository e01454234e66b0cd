"""Consents: a legal guardian agrees for the student, and from 14 the student agrees too.

Needed is a consent of the kind "data_processing", given and not withdrawn today. A student who is
of age signs alone.
"""

from __future__ import annotations

from collections.abc import Iterator

from appservice.language import _
from appservice.school.masking import masked
from appservice.school.model import Consent
from appservice.school.problem import Problem, Severity
from appservice.school.rules.case import (
    ADULT,
    SIGNS_TOO,
    Case,
    severity_of,
    years_old,
)
from appservice.school.rules.guardians import students_without_guardian

NEEDED = "data_processing"


def judge_consents(case: Case) -> Iterator[Problem]:
    severity = severity_of(case.rules.consent_needed)
    if severity is None:
        return
    if not case.consents_known:
        yield from _judge_absent_table(case)
        return
    told = _reported_already(case)
    today = case.today
    by_guardian: set[str] = set()
    by_student: set[str] = set()
    wrong: dict[str, int] = {}
    for consent in case.roster.consents:
        student_id = consent.person_id
        if consent.withdrawn_at is not None and consent.withdrawn_at <= today:
            continue
        if not _may_sign(case, consent):
            if student_id not in told:
                wrong[student_id] = wrong.get(student_id, 0) + 1
                yield _wrong_signer(case, severity, consent)
        elif consent.kind == NEEDED and consent.given_at <= today:
            (by_student if consent.given_by == student_id else by_guardian).add(student_id)
    for student_id, student in case.students.items():
        age = None if student.birth_date is None else years_old(student.birth_date, today)
        guardian_lacks = (
            (age is None or age < ADULT)
            and student_id not in by_guardian
            and student_id not in told
        )
        student_lacks = age is not None and age >= SIGNS_TOO and student_id not in by_student
        # A signature by the wrong hand has been reported already and stands for a missing one.
        if guardian_lacks + student_lacks > wrong.get(student_id, 0):
            yield case.problem(
                "consent_missing",
                severity,
                "people",
                student.row,
                "person_id",
                _who_lacks(guardian=guardian_lacks, student=student_lacks).format(
                    name=masked(student.family_name), age=SIGNS_TOO
                ),
            )


def _reported_already(case: Case) -> set[str]:
    """Students without any guardian, or with none but themselves: that is one problem, and the
    signatures which therefore cannot be are not a second one."""
    told = {
        student_id
        for student_id, found in case.guardians.items()
        if all(guardianship.guardian_id == student_id for guardianship in found)
    }
    if case.guardians_known and case.rules.guardian_needed == "error":
        told |= students_without_guardian(case)
    return told


def _may_sign(case: Case, consent: Consent) -> bool:
    signer = consent.given_by
    if signer == consent.person_id:
        student = case.students.get(signer)
        return (
            student is None
            or student.birth_date is None
            or years_old(student.birth_date, consent.given_at) >= SIGNS_TOO
        )
    if not case.guardians_known:
        return True
    return any(
        guardianship.legal and guardianship.guardian_id == signer
        for guardianship in case.guardians.get(consent.person_id, ())
    )


def _judge_absent_table(case: Case) -> Iterator[Problem]:
    if case.students:
        native = case.roster.files.get("people") == "people.csv"
        yield Problem(
            "consent_missing",
            Severity.WARNING,
            "consents.csv" if native else "",
            0,
            "",
            _(
                "The delivery holds no consents at all, so no rule about consents was applied."
                " Deliver them, or set rules: consent_needed: off."
            ),
        )


def _wrong_signer(case: Case, severity: Severity, consent: Consent) -> Problem:
    signer = case.roster.people.get(consent.given_by)
    itself = consent.given_by == consent.person_id
    return case.problem(
        "consent_wrong_signer",
        severity,
        "consents",
        consent.row,
        "given_by",
        (
            _(
                "The student {name} signed before turning {age}. Only a legal guardian can sign"
                " for them."
            )
            if itself
            else _(
                "{name} signed for a student without being a legal guardian of theirs. Name the"
                " legal guardian who signed, or have one sign."
            )
        ).format(name=masked(signer.family_name) if signer else "***", age=SIGNS_TOO),
    )


def _who_lacks(*, guardian: bool, student: bool) -> str:
    if guardian and student:
        return _(
            "For the student {name} neither a legal guardian's consent to data processing nor,"
            " from the age of {age}, the student's own is in force. Collect both."
        )
    if guardian:
        return _(
            "For the student {name} no legal guardian's consent to data processing is in force."
            " Collect it, or leave the student out until then."
        )
    return _(
        "The student {name} has turned {age}: their own consent to data processing is needed"
        " and not in force. Collect it, or leave the student out until then."
    )
