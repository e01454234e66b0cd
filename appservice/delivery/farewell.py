"""What is kept of people, and that it is not kept for ever: over all stores of the diary."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from appservice.delivery.pulling import PULL_LOCK
from appservice.diary.pull.memories import rows_of, without_person
from appservice.storage.database import Database
from appservice.storage.diary_pull import PullStore
from appservice.storage.diary_retention import DiaryRetention
from appservice.storage.exclusive import LockTaken
from appservice.upkeep.living import LivingWish

_TRIES: Final = 30
_BETWEEN_S: Final = 1.0

log = logging.getLogger(__name__)


async def kept_of(database: Database, person_id: str) -> Mapping[str, object]:
    """All of one person, as JSON holds it; `files`: what is remembered of the rows of sources."""
    found = await DiaryRetention(database).export(person_id)
    memories = await PullStore(database).memories()
    files = {source: rows_of(memory, person_id) for source, memory in memories.items()}
    return found | {"files": {source: rows for source, rows in files.items() if rows}}


async def erase(database: Database, people: Collection[str]) -> None:
    """All of these people (person ids). Messages that were sent stay in their rooms.

    Raises LockTaken when files are read for too long at this time: a reading that began before
    would remember them again.
    """

    def without(memory: Mapping[str, object]) -> Mapping[str, object]:
        text = json.dumps(memory)
        for each in people:
            if json.dumps(each) in text:
                memory = without_person(memory, each)
        return memory

    for tries in range(_TRIES):
        try:
            async with database.exclusive(PULL_LOCK):
                await DiaryRetention(database).erase(*people)
                await PullStore(database).rewrite(without)
                return
        except LockTaken:
            if tries + 1 == _TRIES:
                raise
            await asyncio.sleep(_BETWEEN_S)


class Farewell:
    """Every night: what is too old is forgotten, and who was removed from the roster is erased as
    soon as no account of a leaver is left open (`accounts: leavers`, the longer of the two). Until
    then a mistake in the roster costs nothing.
    """

    def __init__(
        self,
        database: Database,
        living: LivingWish,
        *,
        keep_days: int,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._database = database
        self._living = living
        self._keep = timedelta(days=keep_days)
        self._now = now

    async def look(self) -> None:
        retention = DiaryRetention(self._database)
        await retention.forget_before(self._now() - self._keep)
        living = await self._living.now()
        roster = None if living is None else living.standing.delivery.roster
        if living is None or roster is None:
            return
        leavers = living.deployment.accounts.leavers
        grace = timedelta(days=max(leavers.grace_days, leavers.graduate_days))
        today = self._now().date()
        present = {each for each, person in roster.people.items() if person.active}
        gone = await retention.gone(present, today, since=today - grace)
        if gone:
            await erase(self._database, gone)
            log.info("The diary has forgotten %d people who left the school.", len(gone))
