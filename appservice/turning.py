"""The turn of the year put together: from a configuration to parts that draft, begin and take back
a rollover.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
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
from appservice.upkeep.apply import Workplace
from appservice.upkeep.reconcile import accepted
from appservice.upkeep.turning import TurnOfTheYear


def turn_of(config: Config, database: Database, homeserver: Homeserver) -> TurnOfTheYear:
    """Over parts that are open."""

    def workplace_of(namespace: str) -> Workplace:
        deployment = deployment_of(config, namespace)
        return Workplace(
            deployment=deployment,
            homeserver=homeserver,
            backend=backend_of(deployment, homeserver),
            store=ObservedStore(database, bot=config.bot),
            database=database,
        )

    async def read(path: Path, deltas: Path | None, day: date) -> Delivery:
        """Judged in the light of whom we know: an id must not go to another person."""
        settings = config.roster.model_copy(update={"path": path, "deltas": deltas})
        delivery = await asyncio.to_thread(read_roster, settings, today=day)
        roster = accepted(delivery)
        known = KnownPeople(database, namespace_of(config, roster))
        prints = await known.fingerprints(roster.people)
        return await asyncio.to_thread(read_roster, settings, today=day, known=prints)

    return TurnOfTheYear(
        database=database,
        workplace_of=workplace_of,
        today=lambda: today_at(config),
        read=read,
        namespace_of=lambda roster: namespace_of(config, roster),
        path=config.roster.path,
        deltas=config.roster.deltas,
    )


@asynccontextmanager
async def open_turn(config: Config) -> AsyncIterator[TurnOfTheYear]:
    """The parts, open."""
    async with (
        database_address(config) as dsn,
        Database.connect(dsn) as database,
        homeserver_of(config) as homeserver,
    ):
        yield turn_of(config, database, homeserver)
