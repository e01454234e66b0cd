"""The contact rules get into Synapse, whole or as changes, and are right whatever happened."""

import asyncio
from collections.abc import AsyncIterator, Collection
from dataclasses import replace
from datetime import date, timedelta
from uuid import uuid4

import pytest

from appservice.contacts.policy import Policy
from appservice.contacts.settings import ContactsSettings
from appservice.embedded.postgres import EmbeddedPostgres
from appservice.errors import Temporary
from appservice.matrix.values import JsonObject
from appservice.school import holding
from appservice.school.model import Roster
from appservice.storage.community import CommunityStore
from appservice.storage.database import Database
from appservice.upkeep.community import (
    CommunityKeeper,
    PushReport,
    keep_community,
    push_policy,
    with_contacts,
)
from appservice.upkeep.living import LivingWish
from appservice.upkeep.report import Report
from appservice.upkeep.wanted_policy import policy_wanted
from tests.ground import AppserviceSlot
from tests.upkeep.conftest import TODAY, SchoolOnTrial, open_workplace
from tests.upkeep.proxy import Fault, Passing, proxy_to
from tests.upkeep.tiny_school import moved, tiny_roster, without


def wanted(school: SchoolOnTrial, roster: Roster | None = None, *, today: date = TODAY) -> Policy:
    wish = school.wish(roster)
    assert wish.delivery is not None
    return policy_wanted(wish.delivery, wish.desired, school.workplace.deployment, today=today)


async def pushed(school: SchoolOnTrial, roster: Roster | None = None) -> PushReport:
    place = school.workplace
    return await push_policy(wanted(school, roster), place.homeserver, place.database)


async def there(school: SchoolOnTrial) -> JsonObject:
    answer = await school.workplace.homeserver.policy()
    assert answer is not None
    return {key: answer[key] for key in ("version", "people")}


async def test_the_first_push_is_whole_the_next_nothing_and_then_only_changes(
    school: SchoolOnTrial,
) -> None:
    assert await school.workplace.homeserver.policy() is None
    assert await pushed(school) == PushReport("whole", 1, 8, requests=1)
    assert await pushed(school) == PushReport("unchanged", 1, 8)

    vanya_in_5a = moved(tiny_roster(), "vanya", {"5b": "5a", "5b-math": "5a-math"})
    # Vanya and his father go elsewhere; Oleg no longer leads a class with students, and the lessons
    # of 5A are still those of all of 5A.
    report = await pushed(school, vanya_in_5a)
    assert (report.how, report.version, report.people, report.removed) == ("changes", 2, 8, 0)
    assert 2 <= report.changed < 8

    report = await pushed(school, without(vanya_in_5a, "boris"))
    assert (report.how, report.version, report.removed) == ("changes", 3, 1)
    assert await there(school) == {"version": 3, "people": 7}


async def test_a_large_policy_goes_in_parts(school: SchoolOnTrial) -> None:
    place = school.workplace
    policy = wanted(school)
    report = await push_policy(policy, place.homeserver, place.database, part_bytes=500)
    assert report.how == "whole"
    assert report.requests > 2
    assert await there(school) == {"version": 1, "people": 8}


async def test_over_an_emptied_database_what_synapse_has_is_learnt_again(
    school: SchoolOnTrial, emptied: Database
) -> None:
    await pushed(school)
    homeserver = school.workplace.homeserver
    assert await push_policy(wanted(school), homeserver, emptied) == PushReport("unchanged", 1, 8)
    less = wanted(school, without(tiny_roster(), "masha"))
    report = await push_policy(less, homeserver, emptied)
    assert (report.how, report.version, report.people, report.removed) == ("changes", 2, 7, 1)


async def test_what_was_sent_by_a_process_that_was_killed_before_it_noted_it_is_replaced_whole(
    school: SchoolOnTrial, emptied: Database
) -> None:
    await pushed(school)
    # The other database stands for the note that was never made.
    less = wanted(school, without(tiny_roster(), "masha"))
    assert (await push_policy(less, school.workplace.homeserver, emptied)).version == 2

    report = await pushed(school, without(tiny_roster(), "masha", "boris"))
    assert report == PushReport("whole", 3, 6, requests=1)
    assert await pushed(school, without(tiny_roster(), "masha", "boris")) == PushReport(
        "unchanged", 3, 6
    )


