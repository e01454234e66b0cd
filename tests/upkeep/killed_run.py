"""An apply in a process of its own, so that it can be killed."""

import asyncio
from multiprocessing import get_context

from appservice.school.model import Roster
from appservice.upkeep.apply import apply, plan_of
from tests.ground import AppserviceSlot
from tests.upkeep.conftest import SchoolOnTrial, open_workplace

# A server that has everything imported, from which each run is forked: a start takes no time.
RUNS = get_context("forkserver")
RUNS.set_forkserver_preload(["tests.upkeep.killed_run"])


async def _apply(
    slot: AppserviceSlot, dsn: str, url: str, use_module: bool, roster: Roster
) -> None:
    async with open_workplace(slot, dsn, use_module=use_module, url=url) as workplace:
        wish = SchoolOnTrial(workplace, slot).wish(roster)
        digest = (await plan_of(wish, workplace)).plan.digest
        await apply(wish, workplace, digest=digest)


def run_apply(slot: AppserviceSlot, dsn: str, url: str, use_module: bool, roster: Roster) -> None:
    asyncio.run(_apply(slot, dsn, url, use_module, roster))
