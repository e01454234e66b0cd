"""Which account belongs to a person."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from appservice.accounts.identity import ComputedIdentities, RosterIdentities, identities
from appservice.accounts.settings import AccountsSettings
from appservice.errors import Refused
from appservice.school.model import Person

SECRET = SecretStr("a secret that nobody guesses")
SETTINGS = AccountsSettings(localpart_secret=SECRET)


def computed(settings: AccountsSettings = SETTINGS, namespace: str = "17") -> ComputedIdentities:
    return ComputedIdentities(settings, namespace=namespace, server_name="school.example")


def person(person_id: str = "p1", *external_ids: tuple[str, str]) -> Person:
    return Person(person_id, "Иванова", "Анна", external_ids=external_ids)


def test_an_account_is_the_same_on_every_run() -> None:
    # Worked out once with openssl: HMAC-SHA256 of "17\0p1", its first ten bytes in base32.
    assert computed().user_id(person()) == "@uddrmcbsdw2uy:school.example"


@given(st.text(min_size=1), st.text(min_size=1))
def test_two_people_never_share_an_account(one: str, other: str) -> None:
    people = computed()
    assert (people.user_id_of(one) == people.user_id_of(other)) == (one == other)
    assert people.could_be_ours(people.user_id_of(one))


def test_another_secret_or_name_space_gives_other_accounts() -> None:
    other_secret = AccountsSettings(localpart_secret=SecretStr("another secret of a school"))
    found = {
        computed().user_id(person()),
        computed(namespace="18").user_id(person()),
        computed(other_secret).user_id(person()),
    }
    assert len(found) == 3


def test_an_account_tells_whose_it_is_only_to_those_who_made_it() -> None:
    ours, theirs = (
        computed(),
        computed(AccountsSettings(localpart_secret=SecretStr("another secret of a school"))),
    )
    assert ours.is_our_mark(ours.mark("p1"))
    assert not ours.is_our_mark(theirs.mark("p1"))
    assert not ours.is_our_mark("p1")


def test_only_a_name_of_our_shape_could_be_ours() -> None:
    ours = computed()
    shapes = (
        "@uabcdefghijkl:school.example",
        "@anna:school.example",
        "@uabcdefghijkl:else.example",
    )
    assert [ours.could_be_ours(user_id) for user_id in shapes] == [True, False, False]


def test_the_ids_of_an_identity_provider_are_bound_under_its_name_on_the_homeserver() -> None:
    settings = AccountsSettings(localpart_secret=SECRET, external_ids={"esia": "oidc-esia"})
    people = computed(settings)
    anna = person("p1", ("email", "x"), ("esia", "1000299"))
    assert people.external_ids(anna) == (
        ("oidc-esia", "1000299"),
        ("org.schoolspaces", people.mark("p1")),
    )


def test_without_a_secret_no_account_is_computed() -> None:
    with pytest.raises(Refused, match=r"accounts\.localpart_secret is not set"):
        computed(AccountsSettings())


@pytest.mark.parametrize(
    ("in_roster", "account"),
    [
        ("anna", "@anna:school.example"),
        ("@anna:school.example", "@anna:school.example"),
        ("@anna:elsewhere.example", None),
        ("@anna", None),
        ("anna b", None),
    ],
)
def test_the_roster_names_the_account_that_others_made(in_roster: str, account: str | None) -> None:
    people = identities(
        AccountsSettings(backend="external"), namespace="", server_name="school.example"
    )
    assert isinstance(people, RosterIdentities)
    anna = person("p1", ("esia", "1000299"), ("matrix", in_roster))
    assert (people.user_id(anna), people.external_ids(anna)) == (account, ())


def test_who_has_no_account_in_the_roster_has_none() -> None:
    people = RosterIdentities(AccountsSettings(backend="external"), server_name="school.example")
    assert people.user_id(person("p1", ("esia", "1000299"))) is None
