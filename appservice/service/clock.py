"""What comes by the clock: the nightly audit, the look at a new day, the turn of the year, the
forgetting of old rows.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, time, timedelta
from hashlib import blake2b
from zoneinfo import ZoneInfo

from appservice.app import deployment_of, today_at
from appservice.commands.reporting import AdminReports
from appservice.errors import Refused
from appservice.language import _
from appservice.service.office import Office
from appservice.storage import jobs
from appservice.storage.admin_room import AdminRoomStore
from appservice.storage.exclusive import LockTaken
from appservice.storage.jobs import Regularly
from appservice.storage.rollover import RolloverStore
from appservice.storage.runs import RunLog
from appservice.storage.sync_state import SyncStateStore
from appservice.upkeep.repairing import audit_and_repair
from appservice.upkeep.rollover import due_rollover
from appservice.upkeep.site import now_ms
from appservice.upkeep.syncing import Syncer, is_due

log = logging.getLogger(__name__)

_EVERY_TEN_MINUTES = "*/10 * * * *"
_DAILY = "23 1 * * *"
_REFUSED = "rollover refused"
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
                    house.wish,
                    house.workplace,
                    office.living,
                    plan_the_rest=False,
                    repaired=office.metrics.repaired,
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
    except Refused as refused:
        await _tell_refused(office, refused)
        return
    if report is not None:
        await AdminReports(office.homeserver, office.database).settled(_REFUSED)
        left = len(report.failed) + len(report.skipped)
        log.info("Rollover: %d done, %d left.", len(report.results) - left, left)


async def _tell_refused(office: Office, refused: Refused) -> None:
    """In the administrators' room, each reason once; in the log while there is none."""
    found = await RolloverStore(office.database).latest()
    digest = found.digest if found else ""
    why = str(refused)
    # Tomorrow the same reason is still the same.
    reason = why.replace(str(today_at(office.config)), "")
    matter = f"{_REFUSED} {digest} {blake2b(reason.encode(), digest_size=8).hexdigest()}"
    if await AdminRoomStore(office.database).was_reported(matter):
        return
    text = _("Rollover {digest} was to go on today and does not: {why}").format(
        digest=digest, why=why
    )
    text += "\n" + _("It is tried again by itself.")
    reports = AdminReports(office.homeserver, office.database)
    if not await reports.report_to_admin_room(text, matter=matter):
        log.warning("%s", text)


def zone_of(office: Office) -> ZoneInfo | None:
    """The school's; None: this machine's."""
    name = office.config.roster.school.time_zone
    return ZoneInfo(name) if name else None


async def _forget(office: Office) -> None:
    await office.store.forget_old(now=now_ms())
    await AdminRoomStore(office.database).forget_old(datetime.now(UTC) - _ANSWERED_KEPT)
    await jobs.forget_old(office.database)
