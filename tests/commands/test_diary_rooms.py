"""Administrators find one diary room of many that are all called alike."""

from datetime import UTC, datetime

from appservice.diary.personal_rooms import personal_room_key
from appservice.storage.outbox import OutboxStore, PersonalRoom
from tests.commands.conftest import TalkingSchool


async def test_a_diary_room_is_found_by_its_name_with_that_of_its_person_and_never_by_one_alone(
    school: TalkingSchool,
) -> None:
    await school.trial.stand()
    keys = await diaries(school, "petya", "anna", "masha")
    room_id = await school.admin_room()
    head = await school.person("head")

    for typed, line in (
        ("!школа комната дневник", "!школа комната дневник ФАМИЛИЯ"),
        ("!school room Diary", "!школа комната Diary ФАМИЛИЯ"),
        ("!school resync Дневник", "!школа комната Дневник ФАМИЛИЯ"),
    ):
        assert await head.asks(room_id, typed) == (
            f"Так называются 3 комнаты дневника. Скажите, чья: `{line}`."
        )
    assert (await head.asks(room_id, "!school room дневник ивано")).splitlines() == [
        "«дневник ивано» — это может быть:",
        f"1. Дневник — Иванов Пётр — `{keys['petya']}`",
        f"2. Дневник — Иванова Анна Ильинична — `{keys['anna']}`",
        "Ответьте на это сообщение номером нужного или скажите `!школа 1`; или повторите с"
        " идентификатором.",
    ]
    for typed in ("дневник Ли", f"{keys['masha']}"):
        shown = await head.asks(room_id, f"!school room {typed}")
        assert (shown.splitlines()[0], "Ли" in shown, "Иванов" in shown) == ("Дневник", True, False)
    assert (await head.asks(room_id, "!school room Ли")).startswith("Не нахожу")
    # A person's name means the person, with all of their rooms.
    assert "чат класса" in await head.asks(room_id, "!school who Ли")


async def test_where_no_diary_room_was_needed_none_is_offered(school: TalkingSchool) -> None:
    await school.trial.stand()
    room_id = await school.admin_room()
    head = await school.person("head")
    assert (await head.asks(room_id, "!school room дневник")).startswith("Не нахожу")


async def diaries(school: TalkingSchool, *people: str) -> dict[str, str]:
    """Keys by person_id; the rooms are needed."""
    secret = school.trial.slot.as_token.encode()
    keys = {person: personal_room_key("17", person, secret=secret) for person in people}
    rooms = [PersonalRoom(key, "17", person) for person, key in keys.items()]
    await OutboxStore(school.house.database).need(rooms, datetime.now(UTC))
    return keys
