"""A school whose accounts somebody else keeps."""

from dataclasses import replace

from appservice.accounts.external import ExternalAccounts
from appservice.accounts.settings import AccountsSettings
from appservice.embedded.synapse import EmbeddedSynapse
from appservice.rooms.actions import CreateAccount
from appservice.school.model import Roster
from tests.upkeep.conftest import SchoolOnTrial
from tests.upkeep.reader import as_wanted
from tests.upkeep.tiny_school import tiny_roster, without


def with_accounts(school: SchoolOnTrial, *but: str) -> Roster:
    """Everyone's roster row names the account that another system made, except for those in
    `but`.
    """
    roster = tiny_roster()
    return replace(
        roster,
        people={
            key: person._replace(external_ids=(("matrix", f"{school.slot.id}-{key}"),))
            if key not in but
            else person
            for key, person in roster.people.items()
        },
    )


async def test_a_school_of_known_accounts_stands_and_unknown_ones_are_named(
    school: SchoolOnTrial, homeserver: EmbeddedSynapse
) -> None:
    deployment = replace(school.workplace.deployment, accounts=AccountsSettings(backend="external"))
    school.workplace = replace(
        school.workplace,
        deployment=deployment,
        backend=ExternalAccounts(school.workplace.homeserver),
    )
    # Boris has an account that nobody made; the roster does not say which is Masha's.
    for person_id in tiny_roster().people:
        if person_id not in ("boris", "masha"):
            await homeserver.create_user(f"{school.slot.id}-{person_id}", "a long password")
    roster = with_accounts(school, "masha")
    boris = f"@{school.slot.id}-boris:{school.slot.server_name}"

    report = await school.apply(roster)
    assert [(each.action, each.code) for each in report.failed] == [
        (CreateAccount(boris), "unknown_account")
    ]
    assert {type(each.action).__name__ for each in report.skipped} == {"AddMember"}
    assert (report.exit_status, len((await school.plan(roster)).notes)) == (1, 1)
    stands = as_wanted(school.wish(without(roster, "boris", "masha")).desired)
    seen = await school.seen()
    assert seen.rooms == stands.rooms
    assert seen.names == {user: user[1:].partition(":")[0] for user in stands.names}

    await homeserver.create_user(f"{school.slot.id}-boris", "a long password")
    assert (await school.apply(roster)).exit_status == 0
    assert (await school.seen()).rooms == school.wanted(roster).rooms
    assert (await school.plan(roster)).actions == ()
