"""A school in its next year, and back, on a real Synapse."""

import asyncio
from dataclasses import replace
from datetime import date, timedelta

import pytest

from appservice.embedded.postgres import EmbeddedPostgres
from appservice.errors import Refused, Temporary
from appservice.school.model import Roster
from appservice.storage.database import Database
from appservice.storage.observed import ObservedStore
from appservice.storage.rollover import RolloverState, RolloverStore
from appservice.storage.standing import StandingStore
from appservice.upkeep.apply import apply
from appservice.upkeep.rollover import (
    Draft,
    begin,
    confirm,
    draft,
    drop,
    due_rollover,
    take_back,
)
from appservice.upkeep.this_year import as_turned
from tests import ground
from tests.upkeep.conftest import TODAY, SchoolOnTrial
from tests.upkeep.proxy import Fault, Passing, proxy_to
from tests.upkeep.test_calendar import keeping
from tests.upkeep.tiny_school import delivery
from tests.upkeep.turning import RUNS, next_year, run_due, this_year

CHAT, MATHS = "17/class_chat/5a", "17/subject_room/5a-math"
NEW_MATHS = f"{MATHS}@2026"


async def drafted(school: SchoolOnTrial, on: date | None = TODAY) -> Draft:
    return await draft(delivery(next_year()), school.workplace, today=TODAY, on=on)


async def due(school: SchoolOnTrial, today: date = TODAY) -> bool:
    """Do what is due; whether anything was."""
    database, workplace = school.workplace.database, school.workplace
    return await due_rollover(database, lambda _namespace: workplace, today=today) is not None


async def back(school: SchoolOnTrial) -> None:
    database, workplace = school.workplace.database, school.workplace
    report = await take_back(database, lambda _namespace: workplace, today=TODAY)
    assert (report.failed, report.skipped) == ((), ())


async def turned(school: SchoolOnTrial) -> Roster:
    """The next year's roster under the ids of the rooms."""
    found = (await as_turned(delivery(next_year()), school.workplace.database)).roster
    assert found is not None
    return found


async def state(school: SchoolOnTrial) -> RolloverState | None:
    latest = await RolloverStore(school.workplace.database).latest()
    return latest.state if latest else None


async def assert_stands(school: SchoolOnTrial, roster: Roster) -> None:
    """Every room of the roster is as it must be; those that have ended may be there beside them."""
    seen, wanted = await school.seen(), school.wanted(roster)
    assert {key: seen.rooms[key] for key in wanted.rooms} == wanted.rooms
    assert (await school.plan(roster)).actions == ()


async def test_a_class_goes_on_in_its_rooms_with_a_new_room_for_each_subject_and_back(
    school: SchoolOnTrial,
) -> None:
    await school.stand(this_year())
    chat, maths = await school.room_id(CHAT), await school.room_id(MATHS)
    made = await drafted(school)
    assert [line.after for line in made.turnover.classes] == ["6А", ""]
    assert made.plan.counts["create_room"] == 1

    assert await due(school)
    assert await state(school) is RolloverState.APPLIED
    after = await turned(school)
    await assert_stands(school, after)
    wanted = school.wanted(after).rooms
    assert (wanted[CHAT].name, NEW_MATHS in wanted, MATHS in wanted) == (
        "6А: чат класса",
        True,
        False,
    )
    assert await school.room_id(CHAT) == chat
    assert (await school.seen()).rooms[MATHS].name.endswith("· 2025/2026")
    assert not await due(school)  # once is enough

    await back(school)
    assert await state(school) is RolloverState.RETURNED
    await assert_stands(school, this_year())
    assert (await school.room_id(CHAT), await school.room_id(MATHS)) == (chat, maths)
    standing = await StandingStore(school.workplace.database).latest()
    assert standing is not None
    assert standing.delivery.roster == this_year()


async def test_it_waits_for_its_day_and_for_the_end_of_a_blackout(school: SchoolOnTrial) -> None:
    await school.stand(this_year())
    tomorrow = TODAY + timedelta(days=1)
    await drafted(school, on=tomorrow)
    assert not await due(school)
    keeping(school, blackout=[{"from": tomorrow, "to": tomorrow}])
    assert not await due(school, tomorrow)
    assert await state(school) is RolloverState.DRAFTED
    assert await due(school, tomorrow + timedelta(days=1))
    assert await state(school) is RolloverState.APPLIED


