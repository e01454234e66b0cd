"""Jobs are there exactly when their cause is, and are done whatever becomes of their doer."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import timedelta
from pathlib import Path

import asyncpg
import pytest
from pgqueuer.adapters.drivers.asyncpg import AsyncpgDriver
from pgqueuer.domain.models import Job
from pgqueuer.queries import Queries

from appservice.errors import Temporary
from appservice.storage import jobs
from appservice.storage.database import Database
from appservice.storage.jobs import Entrypoint, Regularly
from tests.storage.full_disk import full_disk
from tests.storage.slow_line import slow_to_listen

PATIENCE_S = 60.0


@asynccontextmanager
async def at_work(
    memory: Database, entrypoints: Sequence[Entrypoint], regularly: Sequence[Regularly] = ()
) -> AsyncIterator[None]:
    worker = asyncio.create_task(jobs.work(memory, entrypoints, regularly))
    try:
        yield
    finally:
        worker.cancel()
        with suppress(asyncio.CancelledError):
            await worker


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not true():  # noqa: ASYNC110 - a list grows, and nobody tells
            await asyncio.sleep(0.01)


async def put(memory: Database, name: str, *payloads: str, once: bool = False) -> None:
    async with memory.transaction() as connection:
        await jobs.put(connection, name, payloads, once=once)


async def is_asking(memory: Database) -> bool:
    """Whether anybody but us waits for an answer of the database."""
    async with memory.connection() as connection:
        return bool(
            await connection.fetchval(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                " AND state = 'active' AND pid <> pg_backend_pid()"
            )
        )


async def asks_no_more(memory: Database) -> None:
    """Between two questions of its own a worker is silent for a moment."""
    looks = 0
    while looks < 5:
        await asyncio.sleep(0.1)
        looks = 0 if await is_asking(memory) else looks + 1


def noting(done: list[str]) -> Callable[[bytes], Awaitable[None]]:
    async def handler(payload: bytes) -> None:
        done.append(payload.decode())

    return handler


async def test_the_tables_are_those_that_the_library_declares(memory: Database) -> None:
    async with memory.connection() as connection:
        plan = await Queries(AsyncpgDriver(connection)).plan_upgrade()
    assert plan.statements == ()


async def test_a_job_put_is_done_once(memory: Database) -> None:
    done: list[str] = []
    async with at_work(memory, [Entrypoint("room", noting(done))]):
        await put(memory, "room", "!a", "!b")
        await until(lambda: len(done) == 2)
        await put(memory, "room", "!c")
        await until(lambda: len(done) == 3)
    assert sorted(done) == ["!a", "!b", "!c"]


async def test_a_job_whose_cause_was_rolled_back_never_was(memory: Database) -> None:
    done: list[str] = []

    async def caused() -> None:
        async with memory.transaction() as connection:
            await jobs.put(connection, "room", ["!a"])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await caused()
    async with at_work(memory, [Entrypoint("room", noting(done))]):
        await put(memory, "room", "!b")
        await until(lambda: bool(done))
    assert done == ["!b"]


async def test_a_job_that_waits_is_not_put_a_second_time_where_once_is_enough(
    memory: Database,
) -> None:
    done: list[str] = []
    await put(memory, "sync", "", once=True)
    await put(memory, "sync", "", once=True)
    async with at_work(memory, [Entrypoint("sync", noting(done)), Entrypoint("end", noting(done))]):
        await until(lambda: bool(done))
        await put(memory, "end", "end")
        await until(lambda: "end" in done)
    assert done == ["", "end"]


async def test_a_failure_is_tried_again_and_its_text_stays_out_of_the_log(
    memory: Database, caplog: pytest.LogCaptureFixture
) -> None:
    tries: list[bytes] = []

    async def handler(payload: bytes) -> None:
        tries.append(payload)
        if len(tries) == 1:
            raise ValueError("Петрова Анна")
        if len(tries) == 2:
            raise Temporary("the homeserver is away")

    async with at_work(memory, [Entrypoint("room", handler)]):
        await put(memory, "room", "!a")
        await until(lambda: len(tries) == 3)
    assert tries == [b"!a"] * 3
    assert "Петрова" not in caplog.text
    assert "the homeserver is away" in caplog.text
    async with memory.connection() as connection:
        traces = await connection.fetch("SELECT traceback::text FROM pgqueuer_log")
    assert not any("Петрова" in (row["traceback"] or "") for row in traces)


async def test_a_job_that_fails_when_nothing_can_be_written_is_not_lost(
    memory: Database, caplog: pytest.LogCaptureFixture
) -> None:
    tries: list[bytes] = []
    async with AsyncExitStack() as disk:

        async def handler(payload: bytes) -> None:
            tries.append(payload)
            if len(tries) == 1:
                await disk.enter_async_context(full_disk(memory))
                raise Temporary("the disk is full")

        async with at_work(memory, [Entrypoint("room", handler)]):
            await put(memory, "room", "!a")
            await until(lambda: "room cannot be put back" in caplog.text)
            await disk.aclose()
            await until(lambda: len(tries) == 2)


async def test_a_job_put_for_later_waits(memory: Database) -> None:
    done: list[str] = []
    async with memory.transaction() as connection:
        await jobs.put(connection, "room", ["later"], after=timedelta(seconds=2))
        await jobs.put(connection, "room", ["now"])
    async with at_work(memory, [Entrypoint("room", noting(done))]):
        await until(lambda: len(done) == 2)
    assert done == ["now", "later"]


async def test_a_job_whose_time_has_not_come_is_taken_again_and_again(memory: Database) -> None:
    tries: list[str] = []

    async def handler(payload: bytes) -> None:
        tries.append(payload.decode())
        if len(tries) < 8:  # a failure would be waited for longer and longer
            raise jobs.Later(timedelta(milliseconds=50))

    async with at_work(memory, [Entrypoint("room", handler)]):
        await put(memory, "room", "!a")
        await until(lambda: len(tries) == 8)


async def test_a_job_that_cannot_be_put_back_for_whatever_reason_is_done_later(
    memory: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The library would drop it."""
    done: list[str] = []
    cut: list[str] = []

    async def cut_off(_queries: Queries, job: Job, *_: object) -> None:
        cut.append(job.entrypoint)
        raise asyncpg.InternalClientError("cut off in the middle")

    async def handler(payload: bytes) -> None:
        if not cut:
            raise Temporary("not now")
        done.append(payload.decode())

    monkeypatch.setattr(jobs, "TAKEN_OVER_S", 1.0)
    monkeypatch.setattr(Queries, "retry_job", cut_off)
    async with at_work(memory, [Entrypoint("room", handler)]):
        await put(memory, "room", "!a")
        await until(lambda: done == ["!a"])


