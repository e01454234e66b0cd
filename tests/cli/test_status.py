"""What `school-spaces status` says of syncs that somebody paused."""

import asyncio
from datetime import UTC, datetime

from appservice.app import database_address
from appservice.config.load import load_with_secrets
from appservice.storage.database import Database
from appservice.storage.sync_state import SyncStateStore
from tests.cli.administrator import Administrator

SINCE = datetime(2026, 10, 1, 12, tzinfo=UTC)
HEAD = "@head:school.test"


def test_a_pause_is_told_with_its_day_and_its_author_until_it_ends(
    administrator: Administrator,
) -> None:
    assert administrator.types("status", "--json").object["paused"] is None

    asyncio.run(pause(administrator, paused=True))
    said = administrator.types("status")
    assert "Syncs are paused since 2026-10-01" in said.out
    assert f"by {HEAD}" in " ".join(said.out.split())
    assert administrator.types("status", "--json").object["paused"] == {
        "since": "2026-10-01T12:00:00+00:00",
        "by": HEAD,
    }

    asyncio.run(pause(administrator, paused=False))
    assert "paused" not in administrator.types("status").out


async def pause(administrator: Administrator, *, paused: bool) -> None:
    config = load_with_secrets(administrator.config)
    async with database_address(config) as dsn, Database.connect(dsn) as database:
        state = SyncStateStore(database)
        if paused:
            await state.pause(by=HEAD, at=SINCE)
        else:
            await state.resume()
