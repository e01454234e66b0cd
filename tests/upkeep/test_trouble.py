"""What happens when something goes wrong on the way."""

import asyncio
import random
from collections.abc import AsyncIterator

import pytest

from appservice.errors import Refused
from appservice.rooms.actions import Action, AddMember, CreateAccount, CreateRoom, Link
from appservice.storage.runs import RunLog
from appservice.upkeep.apply import apply, plan_of
from appservice.upkeep.report import AWAY
from tests.ground import AppserviceSlot
from tests.upkeep.conftest import SchoolOnTrial, open_workplace
from tests.upkeep.proxy import Fault, Passing, Proxy, let_pass, proxy_to
from tests.upkeep.tiny_school import tiny_roster, without


@pytest.fixture(params=["api", "module"])
async def troubled(
    request: pytest.FixtureRequest, appservice_slot: AppserviceSlot, database: str
) -> AsyncIterator[tuple[SchoolOnTrial, Proxy]]:
    """A school whose way to the homeserver leads through a proxy."""
    async with (
        proxy_to(appservice_slot.homeserver_url) as proxy,
        open_workplace(
            appservice_slot,
            database,
            use_module=request.param == "module",
            url=proxy.url,
            patience=60,
        ) as workplace,
    ):
        if request.param == "module" and not await workplace.homeserver.abilities():
            pytest.skip("the homeserver runs without the School Spaces module")
        yield SchoolOnTrial(workplace, appservice_slot), proxy


async def test_what_depends_on_a_failure_is_skipped_and_named_and_the_rest_is_done(
    troubled: tuple[SchoolOnTrial, Proxy],
) -> None:
    school, proxy = troubled
    refused_alias = school.wish().desired.rooms["17/class_space/5b"].alias.split(":")[0][1:]
    oleg = school.user("oleg")

    async def judge(passing: Passing) -> Fault:
        refused = (
            refused_alias.encode() in passing.body and b"room_alias_name" in passing.body
        ) or (passing.method == "PUT" and passing.path.endswith(f"/users/{oleg}"))
        return Fault.REFUSED if refused else Fault.NONE

    proxy.judge = judge
    report = await school.apply()

    assert {(type(each.action), each.code) for each in report.failed} == {
        (CreateAccount, "M_FORBIDDEN"),
        (CreateRoom, "M_FORBIDDEN"),
    }
    skipped = {each.action: each.because for each in report.skipped}
    no_space = "The room 17/class_space/5b could not be made."
    desired = school.wish().desired.rooms
    not_linked: dict[Action, str] = {
        Link(room.parent, room.key, room.order, room.suggested): no_space
        for room in desired.values()
        if "5b" in room.key
    }
    not_made: dict[Action, str] = {
        CreateRoom("17/class_chat/5b", "class_chat", "5Б: чат класса"): no_space,
        CreateRoom("17/subject_room/5b-math", "subject_room", "5Б: Математика"): no_space,
    }
    found = {
        action: because
        for action, because in skipped.items()
        if isinstance(action, CreateRoom | Link)
    }
    assert found == not_made | not_linked
    left_out = {action for action in skipped if isinstance(action, AddMember)}
    assert left_out == {
        AddMember(key, user)
        for key, room in desired.items()
        for user in room.members
        if "5b" in key or user == oleg
    }
    assert report.exit_status == 1

    seen, wanted = await school.seen(), school.wanted()
    stands = {key for key in wanted.rooms if "5b" not in key}
    assert set(seen.rooms) == stands
    for key in stands:
        levels = {user: level for user, level in wanted.rooms[key].levels.items() if user != oleg}
        assert seen.rooms[key].levels == levels

    proxy.judge = let_pass
    assert (await school.apply()).exit_status == 0
    assert await school.seen() == school.wanted()


async def test_a_busy_homeserver_and_a_bad_line_only_cost_time(
    troubled: tuple[SchoolOnTrial, Proxy],
) -> None:
    school, proxy = troubled
    chance = random.Random(7)
    made: list[Fault] = []

    async def judge(_passing: Passing) -> Fault:
        if chance.random() < 0.25:
            made.append(
                chance.choice((Fault.BUSY, Fault.BROKEN, Fault.CUT_BEFORE, Fault.CUT_AFTER))
            )
            return made[-1]
        return Fault.NONE

    proxy.judge = judge
    report = await school.apply()
    assert (report.failed, report.skipped) == ((), ())
    assert set(made) >= {Fault.BUSY, Fault.CUT_AFTER}
    assert await school.seen() == school.wanted()
    assert (await school.plan()).actions == ()


