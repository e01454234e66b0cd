"""Work for whichever process is free: PgQueuer over our database.

A job is put in the transaction that causes it, so it is there exactly when its cause is. It is
done at least once: by whoever takes it first, and by another when that one stops. So every handler
may be called again for what it has done, and reads what is to be done from the database: a payload
names it, and holds nothing about a person.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import asyncpg
from pgqueuer import PgQueuer
from pgqueuer.adapters.drivers.asyncpg import AsyncpgDriver, AsyncpgPoolDriver
from pgqueuer.core import logconfig
from pgqueuer.domain.models import Job, Schedule, TracebackRecord
from pgqueuer.errors import RetryRequested
from pgqueuer.queries import Queries

from appservice.errors import SchoolSpacesError
from appservice.storage.database import Database
from appservice.storage.statements import statements

TAKEN_OVER_S: Final = 10.0
"""A process that has not told for so long that it lives is taken for dead."""

_LOOK_S: Final = 5.0  # at most, when no notice of a job arrives
_FIRST_PAUSE_S: Final = 1.0
_LONGEST_PAUSE_S: Final = 300.0
_RETURN_S: Final = 2.0  # before the next try after the database was away

NO_WAIT: Final = timedelta()

_FORGET: Final = statements("jobs")

Handler = Callable[[bytes], Awaitable[None]]
"""Does one job, given its payload. Whatever it raises, the job is tried again later."""


class Later(Exception):
    """Raised by a handler where nothing went wrong, but it is not yet the time for the job."""

    def __init__(self, after: timedelta) -> None:
        super().__init__(f"not for {after}")
        self.after = after


log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Entrypoint:
    """A kind of job. `at_once`: how many may run at a time in the whole deployment, 0: no limit."""

    name: str
    handler: Handler
    at_once: int = 0


@dataclass(frozen=True, slots=True)
class Regularly:
    """A job that comes by the clock (UTC): `when` is a crontab expression of five fields.

    `at_once`: also whenever work begins, of a new process and after an outage of the database.
    """

    name: str
    when: str
    handler: Callable[[], Awaitable[None]]
    at_once: bool = False


async def put(
    connection: Any,
    entrypoint: str,
    payloads: Sequence[str],
    *,
    after: timedelta = NO_WAIT,
    once: bool = False,
) -> None:
    """Jobs in the caller's transaction, one a payload.

    `once`: not where the same job waits or is under way already. Only for work that looks at
    everything when it begins anew by itself, for what came while it was under way is not seen.
    """
    if payloads:
        count = len(payloads)
        await _queries(connection).enqueue(
            [entrypoint] * count,
            [payload.encode() for payload in payloads],
            [0] * count,
            [after] * count,
            [f"{entrypoint} {payload}" if once else None for payload in payloads],
            on_conflict="skip",
        )


async def work(
    database: Database,
    entrypoints: Sequence[Entrypoint],
    regularly: Sequence[Regularly] = (),
    *,
    at_once: int = 16,
    ending: asyncio.Event | None = None,
) -> None:
    """Take jobs and do them until cancelled; an outage of the database is waited out.

    When `ending` is set no more are taken, and those under way are waited for. What a cancelled or
    killed process leaves is taken over by another.
    """
    ending = ending or asyncio.Event()
    logconfig.logger.setLevel(logging.CRITICAL)  # it writes errors with their texts; see _guarded
    while not ending.is_set():
        try:
            await _work(database, entrypoints, regularly, at_once, ending)
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError) as error:
            log.warning("Jobs: the database is away (%s); trying again.", type(error).__name__)
        except SchoolSpacesError as error:
            log.warning("Jobs: %s", error)
        except Exception as error:
            log.error("Jobs: %s; starting again.", type(error).__name__)
        with suppress(TimeoutError):
            async with asyncio.timeout(_RETURN_S):
                await ending.wait()


async def _work(
    database: Database,
    entrypoints: Sequence[Entrypoint],
    regularly: Sequence[Regularly],
    at_once: int,
    ending: asyncio.Event,
) -> None:
    async with database.pool(connections=3) as pool:
        driver = AsyncpgPoolDriver(pool)
        queue = PgQueuer(driver, queries=_Queries(driver))
        for each in entrypoints:
            queue.entrypoint(each.name, concurrency_limit=each.at_once)(_guarded(each))
        for job in regularly:
            queue.schedule(job.name, job.when, clean_old=True)(_scheduled(job))
        # The library asks whether it hears notices while it only begins to listen, and takes ten
        # seconds of silence for a broken line. Where somebody listens already, it begins at once.
        await queue.qm.queries.driver.add_listener(queue.channel, _heard)
        beside = [asyncio.create_task(_tell_the_end(ending, queue))]
        beside += [asyncio.create_task(_tried(job)) for job in regularly if job.at_once]
        try:
            await queue.run(
                dequeue_timeout=timedelta(seconds=_LOOK_S),
                batch_size=at_once,
                max_concurrent_tasks=at_once * 2,
                shutdown_on_listener_failure=True,
                heartbeat_timeout=timedelta(seconds=TAKEN_OVER_S),
            )
        finally:
            for task in beside:
                task.cancel()


class _Queries(Queries):
    """The library takes a job for failed that it cannot put back, and drops it: while the database
    is away, or full. Here such a job stays as a stopped process leaves it, and is taken over.
    """

    async def retry_job(
        self, job: Job, delay: timedelta, traceback_record: TracebackRecord | None
    ) -> None:
        try:
            await super().retry_job(job, delay, traceback_record)
        except Exception as error:  # asyncpg has many for a connection that is cut off
            log.warning(
                "Jobs: %s cannot be put back now (%s).", job.entrypoint, type(error).__name__
            )


def _heard(_notice: object) -> None:
    """The library itself acts upon it."""


async def _tell_the_end(ending: asyncio.Event, queue: PgQueuer) -> None:
    await ending.wait()
    queue.shutdown.set()


async def forget_old(database: Database) -> None:
    """Drop the library's notes of what was done, after a week."""
    async with database.transaction() as connection:
        for statement in _FORGET.values():
            await connection.execute(statement)


