"""What an event says in one line, and below it. Without the child's name and the subject: those
stand before it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import assert_never
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime

from appservice.diary import payloads as said
from appservice.diary.payloads import AnyPayload
from appservice.language import Language, _, current_language, n_
from appservice.school.model import Person


@dataclass(frozen=True, slots=True)
class Voice:
    """How a reader is spoken to.

    `people` are those of the roster, by person_id; `hidden`: the kinds of which the values are not
    told; `user_id` is the reader's account, "" for a room.
    """

    language: Language
    people: Mapping[str, Person]
    zone: ZoneInfo
    hidden: frozenset[said.Kind] = frozenset()
    user_id: str = ""


@dataclass(frozen=True, slots=True)
class Phrase:
    """`line` for a list; `below` is what a message of its own says too."""

    line: str
    below: tuple[str, ...] = ()


def subject_of(payload: AnyPayload) -> str:
    """The subject it is about, "" for none."""
    return "" if isinstance(payload, said.Addressed) else str(getattr(payload, "subject", ""))


def phrase(payload: AnyPayload, kind: said.Kind, voice: Voice) -> Phrase:
    """In the language that is spoken (`language.speaking`)."""
    hidden = kind in voice.hidden
    match payload:
        case said.GradeChanged():
            return _changed_grade(payload, hidden=hidden)
        case said.GradePosted():
            if hidden:
                return Phrase(_("a new grade"))
            text = _("grade {value}").format(value=payload.value)
            return Phrase(text + _about(payload.work), _some(payload.comment))
        case said.GradeRemoved():
            return Phrase(_("a grade was removed"))
        case said.TermResult(term=term, value=value):
            if hidden:
                return Phrase(_("{term}: a new result").format(term=term))
            return Phrase(f"{term}: {value}")
        case said.RemarkAdded():
            return Phrase(_remark(payload.tone), () if hidden else (payload.text,))
        case said.AbsenceRecorded():
            return _absence(payload, hidden=hidden)
        case said.AbsenceLate():
            return _late(payload)
        case said.HomeworkAssigned(due=due, text=text):
            form = (
                _("homework for {day} (changed)")
                if isinstance(payload, said.HomeworkChanged)
                else _("homework for {day}")
            )
            return Phrase(form.format(day=day_words(due)), (text,))
        case said.HomeworkCancelled(due=maybe):
            if maybe is None:
                return Phrase(_("the homework was cancelled"))
            return Phrase(_("no homework for {day}").format(day=day_words(maybe)))
        case said.LessonPayload():
            when = _("{day}, lesson {lesson}").format(
                day=day_words(payload.day), lesson=payload.lesson
            )
            return Phrase(f"{when}: {lesson_words(payload, voice)}")
        case said.ExamScheduled():
            when = day_words(payload.day)
            if payload.begins is not None:
                when += f", {payload.begins:%H:%M}"
            return Phrase(f"{payload.title} — {when}{_about(payload.room)}", _some(payload.topics))
        case said.MeetingScheduled():
            when = format_datetime(
                payload.begins, "EEE, d MMMM, HH:mm", voice.zone, current_language()
            )
            return Phrase(f"{payload.title} — {when}{_about(payload.where)}", _some(payload.text))
        case said.Announcement():
            return Phrase(payload.title, _some(payload.text))
        case _:
            assert_never(payload)


def _changed_grade(grade: said.GradeChanged, *, hidden: bool) -> Phrase:
    if hidden:
        return Phrase(_("a grade was changed"))
    if grade.previous:
        text = _("grade {previous} → {value}").format(previous=grade.previous, value=grade.value)
    else:
        text = _("the grade is now {value}").format(value=grade.value)
    return Phrase(text + _about(grade.work), _some(grade.comment))


def _late(late: said.AbsenceLate) -> Phrase:
    day = day_words(late.day)
    if late.minutes is None:
        return Phrase(_("late on {day}").format(day=day))
    form = n_("late by {count} minute on {day}", "late by {count} minutes on {day}", late.minutes)
    return Phrase(form.format(count=late.minutes, day=day))


def _absence(absence: said.AbsenceRecorded, *, hidden: bool) -> Phrase:
    day = day_words(absence.day)
    if isinstance(absence, said.AbsenceExcused):
        text = _("the absence on {day} is excused").format(day=day)
        return Phrase(text if hidden else text + _about(absence.reason))
    if not absence.lessons:
        return Phrase(_("absent on {day}").format(day=day))
    form = n_(
        "absent on {day}, lesson {lessons}",
        "absent on {day}, lessons {lessons}",
        len(absence.lessons),
    )
    return Phrase(form.format(day=day, lessons=", ".join(map(str, absence.lessons))))


def lesson_words(change: said.LessonPayload, voice: Voice) -> str:
    """What is otherwise in this lesson, without its day and number."""
    match change:
        case said.LessonSubstituted(teacher=teacher, new_subject=subject):
            instead = [each for each in (subject, name_of(teacher, voice)) if each]
            return _("substitution") + (f" — {', '.join(instead)}" if instead else "")
        case said.LessonInRoom(room=room):
            return _("in room {room}").format(room=room)
        case said.LessonMoved(to_day=day, to_lesson=lesson):
            return _("moved to {day}, lesson {lesson}").format(day=day_words(day), lesson=lesson)
        case said.LessonAdded(room=room):
            return _("added") + _about(room)
        case _:
            return _("cancelled")


def _remark(tone: str) -> str:
    match tone:
        case "praise":
            return _("praise")
        case "complaint":
            return _("complaint")
        case _:
            return _("remark")


def name_of(person_id: str, voice: Voice) -> str:
    person = voice.people.get(person_id)
    if person is None:
        return ""
    return " ".join(filter(None, (person.family_name, person.given_name, person.patronymic)))


def day_words(day: date) -> str:
    """ "Thu, 1 October"."""
    return str(format_date(day, "EEE, d MMMM", current_language()))


def _about(text: str) -> str:
    return f" ({text})" if text.strip() else ""


def _some(text: str) -> tuple[str, ...]:
    return (text,) if text.strip() else ()
