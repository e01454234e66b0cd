"""Whether the homeserver answers: from what passes between us anyway, and a question when nothing
does.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Final

from appservice.errors import Permanent, SchoolSpacesError, Temporary
from appservice.language import _
from appservice.web.metrics import Metrics

log = logging.getLogger(__name__)

LATELY_S: Final = 60.0
_QUIET_S: Final = 15.0


class Pulse:
    """`ask` puts one short question to the homeserver and raises when nobody answers."""

    def __init__(self, ask: Callable[[], Awaitable[object]], metrics: Metrics) -> None:
        self._ask = ask
        self._metrics = metrics
        self._seen_at: float | None = None
        self._is_up: bool | None = None

    def seen(self) -> None:
        """It spoke to us."""
        self._seen_at = time.monotonic()

    def request(self, method: str, endpoint: str, outcome: str, seconds: float) -> None:
        """See matrix.endpoints.Observed: every answer but that of a proxy before it is a sign."""
        if outcome.isdigit() and int(outcome) < 500:
            self.seen()
        self._metrics.request(method, endpoint, outcome, seconds)

    async def look(self) -> None:
        """Raises Temporary when it was not seen for a minute."""
        if not self._within(LATELY_S):
            raise Temporary(_("The homeserver has not answered for a minute."))

    async def beat(self) -> None:
        """Until cancelled."""
        while True:
            if not self._within(_QUIET_S):
                await self._try()
            self._tell(is_up=self._within(_QUIET_S))
            await asyncio.sleep(_QUIET_S / 3)

    async def _try(self) -> None:
        try:
            await self._ask()
        except Permanent:
            self.seen()  # it refuses us, but it is there; the doctor says why
        except SchoolSpacesError as error:
            log.debug("%s", error)
        else:
            self.seen()

    def _tell(self, *, is_up: bool) -> None:
        if is_up != self._is_up:
            if not is_up:
                log.warning("The homeserver does not answer. Work that needs it waits.")
            elif self._is_up is not None:
                log.info("The homeserver answers again.")
        self._is_up = is_up
        self._metrics.homeserver(is_up=is_up)

    def _within(self, seconds: float) -> bool:
        return self._seen_at is not None and time.monotonic() - self._seen_at <= seconds