def _guarded(entrypoint: Entrypoint) -> Callable[[Job], Awaitable[None]]:
    """The handler, its failures logged without their texts and turned into another try."""

    async def run(job: Job) -> None:
        try:
            await entrypoint.handler(job.payload or b"")
        except Later as later:
            raise RetryRequested(delay=later.after, reason="later") from later
        except SchoolSpacesError as error:
            log.warning("%s: %s", entrypoint.name, error)
        except Exception as error:
            # Its text may quote people.
            log.error("%s: %s at %s", entrypoint.name, type(error).__name__, _where(error))
        else:
            return
        longest = min(_FIRST_PAUSE_S * 2.0**job.attempts, _LONGEST_PAUSE_S)
        pause = longest * (0.5 + random.random() / 2)  # noqa: S311
        raise RetryRequested(delay=timedelta(seconds=pause), reason="failed")

    return run


def _scheduled(job: Regularly) -> Callable[[Schedule], Awaitable[None]]:
    async def run(_schedule: Schedule) -> None:
        await _tried(job)

    return run


async def _tried(job: Regularly) -> None:
    try:
        await job.handler()
    except SchoolSpacesError as error:
        log.warning("%s: %s", job.name, error)
    except Exception as error:
        log.error("%s: %s at %s", job.name, type(error).__name__, _where(error))


def _queries(connection: Any) -> Queries:
    return Queries(AsyncpgDriver(connection))


def _where(error: BaseException) -> str:
    where = []
    step = error.__traceback__
    while step is not None:
        where.append(f"{step.tb_frame.f_code.co_filename}:{step.tb_lineno}")
        step = step.tb_next
    return " > ".join(where[-3:])
