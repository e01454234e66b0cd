"""The turn in force, noted on the homeserver beside the rooms: over a lost database the rooms are
found again by their keys, and without the turn nobody could tell which class has which.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from appservice.matrix.homeserver import Homeserver
from appservice.storage.database import Database
from appservice.storage.rollover import RolloverStore, turn_content, turn_in

NOTE: Final = "org.schoolspaces.turn"
"""The type of the bot's account data."""


async def note_turn(database: Database, homeserver: Homeserver) -> None:
    """Note the turn that is in force now, or that none is."""
    turn = await RolloverStore(database).turn()
    await homeserver.note(NOTE, {} if turn is None else {"turn": turn_content(turn)})


async def recall_turn(database: Database, homeserver: Homeserver, *, namespace: str) -> bool:
    """Over a database that knows of no rollover: put the noted turn in force again. Whether there
    was one.
    """
    store = RolloverStore(database)
    if await store.latest() is not None:
        return False
    content = (await homeserver.noted(NOTE)).get("turn")
    turn = None if content is None else turn_in(content)
    if turn is None:
        return False
    await store.restore(turn, namespace=namespace, at=datetime.now(UTC))
    return True
