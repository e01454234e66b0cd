"""What people type in their own room is understood in both languages, and nothing else is."""

from datetime import date, time

import pytest

from appservice.diary.events import DiaryEvent, parse
from appservice.diary.payloads import Kind
from appservice.diary.preferences import NO_WISHES, PERSONAL_KINDS, Pace, Preferences, QuietWish
from appservice.helper.absences import Report, report_event, reported
from appservice.helper.understanding import (
    BUTTONS,
    WORDS,
    Ask,
    Choice,
    Wanted,
    button,
    day_said,
    wanted,
)
from appservice.helper.wishing import changed, told_in_rooms
from tests.diary.pull.delivered import THURSDAY

TODAY = date(2026, 10, 1)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("today", Wanted(Ask.TODAY)),
        ("Завтра?", Wanted(Ask.TOMORROW)),
        ("  ДЗ  ", Wanted(Ask.HOMEWORK)),
        ("!school grades algebra", Wanted(Ask.GRADES, "algebra")),
        ("!школа оценки физическая культура", Wanted(Ask.GRADES, "физическая культура")),
        ("> <@bot:x> Of whom?\n\n2", Choice(2)),
        ("2.", Choice(2)),
        ("болеет завтра температура", Wanted(Ask.ABSENCE, "завтра температура")),
        ("thank you", None),
        ("", None),
        ("> today", None),
        ("today " + "x" * 300, None),
        ("!school", None),
        ("!school status", None),
    ],
)
def test_a_message_is_understood_or_left_alone(body: str, expected: object) -> None:
    assert wanted(body) == expected


def test_no_word_and_no_button_means_two_things() -> None:
    words = [word for ask in Ask for word in WORDS[ask]]
    assert len(words) == len(set(words))
    assert [button(key + "\ufe0f") for key in BUTTONS] == list(BUTTONS.values())
    assert button("👍") is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", (TODAY, "")),
        ("завтра", (date(2026, 10, 2), "")),
        ("tomorrow flu", (date(2026, 10, 2), "flu")),
        ("2026-10-05", (date(2026, 10, 5), "")),
        ("5.10", (date(2026, 10, 5), "")),
        ("05.10.2026 врач", (date(2026, 10, 5), "врач")),
        ("flu", (TODAY, "flu")),
        ("послезавтра", (date(2026, 10, 3), "")),
        ("monday flu", (date(2026, 10, 5), "flu")),
        ("в среду", (date(2026, 10, 7), "")),
        ("on Thursday", (TODAY, "")),
        ("30.09", None),
        ("29.02", None),
        ("30.09.2026", None),
        ("31.11.2026", None),
        ("2027-10-01", None),
    ],
)
def test_a_day_is_said_as_people_say_it(text: str, expected: object) -> None:
    assert day_said(text, TODAY) == expected


def test_in_december_a_day_in_january_is_one_of_the_next_year() -> None:
    assert day_said("11.01", date(2026, 12, 28)) == (date(2027, 1, 11), "")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("grades daily", Preferences(paces={Kind.GRADE: Pace.DAILY})),
        ("оценки ежедневно", Preferences(paces={Kind.GRADE: Pace.DAILY})),
        ("ALL off", Preferences(paces=dict.fromkeys(PERSONAL_KINDS, Pace.OFF))),
        ("quiet 21:00 7", Preferences(quiet=QuietWish(time(21), time(7)))),
        ("тишина 21:30-07:15", Preferences(quiet=QuietWish(time(21, 30), time(7, 15)))),
        ("quiet off", Preferences(quiet=QuietWish(time(), time(), frozenset()))),
        ("скрыть вкл", Preferences(hide_values=True)),
        ("language en", Preferences(language="en")),
        ("язык русский", Preferences(language="ru")),
        ("quiet 25:00 7", None),
        ("grades sometimes", None),
        ("colour blue", None),
        ("quiet", None),
    ],
)
def test_wishes_are_said_in_words(text: str, expected: Preferences | None) -> None:
    assert changed(NO_WISHES, text) == expected


def test_what_rooms_are_told_has_no_pace_of_one_person() -> None:
    said = ("homework off", "расписание выкл", "grades off", "homework", "quiet off", "")
    assert [told_in_rooms(text) for text in said] == [True, True, False, False, False, False]


def test_a_wish_leaves_the_others_as_they_are() -> None:
    before = Preferences({Kind.EXAM: Pace.OFF}, QuietWish(time(20)), True, "en")
    assert changed(before, "grades weekly") == Preferences(
        {Kind.EXAM: Pace.OFF, Kind.GRADE: Pace.WEEKLY}, QuietWish(time(20)), True, "en"
    )
    assert changed(before, "quiet school") == Preferences(
        {Kind.EXAM: Pace.OFF}, QuietWish(), True, "en"
    )


def test_a_report_is_known_again_by_its_event() -> None:
    report = Report("school/anna", TODAY)
    event = report_event(
        report,
        school="s1",
        teachers=["t"],
        child="Anna",
        label="5А",
        guardian="P",
        by="p-1",
        now=THURSDAY,
    )
    assert reported(str(event["external_id"])) == report
    payload = event["payload"]
    assert isinstance(payload, dict)
    assert payload["about"] == ["school/anna", "p-1"]  # erased with each of the two
    assert isinstance(parse(event), DiaryEvent)
    for other in ("g1", "absence/2026-10-01/anna", "absence-report/soon/anna", "absence-report//"):
        assert reported(other) is None
