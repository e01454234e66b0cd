"""How answers look on a phone."""

from datetime import date
from zoneinfo import ZoneInfo

from appservice.commands.paper import Answer, pages
from appservice.diary.payloads import Kind
from appservice.diary.pull.reading import Lesson
from appservice.diary.wording.phrases import Voice
from appservice.helper.answers import (
    day_answer,
    grades_answer,
    help_answer,
    homework_answer,
    timetable_answer,
    which_child,
)
from appservice.helper.family import Child
from appservice.helper.understanding import buttons
from appservice.language import speaking
from tests.diary.documents import event

ANNA = Child("anna", "Анна Иванова", ("5a",))
OLEG = Child("oleg", "Олег Иванов", ("4b",))
VOICE = Voice("ru", {}, ZoneInfo("Europe/Moscow"))
FRIDAY = date(2026, 10, 2)
LESSONS = [
    Lesson("5a", "2026-10-02", 2, "09:25", "Физика", "31", True),
    Lesson("5a", "2026-10-02", 1, "08:30", "Алгебра", "12"),
    Lesson("5a", "2026-10-05", 1, "08:30", "Химия"),
]
HOMEWORK = event("homework.assigned", place="5a", subject="Алгебра", text="§ 12\n№ 3")
CANCELLED = event("timetable.changed", place="5a", subject="Физика", lesson=2)


def plain(answer: Answer) -> str:
    return "\n".join(page.plain for page in pages(answer))


def test_a_day_has_its_lessons_changes_and_homework() -> None:
    with speaking("ru"):
        answer = day_answer(ANNA, FRIDAY, LESSONS, [HOMEWORK, CANCELLED], VOICE)
    assert plain(answer) == (
        "Анна Иванова — пт, 2 октября\n"
        "• 1. 08:30 Алгебра (12)\n"
        "• ✗ 2. 09:25 Физика (31) — отменён\n"
        "Изменения\n"
        "• Физика: пт, 2 октября, урок 2: отменён\n"
        "Домашнее задание\n"
        "• Алгебра: § 12 № 3"
    )
    with speaking("en"):
        empty = day_answer(ANNA, date(2026, 10, 4), LESSONS, [HOMEWORK], VOICE)
    assert plain(empty) == "Анна Иванова — Sun, 4 October\nNothing is known of this day."


def test_homework_stands_by_the_day_for_which_it_is_due() -> None:
    with speaking("en"):
        assert plain(homework_answer(ANNA, FRIDAY, [HOMEWORK])) == (
            "Анна Иванова: homework\nFri, 2 October\n• Алгебра: § 12 № 3"
        )
        assert plain(homework_answer(ANNA, date(2026, 10, 3), [HOMEWORK])) == (
            "Анна Иванова: homework\nThere is no homework."
        )


def test_grades_stand_by_subject_and_one_subject_in_full() -> None:
    first = event("grade.posted", subject="Алгебра", value="5", day="2026-10-01", work="Тест")
    later = event("grade.posted", subject="Алгебра", value="4", day="2026-10-02")
    other = event("grade.posted", subject="Химия", value="3", day="2026-10-01")
    with speaking("en"):
        assert plain(grades_answer(ANNA, "", [later, other, first], VOICE)) == (
            "Анна Иванова: grades\n• Алгебра: 5, 4\n• Химия: 3"
        )
        assert plain(grades_answer(ANNA, "алг", [later, other, first], VOICE)) == (
            "Анна Иванова: grades\nАлгебра\n• Thu, 1 October: 5 (Тест)\n• Fri, 2 October: 4"
        )
        hidden = Voice("ru", {}, VOICE.zone, hidden=frozenset({Kind.GRADE}))
        assert plain(grades_answer(ANNA, "", [first], hidden)) == (
            "Анна Иванова: grades\nGrades are not written here. The page has them."
        )


def test_a_week_has_its_days_in_order() -> None:
    with speaking("en"):
        answer = timetable_answer("5А", date(2026, 9, 28), LESSONS, [CANCELLED], VOICE)
    assert plain(answer) == (
        "5А: timetable\n"
        "Fri, 2 October\n"
        "• 1. 08:30 Алгебра (12)\n"
        "• ✗ 2. 09:25 Физика (31) — cancelled\n"
        "• ⚠ Физика: Fri, 2 October, lesson 2: cancelled"
    )


def test_a_guardian_of_several_children_is_asked_which() -> None:
    with speaking("en"):
        answer = which_child([ANNA, OLEG])
    assert (plain(answer), answer.waits) == (
        "Of whom?\n1. Анна Иванова\n2. Олег Иванов\nReply with the number, or press it below.",
        True,
    )


def test_help_shows_the_absence_to_guardians_alone() -> None:
    with speaking("ru"):
        for is_guardian in (True, False):
            answer = plain(help_answer(is_guardian=is_guardian, has_page=False))
            assert ("болеет" in answer) == is_guardian


def test_help_shows_the_page_where_there_is_one() -> None:
    with speaking("ru"):
        for has_page in (True, False):
            answer = plain(help_answer(is_guardian=True, has_page=has_page))
            assert ("📖 `дневник` — ссылка" in answer, "📖" in buttons(has_page=has_page)) == (
                has_page,
                has_page,
            )


def test_who_reads_no_diary_is_offered_no_grades() -> None:
    with speaking("ru"):
        answer = plain(help_answer(is_guardian=False, has_page=True, reads=False))
    offered = [line.split("`")[1] for line in answer.splitlines()[1:]]
    assert offered == ["расписание", "дневник", "настройки", "помощь"]
    assert buttons(has_page=True, reads=False) == ("📖", "⚙", "❓")