async def test_connections_that_break_are_made_anew(memory: Database) -> None:
    done: list[str] = []
    begun: list[str] = []

    async def begin() -> None:
        begun.append("looked")

    yearly = Regularly("look", "0 0 1 1 *", begin, at_once=True)
    async with at_work(memory, [Entrypoint("room", noting(done))], [yearly]):
        await put(memory, "room", "!a")
        await until(lambda: len(done) == 1)
        async with memory.connection() as connection:
            await connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        await put(memory, "room", "!b")
        await until(lambda: (len(done), len(begun)) == (2, 2))
    assert done == ["!a", "!b"]


async def test_a_worker_hears_notices_from_the_first_however_long_it_takes_to_listen(
    database: str, ground_folder: Path
) -> None:
    """Else the library takes the line for broken, and begins anew, and again."""
    folder = ground_folder / "slow"
    folder.mkdir()
    done: list[str] = []
    async with (
        slow_to_listen(database, folder) as line,
        Database.connect(line.dsn) as memory,
        at_work(memory, [Entrypoint("room", noting(done))]),
    ):
        async with asyncio.timeout(PATIENCE_S):
            await line.heard.wait()
        await put(memory, "room", "!a")
        await until(lambda: done == ["!a"])


async def test_who_is_told_to_end_finishes_what_it_has_and_takes_no_more(memory: Database) -> None:
    began, may_finish, ending = asyncio.Event(), asyncio.Event(), asyncio.Event()
    done: list[str] = []

    async def handler(payload: bytes) -> None:
        began.set()
        await may_finish.wait()
        done.append(payload.decode())

    worker = asyncio.create_task(jobs.work(memory, [Entrypoint("room", handler)], ending=ending))
    await put(memory, "room", "!a")
    async with asyncio.timeout(PATIENCE_S):
        await began.wait()
        ending.set()
        await asks_no_more(memory)  # what it asked for before it was told, it may get
        await put(memory, "room", "!b")
        await asyncio.sleep(0.2)
        may_finish.set()
        await worker
    assert done == ["!a"]
    async with memory.connection() as connection:
        left = await connection.fetch("SELECT payload, status::text FROM pgqueuer")
    assert [(row["payload"], row["status"]) for row in left] == [(b"!b", "queued")]
