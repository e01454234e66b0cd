"""Rooms in which the diary is told: found by their keys, and the personal ones made when first
needed, by what makes all other rooms.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from appservice.diary.personal_rooms import PERSONAL
from appservice.errors import Permanent, Temporary
from appservice.language import _
from appservice.rooms.identity import key_parts
from appservice.rooms.planning.maker import PlanMaker
from appservice.rooms.planning.plan import Totals
from appservice.rooms.planning.safety import SafetySettings
from appservice.storage.database import Database
from appservice.storage.drift import DriftStore
from appservice.storage.outbox import OutboxStore, PersonalRoom
from appservice.upkeep.apply import Workplace, carry_out
from appservice.upkeep.living import Living, LivingWish
from appservice.upkeep.reconcile import Deployment, Outlook


class DiaryRooms:
    """`workplace_of` as everybody at work in this process has it."""

    def __init__(
        self,
        living: LivingWish,
        database: Database,
        workplace_of: Callable[[Deployment], Workplace],
    ) -> None:
        self._living = living
        self._workplace_of = workplace_of
        self._known = DriftStore(database)
        self._needed = OutboxStore(database)
        self._being_made: dict[str, asyncio.Lock] = {}

    async def known(self, key: str) -> str:
        """The id of a room that stands; "" where none does."""
        return (await self._known.neighbours([key], [])).get(key, "")

    async def room_id(self, key: str) -> str:
        """Raises Permanent("no_room") where there is none and none is to be; Temporary where it
        could not be made now.
        """
        if found := await self.known(key):
            return found
        living = await self._living.now()
        if living is None or key not in living.wish.desired.rooms:
            raise Permanent(_("The roster gives no such room."), code="no_room")
        if key_parts(key).kind != PERSONAL:
            raise Temporary(_("The room was not made yet."))
        async with self._being_made.setdefault(key, asyncio.Lock()):
            found = await self.known(key) or await self._made(key, living)
        self._being_made.pop(key, None)
        return found

    async def personal(self, room: PersonalRoom, now: datetime) -> str:
        """The id of a personal room, needed from now on; raises as `room_id` does."""
        await self._needed.need([room], now)
        return await self.room_id(room.room)

    async def _made(self, key: str, living: Living) -> str:
        """The plan of this one room, carried out. Should an apply make it at the same time, the
        alias lets one of the two win, and the other is found at the next try.
        """
        desired = replace(
            living.wish.desired,
            rooms={key: living.wish.desired.rooms[key]},
            accounts={},
            leavers=None,
            archive=None,
        )
        maker = PlanMaker(desired, room_ids={}, accounts={})
        plan = maker.finish(Totals(), SafetySettings(), first_run=True)
        await carry_out(Outlook(desired, plan, {}), self._workplace_of(living.deployment))
        if not (found := await self.known(key)):
            raise Temporary(_("The room could not be made now."))
        return found
