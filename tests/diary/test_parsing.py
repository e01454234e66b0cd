"""What a diary may say, and what it is told when it says something else."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from appservice.diary import fields
from appservice.diary.events import DiaryEvent, EventType, parse
from appservice.diary.payloads import (
    ExamScheduled,
    GradePosted,
    Kind,
    LessonMoved,
    MeetingScheduled,
    ToPlace,
)
from appservice.diary.rejections import Rejection
from appservice.language import speaking
from tests.diary.documents import (
    PAYLOADS,
    accepted_documents,
    anything,
    document,
    event,
    spoilt_documents,
    validator,
)

FIELDS = {
    "id": fields.Id,
    "source": fields.SourceName,
    "day": fields.Day,
    "clock": fields.OptionalClock,
    "moment": fields.Moment,
    "mark": fields.Mark,
    "name": fields.OptionalName,
    "prose": fields.Prose,
}
MOSCOW = timezone(timedelta(hours=3))


def test_a_grade_is_read_whole() -> None:
    assert event(work="Диктант", urgency="urgent") == DiaryEvent(
        event_id="e-1",
        source="journal",
        type=EventType.GRADE_POSTED,
        school="17",
        external_id="x-1",
        revision=1,
        occurred_at=datetime(2026, 10, 1, 10, 15, tzinfo=MOSCOW),
        published_at=datetime(2026, 10, 1, 10, 20, tzinfo=MOSCOW),
        urgency="urgent",
        payload=GradePosted(
            student="anna",
            subject="Математика",
            value="5",
            day=date(2026, 10, 1),
            work="Диктант",
        ),
    )


def test_a_lesson_that_moved_an_exam_and_a_meeting_are_read_as_what_they_are() -> None:
    moved = event("timetable.changed", change="moved", to_day="2026-10-03", to_lesson=0)
    exam = event("exam.scheduled")
    meeting = event("meeting.scheduled")
    assert [each.payload for each in (moved, exam, meeting)] == [
        LessonMoved(
            change="moved",
            place="5a-maths",
            subject="Математика",
            day=date(2026, 10, 2),
            lesson=1,
            to_day=date(2026, 10, 3),
            to_lesson=0,
        ),
        ExamScheduled(
            place="5a-maths",
            subject="Математика",
            title="Контрольная работа",
            day=date(2026, 10, 9),
            begins=time(9, 0),
        ),
        MeetingScheduled(
            to=(ToPlace(kind="place", id="5a", audience="guardians"),),
            title="Родительское собрание",
            begins=datetime(2026, 10, 8, 18, 30, tzinfo=MOSCOW),
            where="Кабинет 12",
        ),
    ]


def test_every_type_belongs_to_a_family() -> None:
    assert set(PAYLOADS) == {each.value for each in EventType}
    assert {each.kind for each in EventType} == set(Kind)
    assert {each for each in EventType if each.kind is Kind.GRADE} == {
        EventType.GRADE_POSTED,
        EventType.GRADE_CHANGED,
        EventType.GRADE_REMOVED,
    }


WRONG: dict[str, tuple[Any, list[tuple[str, str]]]] = {
    "no object": ([], [("wrong_type", "")]),
    "an unknown type": (document() | {"type": "grade.guessed"}, [("not_allowed", "/type")]),
    "an unknown key": (document(mark="5"), [("unknown_key", "/payload/mark")]),
    "a key with a slash": (document() | {"a/b~c": 1}, [("unknown_key", "/a~1b~0c")]),
    "a key that is missing": (
        {key: value for key, value in document().items() if key != "school"},
        [("missing_key", "/school")],
    ),
    "no payload": (
        {key: value for key, value in document().items() if key != "payload"},
        [("missing_key", "/payload")],
    ),
    "a payload that is a list": (document() | {"payload": []}, [("wrong_type", "/payload")]),
    "a number in place of a text": (document(value=5), [("wrong_type", "/payload/value")]),
    "null": (document("exam.scheduled", room=None), [("wrong_type", "/payload/room")]),
    "a revision in quotes": (document(revision="1"), [("wrong_type", "/revision")]),
    "true as a revision": (document(revision=True), [("wrong_type", "/revision")]),
    "a negative revision": (document(revision=-1), [("out_of_range", "/revision")]),
    "a time without a zone": (
        document(occurred_at="2026-10-01T10:15:00"),
        [("no_time_zone", "/occurred_at")],
    ),
    "a time of another century": (
        document(published_at="0001-01-01T00:00:00Z"),
        [("bad_time", "/published_at")],
    ),
    "a day that does not exist": (document(day="2026-02-29"), [("bad_day", "/payload/day")]),
    "NUL in a text": (document(subject="Ма\x00"), [("control_character", "/payload/subject")]),
    "half a surrogate pair": (
        document(subject="\ud83d"),
        [("control_character", "/payload/subject")],
    ),
    "a text that turns around": (
        document(work="\u202eabc"),
        [("control_character", "/payload/work")],
    ),
    "a line break in a name": (
        document(subject="a\nb"),
        [("control_character", "/payload/subject")],
    ),
    "nothing to read": (document(subject=" \u200b "), [("blank", "/payload/subject")]),
    "a mark of 21 characters": (document(value="5" * 21), [("too_long", "/payload/value")]),
    "an id with a space": (document(student="anna b"), [("bad_id", "/payload/student")]),
    "a source with capitals": (document(source="Journal"), [("bad_source", "/source")]),
    "an unknown change": (
        document("timetable.changed", change="burnt"),
        [("not_allowed", "/payload/change")],
    ),
    "a room that is no text": (
        document("timetable.changed", change="room", room=12),
        [("wrong_type", "/payload/room")],
    ),
    "an exam's room that is no text": (
        document("exam.scheduled", room=12),
        [("wrong_type", "/payload/room")],
    ),
    "an addressee without an id": (
        document("announcement", to=[{"kind": "school"}, {"kind": "person"}]),
        [("missing_key", "/payload/to/1/id")],
    ),
    "no addressee": (document("announcement", to=[]), [("too_few", "/payload/to")]),
    "too many addressees": (
        document("announcement", to=[{"kind": "school"}] * 51),
        [("too_many", "/payload/to")],
    ),
    "several mistakes": (
        document(revision=-1, value="", grade=5),
        [
            ("out_of_range", "/revision"),
            ("blank", "/payload/value"),
            ("unknown_key", "/payload/grade"),
        ],
    ),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_is_wrong_is_told_with_its_place(what: str) -> None:
    made, wanted = WRONG[what]
    found = parse(made)
    assert not isinstance(found, DiaryEvent)
    assert [(each.code, each.pointer) for each in found] == wanted


def test_what_to_do_is_told_in_the_language_spoken_and_repeats_no_value() -> None:
    made = document(occurred_at="2026-10-01T10:15:00", value="secret" * 4)
    with speaking("ru"):
        russian = parse(made)
    assert (parse(made), russian) == (
        (
            Rejection(
                "no_time_zone",
                "/occurred_at",
                "Add the time zone: 2026-10-01T10:15:00+03:00, or Z for UTC.",
            ),
            Rejection("too_long", "/payload/value", "Shorten it to 20 characters."),
        ),
        (
            Rejection(
                "no_time_zone",
                "/occurred_at",
                "Добавьте часовой пояс: 2026-10-01T10:15:00+03:00 или Z для UTC.",
            ),
            Rejection("too_long", "/payload/value", "Сократите до 20 знаков."),
        ),
    )


def test_a_thousand_mistakes_are_told_by_their_first_twenty() -> None:
    found = parse(document() | {f"key{number}": 1 for number in range(1000)})
    assert not isinstance(found, DiaryEvent)
    assert len(found) == 20


@given(anything())
def test_whatever_comes_in_is_answered(made: Any) -> None:
    found = parse(made)
    assert isinstance(found, DiaryEvent) or len(found) > 0


@pytest.mark.parametrize("field", FIELDS.values(), ids=FIELDS)
def test_every_text_of_the_form_that_a_field_asks_for_is_read(field: Any) -> None:
    reader: TypeAdapter[object] = TypeAdapter(field)
    schema = reader.json_schema()

    @settings(deadline=None, max_examples=40)
    @given(st.from_regex(schema["pattern"]))
    def is_read(text: str) -> None:
        if len(text) <= schema.get("maxLength", len(text)):
            reader.validate_python(text)

    is_read()


@settings(deadline=None)
@given(accepted_documents())
def test_what_the_schema_accepts_is_read(made: Any) -> None:
    assert validator().is_valid(made)
    assert isinstance(parse(made), DiaryEvent)


@settings(deadline=None, max_examples=300)
@given(spoilt_documents())
def test_the_schema_and_the_reader_agree_on_spoilt_events(made: Any) -> None:
    assert isinstance(parse(made), DiaryEvent) is validator().is_valid(made)


@settings(deadline=None)
@given(spoilt_documents())
def test_every_place_that_is_told_can_be_written_down(made: Any) -> None:
    found = parse(made)
    for each in () if isinstance(found, DiaryEvent) else found:
        f"{each.code} {each.pointer} {each.text}".encode()
        assert each.pointer == "" or each.pointer.startswith("/")
