"""A room that stands under the alias of one to be made: a run was interrupted, or our database was
emptied.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Final

from appservice.errors import Permanent
from appservice.language import _
from appservice.matrix.homeserver import Homeserver
from appservice.rooms.desired import DesiredRoom
from appservice.rooms.observed import ObservedRoom
from appservice.upkeep.found import FoundRoom, found_room

# The homeserver may still be making the room for a request whose sender is gone.
LOOKS: Final = 20
LOOK_EVERY_S: Final = 0.5


async def adopt(
    homeserver: Homeserver, room: DesiredRoom, room_id: str, *, bot: str
) -> ObservedRoom | None:
    """The room under the alias of `room`, as it stands; None when it is broken and its alias was
    taken from it.

    Raises Permanent when the alias leads to a room that is not ours to keep.
    """
    found = await _finished(homeserver, room_id, bot=bot)
    if found is None:
        # The alias is ours, and what it leads to was never finished or has lost our bot for good.
        await homeserver.delete_alias(room.alias)
        return None
    if found.creator != bot or found.room.key not in ("", room.key):
        raise Permanent(
            _(
                "The alias {alias} leads to the room {room}, which we did not make for this"
                " purpose. Take the alias from that room, or choose another alias prefix, then"
                " apply again."
            ).format(alias=room.alias, room=room_id),
            code="alias_of_another_room",
        )
    return replace(found.room, key=room.key)


async def _finished(homeserver: Homeserver, room_id: str, *, bot: str) -> FoundRoom | None:
    """The room once it bears its key, or as far as it has come after ten seconds; None when we are
    not in it.
    """
    found: FoundRoom | None = None
    for look in range(LOOKS):
        if look:
            await asyncio.sleep(LOOK_EVERY_S)
        try:
            found = found_room(room_id, await homeserver.room_state(room_id), bot=bot)
        except Permanent as error:
            if error.code not in ("M_FORBIDDEN", "M_NOT_FOUND"):
                raise
            found = None
        if found is not None and (found.room.key or found.creator != bot):
            break
    return found if found is not None and found.bot_is_in else None
