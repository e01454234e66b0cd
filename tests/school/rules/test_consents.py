"""Consents: the legal guardian's, and from 14 the student's own too."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from appservice.school.model import Consent
from appservice.school.problem import Problem, Severity
from tests.school.rules.tiny_school import (
    ANNA,
    ANNAS_FATHER,
    BORIS,
    BORIS_MOTHER,
    TEACHER,
    TINY,
    TODAY,
    judged,
    with_one_more,
    with_person,
    with_row,
    without_row,
)

ANNA_LACKS_HERS = Problem(
    "consent_missing",
    Severity.ERROR,
    "people.csv",
    2,
    "person_id",
    "For the student И*** no legal guardian's consent to data processing is in force."
    " Collect it, or leave the student out until then.",
)
BORIS_LACKS_HIS_OWN = Problem(
    "consent_missing",
    Severity.ERROR,
    "people.csv",
    3,
    "person_id",
    "The student П*** has turned 14: their own consent to data processing is needed and not in"
    " force. Collect it, or leave the student out until then.",
)


def test_a_student_needs_the_consent_of_a_guardian() -> None:
    assert judged(without_row("consents", 2)) == [ANNA_LACKS_HERS]


def test_a_student_of_fourteen_agrees_too() -> None:
    assert judged(without_row("consents", 4)) == [BORIS_LACKS_HIS_OWN]
    not_yet = with_person(BORIS, birth_date=date(2012, 11, 24))
    assert judged(without_row("consents", 4, not_yet)) == []
    on_the_birthday = with_person(BORIS, birth_date=date(2012, 11, 23))
    assert judged(without_row("consents", 4, on_the_birthday)) == [BORIS_LACKS_HIS_OWN]


def test_without_any_consent_a_student_of_fourteen_has_one_problem() -> None:
    assert judged(without_row("consents", 3, without_row("consents", 4))) == [
        Problem(
            "consent_missing",
            Severity.ERROR,
            "people.csv",
            3,
            "person_id",
            "For the student П*** neither a legal guardian's consent to data processing nor, from"
            " the age of 14, the student's own is in force. Collect both.",
        )
    ]


def test_a_student_of_age_signs_alone() -> None:
    of_age = with_person(BORIS, birth_date=date(2008, 11, 23))
    assert judged(without_row("consents", 3, of_age)) == []
    assert judged(without_row("consents", 4, of_age)) == [BORIS_LACKS_HIS_OWN]


@pytest.mark.parametrize(
    "change",
    [
        {"withdrawn_at": TODAY},
        {"given_at": date(2026, 11, 24)},
        {"kind": "photographs"},
    ],
    ids=["withdrawn today", "given tomorrow", "another matter"],
)
def test_a_consent_that_is_not_in_force_is_missing(change: dict[str, Any]) -> None:
    assert judged(with_row("consents", 2, **change)) == [ANNA_LACKS_HERS]


def test_a_consent_is_in_force_until_the_day_of_its_withdrawal() -> None:
    assert judged(with_row("consents", 2, withdrawn_at=date(2026, 11, 24))) == []


def test_nobody_but_a_legal_guardian_signs_for_a_student() -> None:
    assert judged(with_row("consents", 2, given_by=TEACHER)) == [
        Problem(
            "consent_wrong_signer",
            Severity.ERROR,
            "consents.csv",
            2,
            "given_by",
            "С*** signed for a student without being a legal guardian of theirs. Name the legal"
            " guardian who signed, or have one sign.",
        )
    ]


def test_a_guardian_without_rights_cannot_sign() -> None:
    found = judged(with_row("guardianships", 2, legal=False))
    assert [(one.code, one.file, one.row) for one in found] == [
        ("consent_wrong_signer", "consents.csv", 2),
        ("restricted_guardian", "guardians.csv", 2),
    ]


def test_the_other_parent_may_sign() -> None:
    assert judged(with_row("consents", 2, given_by=ANNAS_FATHER)) == []


def test_a_student_under_fourteen_cannot_sign() -> None:
    assert judged(with_row("consents", 2, given_by=ANNA)) == [
        Problem(
            "consent_wrong_signer",
            Severity.ERROR,
            "consents.csv",
            2,
            "given_by",
            "The student И*** signed before turning 14. Only a legal guardian can sign for them.",
        )
    ]


def test_what_a_student_signed_before_turning_fourteen_does_not_count() -> None:
    found = judged(with_row("consents", 4, given_at=date(2025, 2, 28)))
    assert [(one.code, one.row) for one in found] == [("consent_wrong_signer", 4)]


def test_a_wrong_signature_stands_for_one_missing_consent_and_no_more() -> None:
    wrong = with_row("consents", 3, without_row("consents", 4), given_by=TEACHER)
    assert [(one.code, one.file, one.row) for one in judged(wrong)] == [
        ("consent_wrong_signer", "consents.csv", 3),
        ("consent_missing", "people.csv", 3),
    ]


def test_a_teacher_signs_for_themselves() -> None:
    own = Consent(TEACHER, "data_processing", "1", TEACHER, date(2026, 9, 1), row=5)
    assert judged(with_one_more("consents", own)) == []
    for_a_colleague = own._replace(given_by=BORIS_MOTHER)
    assert [one.code for one in judged(with_one_more("consents", for_a_colleague))] == [
        "consent_wrong_signer"
    ]


def test_a_delivery_without_consents_is_one_warning() -> None:
    nothing = replace(
        TINY,
        consents=(),
        files={kind: file for kind, file in TINY.files.items() if kind != "consents"},
    )
    assert judged(nothing) == [
        Problem(
            "consent_missing",
            Severity.WARNING,
            "consents.csv",
            0,
            "",
            "The delivery holds no consents at all, so no rule about consents was applied."
            " Deliver them, or set rules: consent_needed: off.",
        )
    ]
    assert judged(nothing, consent_needed="off") == []


def test_without_guardians_it_cannot_be_said_who_may_sign() -> None:
    nobody = replace(
        TINY,
        guardianships=(),
        files={kind: file for kind, file in TINY.files.items() if kind != "guardianships"},
    )
    assert [(one.code, one.row) for one in judged(nobody)] == [("student_without_guardian", 0)]


@pytest.mark.parametrize(
    ("strictness", "severities"),
    [("warning", [Severity.WARNING, Severity.WARNING]), ("off", [])],
)
def test_a_school_may_collect_consents_elsewhere(
    strictness: str, severities: list[Severity]
) -> None:
    lacking = with_row("consents", 3, without_row("consents", 2), given_by=TEACHER)
    found = judged(lacking, consent_needed=strictness)
    assert [one.severity for one in found] == severities


def test_a_student_who_left_needs_no_consent() -> None:
    assert [
        one.code
        for one in judged(with_person(ANNA, without_row("consents", 2), active=False))
        if one.code == "consent_missing"
    ] == []
