"""What must be true at this moment, in memory: the accepted roster on this day, with the measures
in force.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

from appservice.rooms.measures import Measure
from appservice.storage.database import Database
from appservice.storage.measures import MeasureStore
from appservice.storage.outbox import OutboxStore
from appservice.storage.standing import Standing, StandingStore
from appservice.upkeep.laid import laid_over
from appservice.upkeep.reconcile import Deployment, Wish, wish_of

DeploymentOf = Callable[[str], Deployment]
"""The deployment of a namespace of person ids."""


@dataclass(frozen=True, slots=True)
class Living:
    """`wish.desired` holds the measures in force, and the personal rooms that were needed."""

    standing: Standing
    deployment: Deployment
    wish: Wish


class LivingWish:
    """Kept until the accepted roster, the day, the measures or the personal rooms change.

    `today` is the day at the school.
    """

    def __init__(
        self, database: Database, deployment_of: DeploymentOf, today: Callable[[], date]
    ) -> None:
        self._standing = StandingStore(database)
        self._measures = MeasureStore(database)
        self._outbox = OutboxStore(database)
        self._database = database
        self._deployment_of = deployment_of
        self._today = today
        self._turn = asyncio.Lock()
        self._base: tuple[int, date, Living] | None = None
        self._laid: tuple[object, Living] | None = None

    @property
    def known(self) -> Living | None:
        """As it was when it was last asked for; no waiting."""
        return self._laid[1] if self._laid else None

    async def now(self) -> Living | None:
        """None while no roster was accepted. Raises Refused when the configuration no longer fits
        it.
        """
        async with self._turn:
            base = await self._on_this_day()
            if base is None:
                return None
            now = datetime.now(UTC)
            measures = await self._measures.told(now)
            personal = await self._outbox.personal_rooms_stamp()
            stamp = (id(base), personal, _stamp(measures, now))
            if self._laid is None or self._laid[0] != stamp:
                wish = await laid_over(base.wish, base.deployment, self._database, now=now)
                self._laid = (stamp, replace(base, wish=wish))
            return self._laid[1]

    async def _on_this_day(self) -> Living | None:
        today = self._today()
        version = await self._standing.version()
        if self._base is None or self._base[:2] != (version, today):
            standing = await self._standing.latest()
            if standing is None:
                return None
            deployment = self._deployment_of(standing.namespace)
            # A region takes seconds: the loop goes on meanwhile.
            wish = await asyncio.to_thread(wish_of, standing.delivery, deployment, today=today)
            self._base = (standing.version, today, Living(standing, deployment, wish))
        return self._base[2]


def _stamp(measures: Sequence[Measure], now: datetime) -> tuple[tuple[int, bool], ...]:
    return tuple((measure.number, measure.in_force(now)) for measure in measures)
