"""Accounts on a real homeserver."""

import csv
import stat
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from pydantic import SecretStr

from appservice.accounts.external import ExternalAccounts
from appservice.accounts.identity import ComputedIdentities
from appservice.accounts.settings import AccountsSettings
from appservice.accounts.synapse import SynapseAccounts
from appservice.embedded.synapse import EmbeddedSynapse
from appservice.errors import Permanent
from appservice.matrix.homeserver import Homeserver
from appservice.rooms.desired import DesiredAccount
from appservice.rooms.observed import ObservedAccount
from appservice.school.model import Person
from tests.ground import AppserviceSlot
from tests.upkeep.bystander import Bystander

Pairs = tuple[tuple[str, str], ...]


@dataclass
class Office:
    """Where accounts are made, and somebody who looks at them from outside."""

    homeserver: Homeserver
    slot: AppserviceSlot
    settings: AccountsSettings

    @property
    def people(self) -> ComputedIdentities:
        return ComputedIdentities(self.settings, namespace="", server_name=self.slot.server_name)

    @property
    def backend(self) -> SynapseAccounts:
        return SynapseAccounts(self.homeserver, self.settings, self.people)

    def account(self, person_id: str, name: str, *external_ids: tuple[str, str]) -> DesiredAccount:
        person = Person(person_id, name, "", external_ids=external_ids)
        return DesiredAccount(self.people.user_id(person), name, self.people.external_ids(person))

    async def seen(self, account: DesiredAccount) -> tuple[str, Pairs]:
        """Display name and external ids, as an administrator sees them."""
        look = Bystander(self.slot.homeserver_url, self.slot.as_token)
        user = await look.user(account.user_id)
        pairs = user["external_ids"]
        assert isinstance(pairs, list)
        return str(user["displayname"]), tuple(
            sorted((pair["auth_provider"], pair["external_id"]) for pair in pairs)
        )


@pytest.fixture
async def office(appservice_slot: AppserviceSlot, tmp_path: Path) -> AsyncIterator[Office]:
    settings = AccountsSettings.model_validate(
        {
            "localpart_secret": SecretStr(appservice_slot.as_token),
            "localpart_prefix": f"{appservice_slot.id}-",
            "external_ids": {"esia": f"oidc-{appservice_slot.id}"},
            "initial_passwords": {"mode": "generate", "file": tmp_path / "passwords.csv"},
        }
    )
    async with Homeserver(
        appservice_slot.homeserver_url,
        appservice_slot.as_token,
        server_name=appservice_slot.server_name,
        bot=appservice_slot.bot_id,
    ) as homeserver:
        yield Office(homeserver, appservice_slot, settings)


def passwords(office: Office) -> dict[str, str]:
    with office.settings.initial_passwords.file.open(encoding="utf-8", newline="") as file:
        return {row["user_id"]: row["password"] for row in csv.DictReader(file)}


async def test_a_new_account_is_called_and_bound_as_the_roster_says_and_signs_in(
    office: Office, homeserver: EmbeddedSynapse
) -> None:
    anna = office.account("anna", "Иванова Анна 🎓", ("esia", "1000299"))
    kept = await office.backend.create(anna)
    assert kept == ObservedAccount(anna.user_id, anna.display_name, anna.external_ids)
    assert await office.seen(anna) == (anna.display_name, anna.external_ids)
    assert {provider for provider, _id in anna.external_ids} == {
        "org.schoolspaces",
        f"oidc-{office.slot.id}",
    }

    file = office.settings.initial_passwords.file
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    localpart = anna.user_id[1:].partition(":")[0]
    signed_in = await homeserver.sign_in(localpart, passwords(office)[anna.user_id])
    assert signed_in.user_id == anna.user_id


async def test_making_an_account_again_leaves_its_password_alone(
    office: Office, homeserver: EmbeddedSynapse
) -> None:
    anna = office.account("anna", "Иванова Анна")
    await office.backend.create(anna)
    look = Bystander(office.slot.homeserver_url, office.slot.as_token)
    await look.put_user(anna.user_id, password="Anna's own password")
    await office.backend.create(anna)
    localpart = anna.user_id[1:].partition(":")[0]
    assert (await homeserver.sign_in(localpart, "Anna's own password")).user_id == anna.user_id


