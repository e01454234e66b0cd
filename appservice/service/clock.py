"""What comes by the clock: the nightly audit, the look at a new day, the turn of the year, the
forgetting of old rows.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from appservice.app import deployment_of, today_at
from appservice.service.office import Office
from appservice.storage import jobs
from appservice.storage.admin_room import AdminRoomStore
from appservice.storage.exclusive import LockTaken
from appservice.storage.jobs import Regularly
from appservice.storage.runs import RunLog
from appservice.storage.sync_state import SyncStateStore
from appservice.upkeep.repairing import audit_and_repair
from appservice.upkeep.rollover import due_rollover
from appservice.upkeep.site import now_ms
from appservice.upkeep.syncing import Syncer, is_due

log = logging.getLogger(__name__)

_EVERY_TEN_MINUTES = "*/10 * * * *"
_DAILY = "23 1 * * *"
_ANSWERED_KEPT = timedelta(days=1)


def regularly(office: Office, syncer: Syncer) -> tuple[Regularly, ...]:
    """Whichever process comes first does them; what was missed is made up for within minutes."""
    return (
        Regularly(
            "upkeep", _EVERY_TEN_MINUTES, upkeep_of(office, syncer, lambda: datetime.now(UTC))
        ),
        Regularly("rollover", _EVERY_TEN_MINUTES, lambda: turn_of_the_year(office)),
        Regularly("forgetting", _DAILY, lambda: _forget(office)),
    )


def upkeep_of(
    office: Office, syncer: Syncer, now: Callable[[], datetime]
) -> Callable[[], Awaitable[None]]:
    """Audits where this night's is still to be made, and does what the day asks for."""
    runs = RunLog(office.database)

    async def upkeep() -> None:
        here = now().astimezone(zone_of(office))
        if is_due(await runs.last_began("audit"), now=here, at=office.config.sync.audit_at):
            house = await office.standing()
            if house is None:
                return
            try:
                repair = await audit_and_repair(
                    house.wish, house.workplace, office.living, plan_the_rest=False
                )
            except LockTaken as taken:
                log.info("The audit waits: %s", taken)
                return
            log.info(
                "Audit: %d corrections, %d changes by people put right.",
                len(repair.audit.corrections),
                repair.departed,
            )
            await syncer.look()
        elif is_due(await runs.last_began("apply"), now=here, at=time()):
            await syncer.look()

    return upkeep


async def turn_of_the_year(office: Office) -> None:
    """Begins the rollover whose day has come, and finishes one that was begun; not while syncs are
    paused.
    """
    if (await SyncStateStore(office.database).now()).paused:
        return
    try:
        report = await due_rollover(
            office.database,
            lambda namespace: office.workplace(deployment_of(office.config, namespace)),
            today=today_at(office.config),
        )
    except LockTaken as taken:
        log.info("The rollover waits: %s", taken)
        return
    if report is not None:
        left = len(report.failed) + len(report.skipped)
        log.info("Rollover: %d done, %d left.", len(report.results) - left, left)


def zone_of(office: Office) -> ZoneInfo | None:
    """The school's; None: this machine's."""
    name = office.config.roster.school.time_zone
    return ZoneInfo(name) if name else None


async def _forget(office: Office) -> None:
    await office.store.forget_old(now=now_ms())
    await AdminRoomStore(office.database).forget_old(datetime.now(UTC) - _ANSWERED_KEPT)
    await jobs.forget_old(office.database)
