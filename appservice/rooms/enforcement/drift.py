"""Drift: somebody changed what the roster says, as a value that can be recorded and told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from appservice.rooms.state import JsonObject, StateKey


class DriftKind(StrEnum):
    LEVELS = "levels"  # power levels
    STATE = "state"  # name, topic, join rules, widgets ...
    LINK = "link"  # a room's place in a space
    ENCRYPTION = "encryption"
    STRANGER = "stranger"  # somebody is in a room who does not belong there
    OUT = "out"  # somebody is out of a room in which they belong
    NAME = "name"  # somebody calls themself otherwise in a room
    BOT = "bot"  # our bot is out


@dataclass(frozen=True, slots=True)
class Drift:
    """One thing that was changed. `before` is what must stand there, `after` what they made of it;
    of large contents only what differs.

    `who` is a user id, "" where nobody knows. `times`: how often they changed it before we came to
    undo it; `event_id` and `at` are those of the last time. `slowed`: the undoing was put off,
    because they do it again and again.
    """

    room: str  # key
    who: str
    kind: DriftKind
    type: str
    state_key: str
    before: JsonObject
    after: JsonObject
    event_id: str
    at: datetime
    times: int = 1
    slowed: bool = False

    @property
    def place(self) -> StateKey:
        """What was changed."""
        return self.type, self.state_key


def apart(one: JsonObject, other: JsonObject) -> tuple[JsonObject, JsonObject]:
    """Two contents, each without what it has in common with the other."""
    left: dict[str, object] = {}
    right: dict[str, object] = {}
    for key in sorted(one.keys() | other.keys()):
        here, there = one.get(key), other.get(key)
        if here == there:
            continue
        if isinstance(here, Mapping) and isinstance(there, Mapping):
            left[key], right[key] = apart(here, there)
            continue
        if key in one:
            left[key] = here
        if key in other:
            right[key] = there
    return left, right
