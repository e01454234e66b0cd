"""The one-to-one room of the bot with one person, for what only that person may read."""

from __future__ import annotations

import hmac
from base64 import b32encode
from typing import Final

from appservice.rooms.identity import room_key

PERSONAL: Final = "diary"
"""The kind of these rooms."""

_DIGITS: Final = 20  # of 5 bits each


def personal_room_key(school_id: str, person_id: str, *, secret: bytes) -> str:
    """ "<school_id>/diary/<20 base32 digits>": the same on every run.

    Keys stand in the room's state and alias, and ids of a roster may be numbers of documents, so
    nothing of the person can be read out of one. A person has one such room in each school.
    """
    what = b"\0".join((b"diary room", school_id.encode(), person_id.encode()))
    digest = hmac.digest(secret, what, "sha256")
    return room_key(school_id, PERSONAL, b32encode(digest).decode().lower()[:_DIGITS])
