"""The roster's files are read when nobody writes them, and in one state only."""

import asyncio
import os
import time
from datetime import UTC, datetime, timedelta
from datetime import time as time_of_day
from pathlib import Path

import pytest

from appservice.errors import Temporary
from appservice.upkeep.syncing import is_due
from appservice.upkeep.watching import at_rest, read_at_rest, source_state, watched

NIGHT = datetime(2026, 10, 2, 3, 0, tzinfo=UTC)
THREE = time_of_day(3)


def test_what_is_written_while_it_is_read_is_read_again(tmp_path: Path) -> None:
    people = tmp_path / "people.csv"
    people.write_text("half")
    reads = []

    def read() -> str:
        reads.append(people.read_text())
        if len(reads) == 1:
            people.write_text("the whole")
        return reads[-1]

    found, state = read_at_rest([tmp_path], read)
    assert (found, reads) == ("the whole", ["half", "the whole"])
    assert state == source_state([tmp_path])


def test_files_that_never_rest_are_left_for_later(tmp_path: Path) -> None:
    people = tmp_path / "people.csv"

    def read() -> None:
        people.write_text(str(time.monotonic_ns()) + "x" * (time.monotonic_ns() % 97))

    with pytest.raises(Temporary, match="change while they are read"):
        read_at_rest([tmp_path], read)


@pytest.mark.parametrize("deed", ["write", "add", "remove", "replace"])
def test_a_roster_that_changed_looks_different(tmp_path: Path, deed: str) -> None:
    file = tmp_path / "roster" / "people.csv"
    file.parent.mkdir()
    file.write_text("old")
    before = source_state([file.parent])
    match deed:
        case "write":
            file.write_text("newer")
        case "add":
            (file.parent / "roles.csv").touch()
        case "remove":
            file.unlink()
        case _:  # replace, with the same size and the same time
            other = tmp_path / "other"
            other.write_text("new")
            os.utime(other, ns=(file.stat().st_atime_ns, file.stat().st_mtime_ns))
            other.replace(file)
    assert source_state([file.parent]).stamp != before.stamp


@pytest.mark.parametrize(
    ("written_ago_s", "rests"), [(0.1, False), (4.9, False), (5.1, True), (-3600, True)]
)
def test_files_rest_when_nobody_wrote_for_a_while_and_a_wrong_clock_blocks_nothing(
    tmp_path: Path, written_ago_s: float, rests: bool
) -> None:
    state = source_state([tmp_path])
    now_ns = state.changed_ns + int(written_ago_s * 1e9)
    assert at_rest(state, settle=5, now_ns=now_ns) is rests


async def test_a_folder_put_in_the_place_of_another_is_noticed(tmp_path: Path) -> None:
    roster = tmp_path / "roster"
    roster.mkdir()
    async with watched([roster]) as heard, asyncio.timeout(60):
        await asyncio.sleep(1)  # until the kernel listens
        (roster / "people.csv").write_text("a")
        await heard.wait()
        heard.clear()
        roster.rename(tmp_path / "old")
        (tmp_path / "new").mkdir()
        (tmp_path / "new").rename(roster)
        await heard.wait()


@pytest.mark.parametrize(
    ("last", "now", "due"),
    [
        (None, NIGHT, True),
        (NIGHT - timedelta(days=1), NIGHT - timedelta(seconds=1), False),
        (NIGHT - timedelta(days=1), NIGHT, True),
        (NIGHT, NIGHT + timedelta(hours=23), False),
        (
            NIGHT - timedelta(days=1),
            NIGHT + timedelta(hours=9),
            True,
        ),  # slept through
        (NIGHT, NIGHT - timedelta(hours=5), False),  # the clock was set back
        (NIGHT, NIGHT + timedelta(days=400), True),  # and far forward, once
    ],
)
def test_the_nightly_audit_is_made_once_a_night_whatever_the_clock_does(
    last: datetime | None, now: datetime, due: bool
) -> None:
    assert is_due(last, now=now, at=THREE) is due