@pytest.mark.parametrize("troubled", ["api"], indirect=True)
async def test_a_homeserver_that_goes_away_ends_the_run_and_the_next_one_goes_on(
    troubled: tuple[SchoolOnTrial, Proxy], database: str
) -> None:
    school, proxy = troubled

    async def judge(passing: Passing) -> Fault:
        return Fault.CUT_BEFORE if passing.number > 12 else Fault.NONE

    proxy.judge = judge
    use_module = school.workplace.use_module
    async with open_workplace(
        school.slot, database, use_module=use_module, url=proxy.url, patience=0.2
    ) as impatient:
        report = await SchoolOnTrial(impatient, school.slot).apply()
    assert {each.code for each in report.failed} == {AWAY}
    assert report.skipped
    assert report.exit_status == 1
    (run,) = await RunLog(school.workplace.database).latest(1)
    assert (run.outcome, run.left_over) == (
        "failed",
        {"failed": len(report.failed), "skipped": len(report.skipped)},
    )

    proxy.judge = let_pass
    # Not held: the first run has not come to its end.
    assert (await school.apply(approved=False)).exit_status == 0
    assert await school.seen() == school.wanted()


@pytest.mark.parametrize("troubled", ["api"], indirect=True)
async def test_what_was_done_before_ctrl_c_is_not_done_again(
    troubled: tuple[SchoolOnTrial, Proxy],
) -> None:
    school, proxy = troubled
    halfway = asyncio.Event()

    async def judge(passing: Passing) -> Fault:
        if passing.path.endswith("/createRoom") or passing.path.endswith("/rooms/create"):
            halfway.set()
            await asyncio.sleep(3600)
        return Fault.NONE

    proxy.judge = judge
    running = asyncio.create_task(school.apply())
    await halfway.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running

    assert set(await school.workplace.store.accounts()) == set(school.wish().desired.accounts)
    assert "create_account" not in (await school.plan()).counts

    proxy.judge = let_pass
    assert (await school.apply()).exit_status == 0
    assert await school.seen() == school.wanted()


async def test_a_plan_that_has_moved_since_it_was_approved_is_refused(
    school: SchoolOnTrial,
) -> None:
    await school.stand()
    approved = (await school.plan(without(tiny_roster(), "masha"))).digest
    before = await school.seen()
    with pytest.raises(Refused) as refusal:
        await apply(school.wish(without(tiny_roster(), "petya")), school.workplace, digest=approved)
    assert f"not {approved}" in str(refusal.value)
    assert await school.seen() == before


async def test_a_plan_that_takes_too_much_waits_for_a_person(school: SchoolOnTrial) -> None:
    await school.stand()
    fewer = without(tiny_roster(), "masha", "petya")
    plan = await school.plan(fewer)
    assert [hold.code for hold in plan.holds] == ["removals.memberships"]
    with pytest.raises(Refused) as refusal:
        await apply(school.wish(fewer), school.workplace)
    assert refusal.value.reasons[0] == plan.holds[0].text
    assert plan.digest in refusal.value.reasons[-1]

    report = await apply(school.wish(fewer), school.workplace, digest=plan.digest)
    assert report.exit_status == 0
    assert await school.seen() == school.wanted(fewer)


async def test_two_runs_at_once_are_one_too_many(school: SchoolOnTrial) -> None:
    async with school.workplace.database.exclusive("apply"):
        with pytest.raises(Refused, match="Another run is under way"):
            await school.apply()
    assert (await school.seen()).rooms == {}


async def test_people_in_rows_with_errors_stay_as_they_are(school: SchoolOnTrial) -> None:
    await school.stand()
    before = await school.seen()
    gone = without(tiny_roster(), "masha", "vanya", "boris")
    wish = school.wish(gone, held=("masha", "vanya", "boris"))
    plan = (await plan_of(wish, school.workplace)).plan
    assert plan.actions == ()
    await apply(wish, school.workplace)
    assert await school.seen() == before
