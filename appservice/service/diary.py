"""The diary at work: where its events come in, and what brings them to people. Nothing of it where
no source is configured.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from typing import Final

from aiohttp import web

from appservice.commands.reporting import AdminReports
from appservice.delivery.farewell import Farewell
from appservice.delivery.intake import Intake
from appservice.delivery.office import Delivery
from appservice.delivery.pulling import PULL_LOCK, Place, Pulling, Tell
from appservice.delivery.rooms import DiaryRooms
from appservice.diary.pull.kinds import source_of
from appservice.diary.pull.settings import PullSettings
from appservice.helper.answering import Helper
from appservice.helper.opening import PageLinks
from appservice.matrix.homeserver import Homeserver
from appservice.rooms.observed import InboundMessage
from appservice.school.settings import RosterSettings
from appservice.service.office import Office
from appservice.storage.diary import DiaryStore
from appservice.storage.diary_pull import PULL_JOB, PullStore
from appservice.storage.jobs import Entrypoint, Regularly
from appservice.upkeep.syncing import Reporter
from appservice.upkeep.watching import source_of as paths_of
from appservice.web.ingestion.answering import add_ingestion

_REQUEST_S: Final = 30.0
_EVERY_MINUTE: Final = "* * * * *"
_DAILY: Final = "53 1 * * *"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class DiaryParts:
    entrypoints: Sequence[Entrypoint] = ()
    regularly: Sequence[Regularly] = ()
    pages: Sequence[Callable[[web.Application], None]] = ()
    helper: Callable[[InboundMessage], Awaitable[bool]] | None = None


def forgetting(office: Office) -> tuple[Regularly, ...]:
    """Also where the diary is off by now: what it left behind goes."""
    keep_days = office.config.diary.keep_days
    farewell = Farewell(office.database, office.living, keep_days=keep_days)
    return (Regularly("forget_diary", _DAILY, farewell.look),)


async def diary_parts(office: Office, stack: AsyncExitStack, reporter: Reporter) -> DiaryParts:
    """What the diary adds to the service; its own way to the homeserver is closed by `stack`."""
    settings = office.config.diary
    if not settings.is_on:
        return DiaryParts()
    intake = Intake(DiaryStore(office.database), office.living, settings)
    # One for all in this process: a room is made by whoever needs it first, and others wait.
    rooms = DiaryRooms(office.living, office.database, office.workplace)
    delivery = Delivery(
        settings,
        office.database,
        office.living,
        rooms,
        await stack.enter_async_context(_impatient(office)),
        tell=reporter.report,
        noted=office.metrics.diary_try,
    )

    def ingestion(application: web.Application) -> None:
        add_ingestion(application, intake, settings, office.metrics.diary_events)

    pages = (ingestion,) if settings.sources else ()
    pulling = _pulling(office, stack, intake)
    helper = Helper(
        settings,
        office.database,
        office.living,
        office.homeserver,
        intake,
        rooms,
        PageLinks(office.config.page, office.database, rooms),
    )
    return DiaryParts(
        (*delivery.entrypoints(), *pulling.entrypoints),
        (*delivery.regularly(), *pulling.regularly),
        pages,
        helper.answer,
    )


def _pulling(office: Office, stack: AsyncExitStack, intake: Intake) -> DiaryParts:
    """Reads files, by the clock and soon after they have changed. Raises Refused for a kind of
    source that is not installed.
    """
    settings = office.config.diary
    places = [_place(name, one, office.config.roster) for name, one in settings.pull.items()]
    if not places:
        return DiaryParts()
    pulling = Pulling(
        places,
        PullStore(office.database),
        intake,
        office.living,
        alone=lambda: office.database.exclusive(PULL_LOCK),
        tell=_telling(AdminReports(office.homeserver, office.database)),
    )
    stack.push_async_callback(_ended, asyncio.create_task(pulling.keep()))

    async def look(_payload: bytes) -> None:
        await pulling.look()

    return DiaryParts(
        (Entrypoint(PULL_JOB, look, at_once=1),),
        (Regularly(PULL_JOB, _EVERY_MINUTE, pulling.look),),
    )


def _place(name: str, settings: PullSettings, roster: RosterSettings) -> Place:
    """Without a path of its own a source reads the delivery of the roster, deltas included."""
    if settings.path is not None:
        return Place(name, source_of(name, settings), (settings.path,), settings.school)
    source = source_of(name, settings, deltas=roster.deltas)
    return Place(name, source, paths_of(roster), settings.school)


def _telling(reports: AdminReports) -> Tell:
    async def tell(beginning: str, matter: str, text: str) -> None:
        if not text:
            await reports.settled(beginning)
        elif not await reports.report_to_admin_room(text, matter=matter):
            log.warning("%s", text.partition("\n")[0])

    return tell


async def _ended(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


def _impatient(office: Office) -> Homeserver:
    """Tries nothing again by itself: what became of the first try is looked up in between."""
    config = office.config
    return Homeserver(
        config.homeserver.url,
        config.appservice.as_token.get_secret_value(),
        server_name=config.homeserver.server_name,
        bot=config.bot,
        patience=0,
        timeout=_REQUEST_S,
    )
