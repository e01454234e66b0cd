"""The diary's jobs, put together."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import Final

from appservice.delivery.circumstances import CircumstancesOfToday, Preferring
from appservice.delivery.composing import Composing
from appservice.delivery.lanes import Lanes, Noted
from appservice.delivery.rooms import DiaryRooms
from appservice.delivery.settling import Settling
from appservice.diary.settings import DiarySettings
from appservice.language import n_
from appservice.matrix.homeserver import Homeserver
from appservice.storage.database import Database
from appservice.storage.diary import SETTLE_JOB, DiaryStore
from appservice.storage.jobs import Entrypoint, Regularly
from appservice.storage.lanes import LaneStore
from appservice.storage.outbox import DEAD_LETTERS, DIGEST_JOB, LANE_JOB, OutboxStore
from appservice.upkeep.living import LivingWish

LANES_AT_ONCE: Final = 12
"""Over the whole deployment: more gains nothing, Synapse works on one core."""

_EVERY_MINUTE: Final = "* * * * *"

log = logging.getLogger(__name__)

Tell = Callable[[str, str], Awaitable[None]]
"""Tells the administrators a text, each matter once."""


class Delivery:
    """What delivers, over the open parts of one process."""

    def __init__(
        self,
        settings: DiarySettings,
        database: Database,
        living: LivingWish,
        rooms: DiaryRooms,
        homeserver: Homeserver,
        *,
        tell: Tell,
        noted: Noted,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """`homeserver` has no patience of its own; see `lanes.Lanes`."""
        self._living = living
        self._now = now
        self._tell = tell
        self.outbox = OutboxStore(database)
        circumstances = CircumstancesOfToday(living, settings)
        preferring = Preferring(database)
        diary, lanes = DiaryStore(database), LaneStore(database)
        self._settling = Settling(self.outbox, diary, circumstances, preferring, now)
        self._lanes = Lanes(
            lanes,
            Composing(diary, lanes, rooms, preferring),
            circumstances,
            rooms,
            homeserver,
            noted=noted,
            given_up=self._tell_dead,
            now=now,
        )

    def entrypoints(self) -> Sequence[Entrypoint]:
        async def settle(_payload: bytes) -> None:
            await self._settling.settle()

        async def digests(_payload: bytes) -> None:
            await self.outbox.queue_digests(self._now())

        async def lane(payload: bytes) -> None:
            await self._lanes.empty(payload.decode())

        return (
            Entrypoint(SETTLE_JOB, settle, at_once=2),
            Entrypoint(DIGEST_JOB, digests, at_once=1),
            Entrypoint(LANE_JOB, lane, at_once=LANES_AT_ONCE),
        )

    def regularly(self) -> Sequence[Regularly]:
        """What a job that was lost would have done is done a minute later."""
        return (Regularly("diary", _EVERY_MINUTE, self.look, at_once=True),)

    async def look(self) -> None:
        """At once what waits, whoever left it. Before a roster was accepted nothing does."""
        if await self._living.now() is None:
            return
        await self._settling.settle()
        await self.outbox.queue_digests(self._now())
        await self.outbox.wake(self._now())

    async def _tell_dead(self) -> None:
        count = len(await self.outbox.dead_letters())
        text = n_(
            "{count} message of the diary could not be sent. `!school errors` lists it; when its"
            " cause is gone, write `!school retry`.",
            "{count} messages of the diary could not be sent. `!school errors` lists them; when"
            " their cause is gone, write `!school retry`.",
            count,
        )
        await self._tell(DEAD_LETTERS, text.format(count=count))
