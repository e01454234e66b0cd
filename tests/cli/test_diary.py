"""What is kept of one person's diary, from the command line."""

import asyncio
import json
from dataclasses import replace
from datetime import UTC, datetime

from appservice.app import database_address
from appservice.config.load import load_with_secrets
from appservice.storage.database import Database
from appservice.storage.diary import DiaryStore
from appservice.storage.diary_pull import PullStore
from tests.cli.administrator import Administrator
from tests.storage.test_diary import GRADE


def test_a_persons_diary_is_printed_and_erased_and_nobody_elses(
    administrator: Administrator,
) -> None:
    asyncio.run(kept(administrator))
    gone = [0, "digest", "grade.removed", {"student": "masha"}, "2026-10-01"]
    mine = {
        "person": "masha",
        "entries": [{"grade": 1}],
        "rooms": [],
        "messages": [],
        "unsent": [],
        "preferences": [],
        "sessions": [],
        "files": {"exports": [gone]},
    }
    assert administrator.types("diary", "export", "masha").object == mine

    said = administrator.types("diary", "erase", "masha", "--yes")
    assert said.out.splitlines()[0] == "1 entry is kept of this person."
    assert administrator.types("diary", "export", "masha").object == mine | {
        "entries": [],
        "files": {},
    }
    other = administrator.types("diary", "export", "petya").object
    assert json.dumps(other["entries"]) == '[{"grade": 2}]'


def test_files_are_believed_only_where_that_was_waited_for(administrator: Administrator) -> None:
    asyncio.run(stopped(administrator))
    refused = administrator.types("diary", "accept", "exports")
    assert "exports does not wait for that. There wait: lessons." in refused.err
    assert administrator.types("diary", "accept", "lessons").out == (
        "Accepted. lessons is read again within a minute, and people are told."
    )
    noted = json.loads(administrator.types("audit", "log", "--json").out.splitlines()[-1])
    assert (noted["action"], noted["details"]) == ("accept", {"source": "lessons"})


async def stopped(administrator: Administrator) -> None:
    config = load_with_secrets(administrator.config)
    async with database_address(config) as dsn, Database.connect(dsn) as database:
        await PullStore(database).keep("lessons", "1", {}, datetime.now(UTC), stopped="1")


async def kept(administrator: Administrator) -> None:
    config = load_with_secrets(administrator.config)
    petya = replace(
        GRADE,
        thing=GRADE.thing._replace(external_id="g2"),
        person_id="petya",
        document='{"grade": 2}',
    )
    async with database_address(config) as dsn, Database.connect(dsn) as database:
        await DiaryStore(database).take([GRADE, petya])
        gone = [0, "digest", "grade.removed", {"student": "masha"}, "2026-10-01"]
        await PullStore(database).keep("exports", "1", {"rows": {"g1": gone}}, datetime.now(UTC))