async def test_without_initial_passwords_there_is_no_file(office: Office) -> None:
    file = office.settings.initial_passwords.file
    off = office.settings.initial_passwords.model_copy(update={"mode": "off"})
    office.settings = office.settings.model_copy(update={"initial_passwords": off})
    anna = office.account("anna", "Иванова Анна")
    before = office.homeserver.requests
    await office.backend.create(anna)
    assert (office.homeserver.requests - before, file.exists()) == (1, False)


async def test_new_external_ids_leave_those_of_others_in_place(office: Office) -> None:
    anna = office.account("anna", "Иванова Анна", ("esia", "1"))
    await office.backend.create(anna)
    theirs = ("saml", f"anna-{office.slot.id}")
    look = Bystander(office.slot.homeserver_url, office.slot.as_token)
    pairs = [*anna.external_ids, theirs]
    await look.put_user(
        anna.user_id,
        external_ids=[{"auth_provider": name, "external_id": id_} for name, id_ in pairs],
    )

    married = office.account("anna", "Петрова Анна", ("esia", "2"))
    kept = await office.backend.update(married, ("display_name", "external_ids"))
    assert kept == ObservedAccount(anna.user_id, "Петрова Анна", married.external_ids)
    assert await office.seen(married) == (
        "Петрова Анна",
        tuple(sorted([*married.external_ids, theirs])),
    )


async def test_an_account_that_the_homeserver_lost_is_made_again(office: Office) -> None:
    anna = office.account("anna", "Иванова Анна")
    await office.backend.restore(anna)
    assert await office.seen(anna) == ("Иванова Анна", anna.external_ids)


async def test_only_accounts_that_bear_our_mark_are_ours(
    office: Office, homeserver: EmbeddedSynapse
) -> None:
    anna, oleg = office.account("anna", "Анна"), office.account("oleg", "Олег")
    await office.backend.create(anna)
    await office.backend.create(oleg)
    # The shape of our names, but somebody else's.
    lookalike = f"{office.slot.id}-{'a' * 12}"
    await homeserver.create_user(lookalike, "a long password")
    expected = (await homeserver.create_user(f"{office.slot.id}-told", "a long password")).user_id

    looked: list[tuple[int, int]] = []
    found = await office.backend.managed({expected}, lambda over, all_: looked.append((over, all_)))
    assert found == sorted(
        [
            ObservedAccount(anna.user_id, "Анна", anna.external_ids),
            ObservedAccount(oleg.user_id, "Олег", oleg.external_ids),
            ObservedAccount(expected, f"{office.slot.id}-told", ()),
        ]
    )
    assert looked[-1] == (4, 4)


async def test_accounts_of_others_are_found_and_never_changed(
    office: Office, homeserver: EmbeddedSynapse
) -> None:
    backend = ExternalAccounts(office.homeserver)
    theirs = await homeserver.create_user(f"{office.slot.id}-anna", "a long password")
    anna = DesiredAccount(theirs.user_id, "")
    look = Bystander(office.slot.homeserver_url, office.slot.as_token)
    before = await look.user(theirs.user_id)

    assert await backend.create(anna) == ObservedAccount(theirs.user_id, "", ())
    assert await backend.managed({theirs.user_id, "@nobody:school.test"}) == [
        ObservedAccount(theirs.user_id, "", ())
    ]
    assert await look.user(theirs.user_id) == before

    nobody = DesiredAccount(f"@{office.slot.id}-nobody:{office.slot.server_name}", "")
    with pytest.raises(Permanent) as refusal:
        await backend.create(nobody)
    assert (refusal.value.code, nobody.user_id in str(refusal.value)) == ("unknown_account", True)

    await look.put_user(theirs.user_id, deactivated=True)
    with pytest.raises(Permanent) as refusal:
        await backend.create(anna)
    assert refusal.value.code == "deactivated_account"
