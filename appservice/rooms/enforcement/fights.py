"""A change that comes again as often as it is undone: undone more and more slowly, until it stops.

Nothing remembers that there is a fight: what was undone lately says so, and once that is long
enough ago, the fight is over.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from appservice.rooms.state import StateKey

WINDOW: Final = timedelta(hours=1)
"""How long an undoing counts. Longer than the longest pause, or a slow fight would look like none.
"""

PATIENCE: Final = 5
"""How often in the window the same thing is undone at once."""

_FIRST: Final = timedelta(seconds=2)
_LONGEST: Final = timedelta(minutes=5)


class Undone(NamedTuple):
    """Something that we undid lately in one room."""

    place: StateKey
    at: datetime


def pauses(undone: Iterable[Undone], now: datetime) -> dict[StateKey, timedelta]:
    """For each place of a room that is fought over: how long from now until it is undone again."""
    times: dict[StateKey, list[datetime]] = {}
    for place, at in undone:
        if at > now - WINDOW:
            times.setdefault(place, []).append(at)
    found: dict[StateKey, timedelta] = {}
    for place, lately in times.items():
        if len(lately) >= PATIENCE:
            wait = max(lately) + _pause(len(lately)) - now
            # A clock that was set back must not stop us for longer than any pause.
            found[place] = min(max(wait, timedelta()), _LONGEST)
    return found


def _pause(count: int) -> timedelta:
    doublings = min(count - PATIENCE, 16)
    return min(_FIRST * (1 << doublings), _LONGEST)
