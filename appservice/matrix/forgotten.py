"""Gets from Synapse the transactions that it has forgotten to send.

Synapse stores a transaction before it sends it. While we are taken to be away it only stores them,
and a recoverer sends them once we answer. One that is stored between the recoverer's last look and
its note that we are back is sent by nobody, until sending fails the next time: then Synapse sends
all that it has, the oldest first (synapse/appservice/scheduler.py, as of 1.163). So one transaction
is refused on purpose, now and then, at a quiet moment after Synapse may have been recovering.
A recoverer is set to work by that, too. Synapse numbers transactions, over all its services: where
one is missed afterwards, another is refused, at ever longer intervals.
"""

from __future__ import annotations

from typing import Final

QUIET_S: Final = 1.0  # a recoverer sends without a pause
_PATIENCE_S: Final = 60.0  # where it is never quiet
_EVERY_S: Final = 6 * 3600.0  # that Synapse did not reach us for a while is not always noticed here
_FIRST_AGAIN_S: Final = 10.0
_LONGER_BY: Final = 4.0


class Forgotten:
    """When to refuse. `now` is a monotonic time in seconds; Synapse comes again after 2."""

    def __init__(self) -> None:
        self._due = 0.0
        self._latest: float | None = None
        self._number: int | None = None
        self._refused = -_EVERY_S
        self._again_s = _FIRST_AGAIN_S

    def is_asked_for(self, transaction_id: str, now: float) -> bool:
        """Whether the transaction that arrives now is to be refused for the sake of others."""
        number = int(transaction_id) if transaction_id.isdecimal() else None
        before, self._number = self._number, _greater(self._number, number)
        latest, self._latest = self._latest, now
        if latest is None:
            self._due = now
            return False
        if number is not None and before is not None:
            if number <= before:
                return False  # a recoverer is at work
            if number > before + 1:
                self._due = min(self._due, max(now, self._refused + self._again_s))
        if now < self._due or (now - latest < QUIET_S and now - self._due < _PATIENCE_S):
            return False
        if now - self._refused >= _EVERY_S:
            self._again_s = _FIRST_AGAIN_S
        else:
            self._again_s = min(_EVERY_S, self._again_s * _LONGER_BY)
        self._refused = now
        self._due = now + _EVERY_S
        return True

    def failed(self, now: float) -> None:
        """A transaction could not be stored: Synapse takes us to be away."""
        self._due = now
        self._again_s = _FIRST_AGAIN_S


def _greater(one: int | None, other: int | None) -> int | None:
    return other if one is None or (other is not None and other > one) else one
