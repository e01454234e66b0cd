"""Which of the events that arrive are worth a look: in memory, by what must be true."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Final

from appservice.rooms.enforcement.departs import departs
from appservice.rooms.observed import InboundEvent, InboundMessage
from appservice.rooms.planning.scene import Scene
from appservice.rooms.state import SharedDigests
from appservice.upkeep.living import Living, LivingWish


class _Everybody(Collection[str]):
    """Whom we manage, as long as nobody looks it up: saying yes too often does no harm."""

    def __contains__(self, _user: object) -> bool:
        return True

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


_EVERYBODY: Final = _Everybody()


class EnforcementWatch:
    """The part of a storage Watch that enforcement answers. It knows what the living wish was when
    it was last asked for, and the rooms that it was told of.
    """

    def __init__(self, living: LivingWish) -> None:
        self._living = living
        self._room_ids: dict[str, str] = {}
        self._keys: dict[str, str] = {}
        self._scene: tuple[Living, Scene] | None = None

    @property
    def version(self) -> int:
        """The version of the accepted roster that it knows, 0 for none."""
        known = self._living.known
        return known.standing.version if known else 0

    def learn(self, room_ids: Mapping[str, str]) -> None:
        """Rooms by key: from here on their events are judged, until then all of them are kept."""
        self._room_ids.update(room_ids)
        self._keys.update({room_id: key for key, room_id in room_ids.items()})

    def departs(self, event: InboundEvent) -> bool:
        """Whether an event of somebody else than the bot may be drift."""
        known = self._living.known
        if known is None:
            return True
        if self._scene is None or self._scene[0] is not known:
            scene = Scene(
                desired=known.wish.desired,
                room_ids=self._room_ids,
                managed=_EVERYBODY,
                children={},
                keys=self._keys,
                digests=SharedDigests(),
            )
            self._scene = (known, scene)
        return departs(self._scene[1], event)

    def heeds(self, _message: InboundMessage) -> bool:
        """Never: what is said is for others."""
        return False
