"""Gets from Synapse the transactions that it has forgotten to send.

Synapse stores a transaction before it sends it. While we are taken to be away it only stores them,
and a recoverer sends them once we answer. One that is stored between the recoverer's last look and
its note that we are back is sent by nobody, until sending fails the next time: then Synapse sends
all that it has, the oldest first (synapse/appservice/scheduler.py, as of 1.163). So one transaction
is refused on purpose, now and then, at a quiet moment after Synapse may have been recovering.
"""

from __future__ import annotations

from typing import Final

QUIET_S: Final = 1.0  # a recoverer sends without a pause
_PATIENCE_S: Final = 60.0  # where it is never quiet
_EVERY_S: Final = 6 * 3600.0  # that Synapse did not reach us for a while is not always noticed here


class Forgotten:
    """When to refuse. `now` is a monotonic time in seconds; Synapse comes again after 2."""

    def __init__(self) -> None:
        self._due = 0.0
        self._latest: float | None = None

    def is_asked_for(self, now: float) -> bool:
        """Whether the transaction that arrives now is to be refused for the sake of others."""
        latest, self._latest = self._latest, now
        if latest is None:
            self._due = now
            return False
        if now < self._due or (now - latest < QUIET_S and now - self._due < _PATIENCE_S):
            return False
        self._due = now + _EVERY_S
        return True

    def failed(self, now: float) -> None:
        """A transaction could not be stored: Synapse takes us to be away."""
        self._due = now
