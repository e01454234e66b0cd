"""Brings the school in line with its roster by itself, alone in the deployment; what a person must
decide is told once and left.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Final, Protocol

from appservice.errors import Refused
from appservice.rooms.planning.plan import Plan
from appservice.school.problem import Delivery
from appservice.storage.audit_log import SERVICE
from appservice.storage.database import Database
from appservice.storage.exclusive import LockTaken
from appservice.storage.standing import StandingStore
from appservice.storage.sync_state import SyncStateStore
from appservice.upkeep.report import Report
from appservice.upkeep.settings import SyncSettings
from appservice.upkeep.telling import Matter, broken, first, held, refused, write_problems

log = logging.getLogger(__name__)

SYNC_LOCK: Final = "sync"


class SyncOutcome(StrEnum):
    """How a look at the roster ended."""

    UNCHANGED = "unchanged"  # nothing to do
    APPLIED = "applied"
    INCOMPLETE = "incomplete"  # something failed; it is tried again
    HELD = "held"  # a person must approve
    BROKEN = "broken"  # the roster was not accepted
    REFUSED = "refused"  # a person must mend the configuration
    PAUSED = "paused"
    BLACKOUT = "blackout"  # nothing is synced on this day
    ELSEWHERE = "elsewhere"  # another process is at it


class House(Protocol):
    """What one accepted roster asks for, and the means to do it."""

    async def plan(self) -> Plan: ...

    async def apply(self, *, by: str) -> Report:
        """`by` is who has it done, for the audit log."""
        ...


class Reporter(Protocol):
    """Tells the administrators. `matter` names what it is about: the same one is told once.
    `whole` are the lines of a file to go with it, "" without one.
    """

    async def report(self, matter: str, text: str, whole: str = "") -> None: ...


class LogReporter:
    """For a service without a room to tell it in."""

    async def report(self, matter: str, text: str, whole: str = "") -> None:
        log.warning("%s", text)


class Noted(Protocol):
    """Who counts what happens."""

    def planned(self, counts: dict[str, int]) -> None: ...

    def acted(self, kind: str, *, done: int, failed: int, skipped: int) -> None: ...

    def synced(self, outcome: str) -> None: ...


class Syncer:
    """The very first apply of a deployment is a person's.

    `deliver` reads the roster, judged in the light of whom we know; `house_of` gives the house of
    an accepted one (it raises Refused where the configuration does not fit); `standing` that of the
    roster accepted last, as of today, None before the first; `may_sync` whether this day is free
    of a blackout.
    """

    def __init__(
        self,
        database: Database,
        settings: SyncSettings,
        *,
        deliver: Callable[[], Awaitable[Delivery]],
        house_of: Callable[[Delivery], Awaitable[House]],
        standing: Callable[[], Awaitable[House | None]],
        reporter: Reporter,
        noted: Noted,
        may_sync: Callable[[], bool] = lambda: True,
    ) -> None:
        self._database = database
        self._settings = settings
        self._deliver = deliver
        self._house_of = house_of
        self._standing = standing
        self._reporter = reporter
        self._noted = noted
        self._may_sync = may_sync
        self._state = SyncStateStore(database)

    async def sync(self) -> SyncOutcome:
        """Read the roster and do what it asks. Raises Temporary: try again."""
        return await self._alone(self._sync)

    async def look(self) -> SyncOutcome:
        """Do what the roster accepted last asks for on this day, whatever lies in its folder."""
        return await self._alone(self._look)

    async def _alone(self, work: Callable[[], Awaitable[SyncOutcome]]) -> SyncOutcome:
        try:
            if (await self._state.now()).paused:
                outcome = SyncOutcome.PAUSED
            elif not self._may_sync():
                outcome = SyncOutcome.BLACKOUT
            else:
                async with self._database.exclusive(SYNC_LOCK):
                    outcome = await work()
        except LockTaken as taken:
            log.debug("%s", taken)
            outcome = SyncOutcome.ELSEWHERE
        self._noted.synced(outcome)
        log.log(_LOUDNESS.get(outcome, logging.INFO), "Sync: %s.", outcome)
        return outcome

    async def _sync(self) -> SyncOutcome:
        delivery = await self._deliver()
        if delivery.roster is None:
            matter = broken(delivery, self._settings.problems)
            if await self._is_new(matter):
                await self._write_problems(matter.whole)
            await self._tell(matter)
            return SyncOutcome.BROKEN
        try:
            house = await self._house_of(delivery)
        except Refused as error:
            await self._tell(refused(error))
            return SyncOutcome.REFUSED
        if not await StandingStore(self._database).version():
            await self._tell(first(await house.plan()))
            return SyncOutcome.HELD
        return await self._carry_out(house)

    async def _write_problems(self, problems: str) -> None:
        try:
            await asyncio.to_thread(write_problems, problems, self._settings.problems)
        except Refused as error:  # people are told of the roster all the same
            log.warning("%s", error)

    async def _look(self) -> SyncOutcome:
        house = await self._standing()
        return SyncOutcome.UNCHANGED if house is None else await self._carry_out(house)

    async def _carry_out(self, house: House) -> SyncOutcome:
        plan = await house.plan()
        self._noted.planned(dict(plan.counts))
        if plan.holds:
            await self._tell(held(plan))
            return SyncOutcome.HELD
        try:
            # Also without actions: the roster may be another one.
            report = await house.apply(by=SERVICE)
        except LockTaken:
            raise
        except Refused as error:  # it became another plan meanwhile, and waits
            log.warning("%s", error)
            return SyncOutcome.HELD
        for kind, tally in report.tallies.items():
            self._noted.acted(kind, **tally._asdict())
        if report.exit_status:
            log.warning(
                "Sync: %d failed, %d skipped; tried again.",
                len(report.failed),
                len(report.skipped),
            )
            return SyncOutcome.INCOMPLETE
        await self._state.told("")
        return SyncOutcome.APPLIED if report.results else SyncOutcome.UNCHANGED

    async def _is_new(self, matter: Matter) -> bool:
        return (await self._state.now()).told != matter.name

    async def _tell(self, matter: Matter) -> None:
        """Told, then noted: a crash between the two tells it twice, never not at all."""
        if await self._is_new(matter):
            await self._reporter.report(*matter)
            await self._state.told(matter.name)


_LOUDNESS: Final = {
    SyncOutcome.UNCHANGED: logging.DEBUG,
    SyncOutcome.ELSEWHERE: logging.DEBUG,
}


def is_due(last: datetime | None, *, now: datetime, at: time) -> bool:
    """Whether what is to be done daily `at` a time of day is still to be done; `now` in the zone of
    the school. A clock set back does nothing twice, one set forward skips what has passed.
    """
    wanted = datetime.combine(now.date(), at, now.tzinfo)
    if wanted > now:
        wanted = datetime.combine(now.date() - timedelta(days=1), at, now.tzinfo)
    return last is None or last < wanted
