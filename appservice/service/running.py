"""The service of one process, from its first connection to its last."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import Final

from aiohttp import web

from appservice.app import database_address, deployment_of, homeserver_of, today_at
from appservice.config.model import Config
from appservice.doctor.facts import Finding, NotSeen, Pinged
from appservice.doctor.judge_synapse import ping_answer
from appservice.doctor.probe import ping
from appservice.errors import SchoolSpacesError, Temporary
from appservice.language import _
from appservice.matrix.homeserver import Homeserver
from appservice.matrix.transactions import Inbound, TransactionReceiver
from appservice.service.clock import regularly
from appservice.service.following import syncer_of
from appservice.service.office import Office
from appservice.service.parts import Parts, PartsOf, parts_of
from appservice.service.pulse import Pulse
from appservice.storage import jobs
from appservice.storage.database import Database
from appservice.storage.gauges import queue_gauges, run_gauges, schema_is_current
from appservice.storage.observed import ObservedStore
from appservice.storage.outbox import OutboxStore
from appservice.storage.runs import RunLog
from appservice.upkeep.keeping import keep_in_line
from appservice.upkeep.living import LivingWish
from appservice.upkeep.site import now_ms
from appservice.upkeep.watching import source_of
from appservice.web.health import Check
from appservice.web.listening import application, listening
from appservice.web.metrics import Metrics, add_metrics

log = logging.getLogger(__name__)

_RETURN_S: Final = 2.0
_GRACE_S: Final = 8.0
"""How long jobs under way may take after we were told to end; others take over what is left."""

_PULSE_TIMEOUT_S: Final = 10.0


@asynccontextmanager
async def running_service(config: Config, parts_of: PartsOf = parts_of) -> AsyncIterator[Finding]:
    """Do everything that is to be done all day, for as long as the block.

    Gives what Synapse says about reaching us. Neither Synapse nor a given database need be there
    yet: they are waited for. Raises Refused when we cannot listen.
    """
    metrics = Metrics()
    async with AsyncExitStack() as stack:
        dsn = await stack.enter_async_context(database_address(config))
        database = await _connected(stack, dsn)
        pulse = await _pulse(stack, config, metrics)
        office = Office(
            config=config,
            database=database,
            homeserver=await stack.enter_async_context(homeserver_of(config, pulse.request)),
            store=ObservedStore(database, bot=config.bot),
            living=LivingWish(
                database,
                lambda namespace: deployment_of(config, namespace),
                lambda: today_at(config),
            ),
            metrics=metrics,
        )
        parts = await parts_of(office, stack)
        await stack.enter_async_context(_listening(office, pulse, parts))
        await stack.enter_async_context(_at_work(office, pulse, parts))
        yield await _pinged(config)


async def _connected(stack: AsyncExitStack, dsn: str) -> Database:
    """Waits for a database that is away; it is said once."""
    said = False
    while True:
        try:
            return await stack.enter_async_context(Database.connect(dsn))
        except Temporary as error:
            if not said:
                log.warning("%s", error)
            said = True
            await asyncio.sleep(_RETURN_S)


async def _pulse(stack: AsyncExitStack, config: Config, metrics: Metrics) -> Pulse:
    """Over a connection of its own, that waits behind nothing and does not wait long."""
    asking = await stack.enter_async_context(
        Homeserver(
            config.homeserver.url,
            config.appservice.as_token.get_secret_value(),
            server_name=config.homeserver.server_name,
            bot=config.bot,
            patience=0,
            timeout=_PULSE_TIMEOUT_S,
        )
    )
    return Pulse(asking.whoami, metrics)


@asynccontextmanager
async def _listening(office: Office, pulse: Pulse, parts: Parts) -> AsyncIterator[None]:
    config = office.config

    async def take(transaction_id: str, told: Sequence[Inbound]) -> bool:
        pulse.seen()
        is_new = await office.store.take_transaction(transaction_id, told, watch=parts.watch)
        office.metrics.transaction(told, is_new=is_new, now=now_ms() / 1000)
        return is_new

    receiver = TransactionReceiver(config.appservice.hs_token.get_secret_value(), take)
    app = application(receiver, _checks(office, pulse), parts.pages)
    async with AsyncExitStack() as stack:
        if config.metrics.enabled:
            numbers = web.Application()
            add_metrics(numbers, office.metrics, lambda metrics: _refresh(office, metrics))
            await stack.enter_async_context(
                listening(numbers, config.metrics.hostname, config.metrics.port)
            )
        await stack.enter_async_context(
            listening(app, config.appservice.hostname, config.appservice.port)
        )
        yield


def _checks(office: Office, pulse: Pulse) -> tuple[Check, ...]:
    async def schema() -> None:
        if not await schema_is_current(office.database):
            raise Temporary(_("The database is not at the schema of this version."))

    return (
        Check("database", lambda: RunLog(office.database).latest(1)),
        Check("schema", schema),
        Check("homeserver", pulse.look),
    )


async def _refresh(office: Office, metrics: Metrics) -> None:
    metrics.database(await queue_gauges(office.database), await run_gauges(office.database))
    if office.config.diary.sources:
        metrics.diary_outbox(await OutboxStore(office.database).gauges())


@asynccontextmanager
async def _at_work(office: Office, pulse: Pulse, parts: Parts) -> AsyncIterator[None]:
    config = office.config
    syncer = syncer_of(office, parts.reporter)
    ending = asyncio.Event()
    working = asyncio.create_task(
        jobs.work(
            office.database,
            parts.entrypoints,
            (*regularly(office, syncer), *parts.regularly),
            ending=ending,
        )
    )
    others = [asyncio.create_task(pulse.beat())]
    if config.sync.watch:
        paths = source_of(config.roster)
        others.append(
            asyncio.create_task(keep_in_line(syncer, paths, config.sync, lambda: today_at(config)))
        )
    for task in (working, *others):
        task.add_done_callback(_say_why_it_ended)
    try:
        yield
    finally:
        ending.set()
        for task in others:
            task.cancel()
        with suppress(TimeoutError):
            async with asyncio.timeout(_GRACE_S):
                await asyncio.wait((working,))
        working.cancel()
        await asyncio.gather(working, *others, return_exceptions=True)


def _say_why_it_ended(task: asyncio.Task[None]) -> None:
    """None of them ends by itself; should one, whoever watches over us must know."""
    if not task.cancelled() and (error := task.exception()) is not None:
        # Its text may quote people, unless it is one of ours.
        why = str(error) if isinstance(error, SchoolSpacesError) else type(error).__name__
        log.critical("A part of the service ended: %s", why)


async def _pinged(config: Config) -> Finding:
    answer = await ping(config)
    if isinstance(answer, NotSeen):
        answer = Pinged(code="unreachable", error=answer.why)
    return ping_answer(answer, config.appservice.address)
