"""One lane after another is emptied: what stands first is worded, written down, sent, and taken
out once it is known to have arrived.

Never twice: the transaction id of a message never changes, so the homeserver answers a repetition
with the same event, for as long as it remembers. It forgets when it is started anew, and after half
an hour; so before a message is sent again of which nobody knows whether it arrived, it is looked
for in the room by the mark that it carries.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Final
from uuid import uuid4

from appservice.delivery.circumstances import CircumstancesOfToday
from appservice.delivery.composing import Composing, Held, Nothing
from appservice.delivery.rooms import DiaryRooms
from appservice.diary.wording.content import silenced
from appservice.errors import Permanent, SchoolSpacesError
from appservice.matrix.homeserver import Homeserver
from appservice.storage.lanes import HELD, LaneStore, Outgoing

DELIVERY: Final = "org.schoolspaces.delivery"
"""In the content of each message: which delivery it is. It says nothing about anybody."""

_CLOCKS_APART: Final = timedelta(hours=1)
"""So far the homeserver's clock may be behind ours."""

_FIRST_PAUSE: Final = timedelta(seconds=1)
_LONGEST_PAUSE: Final = timedelta(minutes=5)
_TRIES: Final = 5
"""Of what the homeserver refuses; a refusal may be put right meanwhile, by enforcement."""

_WAITED: Final = timedelta(days=3)
"""For so long a message is tried while the homeserver is away."""

log = logging.getLogger(__name__)

Noted = Callable[[str, float], None]
"""Told how a try ended (sent, found, held, nothing, failed, dead), and how long the message had
waited, in seconds.
"""


class Lanes:
    """`homeserver` must not try again by itself: between two tries of its own it may forget."""

    def __init__(
        self,
        store: LaneStore,
        composing: Composing,
        circumstances: CircumstancesOfToday,
        rooms: DiaryRooms,
        homeserver: Homeserver,
        *,
        noted: Noted,
        given_up: Callable[[], Awaitable[None]],
        now: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._composing = composing
        self._circumstances = circumstances
        self._rooms = rooms
        self._homeserver = homeserver
        self._noted = noted
        self._given_up = given_up
        self._now = now

    async def empty(self, room: str) -> None:
        """Send what stands in the lane of this room (key), unless somebody else does."""
        holder = uuid4().hex
        if not await self._store.take_lane(room, holder, self._now()):
            # Whoever has it looks once more before going; unless it was stopped in the middle.
            await self._store.ask_again(room, HELD + _FIRST_PAUSE, once=True)
            return
        while True:
            await self._send_all(room, holder)
            if await self._store.give_lane(room, holder):
                return

    async def _send_all(self, room: str, holder: str) -> None:
        while True:
            head = await self._store.head(room)
            if head is None or head.next_try > self._now():
                return
            try:
                await self._send(head)
            except SchoolSpacesError as error:
                log.warning("Diary: %s", error)
                await self._failed(head, error)
                return
            except Exception as error:
                # Its text may quote people.
                log.error("Diary: a message failed: %s", type(error).__name__)
                await self._failed(head, Permanent("", code="fault"))
                return
            await self._store.keep_lane(room, holder, self._now())

    async def _send(self, head: Outgoing) -> None:
        now = self._now()
        content, room_id, rings = head.content, head.room_id, True
        if head.first_tried is not None:
            found = await self._homeserver.find_message(
                room_id, DELIVERY, head.delivery, since=head.first_tried - _CLOCKS_APART
            )
            if found is not None:
                await self._store.arrived(head.number, found, head.first_tried)
                self._noted("found", (now - head.queued_at).total_seconds())
                return
        if content is not None:
            before = await self._composing.worded_before(head, await self._circumstances.now(), now)
            rings = before.rings
            if not before.stands:
                await self._store.word_anew(head.number)
                content = None
        if content is None:
            composed = await self._composing.compose(head, await self._circumstances.now(), now)
            if isinstance(composed, Nothing):
                await self._store.nothing_to_say(head.number, composed.over)
                self._noted("nothing", 0)
                return
            if isinstance(composed, Held):
                await self._store.hold(head.number, composed.entries, composed.at)
                self._noted("held", 0)
                return
            room_id = await self._rooms.room_id(head.room)
            content = {**composed.content, DELIVERY: head.delivery}
            rings = composed.held_until is None
            if not await self._store.prepare(
                head.number, room_id=room_id, content=content, outcome=composed.outcome, at=now
            ):
                return  # what stands first now is looked at anew
        said = content if rings else silenced(content)
        message = await self._homeserver.send(room_id, "m.room.message", said, txn=head.delivery)
        await self._store.arrived(head.number, message, now)
        self._noted("sent", (self._now() - head.queued_at).total_seconds())

    async def _failed(self, head: Outgoing, error: SchoolSpacesError) -> None:
        now = self._now()
        final = isinstance(error, Permanent)
        dead = head.attempts + 1 >= _TRIES if final else now - head.queued_at > _WAITED
        pause = pause_after(head.attempts)
        trouble = error.code if isinstance(error, Permanent) else "away"
        await self._store.failed(
            head.number,
            trouble=trouble,
            next_try=now + pause,
            dead_at=now if dead else None,
        )
        self._noted("dead" if dead else "failed", 0)
        if dead:
            await self._given_up()
            await self._store.ask_again(head.room, timedelta())  # for those behind it
        else:
            await self._store.ask_again(head.room, pause)


def pause_after(attempts: int) -> timedelta:
    """Before the next try, when so many failed before this one."""
    return min(_FIRST_PAUSE * 2.0 ** min(attempts, 16), _LONGEST_PAUSE)
