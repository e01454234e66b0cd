"""The governed state of a desired room, put together whenever it is read.

A region has tens of thousands of rooms, and few of them are ever looked at twice: kept whole, their
contents would take more memory than the roster.
"""

from __future__ import annotations

from collections.abc import ItemsView, Iterator, Mapping
from typing import NamedTuple

from appservice.rooms.kinds.power import TOPIC, power_levels
from appservice.rooms.state import ROOM_KEY, JsonObject, StateKey


class Look(NamedTuple):
    """What all rooms of a kind have in common."""

    kind: str
    version: str
    bot: str
    levels: Mapping[str, object]  # power levels without `users`
    shared: Mapping[StateKey, JsonObject]


class RoomState(Mapping[StateKey, JsonObject]):
    """All governed state that needs no room id."""

    __slots__ = ("_alias", "_key", "_look", "_members", "_name", "_topic")

    def __init__(
        self, look: Look, *, key: str, alias: str, name: str, topic: str, members: Mapping[str, int]
    ) -> None:
        self._look = look
        self._key = key
        self._alias = alias
        self._name = name
        self._topic = topic
        self._members = members

    def _whole(self) -> dict[StateKey, JsonObject]:
        look = self._look
        state: dict[StateKey, JsonObject] = {
            **look.shared,
            (ROOM_KEY, ""): {"key": self._key, "kind": look.kind},
            ("m.room.canonical_alias", ""): {"alias": self._alias},
            ("m.room.power_levels", ""): power_levels(
                look.levels, self._members, version=look.version, bot=look.bot
            ),
            ("m.room.name", ""): {"name": self._name},
        }
        if self._topic:
            state[TOPIC, ""] = {"topic": self._topic}
        return state

    def __getitem__(self, key: StateKey) -> JsonObject:
        return self._whole()[key]

    def __iter__(self) -> Iterator[StateKey]:
        return iter(self._whole())

    def __len__(self) -> int:
        return len(self._whole())

    def items(self) -> ItemsView[StateKey, JsonObject]:
        """All of it at once, where iterating would put it together for each key."""
        return self._whole().items()
