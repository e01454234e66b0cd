"""What people read, in both languages."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from appservice.diary.events import DiaryEvent, parse
from appservice.diary.payloads import Kind, OfStudent
from appservice.diary.preferences import NO_WISHES, Preferences
from appservice.diary.routing import Reader, Recipient, Room
from appservice.diary.settings import DiarySettings
from appservice.diary.wording.content import silenced
from appservice.diary.wording.messages import (
    MOST_LINES,
    Corrects,
    Entry,
    Relation,
    Replaces,
    digest,
    hidden_kinds,
    notice,
    taken_back,
)
from appservice.diary.wording.phrases import Voice
from appservice.language import LANGUAGES, Language
from appservice.school.model import Person, Role
from tests.diary.documents import PAYLOADS, accepted_documents, document, event

PEOPLE = {
    "anna": Person("anna", "Белова", "Анна"),
    "anna2": Person("anna2", "Серова", "Анна"),
    "boris": Person("boris", "Белов", "Борис"),
    "lena": Person("lena", "Орлова", "Елена", "Петровна"),
}
MOTHER = Reader("17/diary/m", "mother", Role.GUARDIAN, "anna")
ANNA = Reader("17/diary/a", "anna", Role.STUDENT, "anna")
ROOM = Room("17/subject_room/5a-maths")


def voice(language: Language = "ru", **changes: Any) -> Voice:
    made = Voice(language, PEOPLE, ZoneInfo("Europe/Moscow"), user_id="@u1:school.test")
    return replace(made, **changes)


def body(content: Any) -> str:
    return str(content["body"])


SAID: dict[str, tuple[str, str]] = {
    "grade.posted": ("Математика: оценка 5", "Математика: grade 5"),
    "grade.changed": (
        "Математика: оценка 5 → 4 (Контрольная работа)",
        "Математика: grade 5 → 4 (Контрольная работа)",
    ),
    "grade.removed": ("Математика: оценка удалена", "Математика: a grade was removed"),
    "homework.assigned": (
        "Математика: задание на пт, 2 октября\n§ 12, № 3\n№ 5",
        "Математика: homework for Fri, 2 October\n§ 12, № 3\n№ 5",
    ),
    "homework.changed": (
        "Математика: задание на пн, 5 октября (изменено)\n§ 12",
        "Математика: homework for Mon, 5 October (changed)\n§ 12",
    ),
    "homework.cancelled": (
        "Математика: задание отменено",
        "Математика: the homework was cancelled",
    ),
    "timetable.changed": (
        "Математика: пт, 2 октября, урок 1: отменён",
        "Математика: Fri, 2 October, lesson 1: cancelled",
    ),
    "absence.recorded": (
        "отсутствие чт, 1 октября, уроки 1, 2",
        "absent on Thu, 1 October, lessons 1, 2",
    ),
    "absence.late": (
        "опоздание на 10 минут чт, 1 октября",
        "late by 10 minutes on Thu, 1 October",
    ),
    "absence.excused": (
        "пропуск чт, 1 октября — по уважительной причине (Болезнь)",
        "the absence on Thu, 1 October is excused (Болезнь)",
    ),
    "exam.scheduled": (
        "Математика: Контрольная работа — пт, 9 октября, 09:00",
        "Математика: Контрольная работа — Fri, 9 October, 09:00",
    ),
    "remark.added": ("похвала\nПомогала однокласснику", "praise\nПомогала однокласснику"),
    "term.result": ("Математика: 1 четверть: 5", "Математика: 1 четверть: 5"),
    "meeting.scheduled": (
        "Родительское собрание — чт, 8 октября, 18:30 (Кабинет 12)",
        "Родительское собрание — Thu, 8 October, 18:30 (Кабинет 12)",
    ),
    "announcement": ("Завтра субботник", "Завтра субботник"),
}


@pytest.mark.parametrize("event_type", sorted(PAYLOADS))
def test_each_type_is_told_in_both_languages(event_type: str) -> None:
    said = event(event_type)
    told = tuple(body(notice(said, ANNA, voice(each), urgent=False)) for each in LANGUAGES)
    assert told == SAID[event_type]


@pytest.mark.parametrize(
    ("change", "wanted"),
    [
        ({"change": "room", "room": "12"}, "в кабинете 12"),
        (
            {"change": "substitution", "teacher": "lena", "new_subject": "Физика"},
            "замена — Физика, Орлова Елена Петровна",
        ),
        ({"change": "substitution"}, "замена"),
        (
            {"change": "moved", "to_day": "2026-10-05", "to_lesson": 3},
            "перенесён на пн, 5 октября, урок 3",
        ),
        ({"change": "added", "room": "12"}, "добавлен (12)"),
    ],
)
def test_each_change_of_the_timetable_is_told(change: dict[str, Any], wanted: str) -> None:
    told = body(notice(event("timetable.changed", **change), ROOM, voice(), urgent=False))
    assert told == f"Математика: пт, 2 октября, урок 1: {wanted}"


@pytest.mark.parametrize(
    ("minutes", "wanted"),
    [(1, "1 минуту"), (2, "2 минуты"), (5, "5 минут"), (11, "11 минут"), (21, "21 минуту")],
)
def test_russian_numbers_have_their_forms(minutes: int, wanted: str) -> None:
    told = body(notice(event("absence.late", minutes=minutes), ANNA, voice(), urgent=False))
    assert told == f"опоздание на {wanted} чт, 1 октября"


def test_a_guardian_reads_which_child_and_is_called() -> None:
    assert notice(event(work="<b>&"), MOTHER, voice(), urgent=False) == {
        "msgtype": "m.text",
        "body": "Анна: Математика: оценка 5 (<b>&)",
        "format": "org.matrix.custom.html",
        "formatted_body": "<p><strong>Анна: Математика: оценка 5 (&lt;b&gt;&amp;)</strong></p>",
        "m.mentions": {"user_ids": ["@u1:school.test"]},
    }


def test_a_room_is_called_only_when_it_cannot_wait() -> None:
    said = event("timetable.changed")
    calm, urgent = (notice(said, ROOM, voice(), urgent=each) for each in (False, True))
    assert (calm["msgtype"], calm["m.mentions"]) == ("m.notice", {})
    assert (urgent["msgtype"], urgent["m.mentions"]) == ("m.text", {"room": True})


def test_an_edit_rings_nowhere_and_holds_the_new_words() -> None:
    said = event("grade.changed")
    assert notice(said, ANNA, voice("en"), urgent=False, relation=Replaces("$1")) == {
        "msgtype": "m.notice",
        "body": "* Математика: grade 5 → 4 (Контрольная работа)",
        "format": "org.matrix.custom.html",
        "formatted_body": (
            "* <p><strong>Математика: grade 5 → 4 (Контрольная работа)</strong></p>"
        ),
        "m.mentions": {},
        "m.new_content": {
            "msgtype": "m.notice",
            "body": "Математика: grade 5 → 4 (Контрольная работа)",
            "format": "org.matrix.custom.html",
            "formatted_body": (
                "<p><strong>Математика: grade 5 → 4 (Контрольная работа)</strong></p>"
            ),
            "m.mentions": {},
        },
        "m.relates_to": {"rel_type": "m.replace", "event_id": "$1"},
    }


def test_a_correction_answers_what_it_corrects_and_says_so() -> None:
    said = notice(event("grade.removed"), ANNA, voice(), urgent=False, relation=Corrects("$1"))
    assert body(said) == "Исправление\nМатематика: оценка удалена"
    assert said["m.relates_to"] == {"m.in_reply_to": {"event_id": "$1"}}
    assert said["m.mentions"] == {"user_ids": ["@u1:school.test"]}


def test_what_should_not_stand_somewhere_is_taken_back() -> None:
    said: Any = taken_back(voice(), of="$1")
    assert body(said["m.new_content"]) == "Эта запись дневника отозвана."


def test_hidden_values_are_not_in_the_message() -> None:
    hidden = hidden_kinds(Preferences(hide_values=True), DiarySettings())
    assert hidden == {Kind.GRADE, Kind.RESULT}
    by_school = DiarySettings.model_validate({"hidden_values": ["grade", "remark", "absence"]})
    assert hidden_kinds(NO_WISHES, by_school) == {Kind.GRADE, Kind.REMARK, Kind.ABSENCE}
    every = frozenset(Kind)
    secret = {"value": "777", "comment": "777", "previous": "777", "text": "777", "reason": "777"}
    for event_type, made in PAYLOADS.items():
        said = document(event_type, **{key: value for key, value in secret.items() if key in made})
        read = parse(said)
        assert isinstance(read, DiaryEvent)
        if isinstance(read.payload, OfStudent):
            told = "".join(
                json.dumps(notice(read, ANNA, voice(hidden=every), urgent=False, relation=relation))
                for relation in (None, Replaces("$1"), Corrects("$1"))
            )
            told += json.dumps(digest([Entry(read, "anna")], ANNA, voice(hidden=every)))
            assert "777" not in told
    assert body(notice(event(), ANNA, voice("en", hidden=hidden), urgent=False)) == (
        "Математика: a new grade"
    )


DAY: Sequence[Entry] = (
    Entry(event(value="4", external_id="1"), "anna"),
    Entry(event("homework.assigned"), "anna"),
    Entry(event(value="5", external_id="0", work="Диктант"), "anna"),
    Entry(event("term.result", subject="История"), "boris"),
    Entry(event("absence.recorded", lessons=[]), "boris"),
    Entry(event("announcement", text="В девять")),
)


def test_a_digest_is_read_by_child_and_subject() -> None:
    said = digest(DAY, MOTHER, voice())
    assert body(said) == (
        "Дневник: 6 записей\n"
        "• Завтра субботник: В девять\n"
        "Анна\n"
        "• Математика: оценка 5 (Диктант); оценка 4; задание на пт, 2 октября: § 12, № 3 № 5\n"
        "Борис\n"
        "• отсутствие чт, 1 октября\n"
        "• История: 1 четверть: 5"
    )
    assert said["formatted_body"] == (
        "<p><strong>Дневник: 6 записей</strong></p>"
        "<ul><li>Завтра субботник: В девять</li></ul>"
        "<p><strong>Анна</strong></p>"
        "<ul><li>Математика: оценка 5 (Диктант); оценка 4;"
        " задание на пт, 2 октября: § 12, № 3 № 5</li></ul>"
        "<p><strong>Борис</strong></p>"
        "<ul><li>отсутствие чт, 1 октября</li><li>История: 1 четверть: 5</li></ul>"
    )
    assert (said["msgtype"], said["m.mentions"]) == ("m.text", {"user_ids": ["@u1:school.test"]})


def test_a_student_reads_a_digest_without_the_own_name() -> None:
    assert body(digest(DAY[:1], ANNA, voice("en"))) == "Diary: 1 entry\n• Математика: grade 4"


def test_children_of_one_name_are_told_apart() -> None:
    said = digest((Entry(event(), "anna"), Entry(event(), "anna2")), MOTHER, voice("en"))
    assert body(said).split("\n")[1::2] == ["Анна Белова", "Анна Серова"]


def test_a_digest_says_what_of_it_is_a_correction() -> None:
    said = digest(
        (
            Entry(event(value="4", external_id="1"), "anna", corrects=True),
            Entry(event(value="5", external_id="2"), "anna"),
        ),
        ANNA,
        voice(),
    )
    assert body(said) == "Дневник: 2 записи\n• Математика: исправление: оценка 4; оценка 5"


def test_what_comes_too_late_to_ring_has_the_same_words() -> None:
    loud = notice(event(), MOTHER, voice(), urgent=False)
    assert silenced(loud) == {**loud, "msgtype": "m.notice", "m.mentions": {}}


def test_a_long_digest_ends_with_what_is_left() -> None:
    entries = [
        Entry(event(subject=f"Предмет {number:02}", external_id=str(number)), "anna")
        for number in range(MOST_LINES + 3)
    ]
    lines = body(digest(entries, ANNA, voice())).split("\n")
    assert len(lines) == 1 + MOST_LINES + 1
    assert lines[-1] == "Ещё 3 записи — в дневнике."


def test_the_digest_of_a_room_calls_nobody() -> None:
    said = digest([Entry(event("homework.assigned"))], ROOM, voice())
    assert (said["msgtype"], said["m.mentions"]) == ("m.notice", {})


@pytest.mark.parametrize(
    "event_type", [each for each in PAYLOADS if isinstance(event(each).payload, OfStudent)]
)
def test_nothing_about_a_student_is_ever_worded_for_a_room(event_type: str) -> None:
    with pytest.raises(ValueError, match="in no room of others"):
        notice(event(event_type), ROOM, voice(), urgent=False)
    with pytest.raises(ValueError, match="in no room of others"):
        digest([Entry(event(event_type))], ROOM, voice())


def worst(character: str) -> DiaryEvent:
    return event("announcement", title="x" + character * 199, text="x" + character * 3999)


@pytest.mark.parametrize("character", ["<", "&", "ё", "😀", "\n", '"'])
def test_the_longest_message_and_its_edit_fit_into_an_event(character: str) -> None:
    said = worst(character) if character != "\n" else event("announcement", text="x" + "\n" * 3999)
    for relation in (None, Replaces("$1"), Corrects("$1")):
        told = notice(said, ROOM, voice(), urgent=True, relation=relation)
        assert len(json.dumps(told, ensure_ascii=False).encode()) < 60_000


quick = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@quick
@given(accepted_documents(), st.sampled_from([ANNA, MOTHER, ROOM]), st.sampled_from(LANGUAGES))
def test_whatever_a_diary_says_is_worded_safely(
    made: Any, recipient: Recipient, language: Language
) -> None:
    said = parse(made)
    assert isinstance(said, DiaryEvent)
    if isinstance(recipient, Room) and isinstance(said.payload, OfStudent):
        return
    relations: tuple[Relation, ...] = (None, Replaces("$1"), Corrects("$1"))
    made_of_it: list[Any] = [
        notice(said, recipient, voice(language), urgent=False, relation=relation)
        for relation in relations
    ]
    made_of_it += [
        digest([Entry(said)], recipient, voice(language), relation=relation)
        for relation in relations
    ]
    for told in made_of_it:
        assert told["body"]
        assert "m.mentions" in told
        assert "m.mentions" in told.get("m.new_content", told)
        bare = str(told["formatted_body"])
        for tag in ("p", "ul", "li", "strong"):
            bare = bare.replace(f"<{tag}>", "").replace(f"</{tag}>", "")
        bare = bare.replace("<br>", "")
        assert "<" not in bare
        assert ">" not in bare
