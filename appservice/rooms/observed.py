"""What is: the kept rooms and managed accounts as last seen, kept current from the homeserver's
transactions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple

from appservice.rooms.state import JsonObject, StateKey
from appservice.year.archive import Archived
from appservice.year.leavers import AccountStanding, Past

NO_PAST: Final = Past()


class RoomOutline(NamedTuple):
    """Enough of a room to see that nothing has to be done in it."""

    key: str
    room_id: str
    version: str
    state_digest: bytes  # appservice.rooms.state.state_digest of its governed state
    joined: Sequence[str]  # user ids, the bot excluded
    invited: Sequence[str] = ()  # user ids whose invite or knock is open
    archived: Archived | None = None


@dataclass(frozen=True, slots=True)
class ObservedRoom:
    """A kept room in full. `members` maps user ids (the bot excluded) to "join", "invite", "knock"
    or "ban".
    """

    key: str
    room_id: str
    version: str
    state: Mapping[StateKey, JsonObject]  # governed types only; empty contents left out
    members: Mapping[str, str]


class ObservedAccount(NamedTuple):
    """An account we made or were told to manage."""

    user_id: str
    display_name: str
    external_ids: tuple[tuple[str, str], ...]
    standing: AccountStanding = AccountStanding.ACTIVE
    server_admin: bool = False  # of the homeserver itself: no school takes that account away
    past: Past = NO_PAST

    @property
    def active(self) -> bool:
        """Whether it may be used."""
        return self.standing is AccountStanding.ACTIVE


class MessageKind(StrEnum):
    MESSAGE = "message"  # m.room.message of type m.text
    REACTION = "reaction"
    REDACTION = "redaction"
    INVITATION = "invitation"  # of the bot, into a room that is none of ours


@dataclass(frozen=True, slots=True)
class InboundMessage:
    """Something said in a room. `body` is the text, or the key of a reaction ("✅").

    `relates_to` is the event that is replied to, reacted to or taken back; `thread` the root of its
    thread; "" without one.
    """

    room_id: str
    kind: MessageKind
    body: str
    sender: str
    event_id: str
    timestamp: int  # origin_server_ts, ms
    relates_to: str = ""
    thread: str = ""


@dataclass(frozen=True, slots=True)
class InboundEvent:
    """One state event of an inbound transaction."""

    room_id: str
    type: str
    state_key: str
    content: JsonObject
    sender: str
    event_id: str
    timestamp: int  # origin_server_ts, ms
