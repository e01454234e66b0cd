"""All the rules together."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from appservice.language import LANGUAGES, speaking
from appservice.school.model import Roster
from tests.school.rules.tiny_school import (
    ANNA,
    COLLEAGUE,
    judged,
    with_person,
    with_row,
    without_row,
)

# One problem of nearly every rule.
BROKEN = with_person(
    ANNA,
    with_person(
        COLLEAGUE,
        with_row(
            "guardianships",
            3,
            without_row("consents", 2, without_row("memberships", 4)),
            legal=False,
        ),
        phone="8 999",
        email="t@example.org",
    ),
    email="m@example.org",
    family_name="Ивaнова",
)


def test_every_problem_is_told_at_once_in_the_order_of_files_and_rows() -> None:
    assert [(one.file, one.row, one.column, one.code) for one in judged(BROKEN)] == [
        ("classes.csv", 3, "class_id", "class_without_teacher"),
        ("guardians.csv", 3, "legal", "restricted_guardian"),
        ("people.csv", 2, "email", "child_on_parent_contact"),
        ("people.csv", 2, "family_name", "name_homoglyph"),
        ("people.csv", 2, "person_id", "consent_missing"),
        ("people.csv", 8, "email", "contact_reused"),
        ("people.csv", 8, "phone", "phone_not_e164"),
    ]


def test_no_message_names_a_person() -> None:
    values = {
        value
        for person in BROKEN.people.values()
        for value in (person.family_name, person.given_name, person.email, person.phone)
        if len(value) > 2
    }
    for language in LANGUAGES:
        with speaking(language):
            said = " ".join(one.message for one in judged(BROKEN))
        assert [value for value in values if value in said] == []


def test_every_message_exists_in_russian() -> None:
    english = {one.code: one.message for one in judged(BROKEN)}
    with speaking("ru"):
        russian = {one.code: one.message for one in judged(BROKEN)}
    assert russian.keys() == english.keys()
    assert [code for code in english if english[code] == russian[code]] == []


@given(st.randoms(use_true_random=False))
def test_the_order_in_which_the_rows_came_changes_nothing(random: Random) -> None:
    assert judged(_mixed(BROKEN, random)) == judged(BROKEN)


def _mixed(roster: Roster, random: Random) -> Roster:
    people = list(roster.people.items())
    random.shuffle(people)
    return replace(
        roster,
        people=dict(people),
        roles=tuple(random.sample(roster.roles, len(roster.roles))),
        memberships=tuple(random.sample(roster.memberships, len(roster.memberships))),
        guardianships=tuple(random.sample(roster.guardianships, len(roster.guardianships))),
        consents=tuple(random.sample(roster.consents, len(roster.consents))),
    )
