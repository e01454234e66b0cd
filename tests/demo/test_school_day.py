"""The day that the demo plays: believable, the same each time, and taken as it is."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from appservice.demo.school_day import BELLS, school_day, timetable
from appservice.demo.school_past import school_past
from appservice.demo.sign_ins import people_shown
from appservice.diary.events import DiaryEvent, parse
from appservice.diary.payloads import GradePosted, Kind
from appservice.diary.pull.icalendar_source import TimetableSource
from appservice.diary.pull.settings import TimetableSettings
from appservice.language import Language, speaking
from appservice.school.model import Role
from appservice.school.sample import demo_school
from tests.diary.pull.delivered import read, told

NOW = datetime(2026, 10, 2, 12, tzinfo=UTC)  # a Friday


@pytest.mark.parametrize("language", ["ru", "en"])
def test_a_day_is_taken_whole_and_is_the_same_each_time(language: Language) -> None:
    roster = demo_school(language)
    day = school_day(roster, NOW)
    assert school_day(roster, NOW) == day
    assert school_day(roster, NOW, seed=2) != day
    said = [parse(document) for document in (*day.events, day.own)]
    assert all(isinstance(one, DiaryEvent) for one in said), said
    kinds = {one.kind for one in said if isinstance(one, DiaryEvent)}
    assert kinds == set(Kind) - {Kind.RESULT}
    assert len({str(document["external_id"]) for document in (*day.events, day.own)}) == len(said)


@pytest.mark.parametrize("spoken", ["ru", "en"])
@pytest.mark.parametrize(
    ("school", "work"), [("ru", "Ответ у доски"), ("en", "Answer at the blackboard")]
)
def test_a_day_and_the_weeks_before_are_told_in_the_language_of_the_school(
    spoken: Language, school: Language, work: str
) -> None:
    """Whatever the one who starts the demo speaks."""
    roster = demo_school(school)
    with speaking(spoken):
        documents = (*school_day(roster, NOW).events, *school_past(roster, NOW))
    payloads = [document["payload"] for document in documents]
    works = {one["work"] for one in payloads if isinstance(one, dict) and "work" in one}
    assert works == {work}


def test_the_student_who_is_shown_has_a_grade_of_the_day() -> None:
    roster = demo_school()
    student = next(one.person_id for one in people_shown(roster) if one.role is Role.STUDENT)
    graded = [
        document["payload"]
        for document in school_day(roster, NOW).events
        if document["type"] == "grade.posted"
    ]
    assert any(isinstance(one, dict) and one["student"] == student for one in graded)


@pytest.mark.parametrize("day", range(7))
def test_nobody_is_given_a_mark_while_ill_or_at_the_weekend(day: int) -> None:
    roster, now = demo_school(), NOW + timedelta(days=day)
    documents = (*school_past(roster, now), *school_day(roster, now).events)
    payloads = [document["payload"] for document in documents]
    of_student = [one for one in payloads if isinstance(one, dict) and "student" in one]
    marked = {(one["student"], one["day"]) for one in of_student if "work" in one}
    away = {(one["student"], one["day"]) for one in of_student if set(one) == {"student", "day"}}
    assert min(len(marked), len(away)) > 0
    assert marked & away == set()
    assert {date.fromisoformat(one).isoweekday() for _student, one in marked} <= {1, 2, 3, 4, 5}


def test_the_weeks_before_give_the_student_who_is_shown_a_course_in_every_subject() -> None:
    roster = demo_school()
    student = next(one.person_id for one in people_shown(roster) if one.role is Role.STUDENT)
    past = school_past(roster, NOW)
    assert past == school_past(roster, NOW)
    said = [parse(document) for document in past]
    assert all(isinstance(one, DiaryEvent) for one in said)
    assert len({str(document["external_id"]) for document in past}) == len(past)
    marks = Counter(
        one.payload.subject
        for one in said
        if isinstance(one, DiaryEvent)
        and isinstance(one.payload, GradePosted)
        and one.payload.student == student
    )
    assert (len(marks), min(marks.values()) >= 2) == (6, True)


def test_the_timetable_of_a_class_can_be_read_and_has_lessons_every_day(tmp_path: Path) -> None:
    roster = demo_school()
    class_id = next(iter(roster.classes))
    text = timetable(roster, class_id, date(2026, 9, 28))
    source = TimetableSource(TimetableSettings(bells=BELLS, places={"5a.ics": class_id}, days=7))
    reading = read(source, tmp_path, {"5a.ics": text}, now=NOW)
    assert told(reading) == []
    days = [date.fromisoformat(one.day).isoweekday() for one in reading.lessons]
    assert sorted(set(days)) == [1, 2, 3, 4, 5]
    assert max(days.count(day) for day in set(days)) == 10  # two weeks of five lessons


def test_what_is_changed_stands_in_the_timetable_of_the_class(tmp_path: Path) -> None:
    roster = demo_school()
    changes = [
        document["payload"]
        for document in school_day(roster, NOW).events
        if document["type"] == "timetable.changed"
    ]
    shown = next(one.person_id for one in people_shown(roster) if one.role is Role.STUDENT)
    class_id = next(
        one.target_id
        for one in roster.memberships
        if one.person_id == shown and one.target_id in roster.classes
    )
    text = timetable(roster, class_id, date(2026, 9, 28))
    source = TimetableSource(TimetableSettings(bells=BELLS, places={"a.ics": class_id}, days=7))
    lessons = read(source, tmp_path, {"a.ics": text}, now=NOW).lessons
    known = {(one.day, one.lesson, one.subject) for one in lessons}
    told_of = {
        (one["day"], one["lesson"], one["subject"]) for one in changes if isinstance(one, dict)
    }
    assert len(told_of) == 3
    assert told_of <= known
