"""What several sayings of one thing come to: which of them counts, and what becomes of the message.

A thing (a grade, a homework, a lesson) has one lineage: source, school, external_id and the family
of its types. Within it, what is said counts by revision, and of one revision by how final its type
is: a removal that repeats the revision of the grade still removes it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, NamedTuple

from appservice.diary.events import DiaryEvent, EventType
from appservice.diary.payloads import Kind

EDITED_WITHIN: Final = timedelta(hours=24)
"""So long after it was sent a message is edited; later a reply corrects it."""


class Lineage(NamedTuple):
    """The identity of a thing, for ever."""

    source: str
    school: str
    external_id: str
    kind: Kind


class Standing(NamedTuple):
    """Which of two sayings of one thing counts: the greater."""

    revision: int
    rank: int


class Verdict(StrEnum):
    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"  # the same again
    STALE = "stale"  # something newer is known


_RANKS: Final[Mapping[EventType, int]] = {
    EventType.GRADE_CHANGED: 1,
    EventType.GRADE_REMOVED: 2,
    EventType.HOMEWORK_CHANGED: 1,
    EventType.HOMEWORK_CANCELLED: 2,
    EventType.ABSENCE_LATE: 1,
    EventType.ABSENCE_EXCUSED: 2,
}
_WITHDRAW: Final = frozenset({EventType.GRADE_REMOVED, EventType.HOMEWORK_CANCELLED})


def lineage_of(event: DiaryEvent) -> Lineage:
    return Lineage(event.source, event.school, event.external_id, event.kind)


def standing_of(event: DiaryEvent) -> Standing:
    return Standing(event.revision, _RANKS.get(event.type, 0))


def verdict(event: DiaryEvent, known: Standing | None) -> Verdict:
    """`known` is the standing of what counts in this lineage so far."""
    standing = standing_of(event)
    if known is None or standing > known:
        return Verdict.ACCEPTED
    return Verdict.DUPLICATE if standing == known else Verdict.STALE


def withdraws(event: DiaryEvent) -> bool:
    """Whether it says that the thing is no more."""
    return event.type in _WITHDRAW


@dataclass(frozen=True, slots=True)
class Sent:
    """The message that stands for a lineage in one room: alone, or a digest with others.

    `message` is its Matrix event id: of the message itself, never of an edit. `at` is when it was
    sent, `event` what it says of the lineage now. After a correction this is the correction.
    """

    message: str
    at: datetime
    event: DiaryEvent


@dataclass(frozen=True, slots=True)
class Silence:
    """There is nothing to say."""


@dataclass(frozen=True, slots=True)
class Post:
    """A message of its own, or a line of a digest: see `timing.when`."""


@dataclass(frozen=True, slots=True)
class Edit:
    """m.replace of `message`, at once: edits ring nowhere. A digest is worded anew as a whole."""

    message: str


@dataclass(frozen=True, slots=True)
class Correct:
    """A reply to `message` that says it is a correction, timed as a post."""

    message: str


Deed = Silence | Post | Edit | Correct


def deed(latest: DiaryEvent, sent: Sent | None, *, now: datetime, is_known: bool = False) -> Deed:
    """What becomes of one lineage in one room whose recipients are still to know of it.

    `latest` is the saying that counts, once its settle delay is over. `is_known`: another lineage
    has said it (`absences.is_excused`), so that it is no news.
    """
    if sent is None:
        return Silence() if withdraws(latest) or is_known else Post()
    if (latest.type, latest.payload) == (sent.event.type, sent.event.payload):
        return Silence()
    return Edit(sent.message) if now - sent.at <= EDITED_WITHIN else Correct(sent.message)


def deed_where_it_does_not_belong(sent: Sent | None) -> Deed:
    """The same for a room to which the thing no longer goes (another student, another class): what
    was said there is taken back by an edit (`wording.taken_back`), however long ago.
    """
    return Silence() if sent is None else Edit(sent.message)
