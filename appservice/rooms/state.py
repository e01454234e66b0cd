"""Room state as values: contents, their digests, and which of it we govern."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from hashlib import blake2b
from typing import Final

StateKey = tuple[str, str]  # (event type, state key)
JsonObject = Mapping[str, object]

ROOM_KEY: Final = "org.schoolspaces.room"
"""Our own state event in each kept room, content {"key": DesiredRoom.key, "kind":
DesiredRoom.kind}.
"""

ENCRYPTION: Final = "m.room.encryption"
WIDGET_TYPES: Final = ("im.vector.modular.widgets", "io.element.widgets.layout", "m.widget")

GOVERNED: Final = frozenset(
    {
        ROOM_KEY,
        ENCRYPTION,
        *WIDGET_TYPES,
        "m.room.name",
        "m.room.topic",
        "m.room.avatar",
        "m.room.power_levels",
        "m.room.join_rules",
        "m.room.guest_access",
        "m.room.history_visibility",
        "m.room.canonical_alias",
        "m.room.server_acl",
        "m.room.third_party_invite",
        "m.space.child",
        "m.space.parent",
    }
)
"""The state event types whose content a plan compares, and which it takes away where nothing of the
kind is desired; what people may change (pins, calls …) is not here.
"""


_SHARED_TYPES: Final = frozenset(
    {"m.room.guest_access", "m.room.history_visibility", "m.room.join_rules", "m.space.parent"}
)
"""Types whose content is one object in many rooms, as `desired` makes them."""

_ENCODER: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def canonical(content: JsonObject | Sequence[object]) -> bytes:
    """Canonical JSON (Matrix spec, appendix 3.1: sorted keys, no spaces, UTF-8)."""
    return _ENCODER.encode(content).encode()


def content_digest(content: JsonObject) -> bytes:
    """16 bytes that stand for a content."""
    return blake2b(canonical(content), digest_size=16).digest()


def event_digest(key: StateKey, content: JsonObject) -> int:
    """128 bits that stand for one state event with its place in the room."""
    return _digest(key, canonical(content))


def _digest(key: StateKey, text: bytes) -> int:
    return int.from_bytes(blake2b(f"{key[0]}\0{key[1]}\0".encode() + text, digest_size=16).digest())


class SharedDigests:
    """`state_digest` for many rooms made of the same parts: a content, or a map inside one, that is
    the very same object in several rooms is written out once.
    """

    def __init__(self) -> None:
        # By identity; the object is kept, so that its identity cannot pass to another.
        self._written: dict[int, tuple[object, bytes]] = {}

    def state_digest(self, state: Mapping[StateKey, JsonObject]) -> bytes:
        """As the function of this name."""
        folded = 0
        for key, content in state.items():
            if key[0] in GOVERNED and content:
                if key[0] in _SHARED_TYPES:
                    text = self._shared(content)
                elif key[0] == "m.room.power_levels":
                    text = self._levels(content)
                else:
                    text = canonical(content)
                folded ^= _digest(key, text)
        return folded.to_bytes(16)

    def _shared(self, content: JsonObject) -> bytes:
        known = self._written.get(id(content))
        if known is None:
            known = self._written[id(content)] = (content, canonical(content))
        return known[1]

    def _levels(self, content: JsonObject) -> bytes:
        """A power level event: its `events` map, the most of it, is the same in all of a kind."""
        parts = []
        for key in sorted(content):
            value = content[key]
            if key == "events" and isinstance(value, Mapping):
                text = self._shared(value)
            elif type(value) is int:
                text = b"%d" % value
            else:
                text = canonical([value])[1:-1]
            parts.append(canonical([key])[1:-1] + b":" + text)
        return b"{" + b",".join(parts) + b"}"


def state_digest(events: Iterable[tuple[StateKey, JsonObject]]) -> bytes:
    """16 bytes for the governed state of a room, whatever the order. Empty contents count as
    absent.

    The exclusive or of the events' digests, so one event can be exchanged without reading the
    others.
    """
    folded = 0
    for key, content in events:
        if key[0] in GOVERNED and content:
            folded ^= event_digest(key, content)
    return folded.to_bytes(16)