async def test_without_a_day_a_person_begins_it_with_the_digest_of_the_draft(
    school: SchoolOnTrial,
) -> None:
    await school.stand(this_year())
    made = await drafted(school, on=None)
    database, workplace = school.workplace.database, school.workplace
    assert not await due(school, TODAY + timedelta(days=900))
    with pytest.raises(Refused, match="not 0000"):
        await begin(database, lambda _name: workplace, today=TODAY, digest="0000")
    report = await begin(database, lambda _name: workplace, today=TODAY, digest=made.digest)
    assert report.exit_status == 0
    await assert_stands(school, await turned(school))


async def test_what_the_source_delivers_has_to_be_of_the_year_the_school_is_in(
    school: SchoolOnTrial,
) -> None:
    await school.stand(this_year())
    database = school.workplace.database
    old, new = delivery(this_year()), delivery(next_year())
    assert await as_turned(new, database) == new  # nobody speaks of a rollover yet

    await drafted(school)
    assert await as_turned(old, database) == old
    with pytest.raises(Refused, match="delivers the school year 2026/2027"):
        await as_turned(new, database)

    await due(school)
    with pytest.raises(Refused, match="delivers the school year 2025/2026"):
        await as_turned(old, database)
    await confirm(database)
    with pytest.raises(Refused, match="delivers the school year 2025/2026"):
        await as_turned(old, database)
    assert NEW_MATHS in school.wanted(await turned(school)).rooms


async def test_one_rollover_is_under_way_at_a_time(school: SchoolOnTrial) -> None:
    await school.stand(this_year())
    database = school.workplace.database
    with pytest.raises(Refused, match="No rollover is in a state for this"):
        await confirm(database)
    await drafted(school)
    again = await drafted(school, on=None)  # in place of the first
    await drop(database)
    with pytest.raises(Refused, match="No rollover is in a state for this"):
        await drop(database)
    await drafted(school)
    await due(school)
    with pytest.raises(Refused, match="Confirm it"):
        await drafted(school)
    await confirm(database)
    with pytest.raises(Refused, match="No rollover is in a state for this"):
        await back(school)
    assert again.on is None


async def test_before_the_next_year_begins_nobody_loses_their_rooms(school: SchoolOnTrial) -> None:
    await school.stand(this_year())
    roster = next_year()
    late = TODAY + timedelta(days=30)
    members = tuple(one._replace(begin=late) for one in roster.memberships)
    await draft(
        delivery(replace(roster, memberships=members)),
        school.workplace,
        today=TODAY,
        on=late,
    )
    database, workplace = school.workplace.database, school.workplace
    with pytest.raises(Refused, match="in no class on 2026-10-01"):
        await begin(database, lambda _name: workplace, today=TODAY)
    assert await state(school) is RolloverState.DRAFTED


@pytest.mark.parametrize("point", [1, 4, 9])
async def test_a_rollover_killed_at_any_point_is_finished_by_the_next_run(
    school: SchoolOnTrial, database: str, point: int
) -> None:
    await school.stand(this_year())
    await drafted(school)
    async with proxy_to(school.slot.homeserver_url) as proxy:
        process = RUNS.Process(target=run_due, args=(school.slot, database, proxy.url, TODAY))

        async def judge(passing: Passing) -> Fault:
            if passing.number < point:
                return Fault.NONE
            process.kill()
            return Fault.CUT_AFTER if point % 2 else Fault.CUT_BEFORE

        proxy.judge = judge
        process.start()
        await asyncio.to_thread(process.join)
        assert process.exitcode == -9
    assert await state(school) is RolloverState.APPLYING
    with pytest.raises(Refused, match="begun and is not finished"):
        await as_turned(delivery(next_year()), school.workplace.database)

    assert await due(school)
    assert await state(school) is RolloverState.APPLIED
    await assert_stands(school, await turned(school))


async def test_over_a_lost_database_a_class_is_still_known_by_its_rooms(
    school: SchoolOnTrial, postgres: EmbeddedPostgres, database_template: str
) -> None:
    await school.stand(this_year())
    await drafted(school)
    await due(school)
    before, after = await school.seen(), await turned(school)
    copies = ground.copied_database(postgres, database_template)
    async with Database.connect(next(copies)) as database:
        store = ObservedStore(database, bot=school.slot.bot_id)
        school.workplace = replace(school.workplace, database=database, store=store)
        with pytest.raises(Temporary, match="found again on the homeserver"):
            await apply(school.wish(next_year()), school.workplace)
        assert await turned(school) == after
        assert (await school.apply(after)).exit_status == 0
        assert await school.seen() == before
    next(copies, None)
