"""Synapse's cache of state groups, told beforehand what is known here.

Synapse is about to ask, event by event, for a few entries of the state before each. It would read
them back from the database, through a chain of state groups as long as the batch.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from synapse.event_auth import auth_types_for_event

if TYPE_CHECKING:
    from synapse.events import EventBase
    from synapse.events.snapshot import EventContext
    from synapse.storage.databases.state.store import StateGroupDataStore

logger = logging.getLogger(__name__)

StateIds = Mapping[tuple[str, str], str]


class CacheWarmth:
    """Fills the cache, or leaves it alone once it turns out to be another than expected."""

    def __init__(self, groups: StateGroupDataStore) -> None:
        self._groups = groups
        self._on = True

    def tell(self, events: Iterable[tuple[EventBase, EventContext, StateIds]]) -> None:
        """Remember what belongs to these events: each with its context, and the state before it.

        A state group never changes, so nothing wrong can get in. Of all but the last, only what
        is asked for is kept: the whole state for every event would push other rooms out.
        """
        if not self._on:
            return
        try:
            event = context = before = None
            for event, context, before in events:
                keys = {*auth_types_for_event(event.room_version, event)}
                keys.add((event.type, event.state_key))
                self._remember(context.state_group_before_event, before, keys)
            if event is not None and context is not None and before is not None:
                after = {**before, (event.type, event.state_key): event.event_id}
                self._remember(context.state_group, after, None)
        except Exception:
            self._on = False
            logger.warning("The cache of state groups is not as expected: left alone from now on")

    def _remember(
        self, group: int | None, state: StateIds, keys: Iterable[tuple[str, str]] | None
    ) -> None:
        if group is None:
            return
        for cache, about_members in (
            (self._groups._state_group_members_cache, True),
            (self._groups._state_group_cache, False),
        ):
            wanted = [
                key
                for key in (state if keys is None else keys)
                if (key[0] == "m.room.member") == about_members
            ]
            cache.update(
                cache.sequence,
                key=group,
                value={key: state[key] for key in wanted if key in state},
                fetched_keys=None if keys is None else wanted,
            )
