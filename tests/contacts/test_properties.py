"""Whatever the roster says: circles mean what the sentences mean, and only that."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import TypeVar

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from appservice.contacts.document import digests_of, policy_digest
from appservice.contacts.policy import may_contact
from appservice.contacts.settings import ContactsSettings
from appservice.contacts.words import ACROSS, WORDS
from appservice.school.model import (
    Guardianship,
    MemberRole,
    Membership,
    Role,
    RoleAssignment,
    Roster,
)
from tests.contacts.sentences import Sentences
from tests.contacts.town import (
    GUARDIANSHIPS,
    MEMBERSHIPS,
    PEOPLE,
    ROLES,
    TODAY,
    policy,
    town,
    user,
)

T = TypeVar("T")

days = st.sampled_from([None, None, TODAY - timedelta(days=9), TODAY, TODAY + timedelta(days=9)])
names = st.sampled_from(PEOPLE)
places = st.sampled_from(["5a", "5b", "7a", "5a-maths", "5a-history", "choir", "7a-maths"])
memberships = st.builds(
    Membership, names, places, st.sampled_from(MemberRole), begin=days, end=days
)
roles = st.builds(
    RoleAssignment,
    names,
    st.sampled_from(["17", "18"]),
    st.sampled_from(Role),
    begin=days,
    end=days,
)
ties = st.builds(Guardianship, names, names, legal=st.booleans(), begin=days, end=days)


def some_of(rows: tuple[T, ...]) -> st.SearchStrategy[tuple[T, ...]]:
    return st.lists(st.sampled_from(rows), unique=True).map(tuple)


@st.composite
def rosters(draw: st.DrawFn) -> Roster:
    """Some rows of the town, and some that somebody made up."""
    return town(
        roles=(*draw(some_of(ROLES)), *draw(st.lists(roles, max_size=3))),
        memberships=(*draw(some_of(MEMBERSHIPS)), *draw(st.lists(memberships, max_size=5))),
        guardianships=(*draw(some_of(GUARDIANSHIPS)), *draw(st.lists(ties, max_size=3))),
        gone=draw(st.sets(names, max_size=2)),
    )


@st.composite
def sections(draw: st.DrawFn) -> ContactsSettings:
    """The defaults, or any words of each role."""
    if draw(st.booleans()):
        return ContactsSettings()
    return ContactsSettings.model_validate(
        {
            "may_write_to": {
                side.value: draw(st.lists(st.sampled_from(sorted(words)), max_size=3))
                for side, words in WORDS.items()
            },
            "across_schools": {
                side.value: draw(st.lists(st.sampled_from(sorted(ACROSS)), max_size=1))
                for side in draw(st.sets(st.sampled_from(sorted(WORDS)), max_size=2))
            },
            "only_legal_guardians": draw(st.booleans()),
        }
    )


slow = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@slow
@given(rosters(), sections())
def test_a_policy_allows_exactly_what_the_sentences_allow(
    roster: Roster, section: ContactsSettings
) -> None:
    made = policy(roster, section)
    said = Sentences(roster, section, TODAY)
    here = [name for name in PEOPLE if roster.people[name].active]
    pairs = [(one, other) for one in here for other in here if one != other]
    assert {pair for pair in pairs if may_contact(made, user(pair[0]), user(pair[1]))} == {
        pair for pair in pairs if said.allowed(*pair)
    }


@slow
@given(rosters(), sections(), st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(
    roster: Roster, section: ContactsSettings, random: Random
) -> None:
    def mixed(rows: Iterable[T]) -> list[T]:
        listed = list(rows)
        return random.sample(listed, k=len(listed))

    shuffled = replace(
        roster,
        people=dict(mixed(roster.people.items())),
        roles=tuple(mixed(roster.roles)),
        classes=dict(mixed(roster.classes.items())),
        groups=dict(mixed(roster.groups.items())),
        memberships=tuple(mixed(roster.memberships)),
        guardianships=tuple(mixed(roster.guardianships)),
    )
    first, second = policy(roster, section), policy(shuffled, section)
    assert second == first
    digests = [policy_digest(each.rules, digests_of(each)) for each in (first, second)]
    assert digests[0] == digests[1]
