"""Two runs of one deployment never work at the same time."""

import asyncio
import os
import socket
import sys

import asyncpg
import pytest

from appservice.errors import Refused, Temporary
from appservice.storage.database import Database

HOLDER = """
import asyncio, sys
from appservice.storage.database import Database

async def hold() -> None:
    async with Database.connect(sys.argv[1]) as database, database.exclusive("apply"):
        print("held", flush=True)
        await asyncio.sleep(600)

asyncio.run(hold())
"""


async def test_the_second_is_told_who_is_at_work_and_since_when(memory: Database) -> None:
    async with memory.exclusive("apply"):
        with pytest.raises(Refused) as refused:
            async with memory.exclusive("apply"):
                pass

    assert f"process {os.getpid()} on {socket.gethostname()[:30]}" in str(refused.value)
    assert " UTC" in str(refused.value)


async def test_the_lock_is_free_as_soon_as_the_first_has_ended(memory: Database) -> None:
    for _ in range(3):
        async with memory.exclusive("apply"):
            pass


async def test_the_lock_is_free_after_an_error(memory: Database) -> None:
    with pytest.raises(ZeroDivisionError):
        async with memory.exclusive("apply"):
            raise ZeroDivisionError

    async with memory.exclusive("apply"):
        pass


async def test_different_work_does_not_wait(memory: Database) -> None:
    async with memory.exclusive("apply"), memory.exclusive("audit"):
        pass


async def test_a_killed_holder_leaves_no_lock_behind(memory: Database, database: str) -> None:
    holder = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", HOLDER, database), stdout=asyncio.subprocess.PIPE
    )
    try:
        assert holder.stdout is not None
        assert await holder.stdout.readline() == b"held\n"
        with pytest.raises(Refused, match=f"process {holder.pid} "):
            async with memory.exclusive("apply"):
                pass
    finally:
        holder.kill()
        await holder.wait()

    async with asyncio.timeout(120):
        while True:
            try:
                async with memory.exclusive("apply"):
                    break
            except Refused:
                await asyncio.sleep(0.05)  # the server has not noticed yet


async def test_work_stops_when_its_lock_is_lost(memory: Database, database: str) -> None:
    reached = []

    async def work() -> None:
        async with memory.exclusive("apply"):
            await _cut_off_holders(database)
            await asyncio.sleep(30)
            reached.append("the end")

    with pytest.raises(Temporary, match="start it again"):
        await work()

    assert reached == []


async def test_being_cancelled_is_not_taken_for_a_lost_lock(memory: Database) -> None:
    async def work() -> None:
        async with memory.exclusive("apply"):
            await asyncio.sleep(30)

    task = asyncio.create_task(work())
    await asyncio.sleep(0.2)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    async with memory.exclusive("apply"):
        pass


async def _cut_off_holders(dsn: str) -> None:
    connection = await asyncpg.connect(dsn)
    await connection.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_locks"
        " JOIN pg_database ON pg_database.oid = database"
        " WHERE locktype = 'advisory' AND datname = current_database()"
    )
    await connection.close()
