"""The open parts that everybody at work in one process shares."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace

from appservice.app import (
    House,
    backend_of,
    deployment_of,
    house_of,
    house_over,
    judged_again,
    read_delivery,
    today_at,
)
from appservice.config.model import Config
from appservice.matrix.homeserver import Homeserver
from appservice.school.problem import Delivery
from appservice.storage.database import Database
from appservice.storage.observed import ObservedStore
from appservice.storage.standing import StandingStore
from appservice.upkeep.apply import Workplace
from appservice.upkeep.living import LivingWish
from appservice.upkeep.reconcile import Deployment, accepted, wish_of
from appservice.upkeep.watching import read_at_rest, source_of
from appservice.web.metrics import Metrics


@dataclass(frozen=True, slots=True)
class Office:
    """`living` is what must be true now, one for the whole process."""

    config: Config
    database: Database
    homeserver: Homeserver
    store: ObservedStore
    living: LivingWish
    metrics: Metrics

    def workplace(self, deployment: Deployment) -> Workplace:
        """What an apply, an audit or a repair works with."""
        return Workplace(
            deployment=deployment,
            homeserver=self.homeserver,
            backend=backend_of(deployment, self.homeserver),
            store=self.store,
            database=self.database,
        )

    async def deliver(self) -> Delivery:
        """The roster as it lies there, read in one state and judged in the light of whom we
        know.
        """
        paths = source_of(self.config.roster)
        delivery, _state = await asyncio.to_thread(
            read_at_rest, paths, lambda: read_delivery(self.config)
        )
        if delivery.roster is None:
            return delivery
        return await judged_again(self.config, delivery, self.database)

    async def house_of(self, delivery: Delivery) -> House:
        """Raises Refused where the configuration does not fit the roster."""
        return await house_over(self.config, delivery, self.database, self.homeserver)

    async def standing(self) -> House | None:
        """Of the roster accepted last, as of today; None before the first."""
        standing = await StandingStore(self.database).latest()
        if standing is None:
            return None
        deployment = deployment_of(self.config, standing.namespace)
        wish = await asyncio.to_thread(
            wish_of, standing.delivery, deployment, today=today_at(self.config)
        )
        # Another roster may be accepted meanwhile: this one is not accepted anew.
        wish = replace(wish, delivery=None)
        roster = accepted(standing.delivery)
        return house_of(wish, deployment, self.database, self.homeserver, roster)
