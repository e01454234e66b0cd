"""A database of the test's own, and the observed state in it."""

from collections.abc import AsyncIterator

import pytest

from appservice.storage.database import Database
from appservice.storage.observed import ObservedStore
from tests.storage.school_rooms import BOT


@pytest.fixture
async def memory(database: str) -> AsyncIterator[Database]:
    async with Database.connect(database) as opened:
        yield opened


@pytest.fixture
def store(memory: Database) -> ObservedStore:
    return ObservedStore(memory, bot=BOT)
