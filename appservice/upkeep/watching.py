"""Notices that the roster's files have changed, and reads them in one state only.

A file system tells of changes where it can (not over NFS, not on every container volume), so an
interval stands behind it.
"""

from __future__ import annotations

import asyncio
import logging
import stat
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Final, TypeVar

from watchfiles import awatch

from appservice.errors import Temporary
from appservice.language import _
from appservice.school.settings import RosterSettings

log = logging.getLogger(__name__)

_TRIES: Final = 5
_DEBOUNCE_MS: Final = 200
_RETURN_S: Final = 10.0

Read = TypeVar("Read")


@dataclass(frozen=True, slots=True)
class SourceState:
    """`stamp` differs whenever a file came, went or was written; `changed_ns`: when any of them
    was written or moved here last, in ns since the epoch, 0 without files.
    """

    stamp: str
    changed_ns: int


def source_of(settings: RosterSettings) -> tuple[Path, ...]:
    """What is to be watched."""
    return (settings.path, *((settings.deltas,) if settings.deltas is not None else ()))


def source_state(paths: Iterable[Path]) -> SourceState:
    """As the file system has it now; what cannot be looked at is as good as away."""
    whole = blake2b(digest_size=16)
    latest = 0
    for path in paths:
        for name, size, written, changed in sorted(_files(path)):
            whole.update(f"{name}\0{size}\0{written}\0{changed}\n".encode(errors="surrogateescape"))
            latest = max(latest, written, changed)
        whole.update(b"\n")
    return SourceState(whole.hexdigest(), latest)


def _files(path: Path) -> Iterator[tuple[str, int, int, int]]:
    with suppress(OSError):
        found = path.stat()
        yield str(path), found.st_size, found.st_mtime_ns, found.st_ctime_ns
        if stat.S_ISDIR(found.st_mode):
            for entry in path.iterdir():
                if entry.is_dir() and not entry.is_symlink():
                    yield from _files(entry)
                    continue
                with suppress(OSError):
                    below = entry.stat()
                    yield str(entry), below.st_size, below.st_mtime_ns, below.st_ctime_ns


def at_rest(state: SourceState, *, settle: float, now_ns: int) -> bool:
    """Whether nobody has written for `settle` seconds. Times in the future say nothing."""
    return not 0 <= now_ns - state.changed_ns < settle * 1e9


def read_at_rest(paths: Iterable[Path], read: Callable[[], Read]) -> tuple[Read, SourceState]:
    """What `read` gives, of files that stayed as they were meanwhile, and their state.

    Blocks. Raises Temporary when they change again and again.
    """
    paths = tuple(paths)
    before = source_state(paths)
    for _try in range(_TRIES):
        found = read()
        after = source_state(paths)
        if after.stamp == before.stamp:
            return found, after
        before = after
    raise Temporary(
        _(
            "The files of the roster change while they are read. They are read again when they are"
            " left alone; it is best to move finished files into their place."
        )
    )


@asynccontextmanager
async def watched(paths: Iterable[Path]) -> AsyncIterator[asyncio.Event]:
    """Gives an event that is set whenever something at the paths changes; clear it yourself."""
    heard = asyncio.Event()
    listening = asyncio.create_task(_listen(tuple(paths), heard))
    try:
        yield heard
    finally:
        listening.cancel()
        with suppress(asyncio.CancelledError):
            await listening


async def _listen(paths: tuple[Path, ...], heard: asyncio.Event) -> None:
    while True:
        # A file may be replaced by another of its name, and a folder by another: its parent tells.
        folders = {folder for path in paths for folder in (path, path.parent) if folder.is_dir()}
        there = sorted(map(str, folders))
        names = {str(path.absolute()) for path in paths}
        try:
            if there:
                async for found in awatch(
                    *there,
                    watch_filter=None,
                    debounce=_DEBOUNCE_MS,
                    recursive=False,
                    ignore_permission_denied=True,
                ):
                    if any(_concerns(changed, names) for _how, changed in found):
                        heard.set()
                        break  # folders may be others now
                continue
        except (OSError, RuntimeError) as error:
            log.warning("The roster cannot be watched (%s); it is looked at now and then.", error)
        await asyncio.sleep(_RETURN_S)


def _concerns(changed: str, names: set[str]) -> bool:
    place = str(Path(changed).absolute())
    return any(place == name or place.startswith(f"{name}/") for name in names)
