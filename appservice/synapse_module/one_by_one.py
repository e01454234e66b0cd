"""One event after another, through the promised module API alone."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from synapse.api.errors import AuthError, LimitExceededError
from synapse.events import EventBase
from synapse.module_api import ModuleApi

from .asked import Item, Join, SetState
from .limits import Limits
from .verdicts import Send

_TRIES = 4
_LONGEST_WAIT_S = 10.0


class OneByOne:
    """Carries out single items, in the name of one bot."""

    def __init__(self, api: ModuleApi, bot: str, limits: Limits) -> None:
        self._api = api
        self._bot = bot
        self._limits = limits

    async def carry_out(self, room_id: str, item: Item, verdict: Send) -> str:
        """Do what the verdict says must be done for the item. Returns the event's id.

        Raises what Synapse raises. Where its rate limits cannot be lifted they are waited for.
        """
        if isinstance(item, SetState):
            event = await self._api.create_and_send_event_into_room(
                {
                    "type": item.type,
                    "state_key": item.state_key,
                    "sender": self._bot,
                    "room_id": room_id,
                    "content": dict(item.content),
                }
            )
        elif isinstance(item, Join):
            event = await self._join(room_id, item.user_id, invited=len(verdict.drafts) > 1)
        else:
            content = dict(verdict.drafts[-1].content)
            membership = str(content.pop("membership"))
            event = await self._member(self._bot, item.user_id, room_id, membership, content)
        return event.event_id

    async def _join(self, room_id: str, user_id: str, *, invited: bool) -> EventBase:
        if not invited:
            try:
                return await self._member(user_id, user_id, room_id, "join")
            except AuthError:
                # A restricted room whose allow list does not have them: the handler minds the
                # list, and with an invitation it does not matter.
                pass
        await self._member(self._bot, user_id, room_id, "invite")
        return await self._member(user_id, user_id, room_id, "join")

    async def _member(
        self,
        sender: str,
        target: str,
        room_id: str,
        membership: str,
        content: dict[str, object] | None = None,
    ) -> EventBase:
        with self._limits.lifted_for(sender):
            return await self._patiently(
                lambda: self._api.update_room_membership(
                    sender, target, room_id, membership, content
                )
            )

    async def _patiently(self, call: Callable[[], Awaitable[EventBase]]) -> EventBase:
        for _ in range(_TRIES - 1):
            try:
                return await call()
            except LimitExceededError as limited:
                wait_s = (limited.retry_after_ms or 1000) / 1000
                if wait_s > _LONGEST_WAIT_S:
                    raise
                await self._api.sleep(wait_s)
        return await call()
