"""What happened, type by type: one frozen value for each type of event.

People and places are named by their ids in the roster (person_id, class_id, group_id), never by
accounts. `student` is a person_id, `place` a class_id or group_id (they share one name space),
`subject` what people call the subject. Days and lessons are those of the school. Texts that may be
left out are "" then, everything else None.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, ClassVar, Final, Literal

from pydantic import ConfigDict, Field

from appservice.diary.fields import (
    Day,
    Id,
    Lesson,
    Mark,
    Moment,
    Name,
    Note,
    OptionalClock,
    OptionalDay,
    OptionalId,
    OptionalLesson,
    OptionalMinutes,
    OptionalName,
    OptionalProse,
    Prose,
)

_STRICT: Final = ConfigDict(extra="forbid")

Lessons = Annotated[tuple[Lesson, ...], Field(max_length=20)]
People = Annotated[tuple[Id, ...], Field(max_length=50)]


class Kind(StrEnum):
    """What people choose about, and what a school sets delays for: a family of types."""

    GRADE = "grade"
    HOMEWORK = "homework"
    TIMETABLE = "timetable"
    ABSENCE = "absence"
    EXAM = "exam"
    REMARK = "remark"
    RESULT = "result"
    MEETING = "meeting"
    ANNOUNCEMENT = "announcement"


class Payload:
    """Of every type; unknown keys are refused."""

    __slots__ = ()
    __pydantic_config__: ClassVar[ConfigDict] = _STRICT


# --- of one student: for the student and those who may view the diary ---------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class OfStudent(Payload):
    """About one student: nobody but the student and those who may view the diary ever reads it."""

    student: Id


@dataclass(frozen=True, slots=True, kw_only=True)
class GradePosted(OfStudent):
    """`work`: what it was given for ("test"); `day`: of the lesson."""

    subject: Name
    value: Mark
    day: Day
    work: OptionalName = ""
    comment: Note = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class GradeChanged(GradePosted):
    """The whole grade as it is now; `previous` is the mark before."""

    previous: OptionalName = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class GradeRemoved(OfStudent):
    subject: Name
    day: OptionalDay = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AbsenceRecorded(OfStudent):
    """Without `lessons`: the whole day."""

    day: Day
    lessons: Lessons = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AbsenceExcused(AbsenceRecorded):
    """`reason` may be about health: it is shown to those who may see the absence, and is kept out
    of everything else.
    """

    reason: OptionalName = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AbsenceLate(OfStudent):
    """Came late, by `minutes` where they are known."""

    day: Day
    lesson: OptionalLesson = None
    minutes: OptionalMinutes = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RemarkAdded(OfStudent):
    text: Prose
    tone: Literal["praise", "note", "complaint"] = "note"
    subject: OptionalName = ""
    teacher: OptionalId = ""  # person_id


@dataclass(frozen=True, slots=True, kw_only=True)
class TermResult(OfStudent):
    """`term` as people call it: "1st quarter"."""

    subject: Name
    term: Name
    value: Mark


# --- of a class or group: for its room -----------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class OfPlace(Payload):
    """About a class or group: nothing in it is about a person, but the teacher of a lesson."""

    place: Id


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeworkAssigned(OfPlace):
    subject: Name
    text: Prose
    due: Day


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeworkChanged(HomeworkAssigned):
    """The whole homework as it is now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeworkCancelled(OfPlace):
    subject: Name
    due: OptionalDay = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LessonPayload(OfPlace):
    """One lesson of the timetable, by its day and number."""

    subject: Name
    day: Day
    lesson: Lesson


@dataclass(frozen=True, slots=True, kw_only=True)
class LessonCancelled(LessonPayload):
    change: Literal["cancelled"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LessonSubstituted(LessonPayload):
    """Another teacher (person_id), another subject, or both."""

    change: Literal["substitution"]
    teacher: OptionalId = ""
    new_subject: OptionalName = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LessonInRoom(LessonPayload):
    change: Literal["room"]
    room: Name


@dataclass(frozen=True, slots=True, kw_only=True)
class LessonMoved(LessonPayload):
    change: Literal["moved"]
    to_day: Day
    to_lesson: Lesson


@dataclass(frozen=True, slots=True, kw_only=True)
class LessonAdded(LessonPayload):
    change: Literal["added"]
    room: OptionalName = ""


LessonChange = LessonCancelled | LessonSubstituted | LessonInRoom | LessonMoved | LessonAdded


@dataclass(frozen=True, slots=True, kw_only=True)
class ExamScheduled(OfPlace):
    subject: Name
    title: Name
    day: Day
    begins: OptionalClock = None
    room: OptionalName = ""
    topics: OptionalProse = ""


# --- for those whom it names ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class ToSchool(Payload):
    """A room of the whole school."""

    kind: Literal["school"]
    audience: Literal["everyone", "guardians", "students", "staff"] = "everyone"


@dataclass(frozen=True, slots=True, kw_only=True)
class ToPlace(Payload):
    """A room of one class or group."""

    kind: Literal["place"]
    id: Id
    audience: Literal["everyone", "guardians", "students"] = "everyone"


@dataclass(frozen=True, slots=True, kw_only=True)
class ToPerson(Payload):
    """One person of the school."""

    kind: Literal["person"]
    id: Id


Addressee = ToSchool | ToPlace | ToPerson
Addressees = Annotated[
    tuple[Annotated[Addressee, Field(discriminator="kind")], ...],
    Field(min_length=1, max_length=50),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Addressed(Payload):
    """For those whom it names. `about`: the people of whom its text tells (person_id): whoever of
    them is erased takes it along.
    """

    to: Addressees
    about: People = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingScheduled(Addressed):
    title: Name
    begins: Moment
    where: OptionalName = ""
    text: OptionalProse = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcement(Addressed):
    title: Name
    text: OptionalProse = ""


AnyPayload = (
    GradePosted
    | GradeChanged
    | GradeRemoved
    | AbsenceRecorded
    | AbsenceExcused
    | AbsenceLate
    | RemarkAdded
    | TermResult
    | HomeworkAssigned
    | HomeworkChanged
    | HomeworkCancelled
    | LessonChange
    | ExamScheduled
    | MeetingScheduled
    | Announcement
)
