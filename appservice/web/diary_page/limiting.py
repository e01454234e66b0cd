"""How often somebody may call: buckets of allowances that fill up with time."""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

_MOST: Final = 20_000  # callers that are remembered


class RateLimit:
    """`burst` calls at once, then one each `every_s` seconds, for each caller. In one process."""

    def __init__(self, burst: int, every_s: float) -> None:
        self._burst = burst
        self._every_s = every_s
        self._empty_until: OrderedDict[str, float] = OrderedDict()

    def wait_s(self, caller: str, now_s: float) -> float:
        """0 when the caller may go on, and has then used one allowance; else how long to wait."""
        # The moment at which the bucket is full again says all that there is to know.
        full_at = max(self._empty_until.get(caller, now_s), now_s) + self._every_s
        wait = full_at - now_s - self._burst * self._every_s
        if wait > 0:
            return wait
        self._empty_until[caller] = full_at
        self._empty_until.move_to_end(caller)
        if len(self._empty_until) > _MOST:
            self._empty_until.popitem(last=False)
        return 0.0
