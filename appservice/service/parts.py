"""What is plugged into the service: who does which job, who watches what arrives, who is told.

A capability joins here with a line.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from aiohttp import web

from appservice.app import backend_of
from appservice.errors import SchoolSpacesError
from appservice.service.diary import diary_parts, forgetting
from appservice.service.office import Office
from appservice.service.paging import diary_page, page_regularly
from appservice.service.talking import (
    Hearing,
    RoomReporter,
    ask_for_room,
    talking_entrypoints,
    talking_house,
    talking_regularly,
)
from appservice.storage.drift import DriftStore
from appservice.storage.inbound import Watch
from appservice.storage.jobs import Entrypoint, Regularly
from appservice.upkeep.community import CommunityKeeper
from appservice.upkeep.drift_summary import drift_summary
from appservice.upkeep.enforcing import Enforcer, Tools, enforcement_entrypoints
from appservice.upkeep.syncing import LogReporter, Reporter
from appservice.upkeep.watch import EnforcementWatch

_DAILY: Final = "41 1 * * *"
_EVERY_FIVE_MINUTES: Final = "*/5 * * * *"

log = logging.getLogger(__name__)

_EVERY_MINUTE: Final = "* * * * *"


@dataclass(frozen=True, slots=True)
class Parts:
    """`watch` None: nothing that arrives is looked at beyond the observed state. `pages` add what
    else is served beside the homeserver's transactions.
    """

    entrypoints: Sequence[Entrypoint] = ()
    regularly: Sequence[Regularly] = ()
    watch: Watch | None = None
    pages: Sequence[Callable[[web.Application], None]] = ()
    reporter: Reporter = field(default_factory=LogReporter)


PartsOf = Callable[[Office, AsyncExitStack], Awaitable[Parts]]
"""Puts the parts together; what they must close at the end goes onto the stack."""


async def parts_of(office: Office, stack: AsyncExitStack) -> Parts:
    """All that there is."""
    contacts = CommunityKeeper(office.living, office.homeserver, office.database)
    house = talking_house(office)
    reporter = RoomReporter(office)
    watch = EnforcementWatch(office.living)
    enforcer = Enforcer(
        Tools(
            database=office.database,
            homeserver=office.homeserver,
            store=office.store,
            living=office.living,
            backend_of=lambda deployment: backend_of(deployment, office.homeserver),
            repaired=office.metrics.repaired,
        ),
        watch,
    )
    try:
        await enforcer.start()
    except SchoolSpacesError as error:  # what is not known yet is looked up when it is needed
        log.warning("%s", error)
    await ask_for_room(office)
    drift = DriftStore(office.database)
    diary = await diary_parts(office, stack, reporter)
    page = diary_page(office)
    return Parts(
        entrypoints=(
            *talking_entrypoints(house, diary.helper),
            *enforcement_entrypoints(enforcer),
            *diary.entrypoints,
        ),
        regularly=(
            *talking_regularly(house),
            *page_regularly(office),
            *forgetting(office),
            Regularly("contacts", _EVERY_MINUTE, contacts.look),
            Regularly("drift", _EVERY_FIVE_MINUTES, lambda: _tell_drift(drift, reporter)),
            Regularly("forget_drift", _DAILY, lambda: drift.forget_old(datetime.now(UTC))),
            *diary.regularly,
        ),
        watch=Hearing(watch, helps=diary.helper is not None),
        pages=(*diary.pages, *((page.add_to,) if page is not None else ())),
        reporter=reporter,
    )


async def _tell_drift(drift: DriftStore, reporter: Reporter) -> None:
    """What was put back in the five minutes that are over."""
    now = datetime.now(UTC)
    until = now.replace(minute=now.minute // 5 * 5, second=0, microsecond=0)
    text = await drift_summary(drift, until - timedelta(minutes=5), until)
    if text is not None:
        await reporter.report("drift", text)
