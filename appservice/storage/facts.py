"""From inbound events to facts about rooms: which event counts, which of two is later. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Final, NamedTuple

from appservice.rooms.observed import InboundEvent
from appservice.rooms.state import GOVERNED, ROOM_KEY, JsonObject, StateKey, canonical, event_digest

MEMBERSHIPS: Final = frozenset({"join", "invite", "knock", "ban", "leave"})

_TIES: Final = 1 << 16
_LATEST_MS: Final = 1 << 46  # in the year 4199; a later date is a broken clock


def seen(at: int, event_id: str = "") -> int:
    """The place of a fact among others about the same thing, from its time in ms.

    Two events of the same millisecond are ordered by their ids, always in the same way. What we
    did ourselves comes before the event that it became.
    """
    tie = 0
    if event_id:
        tie = 1 + int.from_bytes(blake2b(event_id.encode(), digest_size=4).digest()) % (_TIES - 1)
    return min(max(at, 0), _LATEST_MS) * _TIES + tie


class StateFact(NamedTuple):
    """`content` is canonical JSON; `digest` is 16 bytes, zero when the content is empty."""

    content: str
    digest: bytes
    seen: int


class MemberFact(NamedTuple):
    membership: str
    seen: int


class KeyFact(NamedTuple):
    """What our bot says a room is; None when it took that back."""

    key: str | None
    seen: int


class Origin(NamedTuple):
    """Who made a room: the create event, which never changes."""

    ours: bool
    version: str


@dataclass(slots=True)
class Facts:
    """The latest of everything, by room id."""

    state: dict[tuple[str, StateKey], StateFact] = field(default_factory=dict)
    members: dict[tuple[str, str], MemberFact] = field(default_factory=dict)
    keys: dict[str, KeyFact] = field(default_factory=dict)
    origins: dict[str, Origin] = field(default_factory=dict)

    def rooms(self) -> set[str]:
        return {
            *(room for room, _key in self.state),
            *(room for room, _user in self.members),
            *self.keys,
            *self.origins,
        }


def state_fact(key: StateKey, content: JsonObject, seen: int) -> StateFact:
    digest = event_digest(key, content) if content else 0
    return StateFact(canonical(content).decode(), digest.to_bytes(16), seen)


def key_in(content: JsonObject) -> str | None:
    """The room key that a key event names."""
    key = content.get("key")
    return key if isinstance(key, str) and key and "\0" not in key else None


def facts_of(events: Iterable[InboundEvent], bot: str) -> Facts:
    """What the events say about rooms, in whatever order they come."""
    facts = Facts()
    for event in events:
        when = seen(event.timestamp, event.event_id)
        if event.type == "m.room.create":
            version = event.content.get("room_version")
            facts.origins[event.room_id] = Origin(
                event.sender == bot, version if isinstance(version, str) else "1"
            )
        elif event.type == "m.room.member":
            _note_member(facts, event, when)
        elif event.type in GOVERNED:
            place = (event.room_id, (event.type, event.state_key))
            if place not in facts.state or facts.state[place].seen < when:
                facts.state[place] = state_fact(place[1], event.content, when)
            if event.type == ROOM_KEY and event.state_key == "" and event.sender == bot:
                _note_key(facts, event, when)
    return facts


def _note_member(facts: Facts, event: InboundEvent, when: int) -> None:
    membership = event.content.get("membership")
    if not isinstance(membership, str) or membership not in MEMBERSHIPS:
        return
    place = (event.room_id, event.state_key)
    if place not in facts.members or facts.members[place].seen < when:
        facts.members[place] = MemberFact(membership, when)


def _note_key(facts: Facts, event: InboundEvent, when: int) -> None:
    known = facts.keys.get(event.room_id)
    if known is None or known.seen < when:
        facts.keys[event.room_id] = KeyFact(key_in(event.content), when)
