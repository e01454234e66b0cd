"""The school goes over into its next year and back while the service is killed again and again."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import date
from pathlib import Path

from appservice.app import deployment_of, today_at
from appservice.school.model import Roster
from appservice.school.sample import write_native
from appservice.service.clock import turn_of_the_year
from appservice.service.office import Office
from appservice.service.parts import Parts, PartsOf, parts_of
from appservice.storage import jobs
from appservice.storage.database import Database
from appservice.storage.jobs import Entrypoint
from appservice.storage.rollover import RolloverState, RolloverStore
from appservice.turning import open_turn
from appservice.upkeep.rollover import take_back
from tests.service.deployment import DeploymentOnTrial, until, variant
from tests.service.killing import POINTS, Kills, kills
from tests.upkeep.proxy import let_pass
from tests.upkeep.reader import SeenSchool

TURN, BACK = "turn at once", "back at once"


def this_year() -> Roster:
    """One class with two subjects."""
    return variant(0)


def next_year(source: int, label: str = "7Ю") -> Roster:
    """The class goes on, called otherwise; each source has ids of its own for its subjects."""
    old = this_year()
    ids = {name: f"{name}-{source}" for name in (*old.classes, *old.groups)}
    return replace(
        old,
        schools=tuple(school._replace(year="2099/2100") for school in old.schools),
        classes={
            ids[name]: one._replace(class_id=ids[name], label=label, year="2099/2100")
            for name, one in old.classes.items()
        },
        groups={
            ids[name]: one._replace(
                group_id=ids[name], class_ids=tuple(ids[each] for each in one.class_ids)
            )
            for name, one in old.groups.items()
        },
        memberships=tuple(
            one._replace(target_id=ids.get(one.target_id, one.target_id)) for one in old.memberships
        ),
    )


async def turning(office: Office, stack: AsyncExitStack) -> Parts:
    """All that there is; a rollover is not waited for until the clock brings it."""

    async def turn(_payload: bytes) -> None:
        await turn_of_the_year(office)

    return await _beginning_with(TURN, Entrypoint(TURN, turn), office, stack)


async def returning(office: Office, stack: AsyncExitStack) -> Parts:
    """The same, where an administrator asks for the way back."""

    async def back(_payload: bytes) -> None:
        latest = await RolloverStore(office.database).latest()
        assert latest is not None
        if latest.state is RolloverState.APPLIED:
            await take_back(
                office.database,
                lambda namespace: office.workplace(deployment_of(office.config, namespace)),
                today=today_at(office.config),
            )
        else:
            await turn_of_the_year(office)

    return await _beginning_with(BACK, Entrypoint(BACK, back), office, stack)


async def _beginning_with(
    name: str, entrypoint: Entrypoint, office: Office, stack: AsyncExitStack
) -> Parts:
    parts = await parts_of(office, stack)
    async with office.database.transaction() as connection:
        await jobs.put(connection, name, [""])
    return replace(parts, entrypoints=(*parts.entrypoints, entrypoint))


async def test_a_rollover_and_its_return_killed_at_random_points_end_as_if_they_had_not_been(
    deployment: DeploymentOnTrial, tmp_path: Path
) -> None:
    """Each time with subjects that were never seen before, so that there are rooms to make."""
    await deployment.stands(this_year())
    async with (
        kills(deployment) as killing,
        Database.connect(deployment.database, connections=2) as database,
    ):
        rollovers = RolloverStore(database)

        async def is_in(state: RolloverState) -> bool:
            latest = await rollovers.latest()
            return latest is not None and latest.state is state

        for point in range(POINTS):
            before = await whole(deployment)
            if point % 2 == 0:
                later = tmp_path / f"later {point}"
                write_native(next_year(point), later)
                async with open_turn(deployment.config(direct=True)) as turn:
                    await turn.draft(later, on=date.today())
                deployment.receives(next_year(point, "7Я"))  # what was drafted is not the latest
                await _killed_and_finished(killing, turning, lambda: is_in(RolloverState.APPLIED))
                after = await whole(deployment)
                assert len(after.rooms) == len(before.rooms) + len(this_year().groups)
            else:
                deployment.receives(this_year())
                await _killed_and_finished(
                    killing, returning, lambda: is_in(RolloverState.RETURNED)
                )
                after = await whole(deployment)
                assert len(after.rooms) == len(before.rooms)
            assert before.rooms.keys() <= after.rooms.keys()
        assert killing.reached >= POINTS / 2


async def _killed_and_finished(
    killing: Kills, parts: PartsOf, over: Callable[[], Awaitable[bool]]
) -> None:
    await killing.one(most=12, parts=parts)
    if killing.chance.random() < 0.5:
        await killing.one(most=6, wait=2, parts=parts)
    killing.proxy.judge = let_pass
    last = killing.deployment.starts(parts_of=parts)
    await until(over)
    await until(lambda: follows_the_roster(killing.deployment))
    last.kill()
    await asyncio.to_thread(last.join)


async def follows_the_roster(deployment: DeploymentOnTrial) -> bool:
    return not (await deployment.plan()).actions


async def whole(deployment: DeploymentOnTrial) -> SeenSchool:
    """What stands; of it the roster's rooms are as they must be, and the database knows it."""
    seen, wanted = await deployment.seen(), await deployment.wanted()
    assert {key: seen.rooms.get(key) for key in wanted.rooms} == wanted.rooms
    assert await deployment.corrections() == ()
    assert (await deployment.plan()).actions == ()
    return seen
