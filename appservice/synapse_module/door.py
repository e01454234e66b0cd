"""The parts of the module, put together for one bot."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

from synapse.module_api import ModuleApi

from .asked import MAX_EVENTS, MAX_INITIAL_STATE, MAX_MEMBERS
from .batches import Batches
from .bulk import BulkWriter
from .creation import Creation
from .facts import RoomReader
from .limits import Limits
from .one_by_one import OneByOne
from .probe import NoBulk, find_bulk_parts
from .settings import Settings

MODULE_VERSION = "1"
ABILITIES = ("rooms.batch", "rooms.create", "policy")


class Door:
    """What the requests call."""

    def __init__(self, api: ModuleApi, settings: Settings, bot: str, limits: Limits) -> None:
        self.bot = bot
        self._api = api
        # The module API keeps the homeserver to itself; what is promised goes through the API.
        homeserver = api._hs
        parts = (
            NoBulk("Turned off in the configuration (force_one_by_one).")
            if settings.force_one_by_one
            else find_bulk_parts(homeserver)
        )
        self._no_bulk = parts.reason if isinstance(parts, NoBulk) else None
        bulk = None if isinstance(parts, NoBulk) else BulkWriter(parts, self.bot, api.server_name)
        reader = RoomReader(api, self.bot)
        self.batches = Batches(reader, OneByOne(api, self.bot, limits), bulk)
        self.creation = Creation(api, homeserver, self.bot, reader, self.batches)

    async def abilities(self, body_bytes: int) -> dict[str, object]:
        """The answer to GET abilities."""
        reason = self._no_bulk or self.batches.bulk_broke
        return {
            "module_version": MODULE_VERSION,
            "synapse_version": _synapse_version(),
            "bot": self.bot,
            "bot_is_admin": await self._api.is_user_admin(self.bot),
            "abilities": list(ABILITIES),
            "batch": "bulk" if self.batches.bulk is not None else "one_by_one",
            "batch_reason": reason,
            "limits": {
                "body_bytes": body_bytes,
                "events": MAX_EVENTS,
                "members": MAX_MEMBERS,
                "initial_state": MAX_INITIAL_STATE,
            },
        }


def _synapse_version() -> str:
    try:
        return version("matrix-synapse")
    except PackageNotFoundError:  # run from a checkout
        return "unknown"
