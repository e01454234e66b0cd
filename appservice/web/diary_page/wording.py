"""What the views say in sentences, in the language that is spoken. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import NamedTuple

from appservice.diary import payloads as said
from appservice.diary.payloads import Kind
from appservice.diary.wording.phrases import Voice, day_words, lesson_words, name_of, phrase
from appservice.language import _
from appservice.web.diary_page.views import Noted


class Remark(NamedTuple):
    """`student` is "" where it is plain; `kind` says in words what it is."""

    day: date
    student: str
    kind: str
    text: str
    tone: str
    subject: str
    teacher: str


def remarks(
    events: Sequence[Noted], voice: Voice, *, student: Callable[[str], str]
) -> list[Remark]:
    """The latest first. `student` names a person_id."""
    return [
        Remark(
            event.occurred_at.astimezone(voice.zone).date(),
            student(event.payload.student),
            phrase(event.payload, event.kind, voice).line,
            event.payload.text,
            event.payload.tone,
            event.payload.subject,
            name_of(event.payload.teacher, voice),
        )
        for event in reversed(events)
        if isinstance(event.payload, said.RemarkAdded)
    ]


def absence_words(one: said.OfStudent, voice: Voice) -> str:
    text = phrase(_as_payload(one), Kind.ABSENCE, voice).line
    return text[:1].upper() + text[1:]


def _as_payload(one: said.OfStudent) -> said.AbsenceRecorded | said.AbsenceLate:
    assert isinstance(one, said.AbsenceRecorded | said.AbsenceLate)
    return one


def change_words(change: said.LessonPayload, day: date, number: int, *, voice: Voice) -> str:
    """What is otherwise in the lesson of this number on this day."""
    if isinstance(change, said.LessonMoved) and (change.day, change.lesson) != (day, number):
        return _("moved here from {day}, lesson {lesson}").format(
            day=day_words(change.day), lesson=change.lesson
        )
    return lesson_words(change, voice)
