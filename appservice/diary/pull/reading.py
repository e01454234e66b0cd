"""What a source is asked, and what it gives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from hashlib import blake2b
from typing import Any, Final, NamedTuple, Protocol
from zoneinfo import ZoneInfo

from appservice.school.problem import Problem, Severity
from appservice.school.sources.opening import RosterFiles

Memory = Mapping[str, Any]
"""What a source remembers between two readings: JSON, {} before the first one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """`source` is the name that stands in the events, `school` a school_id, `now` has a zone.
    `gone_indeed`: a person said that what is missing from these files is gone, however much it is.
    """

    source: str
    school: str
    zone: ZoneInfo
    now: datetime
    gone_indeed: bool = False

    @property
    def today(self) -> date:
        return self.now.astimezone(self.zone).date()


TOO_MANY_GONE: Final = "too_many_gone"
"""The code of the problem that a person may answer: it is gone indeed."""

FEW: Final = 20


def is_too_many(gone: int, all_: int) -> bool:
    """Whether so much is missing at once that it is taken for a broken export."""
    return gone > FEW and 2 * gone > all_


class Found(NamedTuple):
    """A document that `appservice.diary.events.parse` reads, and where it comes from."""

    document: dict[str, object]
    file: str
    row: int


class Lesson(NamedTuple):
    """One lesson of the timetable as it is now; `begins` is "08:30", `day` "2026-10-01"."""

    place: str
    day: str
    lesson: int
    begins: str
    subject: str
    room: str = ""
    cancelled: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """`memory` is for the next reading, once the documents are safe. `lessons`: the whole timetable
    that the source knows, for those that ask; empty for sources without one.
    """

    found: tuple[Found, ...] = ()
    problems: tuple[Problem, ...] = ()
    memory: Memory = field(default_factory=dict)
    lessons: tuple[Lesson, ...] = ()


class PullSource(Protocol):
    """A source of one kind with its settings."""

    def read(self, files: RosterFiles, memory: Memory, asked: Asked) -> Reading:
        """What has changed since `memory`. Total: whatever the files are, it raises nothing."""
        ...


def problem(code: str, file: str, row: int, column: str, message: str) -> Problem:
    """One thing that is wrong, and what to do. The message repeats no value."""
    return Problem(code, Severity.ERROR, file, row, column, message)


def digest(*parts: str) -> str:
    """The same short text for the same parts: an id without spaces that tells nothing of them."""
    whole = blake2b(digest_size=12)
    for part in parts:
        whole.update(f"{len(part)}:{part}".encode(errors="surrogatepass"))
    return whole.hexdigest()


def document(
    asked: Asked,
    event_type: str,
    payload: Mapping[str, object],
    *,
    external_id: str,
    revision: int,
) -> dict[str, object]:
    """An event as it is sent. Of the same things it is always the same event."""
    moment = asked.now.isoformat(timespec="seconds")
    return {
        "event_id": digest(external_id, event_type, str(revision)),
        "source": asked.source,
        "type": event_type,
        "school": asked.school,
        "external_id": external_id,
        "revision": revision,
        "occurred_at": moment,
        "published_at": moment,
        "payload": dict(payload),
    }
