"""What we send to and read from the homeserver, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

JsonObject = Mapping[str, object]


class StateEvent(NamedTuple):
    """A state event as read or to be sent.

    `sender`, `event_id` and `timestamp` (ms) are empty when it is yet to be sent.
    """

    type: str
    state_key: str
    content: JsonObject
    sender: str = ""
    event_id: str = ""
    timestamp: int = 0


@dataclass(frozen=True, slots=True)
class UserRecord:
    """An account as the admin API shows it. None stands for what a listing leaves out."""

    user_id: str
    display_name: str
    admin: bool
    deactivated: bool
    suspended: bool | None
    external_ids: tuple[tuple[str, str], ...] | None = None
    locked: bool = False

    @property
    def set_aside(self) -> bool:
        """Suspended; where the homeserver knows no suspension, locked."""
        return self.locked if self.suspended is None else self.suspended


@dataclass(frozen=True, slots=True)
class RoomCreation:
    """All of a new room: created in this state by the bot, or not at all."""

    version: str
    alias: str  # whole alias
    space: bool
    federate: bool
    power_levels: JsonObject
    state: tuple[StateEvent, ...]  # the rest of the initial state, canonical alias included
    members: tuple[str, ...] = ()  # joined at once where the module can; otherwise must be empty


class Outcome(NamedTuple):
    """What became of one item of a batch."""

    outcome: Literal["done", "unchanged", "failed"]
    code: str = ""  # Matrix errcode
    error: str = ""


@dataclass(frozen=True, slots=True)
class Join:
    user: str


@dataclass(frozen=True, slots=True)
class Kick:
    user: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Ban:
    user: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Unban:
    user: str


BatchItem = Join | Kick | Ban | Unban | StateEvent
