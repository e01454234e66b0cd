"""Whatever fails on the way, the school is in line in the end, and nobody has to lend a hand."""

import asyncio
import os
import random
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import aiohttp

from appservice.embedded.postgres import EmbeddedPostgres
from appservice.embedded.synapse import EmbeddedSynapse
from appservice.service.running import running_service
from appservice.storage.database import Database, migrate
from tests.ground import AppserviceSlot
from tests.service.deployment import (
    DeploymentOnTrial,
    is_ready,
    status,
    until,
    variant,
)
from tests.upkeep.proxy import Fault, Passing, proxy_to

POINTS = int(os.environ.get("SCHOOL_SPACES_KILL_POINTS", "4"))
SEED = int(os.environ.get("SCHOOL_SPACES_SEED", "1"))
_LONGEST_WAIT_S = 3.0


CUTS = (Fault.CUT_BEFORE, Fault.CUT_AFTER)


@dataclass
class Killer:
    """Kills the service at its request number `at`, or when the test has waited long enough."""

    at: int
    how: Fault
    reached: asyncio.Event = field(default_factory=asyncio.Event)
    service: ForkServerProcess | None = None

    async def judge(self, passing: Passing) -> Fault:
        if passing.number < self.at:
            return Fault.NONE
        if self.service is not None:
            self.service.kill()
        self.reached.set()
        return self.how


async def test_a_service_killed_at_random_points_leaves_nothing_that_the_next_one_does_not_mend(
    deployment: DeploymentOnTrial,
) -> None:
    chance = random.Random(SEED)
    await deployment.stands(variant(0))
    reached = 0
    async with proxy_to(deployment.slot.homeserver_url) as proxy:
        deployment.url = proxy.url
        for point in range(1, POINTS + 1):
            deployment.receives(variant(point))
            killer = Killer(proxy.seen + chance.randint(1, 14), chance.choice(CUTS))
            proxy.judge = killer.judge
            killer.service = deployment.starts()
            with suppress(TimeoutError):
                async with asyncio.timeout(_LONGEST_WAIT_S):
                    await killer.reached.wait()
            killer.service.kill()
            await asyncio.to_thread(killer.service.join)
            reached += killer.reached.is_set()
    assert reached >= POINTS / 2
    deployment.url = ""
    deployment.starts()
    await deployment.is_in_line()
    assert await deployment.corrections() == ()
    assert (await deployment.plan()).actions == ()


async def test_a_service_that_starts_before_synapse_waits_for_it_and_a_storm_of_refusals_passes(
    deployment: DeploymentOnTrial,
) -> None:
    chance = random.Random(SEED)
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
            async with asyncio.timeout(30):
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


@asynccontextmanager
async def own_database(folder: Path) -> AsyncIterator[tuple[EmbeddedPostgres, str]]:
    """A server that may be restarted without harm to others."""
    server = EmbeddedPostgres(folder, durable=False)
    await asyncio.to_thread(server.start)
    try:
        dsn = await asyncio.to_thread(server.create_database, "ours", c_locale=False)
        await migrate(dsn)
        yield server, dsn
    finally:
        await asyncio.to_thread(server.stop)


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
                async with asyncio.timeout(30):
                    await middle.reached.wait()
                await asyncio.to_thread(server.stop)
                assert await status(appservice_slot.port, "/live") == 200
                assert await status(appservice_slot.port, "/ready") == 503
                await asyncio.to_thread(server.start)
                await deployment.is_in_line()
                await is_ready(appservice_slot.port)
                assert await deployment.corrections() == ()


FULL = """
CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = '53100'; END $$;
CREATE TRIGGER full_disk BEFORE INSERT OR UPDATE ON inbox EXECUTE FUNCTION full_disk();
CREATE TRIGGER full_disk BEFORE INSERT OR UPDATE ON run EXECUTE FUNCTION full_disk();
CREATE TRIGGER full_disk BEFORE INSERT OR UPDATE ON room_member EXECUTE FUNCTION full_disk();
"""
"""What PostgreSQL says when its disk is full, of every table that we write to most."""

FREED = "DROP FUNCTION full_disk CASCADE"


async def test_a_full_disk_of_the_database_loses_nothing(deployment: DeploymentOnTrial) -> None:
    await deployment.stands(variant(0))
    port = deployment.slot.port
    url = f"http://127.0.0.1:{port}/_matrix/app/v1/transactions/kept"
    headers = {"Authorization": f"Bearer {deployment.slot.registration.hs_token}"}
    async with (
        Database.connect(deployment.database, connections=1) as database,
        aiohttp.ClientSession(headers=headers) as session,
    ):

        async def execute(sql: str) -> None:
            async with database.connection() as connection:
                await connection.execute(sql)

        async def answered() -> int:
            async with session.put(url, json={"events": []}) as answer:
                return answer.status

        async def stored() -> bool:
            return await answered() == 200

        async with running_service(deployment.config()):
            await is_ready(port)
            await execute(FULL)
            deployment.receives(variant(1))
            assert await answered() == 500  # Synapse keeps it and sends it again
            await asyncio.sleep(1)
            assert await status(port, "/live") == 200
            await execute(FREED)
            await until(stored)
            await deployment.is_in_line()
        assert await deployment.corrections() == ()
