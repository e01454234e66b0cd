"""One event of a diary: its envelope, and how it is read from a JSON object.

Reading is strict and total: whatever comes in is an event, or says what is wrong with it, where,
and what to do.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Annotated, Any, Final, Literal

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from appservice.diary import payloads
from appservice.diary.fields import Id, Moment, Revision, SourceName
from appservice.diary.payloads import AnyPayload, Kind
from appservice.diary.rejections import MOST, Rejection, rejections_of

Urgency = Literal["normal", "urgent"]


class EventType(StrEnum):
    GRADE_POSTED = "grade.posted"
    GRADE_CHANGED = "grade.changed"
    GRADE_REMOVED = "grade.removed"
    HOMEWORK_ASSIGNED = "homework.assigned"
    HOMEWORK_CHANGED = "homework.changed"
    HOMEWORK_CANCELLED = "homework.cancelled"
    TIMETABLE_CHANGED = "timetable.changed"
    ABSENCE_RECORDED = "absence.recorded"
    ABSENCE_LATE = "absence.late"
    ABSENCE_EXCUSED = "absence.excused"
    EXAM_SCHEDULED = "exam.scheduled"
    REMARK_ADDED = "remark.added"
    TERM_RESULT = "term.result"
    MEETING_SCHEDULED = "meeting.scheduled"
    ANNOUNCEMENT = "announcement"

    @property
    def kind(self) -> Kind:
        """The family: its types are states of one thing and share one row of revisions."""
        return _KINDS[self]


PAYLOADS: Final[Mapping[EventType, Any]] = {
    EventType.GRADE_POSTED: payloads.GradePosted,
    EventType.GRADE_CHANGED: payloads.GradeChanged,
    EventType.GRADE_REMOVED: payloads.GradeRemoved,
    EventType.HOMEWORK_ASSIGNED: payloads.HomeworkAssigned,
    EventType.HOMEWORK_CHANGED: payloads.HomeworkChanged,
    EventType.HOMEWORK_CANCELLED: payloads.HomeworkCancelled,
    EventType.TIMETABLE_CHANGED: Annotated[payloads.LessonChange, Field(discriminator="change")],
    EventType.ABSENCE_RECORDED: payloads.AbsenceRecorded,
    EventType.ABSENCE_LATE: payloads.AbsenceLate,
    EventType.ABSENCE_EXCUSED: payloads.AbsenceExcused,
    EventType.EXAM_SCHEDULED: payloads.ExamScheduled,
    EventType.REMARK_ADDED: payloads.RemarkAdded,
    EventType.TERM_RESULT: payloads.TermResult,
    EventType.MEETING_SCHEDULED: payloads.MeetingScheduled,
    EventType.ANNOUNCEMENT: payloads.Announcement,
}
"""The payload of each type, as pydantic reads it."""

_KINDS: Final[Mapping[EventType, Kind]] = {
    each: Kind.RESULT if each is EventType.TERM_RESULT else Kind(each.value.split(".")[0])
    for each in EventType
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """What every event says of itself.

    `event_id` names this saying, `external_id` the thing it is about (a grade, a lesson), which is
    said anew with a higher `revision`. `school` is a school_id of the roster.
    """

    event_id: Id
    source: SourceName
    school: Id
    external_id: Id
    revision: Revision
    occurred_at: Moment
    published_at: Moment
    urgency: Urgency = "normal"


@dataclass(frozen=True, slots=True, kw_only=True)
class DiaryEvent(Envelope):
    """`payload` fits `type`, always: events come from `parse` alone."""

    type: EventType
    payload: AnyPayload

    @property
    def kind(self) -> Kind:
        return self.type.kind


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read(Envelope):
    """The envelope while it is read: the payload waits for its type."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    type: EventType
    payload: object


ENVELOPE: Final = TypeAdapter(_Read)
BY_TYPE: Final[Mapping[EventType, TypeAdapter[AnyPayload]]] = {
    event_type: TypeAdapter(payload) for event_type, payload in PAYLOADS.items()
}
_NAMES: Final = frozenset(each.value for each in EventType)
_NOTHING: Final = object()
_HEAD: Final = tuple(field.name for field in fields(Envelope))


def parse(document: object) -> DiaryEvent | tuple[Rejection, ...]:
    """The event that a JSON object says, or all that is wrong with it (at least one rejection).

    `document` is what a JSON reader made: dicts, lists, texts, numbers, booleans, None.
    """
    wrong: list[Rejection] = []
    read: _Read | None = None
    try:
        read = ENVELOPE.validate_python(document)
    except ValidationError as error:
        wrong += rejections_of(error)
    event_type = read.type if read is not None else _type_of(document)
    if event_type is None:
        return tuple(wrong)
    inside = read.payload if read is not None else _payload_of(document)
    try:
        payload = BY_TYPE[event_type].validate_python(inside)
    except ValidationError as error:
        if inside is not _NOTHING:
            union = event_type is EventType.TIMETABLE_CHANGED
            wrong += rejections_of(error, "/payload", in_union=union)
        return tuple(wrong[:MOST])
    if read is None:
        return tuple(wrong[:MOST])
    return DiaryEvent(
        **{name: getattr(read, name) for name in _HEAD}, type=event_type, payload=payload
    )


def payload_in(event_type: str, document: object) -> AnyPayload | None:
    """The payload of a document that was an event when it was kept, quicker than `parse`; None for
    one that this version cannot read.
    """
    if event_type not in _NAMES:
        return None
    try:
        return BY_TYPE[EventType(event_type)].validate_python(_payload_of(document))
    except ValidationError:
        return None


def _type_of(document: object) -> EventType | None:
    said = document.get("type") if isinstance(document, dict) else None
    return EventType(said) if isinstance(said, str) and said in _NAMES else None


def _payload_of(document: object) -> object:
    return document.get("payload", _NOTHING) if isinstance(document, dict) else _NOTHING
