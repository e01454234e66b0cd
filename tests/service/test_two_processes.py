"""Two services behind a plain proxy are one service, and the death of one is no event."""

import asyncio
import os
import time
from contextlib import AsyncExitStack
from dataclasses import replace

import aiohttp

from appservice.service.office import Office
from appservice.service.parts import Parts, parts_of
from appservice.storage import jobs
from appservice.storage.database import Database
from appservice.storage.jobs import Entrypoint
from tests.service.deployment import (
    DeploymentOnTrial,
    free_ports,
    is_ready,
    round_robin,
    until,
    variant,
)

STRANGERS = 8


async def with_a_long_job(office: Office, stack: AsyncExitStack) -> Parts:
    """All that there is, and a job that its first doer never finishes."""

    async def take_long(_payload: bytes) -> None:
        async with office.database.connection() as connection:
            before = await connection.fetchval("SELECT count(*) FROM doer")
            await connection.execute("INSERT INTO doer (pid) VALUES ($1)", os.getpid())
        if not before:
            await asyncio.Event().wait()

    parts = await parts_of(office, stack)
    return replace(parts, entrypoints=(*parts.entrypoints, Entrypoint("long", take_long)))


async def test_two_services_share_the_work_and_one_takes_over_when_the_other_is_killed(
    deployment: DeploymentOnTrial,
) -> None:
    await deployment.stands(variant(0))
    ports = free_ports(2)
    async with (
        Database.connect(deployment.database, connections=2) as database,
        round_robin(deployment.slot.port, ports) as answered,
    ):
        async with database.transaction() as connection:
            await connection.execute("CREATE TABLE doer (number serial, pid integer)")
            await jobs.put(connection, "long", ["x"])
        services = [deployment.starts(port=port, parts_of=with_a_long_job) for port in ports]
        for port in ports:
            await is_ready(port)
        await sent_twice_to(deployment, ports, database)

        rooms = list((await deployment.seen()).rooms)
        deployment.receives(variant(1))
        for number in range(STRANGERS // 2):
            await noise(deployment, rooms[number % len(rooms)], number)
        await until(lambda: doers(database, 1))
        first = await the_doer(database)
        (killed,) = [service for service in services if service.pid == first]
        killed.kill()
        killed_at = time.monotonic()
        for number in range(STRANGERS // 2, STRANGERS):
            await noise(deployment, rooms[number % len(rooms)], number)
        await deployment.is_in_line()
        await until(lambda: told_everything(database))
        await until(lambda: doers(database, 2))
        assert time.monotonic() - killed_at < 30

        assert [service.is_alive() for service in services if service is not killed] == [True]
        assert min(answered) > 0
    assert await deployment.corrections() == ()
    assert (await deployment.plan()).actions == ()


async def doers(database: Database, count: int) -> bool:
    async with database.connection() as connection:
        return bool(await connection.fetchval("SELECT count(*) FROM doer") == count)


async def the_doer(database: Database) -> int:
    async with database.connection() as connection:
        pid: int = await connection.fetchval("SELECT pid FROM doer ORDER BY number LIMIT 1")
    return pid


async def sent_twice_to(
    deployment: DeploymentOnTrial, ports: list[int], database: Database
) -> None:
    """One transaction to both at the same moment, as after a connection that broke: it is stored
    once, and each answers that it has it.
    """
    headers = {"Authorization": f"Bearer {deployment.slot.registration.hs_token}"}
    async with aiohttp.ClientSession(headers=headers) as session:

        async def send(port: int) -> tuple[int, object]:
            url = f"http://127.0.0.1:{port}/_matrix/app/v1/transactions/twice"
            async with session.put(url, json={"events": []}) as answer:
                return answer.status, await answer.json()

        answers = await asyncio.gather(*(send(port) for port in ports * 3))
    assert answers == [(200, {})] * 6
    async with database.connection() as connection:
        stored = await connection.fetchval(
            "SELECT count(*) FROM inbox WHERE transaction_id = 'twice'"
        )
    assert stored == 1


async def noise(deployment: DeploymentOnTrial, key: str, number: int) -> None:
    """Somebody is at the door and sent away, of which only transactions tell."""
    room_id, stranger = await room_of(deployment, key), f"@stranger{number}:school.test"
    await deployment.bot.act(room_id, "invite", user_id=stranger)
    await deployment.bot.act(room_id, "kick", user_id=stranger)


async def room_of(deployment: DeploymentOnTrial, key: str) -> str:
    return await deployment.bot.room_id((await deployment.wanted()).rooms[key].alias)


async def told_everything(database: Database) -> bool:
    """The end of every visit has arrived in the observed state."""
    async with database.connection() as connection:
        told = await connection.fetchval(
            "SELECT count(*) FROM room_member"
            " WHERE user_id LIKE '@stranger%' AND membership = 'leave'"
        )
    return bool(told == STRANGERS)
