"""E-mails and phones: one person each."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appservice.school.problem import Problem, Severity
from appservice.school.rules.contacts import subscriber
from tests.school.rules.tiny_school import (
    ANNA,
    ANNAS_FATHER,
    BORIS,
    COLLEAGUE,
    TINY,
    judged,
    with_person,
)


def test_a_school_with_nothing_wrong_has_no_problems() -> None:
    assert judged(TINY) == []


def test_two_people_cannot_share_an_e_mail() -> None:
    assert judged(with_person(COLLEAGUE, email="T@Example.org")) == [
        Problem(
            "contact_reused",
            Severity.ERROR,
            "people.csv",
            8,
            "email",
            "The contact T****** already belongs to another person (row 7)."
            " Every person needs a contact of their own: correct it here or there.",
        )
    ]


def test_two_people_cannot_share_a_phone_however_it_is_spelled() -> None:
    assert judged(with_person(COLLEAGUE, phone="+79990000001")) == [
        Problem(
            "contact_reused",
            Severity.ERROR,
            "people.csv",
            8,
            "phone",
            "The contact +*** already belongs to another person (row 2)."
            " Every person needs a contact of their own: correct it here or there.",
        )
    ]
    spelled_otherwise = judged(with_person(COLLEAGUE, phone="8 (999) 000-00-01"))
    assert [(problem.code, problem.row) for problem in spelled_otherwise] == [
        ("contact_reused", 8),
        ("phone_not_e164", 8),
    ]


def test_of_three_people_with_one_contact_two_are_told() -> None:
    both = with_person(COLLEAGUE, with_person(BORIS, email="t@example.org"), email="t@example.org")
    assert [(one.code, one.row, one.column) for one in judged(both)] == [
        ("contact_reused", 7, "email"),
        ("contact_reused", 8, "email"),
    ]


def test_a_child_is_never_on_a_parents_contact() -> None:
    assert judged(with_person(ANNA, email="m@example.org")) == [
        Problem(
            "child_on_parent_contact",
            Severity.ERROR,
            "people.csv",
            2,
            "email",
            "The contact m****** of this student is their own guardian's (row 4)."
            " Enter the student's own contact, or leave it empty.",
        )
    ]


def test_a_child_on_the_contact_of_somebody_elses_parent_is_a_contact_used_twice() -> None:
    assert [(one.code, one.row) for one in judged(with_person(BORIS, phone="+79990000003"))] == [
        ("contact_reused", 4)
    ]


def test_the_contact_of_a_person_who_left_is_free_again() -> None:
    gone = with_person(ANNAS_FATHER, email="t@example.org", active=False)
    assert judged(gone) == []


@pytest.mark.parametrize("strictness", ["warning", "off"])
def test_a_school_may_allow_shared_contacts(strictness: str) -> None:
    shared = with_person(COLLEAGUE, email="t@example.org")
    child = with_person(ANNA, shared, email="m@example.org")
    found = judged(child, contact_unique=strictness)
    assert [(one.code, one.severity) for one in found] == (
        []
        if strictness == "off"
        else [
            ("child_on_parent_contact", Severity.WARNING),
            ("contact_reused", Severity.WARNING),
        ]
    )


@pytest.mark.parametrize(
    "phone", ["89991234567", "+7 999 123-45-67", "+0999123456", "9991234567", "+123456", "тел."]
)
def test_a_phone_that_cannot_be_dialled_from_abroad_is_said(phone: str) -> None:
    assert judged(with_person(COLLEAGUE, phone=phone)) == [
        Problem(
            "phone_not_e164",
            Severity.WARNING,
            "people.csv",
            8,
            "phone",
            f"The phone {phone[0]}{'******' if len(phone) > 12 else '***'} is not in the"
            " international form. Write a plus, the country code and the number, digits only:"
            " +79991234567.",
        )
    ]


@pytest.mark.parametrize("phone", ["", "+79991234567", "+4915112345678", "+1234567"])
def test_a_phone_in_the_international_form_is_fine(phone: str) -> None:
    assert judged(with_person(COLLEAGUE, phone=phone)) == []


def test_the_column_is_called_as_in_the_source() -> None:
    oneroster = replace(TINY, columns={("people", "phone"): "sms"})
    found = judged(with_person(COLLEAGUE, oneroster, phone="8 999"))
    assert [(one.code, one.column) for one in found] == [("phone_not_e164", "sms")]


@given(st.integers(min_value=9_000_000_000, max_value=9_999_999_999), st.data())
def test_every_spelling_of_a_russian_mobile_phone_is_one_subscriber(
    number: int, data: st.DataObject
) -> None:
    gaps = st.text(alphabet=" ()-.", max_size=2)
    spelled = "".join(digit + data.draw(gaps) for digit in str(number))
    assert {subscriber(f"{prefix}{spelled}") for prefix in ("+7", "+7 ", "8", "8 (", "")} == {
        f"7{number}"
    }
