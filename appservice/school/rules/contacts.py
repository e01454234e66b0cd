"""E-mails and phones: one person each, never a parent's for a child, phones that can be dialled."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from appservice.language import _
from appservice.school.masking import masked
from appservice.school.model import Person
from appservice.school.problem import Problem, Severity
from appservice.school.rules.case import Case, severity_of

_E164 = re.compile(r"\+[1-9][0-9]{6,14}")  # ITU-T E.164: at most 15 digits
_NOT_A_DIGIT = re.compile(r"[^0-9]+")


def judge_contacts(case: Case) -> Iterator[Problem]:
    for person in case.roster.people.values():
        if person.phone and not _E164.fullmatch(person.phone):
            yield case.problem(
                "phone_not_e164",
                Severity.WARNING,
                "people",
                person.row,
                "phone",
                _(
                    "The phone {value} is not in the international form. Write a plus, the country"
                    " code and the number, digits only: +79991234567."
                ).format(value=masked(person.phone)),
            )
    yield from _judge_uniqueness(case, "email", lambda person: person.email.strip().casefold())
    yield from _judge_uniqueness(case, "phone", lambda person: subscriber(person.phone))


def subscriber(phone: str) -> str:
    """The digits by which two spellings of a phone are the same: 8 999 … and +7 999 … are."""
    digits = _NOT_A_DIGIT.sub("", phone)
    if phone.lstrip().startswith("+"):
        return digits
    if len(digits) == 11 and digits.startswith("8"):
        return f"7{digits[1:]}"
    return f"7{digits}" if len(digits) == 10 and digits.startswith("9") else digits


def _judge_uniqueness(
    case: Case, field: str, contact_of: Callable[[Person], str]
) -> Iterator[Problem]:
    severity = severity_of(case.rules.contact_unique)
    if severity is None:
        return
    users: dict[str, Person] = {}
    shared: dict[str, list[Person]] = {}
    for person in case.roster.people.values():
        contact = contact_of(person)
        if not contact or not person.active:
            continue
        first = users.setdefault(contact, person)
        if first is not person:
            shared.setdefault(contact, [first]).append(person)
    for people in shared.values():
        yield from _judge_shared(case, severity, field, people)


def _judge_shared(
    case: Case, severity: Severity, field: str, people: list[Person]
) -> Iterator[Problem]:
    """One problem for each person but one: for a child on a guardian's contact always the child."""
    users = {person.person_id: person for person in people}
    keeper: Person | None = None
    for person in sorted(people, key=lambda person: (person.row, person.person_id)):
        parent = next(
            (
                users[guardianship.guardian_id]
                for guardianship in case.guardians.get(person.person_id, ())
                if guardianship.guardian_id in users
                and guardianship.guardian_id != person.person_id
            ),
            None,
        )
        value = masked(person.email if field == "email" else person.phone)
        if parent is not None:
            yield case.problem(
                "child_on_parent_contact",
                severity,
                "people",
                person.row,
                field,
                _(
                    "The contact {value} of this student is their own guardian's (row {row})."
                    " Enter the student's own contact, or leave it empty."
                ).format(value=value, row=parent.row),
            )
        elif keeper is None:
            keeper = person
        else:
            yield case.problem(
                "contact_reused",
                severity,
                "people",
                person.row,
                field,
                _(
                    "The contact {value} already belongs to another person (row {row})."
                    " Every person needs a contact of their own: correct it here or there."
                ).format(value=value, row=keeper.row),
            )