async def test_several_at_once_come_to_one_end(school: SchoolOnTrial) -> None:
    reports = await asyncio.gather(*(pushed(school) for _ in range(3)))
    assert sorted(report.how for report in reports) == ["unchanged", "unchanged", "whole"]
    assert await there(school) == {"version": 1, "people": 8}


async def test_a_homeserver_that_is_away_costs_a_note_and_the_next_run_does_it(
    appservice_slot: AppserviceSlot, database: str, school: SchoolOnTrial
) -> None:
    async with (
        proxy_to(appservice_slot.homeserver_url) as proxy,
        open_workplace(appservice_slot, database, url=proxy.url, patience=1) as workplace,
    ):

        async def no_policy(passing: Passing) -> Fault:
            return Fault.BROKEN if passing.path.endswith("/policy") else Fault.NONE

        wish = school.wish()
        proxy.judge = no_policy
        with pytest.raises(Temporary):
            await keep_community(
                wish, workplace.deployment, workplace.homeserver, workplace.database
            )
        report = await with_contacts(Report("d"), wish, workplace)
        assert [note.split(":")[0] for note in report.notes] == [
            "Who may write to whom is still as it was before in Synapse; the next run tries again"
        ]
        assert report.exit_status == 0
    assert (await with_contacts(Report("d"), wish, school.workplace)).notes == ()
    assert (await there(school))["people"] == 8


async def test_the_day_on_which_a_role_ends_it_ends_in_synapse_too(school: SchoolOnTrial) -> None:
    tomorrow = TODAY + timedelta(days=1)
    roster = tiny_roster()
    last_day = replace(
        roster,
        memberships=tuple(
            row._replace(end=tomorrow) if row.person_id == "masha" else row
            for row in roster.memberships
        ),
    )
    await school.apply(last_day)
    day = TODAY
    place = school.workplace
    living = LivingWish(place.database, lambda _namespace: place.deployment, lambda: day)
    keeper = CommunityKeeper(living, place.homeserver, place.database)

    await keeper.look()
    assert await there(school) == {"version": 1, "people": 8}
    await keeper.look()
    assert await there(school) == {"version": 1, "people": 8}
    day = tomorrow
    await keeper.look()
    assert await there(school) == {"version": 2, "people": 8}
    masha = (await CommunityStore(place.database).entries())[school.user("masha")]
    assert "class:" not in masha


async def test_other_rules_in_the_configuration_are_brought_to_synapse(
    school: SchoolOnTrial,
) -> None:
    await pushed(school)
    contacts = ContactsSettings.model_validate({"may_write_to": {"student": ["teachers"]}})
    deployment = replace(school.workplace.deployment, contacts=contacts)
    school.workplace = replace(school.workplace, deployment=deployment)
    report = await pushed(school)
    assert (report.how, report.version) == ("changes", 2)
    assert (await CommunityStore(school.workplace.database).pushed()).rules != ""


async def test_a_class_whose_rows_have_errors_changes_nothing_in_synapse(
    school: SchoolOnTrial,
) -> None:
    place = school.workplace

    async def kept(roster: Roster, held: Collection[str] = ()) -> PushReport | None:
        return await keep_community(
            school.wish(roster, tuple(held)),
            place.deployment,
            place.homeserver,
            place.database,
        )

    await kept(tiny_roster())
    readable, held = holding.without(tiny_roster(), ["5a"])
    assert await kept(readable, held) == PushReport("unchanged", 1, 8)
    vanya_leaves = without(readable, "vanya", "boris")
    report = await kept(vanya_leaves, held)
    assert report is not None
    assert (report.how, report.people, report.removed) == ("changes", 6, 2)


@pytest.fixture
async def emptied(database_template: str, postgres: EmbeddedPostgres) -> AsyncIterator[Database]:
    """A second database, in which nothing is known."""
    name = f"emptied_{uuid4().hex[:8]}"
    async with Database.connect(postgres.create_database(name, template=database_template)) as it:
        yield it
    postgres.drop_database(name)
