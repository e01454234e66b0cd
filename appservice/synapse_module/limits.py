"""Synapse's rate limits, and whom they are not meant for.

The promised module API joins people through the same limits as their own clients: a person may
be invited five times, and then once in five minutes. What the school does is not what the limits
are against. In bulk no limit is asked.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from synapse.module_api import ModuleApi

if TYPE_CHECKING:
    from synapse.module_api import RatelimitOverride

_AMPLE = 10_000


class Limits:
    """Lifts the limits for the bots, and for a person while a bot acts in their name."""

    def __init__(self, api: ModuleApi, bots: Collection[str]) -> None:
        self._bots = frozenset(bots)
        self._acting: Counter[str] = Counter()
        # Since Synapse 1.132. Before it, the limits are waited for.
        if hasattr(api, "register_ratelimit_callbacks"):
            api.register_ratelimit_callbacks(get_ratelimit_override_for_user=self._override)

    @contextmanager
    def lifted_for(self, user_id: str) -> Iterator[None]:
        """While this lasts, the person's joins are not limited."""
        self._acting[user_id] += 1
        try:
            yield
        finally:
            self._acting[user_id] -= 1
            if not self._acting[user_id]:
                del self._acting[user_id]

    async def _override(self, user_id: str, _limiter: str) -> RatelimitOverride | None:
        if user_id not in self._bots and user_id not in self._acting:
            return None
        from synapse.module_api import RatelimitOverride

        return RatelimitOverride(per_second=_AMPLE, burst_count=_AMPLE)
