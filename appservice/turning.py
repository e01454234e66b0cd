"""The turn of the year put together: from a configuration to parts that draft, begin and take back
a rollover.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from appservice.app import (
    backend_of,
    database_address,
    deployment_of,
    homeserver_of,
    namespace_of,
    today_at,
)
from appservice.config.model import Config
from appservice.matrix.homeserver import Homeserver
from appservice.school.problem import Delivery
from appservice.school.read import read_roster
from appservice.storage.database import Database
from appservice.storage.known_people import KnownPeople
from appservice.storage.observed import ObservedStore
from appservice.storage.rollover import Rollover, RolloverStore
from appservice.upkeep.apply import Workplace, no_progress
from appservice.upkeep.execution import Progress
from appservice.upkeep.reconcile import accepted
from appservice.upkeep.report import Report
from appservice.upkeep.rollover import Draft, begin, confirm, draft, drop, take_back


@dataclass(frozen=True, slots=True)
class TurnOfTheYear:
    """What a person may do about it; see appservice.upkeep.rollover for what is refused."""

    config: Config
    database: Database
    homeserver: Homeserver

    async def draft(self, path: Path, on: date | None) -> Draft:
        """Of the roster at `path`, read as the configured one is."""
        delivery = await self._read(path, on or today_at(self.config))
        namespace = namespace_of(self.config, accepted(delivery))
        today = today_at(self.config)
        return await draft(delivery, self.workplace_of(namespace), today=today, on=on)

    async def begin(self, digest: str | None, progress: Progress = no_progress) -> Report:
        return await begin(
            self.database,
            self.workplace_of,
            today=today_at(self.config),
            digest=digest,
            progress=progress,
        )

    async def take_back(self, progress: Progress = no_progress) -> Report:
        today = today_at(self.config)
        return await take_back(self.database, self.workplace_of, today=today, progress=progress)

    async def confirm(self) -> None:
        await confirm(self.database)

    async def drop(self) -> None:
        await drop(self.database)

    async def latest(self) -> Rollover | None:
        """The rollover under way, else the last one."""
        return await RolloverStore(self.database).latest()

    def workplace_of(self, namespace: str) -> Workplace:
        """For the rosters of this name space."""
        deployment = deployment_of(self.config, namespace)
        return Workplace(
            deployment=deployment,
            homeserver=self.homeserver,
            backend=backend_of(deployment, self.homeserver),
            store=ObservedStore(self.database, bot=self.config.bot),
            database=self.database,
        )

    async def _read(self, path: Path, day: date) -> Delivery:
        """Judged in the light of whom we know: an id must not go to another person."""
        settings = self.config.roster.model_copy(update={"path": path, "deltas": None})
        delivery = await asyncio.to_thread(read_roster, settings, today=day)
        roster = accepted(delivery)
        known = KnownPeople(self.database, namespace_of(self.config, roster))
        prints = await known.fingerprints(roster.people)
        return await asyncio.to_thread(read_roster, settings, today=day, known=prints)


@asynccontextmanager
async def open_turn(config: Config) -> AsyncIterator[TurnOfTheYear]:
    """The parts, open."""
    async with (
        database_address(config) as dsn,
        Database.connect(dsn) as database,
        homeserver_of(config) as homeserver,
    ):
        yield TurnOfTheYear(config, database, homeserver)
