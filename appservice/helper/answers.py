"""How what is asked looks: short lines, by day or subject. Pure; in the language spoken."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta

from appservice.commands.paper import Answer, Block, Bullets, Paragraph, Title
from appservice.diary import payloads as said
from appservice.diary.events import DiaryEvent
from appservice.diary.payloads import Kind
from appservice.diary.pull.reading import Lesson
from appservice.diary.wording.phrases import Voice, day_words, phrase, subject_of
from appservice.helper.family import Child
from appservice.helper.understanding import BUTTONS, NUMBERS, OF_A_DIARY, Ask, word_of
from appservice.language import _

_SHORT = 200


def day_answer(
    child: Child, day: date, lessons: Sequence[Lesson], events: Sequence[DiaryEvent], voice: Voice
) -> Answer:
    """One day of one student: lessons, what is different, homework for it, exams, absences."""
    blocks: list[Block] = [Title(f"{child.name} — {day_words(day)}")]
    rows = _lesson_rows(day, lessons)
    blocks += [Bullets(rows)] if rows else []
    changes = [_line(event, voice) for event in events if _changes(event, day)]
    if changes:
        blocks += [Title(_("Changes")), Bullets(tuple(changes))]
    due = [event for event in events if _due(event) == day]
    if due:
        blocks += [Title(_("Homework")), Bullets(tuple(map(_homework, due)))]
    others = [_line(event, voice) for event in events if _also(event, day)]
    if others:
        blocks += [Title(_("And")), Bullets(tuple(others))]
    if len(blocks) == 1:
        blocks.append(Paragraph(_("Nothing is known of this day.")))
    return Answer(tuple(blocks))


def homework_answer(child: Child, today: date, events: Sequence[DiaryEvent]) -> Answer:
    """By the day for which it is due."""
    by_day: dict[date, list[str]] = {}
    for event in events:
        due = _due(event)
        if due is not None and due >= today:
            by_day.setdefault(due, []).append(_homework(event))
    blocks: list[Block] = [Title(_("{name}: homework").format(name=child.name))]
    for day in sorted(by_day):
        blocks += [Paragraph(day_words(day)), Bullets(tuple(by_day[day]))]
    if not by_day:
        blocks.append(Paragraph(_("There is no homework.")))
    return Answer(tuple(blocks))


def grades_answer(child: Child, subject: str, events: Sequence[DiaryEvent], voice: Voice) -> Answer:
    """Of all subjects the marks in a row; of one subject each with its day and work."""
    title = _("{name}: grades").format(name=child.name)
    if Kind.GRADE in voice.hidden:
        return Answer(
            (Title(title), Paragraph(_("Grades are not written here. The page has them.")))
        )
    by_subject: dict[str, list[said.GradePosted]] = {}
    for event in events:
        if isinstance(event.payload, said.GradePosted):
            by_subject.setdefault(event.payload.subject, []).append(event.payload)
    if subject:
        wanted = subject.casefold()
        by_subject = {
            name: grades for name, grades in by_subject.items() if wanted in name.casefold()
        }
    if not by_subject:
        return Answer((Title(title), Paragraph(_("There are no grades."))))
    if not subject:
        rows = tuple(
            f"{name}: {', '.join(grade.value for grade in _in_order(by_subject[name]))}"
            for name in sorted(by_subject)
        )
        return Answer((Title(title), Bullets(rows)))
    blocks: list[Block] = [Title(title)]
    for name in sorted(by_subject):
        rows = tuple(
            f"{day_words(grade.day)}: {grade.value}" + (f" ({grade.work})" if grade.work else "")
            for grade in _in_order(by_subject[name])
        )
        blocks += [Paragraph(name), Bullets(rows)]
    return Answer(tuple(blocks))


def timetable_answer(
    name: str, monday: date, lessons: Sequence[Lesson], events: Sequence[DiaryEvent], voice: Voice
) -> Answer:
    """A week of a class or student, with what is different."""
    blocks: list[Block] = [Title(_("{name}: timetable").format(name=name))]
    for number in range(7):
        day = monday + timedelta(days=number)
        rows = _lesson_rows(day, lessons)
        rows += tuple(f"⚠ {_line(event, voice)}" for event in events if _changes(event, day))
        if rows:
            blocks += [Paragraph(day_words(day)), Bullets(rows)]
    if len(blocks) == 1:
        blocks.append(Paragraph(_("No timetable is known here.")))
    return Answer(tuple(blocks))


def which_child(children: Iterable[Child]) -> Answer:
    """A numbered list to choose from."""
    return Answer(
        (
            Title(_("Of whom?")),
            Bullets(tuple(child.name for child in children), numbered=True),
            Paragraph(_("Reply with the number, or press it below.")),
        ),
        waits=True,
    )


def numbers_below(reply: Answer) -> Sequence[str]:
    """A button for each line of the list in this answer, as far as there are some."""
    lists = [block for block in reply.blocks if isinstance(block, Bullets) and block.numbered]
    return NUMBERS[: sum(len(block.items) for block in lists)]


def help_answer(*, is_guardian: bool, has_page: bool, reads: bool = True) -> Answer:
    """What does not concern the asker, or is not there, is not in it. `reads`: whether the asker
    may read somebody's diary.
    """
    keys: Mapping[Ask, str] = {ask: key for key, ask in BUTTONS.items()}
    texts = {
        Ask.TODAY: _("lessons, changes and homework of today"),
        Ask.TOMORROW: _("the same of tomorrow"),
        Ask.HOMEWORK: _("all homework that is still due"),
        Ask.GRADES: _("grades; with a subject, only those"),
        Ask.TIMETABLE: _("this week; with a class, that of the class")
        if reads
        else _("with a class: this week of the class"),
        Ask.ABSENCE: _("report that your child is ill: today, tomorrow or a day"),
        Ask.DIARY: _("a link to your diary as a page"),
        Ask.SETTINGS: _("what you are told and when"),
        Ask.HELP: _("this list"),
    }
    left_out = {
        *(() if is_guardian else (Ask.ABSENCE,)),
        *(() if has_page else (Ask.DIARY,)),
        *(() if reads else OF_A_DIARY),
    }
    rows = [
        f"{keys.get(ask, '✏')} `{word_of(ask)}` — {texts[ask]}"
        for ask in Ask
        if ask not in left_out
    ]
    return Answer((Title(_("What you can ask")), Bullets(tuple(rows))))


def _lesson_rows(day: date, lessons: Sequence[Lesson]) -> tuple[str, ...]:
    rows = []
    for each in sorted(lessons, key=lambda one: (one.lesson, one.subject)):
        if each.day != day.isoformat():
            continue
        row = f"{each.lesson}. {each.begins} {each.subject}" + (
            f" ({each.room})" if each.room else ""
        )
        rows.append(f"✗ {row} — " + _("cancelled") if each.cancelled else row)
    return tuple(dict.fromkeys(rows))


def _line(event: DiaryEvent, voice: Voice) -> str:
    subject = subject_of(event.payload)
    line = phrase(event.payload, event.kind, voice).line
    return f"{subject}: {line}" if subject else line


def _changes(event: DiaryEvent, day: date) -> bool:
    match event.payload:
        case said.LessonMoved(day=first, to_day=second):
            return day in (first, second)
        case said.LessonPayload(day=first):
            return first == day
        case _:
            return False


def _also(event: DiaryEvent, day: date) -> bool:
    match event.payload:
        case said.ExamScheduled(day=first) | said.AbsenceRecorded(day=first):
            return first == day
        case said.AbsenceLate(day=first):
            return first == day
        case _:
            return False


def _due(event: DiaryEvent) -> date | None:
    return event.payload.due if isinstance(event.payload, said.HomeworkAssigned) else None


def _homework(event: DiaryEvent) -> str:
    assert isinstance(event.payload, said.HomeworkAssigned)
    text = " ".join(event.payload.text.split())
    return f"{event.payload.subject}: {text[:_SHORT]}{'…' if len(text) > _SHORT else ''}"


def _in_order(grades: Iterable[said.GradePosted]) -> list[said.GradePosted]:
    return sorted(grades, key=lambda grade: grade.day)
