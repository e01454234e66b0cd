"""The roster held before our eyes: read soon after it changed, again while something is left to do,
and every day.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Final

from appservice.errors import SchoolSpacesError
from appservice.upkeep.settings import SyncSettings
from appservice.upkeep.syncing import Syncer, SyncOutcome
from appservice.upkeep.watching import at_rest, source_state, watched

log = logging.getLogger(__name__)

_SOON_S: Final = 5.0
"""How soon another process's work, or a pause, is looked at again."""

_LONGEST_S: Final = 300.0
_OVER: Final = frozenset(
    {
        SyncOutcome.UNCHANGED,
        SyncOutcome.APPLIED,
        SyncOutcome.BROKEN,
        SyncOutcome.BLACKOUT,
    }
)
"""What is refused is not over: a rollover that is under way now will have ended."""


async def keep_in_line(
    syncer: Syncer, paths: Sequence[Path], settings: SyncSettings, today: Callable[[], date]
) -> None:
    """Until cancelled. Nothing is read anew while neither the files nor the day have changed and
    nothing is left to do.
    """
    over: tuple[str, date] | None = None
    failures, pause = 0, 0.0
    async with watched(paths) as heard:
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await heard.wait()
            heard.clear()
            now = (await _settled(paths, settings.settle), today())
            pause = settings.interval
            if now == over:
                continue
            outcome = await _tried(syncer)
            over = now if outcome in _OVER else None
            failures = failures + 1 if outcome in (None, SyncOutcome.INCOMPLETE) else 0
            if failures:
                pause = min(_SOON_S * 2.0 ** min(failures - 1, 10), _LONGEST_S, pause)
            elif outcome in (SyncOutcome.ELSEWHERE, SyncOutcome.PAUSED):
                pause = min(_SOON_S, pause)


async def _settled(paths: Sequence[Path], settle: float) -> str:
    """Wait until nobody has written for `settle` seconds; the stamp of the files as they are."""
    while True:
        state = await asyncio.to_thread(source_state, paths)
        if at_rest(state, settle=settle, now_ns=time.time_ns()):
            return state.stamp
        await asyncio.sleep(min(settle, 1.0) / 2)


async def _tried(syncer: Syncer) -> SyncOutcome | None:
    """None when it failed."""
    try:
        return await syncer.sync()
    except SchoolSpacesError as error:
        log.warning("Sync: %s", error)
    except Exception as error:
        # Its text may quote people.
        log.error("Sync: %s", _traced(error))
    return None


def _traced(error: BaseException) -> str:
    where = []
    step = error.__traceback__
    while step is not None:
        where.append(f"{step.tb_frame.f_code.co_filename}:{step.tb_lineno}")
        step = step.tb_next
    return f"{type(error).__name__} at {' > '.join(where[-3:])}"
