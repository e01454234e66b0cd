"""Files as a diary leaves them, and what a source makes of them."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from appservice.diary.events import DiaryEvent, parse
from appservice.diary.pull.reading import Asked, Memory, PullSource, Reading
from appservice.school.sources.findings import Findings
from appservice.school.sources.opening import open_delivery

MOSCOW = ZoneInfo("Europe/Moscow")
THURSDAY = datetime(2026, 10, 1, 5, 0, tzinfo=UTC)  # 08:00 in Moscow


def asked(now: datetime = THURSDAY) -> Asked:
    return Asked(source="files", school="s1", zone=MOSCOW, now=now)


def read(
    source: PullSource,
    folder: Path,
    files: Mapping[str, str | bytes],
    memory: Memory | None = None,
    *,
    now: datetime = THURSDAY,
    gone_indeed: bool = False,
) -> Reading:
    """What the source makes of a folder that holds these files and no others."""
    for old in folder.iterdir():
        old.unlink()
    for name, content in files.items():
        (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
    delivery = open_delivery(folder, Findings())
    assert delivery is not None
    with closing(delivery):
        return source.read(delivery, memory or {}, replace(asked(now), gone_indeed=gone_indeed))


def events(reading: Reading) -> list[DiaryEvent]:
    """All of them as they are taken in; a document that would be refused fails the test."""
    taken = [parse(each.document) for each in reading.found]
    assert all(isinstance(each, DiaryEvent) for each in taken), taken
    return [each for each in taken if isinstance(each, DiaryEvent)]


def said(reading: Reading) -> list[tuple[str, int, Mapping[str, Any]]]:
    """(type, revision, payload) of all documents."""
    events(reading)
    return [
        (str(each.document["type"]), int(str(each.document["revision"])), payload(each.document))
        for each in reading.found
    ]


def payload(document: Mapping[str, object]) -> Mapping[str, Any]:
    inside = document["payload"]
    assert isinstance(inside, dict)
    return inside


def told(reading: Reading) -> list[tuple[str, str, int, str]]:
    """(code, file, row, column) of all problems."""
    return [(each.code, each.file, each.row, each.column) for each in reading.problems]
