"""When the files of a diary are looked at."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from appservice.delivery import pulling
from appservice.delivery.pulling import Place, Pulling
from appservice.diary.pull.reading import Asked, Memory, Reading
from appservice.school.sample import sample_school
from appservice.school.sources.opening import RosterFiles
from appservice.storage.database import Database
from appservice.storage.diary_pull import PullStore


class AnySource:
    def read(self, _files: RosterFiles, _memory: Memory, _asked: Asked) -> Reading:
        return Reading()


async def test_a_file_that_came_while_somebody_was_reading_does_not_wait_for_the_clock(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pulling, "SETTLE_S", 0.1)
    roster = sample_school(classes=1, students=1, subjects=1)
    standing = SimpleNamespace(delivery=SimpleNamespace(roster=roster))
    looked = asyncio.Event()

    async def now() -> Any:
        looked.set()
        return SimpleNamespace(standing=standing)

    async with Database.connect(database, connections=2) as opened:
        store = PullStore(opened)
        reader = Pulling(
            [Place("exports", AnySource(), (tmp_path,))],
            store,
            intake=SimpleNamespace(),  # type: ignore[arg-type]
            living=SimpleNamespace(now=now),  # type: ignore[arg-type]
            alone=lambda: opened.exclusive("diary pull"),
            tell=_nobody,
        )
        async with _kept(reader), asyncio.timeout(120):
            async with opened.exclusive("diary pull"):
                while not looked.is_set():  # it takes a moment until changes are heard
                    (tmp_path / "grades.csv").write_text("student\n", encoding="utf-8")
                    await asyncio.sleep(0.2)
            while not (await store.of("exports")).stamp:  # noqa: ASYNC110 - nobody tells
                await asyncio.sleep(0.05)


@asynccontextmanager
async def _kept(reader: Pulling) -> AsyncIterator[None]:
    keeping = asyncio.create_task(reader.keep())
    try:
        yield
    finally:
        keeping.cancel()


async def _nobody(_beginning: str, _matter: str, _text: str) -> None:
    """There is nothing to tell."""
