"""What a judge of one room needs to know of the rest of the school: no more is read."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from appservice.rooms.desired import SPACE_CHILD, SPACE_PARENT, DesiredRoom, children_of
from appservice.rooms.observed import InboundEvent, ObservedRoom
from appservice.rooms.planning.scene import Scene
from appservice.rooms.state import SharedDigests
from appservice.storage.drift import DriftStore
from appservice.upkeep.living import Living


class Neighbourhood:
    """Makes the scene of one room; what all rooms share is worked out once for each wish."""

    def __init__(self, store: DriftStore) -> None:
        self._store = store
        self._children: tuple[Living, Mapping[str, tuple[DesiredRoom, ...]]] | None = None

    async def scene(
        self, living: Living, observed: ObservedRoom, events: Sequence[InboundEvent]
    ) -> Scene:
        """With the parent and the children of the room, and whatever its links or `events` name."""
        desired = living.wish.desired
        children = self._children_of(living)
        room = desired.rooms.get(observed.key)
        keys = {observed.key, *(child.key for child in children.get(observed.key, ()))}
        if room is not None and room.parent:
            keys.add(room.parent)
        places = (*observed.state, *((event.type, event.state_key) for event in events))
        linked = {name for kind, name in places if kind in (SPACE_CHILD, SPACE_PARENT)}
        room_ids = dict(await self._store.neighbours(keys, linked))
        room_ids[observed.key] = observed.room_id
        managed: Collection[str] = desired.accounts.keys()
        if desired.keep_strangers:
            managed = {*managed, *await self._store.managed(observed.members.keys())}
        return Scene(
            desired=desired,
            room_ids=room_ids,
            managed=managed,
            children=children,
            keys={room_id: key for key, room_id in room_ids.items()},
            digests=SharedDigests(),
        )

    def _children_of(self, living: Living) -> Mapping[str, tuple[DesiredRoom, ...]]:
        if self._children is None or self._children[0] is not living:
            self._children = (living, children_of(living.wish.desired))
        return self._children[1]
