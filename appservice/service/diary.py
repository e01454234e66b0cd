"""The diary at work: where its events come in, and what brings them to people. Nothing of it where
no source is configured.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Final

from aiohttp import web

from appservice.delivery.intake import Intake
from appservice.delivery.office import Delivery
from appservice.errors import SchoolSpacesError
from appservice.matrix.homeserver import Homeserver
from appservice.service.office import Office
from appservice.storage.diary import DiaryStore
from appservice.storage.jobs import Entrypoint, Regularly
from appservice.upkeep.syncing import Reporter
from appservice.web.ingestion.answering import add_ingestion

_REQUEST_S: Final = 30.0

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class DiaryParts:
    entrypoints: Sequence[Entrypoint] = ()
    regularly: Sequence[Regularly] = ()
    pages: Sequence[Callable[[web.Application], None]] = ()


async def diary_parts(office: Office, stack: AsyncExitStack, reporter: Reporter) -> DiaryParts:
    """What the diary adds to the service; its own way to the homeserver is closed by `stack`."""
    settings = office.config.diary
    if not settings.sources:
        return DiaryParts()
    intake = Intake(DiaryStore(office.database), office.living, settings)
    delivery = Delivery(
        settings,
        office.database,
        office.living,
        office.workplace,
        await stack.enter_async_context(_impatient(office)),
        tell=reporter.report,
        noted=office.metrics.diary_try,
    )

    try:
        await delivery.look()
    except SchoolSpacesError as error:  # it is looked at again in a minute
        log.info("Diary: %s", error)

    def ingestion(application: web.Application) -> None:
        add_ingestion(application, intake, settings, office.metrics.diary_events)

    return DiaryParts(delivery.entrypoints(), delivery.regularly(), (ingestion,))


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
