"""What comes by the clock: the nightly audit, the look at a new day, the turn of the year, the
forgetting of old rows.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Collection
from datetime import UTC, datetime, time, timedelta
from hashlib import blake2b
from typing import Final
from zoneinfo import ZoneInfo

from appservice.app import deployment_of, today_at
from appservice.commands.reporting import AdminReports
from appservice.errors import Permanent, Refused
from appservice.language import _
from appservice.service.office import Office
from appservice.storage import jobs
from appservice.storage.admin_room import AdminRoomStore
from appservice.storage.exclusive import LockTaken
from appservice.storage.jobs import Entrypoint, Regularly
from appservice.storage.rollover import ROLLOVER_JOB, RolloverStore
from appservice.storage.runs import CARRIED_OUT, ENDED, Outcome, RunLog
from appservice.storage.sync_state import SyncStateStore
from appservice.upkeep.repairing import audit_and_repair
from appservice.upkeep.rollover import due_rollover, is_unfinished
from appservice.upkeep.site import now_ms
from appservice.upkeep.syncing import Syncer, is_due

UPKEEP_JOB: Final = "upkeep"
"""Make the audit of the night, and the look at the day."""

log = logging.getLogger(__name__)

_EVERY_TEN_MINUTES = "*/10 * * * *"
_DAILY = "23 1 * * *"
_SOON = timedelta(seconds=5)
_LATER = timedelta(minutes=1)
_REFUSED = "rollover refused"
_ANSWERED_KEPT = timedelta(days=1)


def regularly(office: Office) -> tuple[Regularly, ...]:
    """Whichever process comes first does them; what was missed is made up for within minutes."""
    return (
        Regularly("upkeep", _EVERY_TEN_MINUTES, lambda: ask_for_upkeep(office, datetime.now(UTC))),
        Regularly("rollover", _EVERY_TEN_MINUTES, lambda: turn_of_the_year(office)),
        Regularly("forgetting", _DAILY, lambda: _forget(office)),
    )


def clock_entrypoints(
    office: Office, syncer: Syncer, now: Callable[[], datetime] = lambda: datetime.now(UTC)
) -> tuple[Entrypoint, ...]:
    """What was begun is finished by whoever lives, without waiting for the clock."""

    async def finish(_payload: bytes) -> None:
        await finish_rollover(office)

    return (
        Entrypoint(UPKEEP_JOB, upkeep_of(office, syncer, now)),
        Entrypoint(ROLLOVER_JOB, finish),
    )


async def ask_for_upkeep(office: Office, now: datetime) -> None:
    """Where this night's audit or this day's look is still to be made."""
    here = now.astimezone(zone_of(office))
    if await _audit_is_due(office, here, ENDED) or await _look_is_due(office, here, ENDED):
        async with office.database.transaction() as connection:
            await jobs.put(connection, UPKEEP_JOB, [""], once=True)


def upkeep_of(
    office: Office, syncer: Syncer, now: Callable[[], datetime]
) -> Callable[[bytes], Awaitable[None]]:
    """The job: audits where that is still to be done, and does what the day asks for. What was
    broken off is done again.
    """

    async def upkeep(_payload: bytes) -> None:
        here = now().astimezone(zone_of(office))
        if await _audit_is_due(office, here, CARRIED_OUT):
            try:
                await _audit(office)
            except LockTaken as taken:
                log.debug("The audit waits: %s", taken)
                raise jobs.Later(_SOON) from taken
            except Permanent as error:  # the next night may bring more
                log.warning("Audit: %s", error)
            await syncer.look()
        elif await _look_is_due(office, here, CARRIED_OUT):
            await syncer.look()

    return upkeep


async def _audit_is_due(office: Office, here: datetime, over: Collection[Outcome]) -> bool:
    last = await RunLog(office.database).last_began("audit", over)
    return is_due(last, now=here, at=office.config.sync.audit_at)


async def _look_is_due(office: Office, here: datetime, over: Collection[Outcome]) -> bool:
    return is_due(await RunLog(office.database).last_began("apply", over), now=here, at=time())


async def _audit(office: Office) -> None:
    house = await office.standing()
    if house is None:
        return
    repair = await audit_and_repair(
        house.wish,
        house.workplace,
        office.living,
        plan_the_rest=False,
        repaired=office.metrics.repaired,
    )
    log.info(
        "Audit: %d corrections, %d changes by people put right.",
        len(repair.audit.corrections),
        repair.departed,
    )


async def turn_of_the_year(office: Office) -> None:
    """Begins the rollover whose day has come, and finishes one that was begun; not while syncs are
    paused.
    """
    if (await SyncStateStore(office.database).now()).paused:
        return
    try:
        await _turn(office)
    except LockTaken as taken:
        log.info("The rollover waits: %s", taken)


async def finish_rollover(office: Office) -> None:
    """The job that is there from the moment a rollover begins until it is over."""
    if not await is_unfinished(office.database):
        return
    if (await SyncStateStore(office.database).now()).paused:
        raise jobs.Later(_SOON)
    try:
        await _turn(office)
    except LockTaken as taken:  # whoever began it is at it, or was
        raise jobs.Later(_SOON) from taken
    if await is_unfinished(office.database):  # the homeserver went away, or a person must decide
        raise jobs.Later(_LATER)


async def _turn(office: Office) -> None:
    try:
        report = await due_rollover(
            office.database,
            lambda namespace: office.workplace(deployment_of(office.config, namespace)),
            today=today_at(office.config),
        )
    except LockTaken:
        raise
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
