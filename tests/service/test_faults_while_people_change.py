"""Whatever fails while people change their rooms: all of it is put back, and recorded once."""

import asyncio
import os
import random
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from appservice.embedded.synapse import EmbeddedSynapse
from appservice.service.running import running_service
from appservice.storage.database import Database
from tests.ground import AppserviceSlot
from tests.service.deployment import (
    DeploymentOnTrial,
    free_ports,
    is_ready,
    own_database,
    until,
)
from tests.service.door import Door, door
from tests.service.killing import seeded
from tests.service.people import People, a_class
from tests.storage.full_disk import full_disk
from tests.upkeep.proxy import Fault, Passing, Proxy, let_pass, proxy_to

CHANGES = 6


@dataclass
class Scene:
    """A service between two lines that can be made worse: to Synapse `proxy`, from it `door`."""

    deployment: DeploymentOnTrial
    people: People
    proxy: Proxy
    door: Door
    database: Database
    chance: random.Random
    log: pytest.LogCaptureFixture

    async def is_missed(self) -> bool:
        return "The homeserver does not answer." in self.log.text

    async def change(self, count: int = CHANGES) -> None:
        for _each in range(count):
            await self.people.change(self.chance)

    async def being_put_back(self) -> None:
        """Returns when the service has begun to put something back."""
        began = asyncio.Event()

        async def judge(passing: Passing) -> Fault:
            if passing.method != "GET":
                began.set()
            return Fault.NONE

        self.proxy.judge = judge
        async with asyncio.timeout(120):
            await began.wait()
        self.proxy.judge = let_pass


@asynccontextmanager
async def scene(
    deployment: DeploymentOnTrial, log: pytest.LogCaptureFixture
) -> AsyncIterator[Scene]:
    """When the block ends, the school has to come into line."""
    await deployment.stands(a_class())
    slot = deployment.slot
    (port,) = free_ports(1)
    chance = seeded()
    async with (
        proxy_to(slot.homeserver_url) as proxy,
        door(slot.port, port, slot.registration.hs_token) as opened,
        Database.connect(deployment.database, connections=2) as database,
    ):
        deployment.url = proxy.url
        people = await People.of(deployment, chance)
        async with running_service(deployment.config(port=port)):
            await is_ready(port)
            await deployment.is_known()
            yield Scene(deployment, people, proxy, opened, database, chance, log)
            await deployment.is_known()
            await people.are_put_right(database)
    assert await deployment.corrections() == ()
    assert (await deployment.plan()).actions == ()


async def storm(scene: Scene, _synapse: EmbeddedSynapse) -> None:
    """Synapse says to most requests that it is too busy, as long as there is anything to do."""

    async def judge(_passing: Passing) -> Fault:
        return Fault.BUSY if scene.chance.random() < 0.6 else Fault.NONE

    scene.proxy.judge = judge
    await scene.change()


async def bad_line(scene: Scene, _synapse: EmbeddedSynapse) -> None:
    """Requests are lost, and answers."""
    faults = (Fault.BROKEN, Fault.CUT_BEFORE, Fault.CUT_AFTER, Fault.NONE)

    async def judge(_passing: Passing) -> Fault:
        return scene.chance.choice(faults)

    scene.proxy.judge = judge
    await scene.change()


async def killed(scene: Scene, synapse: EmbeddedSynapse) -> None:
    """Synapse dies in the middle of it."""
    await scene.change()
    await scene.being_put_back()
    synapse.kill()
    await synapse.start()


async def hanging(scene: Scene, synapse: EmbeddedSynapse) -> None:
    """Synapse stands still until the service takes it for dead."""
    await scene.change()
    await scene.being_put_back()
    assert synapse.pid is not None
    os.kill(synapse.pid, signal.SIGSTOP)
    await until(scene.is_missed)
    os.kill(synapse.pid, signal.SIGCONT)


async def disk_full(scene: Scene, _synapse: EmbeddedSynapse) -> None:
    """The disk of the database is full when people change rooms, and in the middle of it."""
    await scene.change()
    await scene.being_put_back()
    async with full_disk(scene.database):
        await scene.change()

        async def refused() -> bool:
            return 500 in scene.door.answered

        await until(refused)


async def mixed_up(scene: Scene, _synapse: EmbeddedSynapse) -> None:
    """Transactions come in any order, and some of them twice."""
    told: list[bytes] = []

    async def everything_is_told() -> bool:
        bodies = [body for _path, body in scene.door.kept]
        return scene.people.are_told_in((*told, *bodies))

    for _time in range(3):
        scene.door.keeping = True
        await scene.change()
        left = await scene.people.change(scene.chance, "leave")
        await scene.people.once_more(left)
        await until(everything_is_told)
        told += [body for _path, body in scene.door.kept]
        await scene.door.hand_on_mixed_up(scene.chance)
        await scene.people.are_recorded(scene.database)


@pytest.mark.parametrize("fault", [storm, bad_line, killed, hanging, disk_full, mixed_up])
async def test_whatever_fails_what_people_change_is_put_back_and_recorded_once(
    deployment: DeploymentOnTrial,
    homeserver: EmbeddedSynapse,
    fault: Callable[[Scene, EmbeddedSynapse], Awaitable[None]],
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with scene(deployment, caplog) as here:
        await fault(here, homeserver)


async def test_a_restart_of_postgresql_while_people_change_rooms_loses_nothing(
    tmp_path: Path,
    ground_folder: Path,
    appservice_slot: AppserviceSlot,
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with own_database(ground_folder / "restarted while people change") as (server, dsn):
        deployment = DeploymentOnTrial(tmp_path, appservice_slot, dsn)
        async with scene(deployment, caplog) as here:
            await here.change()
            await here.being_put_back()
            await asyncio.to_thread(server.stop)
            await here.change()
            await asyncio.to_thread(server.start)
