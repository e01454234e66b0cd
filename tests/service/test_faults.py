"""Whatever fails on the way, the school is in line in the end, and nobody has to lend a hand."""

import asyncio
import os
import signal
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import pytest

from appservice.embedded.synapse import EmbeddedSynapse
from appservice.service.running import running_service
from appservice.storage.database import Database
from tests.ground import AppserviceSlot
from tests.service.deployment import (
    DeploymentOnTrial,
    is_ready,
    own_database,
    status,
    until,
    variant,
)
from tests.service.killing import POINTS, kills, seeded
from tests.storage.full_disk import full_disk
from tests.upkeep.proxy import Fault, Passing, proxy_to


async def test_a_service_killed_at_random_points_leaves_nothing_that_the_next_one_does_not_mend(
    deployment: DeploymentOnTrial,
) -> None:
    await deployment.stands(variant(0))
    async with kills(deployment) as killing:
        for point in range(1, POINTS + 1):
            deployment.receives(variant(point))
            await killing.one(most=14, wait=5)
        assert killing.reached >= POINTS / 2
    deployment.starts()
    await deployment.is_in_line()
    assert await deployment.corrections() == ()
    assert (await deployment.plan()).actions == ()


async def test_a_service_that_starts_before_synapse_waits_for_it_and_a_storm_of_refusals_passes(
    deployment: DeploymentOnTrial,
) -> None:
    chance = seeded()
    await deployment.stands(variant(0))
    deployment.receives(variant(1))
    port = deployment.slot.port
    async with proxy_to(deployment.slot.homeserver_url) as proxy:

        async def away(_passing: Passing) -> Fault:
            return Fault.CUT_BEFORE

        async def storm(_passing: Passing) -> Fault:
            return Fault.BUSY if chance.random() < 0.6 else Fault.NONE

        proxy.judge = away
        deployment.url, deployment.patience = proxy.url, 1.0
        async with running_service(deployment.config()):
            assert (await status(port, "/live"), await status(port, "/health")) == (200, 200)
            assert await status(port, "/ready") == 503
            proxy.judge = storm
            await is_ready(port)
            await deployment.is_in_line()
        assert await deployment.corrections() == ()


@dataclass
class Middle:
    """Notices when the first change of a plan is on its way."""

    reached: asyncio.Event = field(default_factory=asyncio.Event)

    async def judge(self, passing: Passing) -> Fault:
        if passing.method in ("PUT", "POST"):
            self.reached.set()
        return Fault.NONE


async def test_synapse_hanging_and_restarted_in_the_middle_of_the_work_is_waited_out(
    deployment: DeploymentOnTrial, homeserver: EmbeddedSynapse
) -> None:
    await deployment.stands(variant(0))
    async with proxy_to(homeserver.url) as proxy:
        deployment.url = proxy.url
        async with running_service(deployment.config()):
            middle = Middle()
            proxy.judge = middle.judge
            deployment.receives(variant(1))
            async with asyncio.timeout(120):
                await middle.reached.wait()
            assert homeserver.pid is not None
            os.kill(homeserver.pid, signal.SIGSTOP)
            await asyncio.sleep(1)
            os.kill(homeserver.pid, signal.SIGCONT)
            homeserver.kill()
            await homeserver.start()
            await deployment.is_in_line()
            await is_ready(deployment.slot.port)
        assert await deployment.corrections() == ()


async def test_a_restart_of_postgresql_in_the_middle_of_the_work_is_waited_out(
    tmp_path: Path, ground_folder: Path, appservice_slot: AppserviceSlot
) -> None:
    async with own_database(ground_folder / "restarted") as (server, dsn):
        deployment = DeploymentOnTrial(tmp_path, appservice_slot, dsn)
        await deployment.stands(variant(0))
        async with proxy_to(appservice_slot.homeserver_url) as proxy:
            middle = Middle()
            deployment.url = proxy.url
            async with running_service(deployment.config()):
                proxy.judge = middle.judge
                deployment.receives(variant(1))
                async with asyncio.timeout(120):
                    await middle.reached.wait()
                await asyncio.to_thread(server.stop)
                assert await status(appservice_slot.port, "/live") == 200
                assert await status(appservice_slot.port, "/ready") == 503
                await asyncio.to_thread(server.start)
                await deployment.is_in_line()
                await is_ready(appservice_slot.port)
                assert await deployment.corrections() == ()


async def test_a_full_disk_of_the_database_loses_nothing(
    deployment: DeploymentOnTrial, caplog: pytest.LogCaptureFixture
) -> None:
    await deployment.stands(variant(0))
    port = deployment.slot.port
    url = f"http://127.0.0.1:{port}/_matrix/app/v1/transactions/kept"
    headers = {"Authorization": f"Bearer {deployment.slot.registration.hs_token}"}
    async with (
        Database.connect(deployment.database, connections=1) as database,
        aiohttp.ClientSession(headers=headers) as session,
    ):

        async def answered() -> int:
            async with session.put(url, json={"events": []}) as answer:
                return answer.status

        async def stored() -> bool:
            return await answered() == 200

        async def sync_failed() -> bool:
            return "Sync: " in caplog.text

        async with running_service(deployment.config()):
            await is_ready(port)
            async with full_disk(database):
                deployment.receives(variant(1))
                assert await answered() == 500  # Synapse keeps it and sends it again
                await until(sync_failed)
                assert await status(port, "/live") == 200
            await until(stored)
            await deployment.is_in_line()
        assert await deployment.corrections() == ()
