"""What a process began and was killed over is finished by another that has no part in it, long
before the clock would bring it.
"""

import asyncio
from pathlib import Path

from appservice.config.model import Config
from appservice.school.sample import write_native
from appservice.service.clock import UPKEEP_JOB
from appservice.storage import jobs
from appservice.storage.database import Database
from appservice.storage.rollover import RolloverState, RolloverStore
from appservice.storage.runs import RunLog
from appservice.turning import open_turn
from tests.service.deployment import SERVICES, DeploymentOnTrial, until
from tests.service.killing import Killer
from tests.service.test_killed_turning import follows_the_roster, next_year, this_year, whole
from tests.upkeep.proxy import Fault, Passing, let_pass, proxy_to


async def _begin(config: Config, *, forward: bool) -> None:
    async with open_turn(config) as turn:
        await (turn.begin() if forward else turn.take_back())


def type_turn(config: Config, forward: bool) -> None:
    """What an administrator types at a terminal."""
    asyncio.run(_begin(config, forward=forward))


async def test_a_rollover_whose_terminal_is_killed_is_finished_by_the_service_and_so_is_its_return(
    deployment: DeploymentOnTrial, tmp_path: Path
) -> None:
    await deployment.stands(this_year())
    later = tmp_path / "later"
    write_native(next_year(0), later)
    async with open_turn(deployment.config(direct=True)) as turn:
        await turn.draft(later)
        async with proxy_to(deployment.slot.homeserver_url) as proxy:
            deployment.url = proxy.url
            for forward, begun, over in (
                (True, RolloverState.APPLYING, RolloverState.APPLIED),
                (False, RolloverState.RETURNING, RolloverState.RETURNED),
            ):
                deployment.receives(next_year(0) if forward else this_year())
                killer = Killer(2, None, Fault.CUT_BEFORE)
                proxy.judge = killer.judge
                killer.service = SERVICES.Process(
                    target=type_turn, args=(deployment.config(), forward), daemon=True
                )
                killer.service.start()
                await killer.reached.wait()
                await asyncio.to_thread(killer.service.join)
                assert await state_of(turn.database) is begun

                proxy.judge = let_pass
                service = deployment.starts()

                async def ended(over: RolloverState = over) -> bool:
                    return await state_of(turn.database) is over

                await until(ended)
                await until(lambda: follows_the_roster(deployment))
                await whole(deployment)
                service.kill()
                await asyncio.to_thread(service.join)


async def state_of(database: Database) -> RolloverState | None:
    latest = await RolloverStore(database).latest()
    return latest.state if latest else None


async def test_an_audit_whose_service_is_killed_is_made_by_another(
    deployment: DeploymentOnTrial,
) -> None:
    await deployment.stands(this_year())
    async with (
        proxy_to(deployment.slot.homeserver_url) as proxy,
        Database.connect(deployment.database, connections=2) as database,
    ):
        deployment.url = proxy.url
        killed = asyncio.Event()

        async def kill_at_the_first_room(passing: Passing) -> Fault:
            reads = passing.method == "GET" and passing.path.endswith("/state")
            if not reads or not await audits(database):
                return Fault.NONE
            service.kill()
            killed.set()
            return Fault.CUT_BEFORE

        proxy.judge = kill_at_the_first_room
        async with database.transaction() as connection:
            await jobs.put(connection, UPKEEP_JOB, [""], once=True)
        service = deployment.starts()
        await killed.wait()
        await asyncio.to_thread(service.join)
        assert await audits(database) == [""]

        proxy.judge = let_pass
        deployment.starts()

        async def is_made() -> bool:
            return await audits(database) == ["done", ""]

        await until(is_made)


async def audits(database: Database) -> list[str]:
    """How they ended, the latest first."""
    return [run.outcome for run in await RunLog(database).latest(50) if run.kind == "audit"]
