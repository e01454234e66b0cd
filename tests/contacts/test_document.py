"""The policy as it goes to the homeserver: equal ones look equal, and parts make the whole."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from appservice.contacts.document import (
    Change,
    delta,
    delta_document,
    digests_of,
    document_bytes,
    entry_of,
    entry_text,
    policy_digest,
    rules_object,
    whole_documents,
)
from appservice.contacts.policy import Entry, Policy, Side
from appservice.contacts.settings import ContactsSettings
from tests.contacts.town import MEMBERSHIPS, PEOPLE, policy, rules, town, user

MOVED = tuple(
    row._replace(target_id="5b") if (row.person_id, row.target_id) == ("boris", "5a") else row
    for row in MEMBERSHIPS
)


def test_a_small_policy_is_one_request() -> None:
    made = policy(names=["anna", "igor"])
    assert list(whole_documents(made, version=7, digest="d1")) == [
        {
            "version": 7,
            "base": None,
            "digest": "d1",
            "rules": rules_object(made.rules),
            "people": {
                "@anna:school.test": {
                    "roles": ["student"],
                    "language": "ru",
                    "circles": [
                        "class:17/5a student",
                        "family:anna student",
                        "group:17/1b36c9ac5be16065 student",
                        "group:17/choir student",
                        "school:17 student",
                    ],
                },
                "@igor:school.test": {
                    "roles": ["teacher"],
                    "language": "ru",
                    "circles": ["group:17/choir teacher", "school:17 teacher"],
                },
            },
            "removed": [],
        }
    ]


def test_the_default_rules_are_written_out() -> None:
    everything = ("direct", False, False, True, False)
    keys = ("create_rooms", "create_aliases", "publish_rooms", "encrypt", "invite_by_3pid")
    default = dict(zip(keys, everything, strict=True))
    everyone = ["guardian", "observer", "school_admin", "staff", "student", "teacher"]
    assert rules_object(ContactsSettings().rules()) == {
        "directions": {
            "family": [["guardian", "student"], ["student", "guardian"]],
            "class": [["guardian", "guardian"], ["guardian", "teacher"],
                      ["student", "student"], ["student", "teacher"]],
            "group": [["guardian", "teacher"], ["student", "teacher"]],
            "school": [[writer, reader] for writer in ("school_admin", "staff", "teacher")
                       for reader in everyone],
        },
        "roles": {
            "student": default,
            "guardian": default,
            "teacher": {**default, "create_rooms": "group"},
            "staff": {**default, "create_rooms": "group"},
            "school_admin": {**default, "create_rooms": "group"},
            "observer": {**default, "create_rooms": "no"},
        },
        "unlisted_may_contact": False,
        "federation": False,
    }  # fmt: skip


def test_a_large_policy_comes_in_parts_that_make_the_whole() -> None:
    made = policy()
    (whole,) = whole_documents(made, version=2, digest="d")
    parts = list(whole_documents(made, version=2, digest="d", part_bytes=600))
    assert len(parts) > 3
    assert [part["part"] for part in parts] == [
        [number, len(parts)] for number in range(1, len(parts) + 1)
    ]
    joined: dict[str, object] = {}
    for part in parts:
        people = part["people"]
        assert isinstance(people, dict)
        assert not joined.keys() & people.keys()
        joined |= people
        assert len(json.dumps(people)) < 900
        assert {**part, "people": joined, "part": None} == {**whole, "people": joined, "part": None}
    assert joined == whole["people"]
    assert document_bytes(whole) == len(json.dumps(whole))


def test_a_region_of_nobody_is_a_policy_too() -> None:
    (document,) = whole_documents(policy(names=[]), version=1, digest="d")
    assert document["people"] == {}


def test_a_student_who_moves_changes_only_those_concerned() -> None:
    before, after = policy(), policy(town(memberships=MOVED))
    change = delta(digests_of(before), after, digests_of(after))
    assert change == Change(
        {user(name): after.people[user(name)] for name in ("boris", "boris_mother")}, ()
    )
    document = delta_document(change, after.rules, version=5, base=4, digest="d")
    assert (document["version"], document["base"], document["removed"]) == (5, 4, [])


def test_who_is_no_longer_there_is_named_as_removed() -> None:
    before, after = policy(), policy(names=[name for name in PEOPLE if name != "inspector"])
    assert delta(digests_of(before), after, digests_of(after)) == Change({}, (user("inspector"),))


def test_other_rules_or_other_people_have_another_digest() -> None:
    variants = [
        policy(),
        policy(settings=rules(strangers=True)),
        policy(settings=rules(may_create={"student": {"rooms": "group"}})),
        policy(town(memberships=MOVED)),
        policy(names=PEOPLE[1:]),
    ]
    digests = {policy_digest(made.rules, digests_of(made)) for made in variants}
    assert len(digests) == len(variants)


entries = st.builds(
    Entry,
    st.lists(st.sampled_from(Side), unique=True).map(lambda sides: tuple(sorted(sides))),
    st.sampled_from(["ru", "en"]),
    st.lists(st.text(), unique=True).map(lambda circles: tuple(sorted(circles))),
)
people = st.dictionaries(st.sampled_from(list("abcdef")), entries)


@given(entries)
def test_an_entry_comes_back_as_it_was(entry: Entry) -> None:
    assert entry_of(entry_text(entry)) == entry


@settings(deadline=None)
@given(people, people)
def test_a_delta_turns_the_one_into_the_other(
    before: dict[str, Entry], after: dict[str, Entry]
) -> None:
    made = [Policy(ContactsSettings().rules(), each) for each in (before, after)]
    digests = [digests_of(each) for each in made]
    change = delta(digests[0], made[1], digests[1])
    patched = {user: entry for user, entry in before.items() if user not in change.removed}
    assert {**patched, **change.changed} == after
    assert (change == Change({}, ())) == (before == after)
