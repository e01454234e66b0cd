"""What the views make of events, and settings of forms."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from appservice.diary import payloads as said
from appservice.diary.school_year import school_year_began
from appservice.diary.sight import Sights
from appservice.school.model import School
from appservice.school.sample import sample_school
from appservice.storage.diary_wishes import Wishes
from appservice.storage.timetable import TimetableLesson
from appservice.web.diary_page.chart import HEIGHT, WIDTH, Chart, chart_of
from appservice.web.diary_page.guests import Guest
from appservice.web.diary_page.views import (
    Marks,
    Noted,
    SubjectYear,
    class_year,
    dates,
    grades,
    number_of,
    week_of,
)
from appservice.web.diary_page.week import Day, Lesson, days
from appservice.web.diary_page.wishes import BadForm, wishes_from
from tests.diary import documents


def event(event_type: str = "grade.posted", **payload: object) -> Noted:
    """What the page makes of it."""
    read = documents.event(event_type, **payload)
    return Noted(read.payload, read.kind, read.occurred_at)


THURSDAY = date(2026, 10, 1)
FRIDAY = THURSDAY + timedelta(days=1)


def test_the_day_is_that_of_the_school() -> None:
    moscow = School("17", "17", time_zone="Europe/Moscow")
    honolulu = School("18", "18", time_zone="Pacific/Honolulu")
    sample = sample_school(classes=1, students=1, subjects=1)
    roster = replace(sample, schools=(moscow, honolulu))
    person = next(iter(roster.people.values()))
    guest = Guest(person, "@a:school.test", Sights(roster, THURSDAY).of(""), roster, THURSDAY)
    midnight = datetime(2026, 10, 1, 22, tzinfo=UTC)
    assert [guest.at(one, midnight).today for one in ("17", "18")] == [FRIDAY, THURSDAY]


def test_a_moved_lesson_is_told_of_where_it_was_and_where_it_is() -> None:
    moved = event(
        "timetable.changed",
        change="moved",
        day="2026-10-01",
        lesson=2,
        to_day="2026-10-02",
        to_lesson=6,
    )
    homework = event("homework.assigned")
    lesson = moved.payload
    assert isinstance(lesson, said.LessonMoved)
    assert isinstance(homework.payload, said.HomeworkAssigned)
    assert days(THURSDAY, 3, [moved, homework, event("grade.posted")]) == (
        Day(THURSDAY, (Lesson(2, "Математика", (lesson,)),)),
        Day(FRIDAY, (Lesson(6, "Математика", (lesson,)),), (homework.payload,)),
        Day(FRIDAY + timedelta(days=1)),
    )


def test_what_was_said_of_a_lesson_is_laid_over_the_timetable() -> None:
    def lesson(number: int, subject: str, place: str = "5a-maths") -> TimetableLesson:
        return TimetableLesson(place, THURSDAY, number, f"0{number}:30", subject, "12")

    cancelled = event("timetable.changed", change="cancelled", lesson=1, day="2026-10-01")
    added = event("timetable.changed", change="added", lesson=3, day="2026-10-01")
    called_otherwise = event(
        "timetable.changed", change="cancelled", lesson=2, day="2026-10-01", subject="Алгебра"
    )
    (day,) = days(
        THURSDAY,
        1,
        [added, cancelled, called_otherwise],
        [
            lesson(2, "Геометрия"),
            lesson(1, "Математика"),
            lesson(2, "Труд", "5a-craft")._replace(cancelled=True),
        ],
    )
    assert [
        (one.number, one.subject, one.begins, [each.payload for each in said_of])
        for one, said_of in zip(
            day.lessons, ([cancelled], [called_otherwise], [], [added]), strict=True
        )
        if one.changes == tuple(each.payload for each in said_of)
    ] == [
        (1, "Математика", "01:30", [cancelled.payload]),
        (2, "Геометрия", "02:30", [called_otherwise.payload]),
        (2, "Труд", "02:30", []),
        (3, "Математика", "", [added.payload]),
    ]
    assert [one.is_silently_cancelled for one in day.lessons] == [False, False, True, False]


def test_of_a_class_a_year_is_how_many_grades_what_they_come_to_and_the_results() -> None:
    assert class_year(
        [
            Marks("anna", "Физика", "", ("5", "н", "4")),
            Marks("anna", "Физика", "1 четверть", ("3", "5")),
            Marks("anna", "Алгебра", "1 четверть", ("4",)),
            Marks("oleg", "Физика", "", ("н/а",)),
        ]
    ) == {
        "anna": (
            SubjectYear("Алгебра", 0, None, (("1 четверть", "4"),)),
            SubjectYear("Физика", 3, 4.5, (("1 четверть", "5"),)),
        ),
        "oleg": (SubjectYear("Физика", 1, None, ()),),
    }


def test_tests_and_meetings_stand_by_day_and_hour_of_the_school() -> None:
    meeting = event("meeting.scheduled", begins="2026-10-01T21:30:00Z")
    early = event("exam.scheduled", day="2026-10-02", begins="09:00")
    assert [
        (one.day, one.entries)
        for one in dates([early, meeting, event()], ZoneInfo("Europe/Moscow"))
    ] == [(FRIDAY, (meeting.payload, early.payload))]


def test_a_lesson_moved_within_a_day_and_back_to_its_place_stands_once() -> None:
    here = event(
        "timetable.changed",
        change="moved",
        day="2026-10-01",
        lesson=2,
        to_day="2026-10-01",
        to_lesson=2,
    )
    assert [len(each.changes) for day in days(THURSDAY, 1, [here]) for each in day.lessons] == [1]


def test_grades_stand_by_subject_and_day_with_the_average_of_those_that_are_numbers() -> None:
    told = [
        event(value=value, day=day, subject=subject)
        for value, day, subject in (
            ("5", "2026-10-03", "Физика"),
            ("н/а", "2026-10-02", "Физика"),
            ("4", "2026-10-01", "Физика"),
            ("зачёт", "2026-10-01", "Алгебра"),
        )
    ]
    found = grades([*told, event("term.result", subject="История")])
    assert [
        (one.subject, [each.value for each in one.grades], len(one.results), one.average)
        for one in found
    ] == [
        ("Алгебра", ["зачёт"], 0, None),
        ("История", [], 1, None),
        ("Физика", ["4", "н/а", "5"], 0, 4.5),
    ]


@pytest.mark.parametrize(
    ("mark", "number"),
    [("5", 5.0), ("4-", 4.0), ("8,5", 8.5), (" 95 ", 95.0), ("н", None), ("5/4", None), ("", None)],
)
def test_a_mark_is_a_number_when_it_is_one(mark: str, number: float | None) -> None:
    assert number_of(mark) == number


def test_the_course_runs_from_the_first_grade_to_the_last_within_its_box() -> None:
    assert chart_of([5]) is None
    assert chart_of([3, 500]) is None
    assert chart_of([1, 5]) == Chart(((22.0, HEIGHT - 8.0), (WIDTH - 8.0, 8.0)), 1, 5, 1, 5)
    hundred = chart_of([12, 100, *[50] * 200])
    assert hundred is not None
    assert (len(hundred.points), hundred.high) == (60, 100)


def test_weeks_begin_on_monday_and_school_years_in_september() -> None:
    assert (week_of(THURSDAY), week_of(THURSDAY, -1)) == (date(2026, 9, 28), date(2026, 9, 21))
    assert [school_year_began(day) for day in (date(2026, 8, 31), date(2026, 9, 1))] == [
        date(2025, 9, 1),
        date(2026, 9, 1),
    ]


def test_a_form_says_all_that_is_chosen_and_leaves_what_it_does_not_show() -> None:
    before = Wishes(paces={"homework": "off", "grade": "weekly"}, quiet_holidays=True)
    form = {
        "pace:grade": "daily",
        "pace:absence": "",
        "quiet_begin": "20:30",
        "quiet_end": "08:00",
        "quiet_weekend": "7,6",
        "quiet_holidays": "no",
        "hide_values": "yes",
        "language": "en",
    }
    whole = Wishes(
        paces={"homework": "off", "grade": "daily"},
        quiet_begin=time(20, 30),
        quiet_end=time(8),
        quiet_weekend=(6, 7),
        quiet_holidays=False,
        hide_values=True,
        language="en",
    )
    assert wishes_from(form, before) == whole
    assert wishes_from({}, whole) == Wishes(paces={"homework": "off"})
    no_weekend = replace(whole, quiet_weekend=())
    assert wishes_from({**form, "quiet_weekend": "none"}, before) == no_weekend


@pytest.mark.parametrize(
    "form",
    [
        {"pace:grade": "hourly"},
        {"quiet_begin": "25:00"},
        {"quiet_begin": "20:00"},
        {"quiet_end": "08:00"},
        {"quiet_begin": "20:00+03:00"},
        {"quiet_weekend": "1,2,3,4,5,6,7"},
        {"quiet_weekend": "8"},
        {"quiet_holidays": "maybe"},
        {"language": "de"},
    ],
)
def test_what_our_form_cannot_say_is_refused(form: dict[str, str]) -> None:
    with pytest.raises(BadForm):
        wishes_from(form, Wishes())
