"""What was given up of the diary is listed where it can be tried again."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo

from appservice.commands.paper import pages
from appservice.commands.told import errors_page
from appservice.language import Language, speaking
from appservice.storage.outbox import DeadLetter

NOON = datetime(2026, 10, 1, 12, tzinfo=UTC)
ZONE: tzinfo = UTC


def page(letters: list[DeadLetter], language: Language) -> str:
    with speaking(language):
        return "\n".join(each.plain for each in pages(errors_page((), letters, ZONE)))


def test_what_was_given_up_is_listed_by_room_and_cause() -> None:
    letters = [
        DeadLetter(1, "17/diary/abc", NOON, "M_FORBIDDEN", 5),
        DeadLetter(2, "17/diary/abc", NOON, "M_FORBIDDEN", 5),
        DeadLetter(3, "17/subject_room/5a-maths", NOON, "no_room", 5),
    ]
    assert page(letters, "ru").splitlines() == [
        "Сообщения дневника, которые не удалось отправить",
        "• `17/diary/abc` · M_FORBIDDEN: 2",
        "• `17/subject_room/5a-maths` · такой комнаты нет: 1",
        "Когда причина устранена: `!школа повторить`",
    ]
    assert page([], "en") == "Nothing went wrong lately."


def test_a_long_list_ends_with_how_many_rooms_are_left() -> None:
    letters = [DeadLetter(number, f"17/diary/{number:03}", NOON, "away", 5) for number in range(33)]
    lines = page(letters, "en").splitlines()
    assert (len(lines), lines[-2]) == (1 + 30 + 2, "and 3 rooms more")
