"""Administrators ask the bot what people changed, and what became of it."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from appservice.commands.drifted import drift_page
from appservice.commands.paper import pages
from appservice.language import speaking
from appservice.rooms.enforcement.drift import Drift, DriftKind
from appservice.storage.drift import DriftRecord
from appservice.upkeep.repairing import audit_and_repair
from tests.commands.conftest import TalkingSchool
from tests.upkeep.live import client, empower, living_of

CHAT = "17/class_chat/5a"
NOON = datetime(2026, 10, 1, 12, tzinfo=UTC)
MOSCOW = ZoneInfo("Europe/Moscow")
MOMENT = re.compile(r"\d\d\.\d\d\.\d{4} \d\d:\d\d")


async def test_an_administrator_reads_on_a_phone_what_people_changed_and_that_it_was_put_back(
    school: TalkingSchool,
) -> None:
    await school.trial.stand()
    room_id, chat = await school.admin_room(), await school.room(CHAT)
    head, lena = await school.person("head"), await client(school.trial, "lena")
    assert await head.asks(room_id, "!школа отклонения") == "Никто ничего не менял."

    await empower(school.trial, chat, "lena")
    await lena.put_state(chat, "m.room.name", "", {"name": "Чатик"})
    await lena.act(chat, "kick", user_id=school.user("masha"))
    repair = await audit_and_repair(
        school.trial.wish(), school.trial.workplace, living_of(school.trial)
    )
    assert repair.departed == 2

    told = MOMENT.sub("<when>", await head.asks(room_id, "!school drift"))
    title, *lines = told.splitlines()
    assert title == "Что изменили люди, сначала последнее"
    assert sorted(zip(lines[::2], lines[1::2], strict=True)) == [
        (
            "• <when> · 5А: чат класса · Котова Елена Игоревна",
            "выбывшие участники: Ли Мария: в комнате → не в комнате · возвращено",
        ),
        (
            "• <when> · 5А: чат класса · Котова Елена Игоревна",
            "свойства комнаты: name: 5А: чат класса → Чатик · возвращено",
        ),
    ]
    of_chat = await head.asks(room_id, "!школа отклонения 5А: чат класса за 2 дня")
    assert MOMENT.sub("<when>", of_chat) == told
    assert await head.asks(room_id, "!школа отклонения 5А: Математика") == "Никто ничего не менял."
    room = MOMENT.sub("<when>", await head.asks(room_id, "!школа комната 5А: чат класса"))
    assert room.partition("Что недавно изменили люди\n")[2].splitlines() == [
        line.replace(" · 5А: чат класса · ", " · ") for line in lines
    ]


def record(number: int, **changed: object) -> DriftRecord:
    drift = Drift(
        room=CHAT,
        who="@lena:school.test",
        kind=DriftKind.STATE,
        type="m.room.topic",
        state_key="",
        before={"topic": "5A"},
        after={"topic": "x" * 100},
        event_id=f"${number}",
        at=NOON + timedelta(minutes=number),
    )
    drift = replace(drift, **changed)  # type: ignore[arg-type]
    return DriftRecord(drift, "undone", drift.at)


def test_a_long_list_of_changes_goes_into_a_thread_and_says_how_many_are_left() -> None:
    with speaking("en"):
        page = drift_page([record(1)] * 33, {}, {CHAT: "5A: chat"}, MOSCOW)
        short = drift_page([record(1)] * 3, {}, {}, MOSCOW)
    assert (page.is_long, short.is_long) == (True, False)
    lines = pages(page)[0].plain.splitlines()
    assert lines[1:3] == [
        "• 01.10.2026 15:01 · 5A: chat · @lena:school.test",
        "what the room says: topic: 5A → " + "x" * 59 + "… · put back",
    ]
    assert lines[-1] == "3 more are not shown."


def test_a_fight_and_what_could_not_be_put_back_are_told_as_such() -> None:
    fight = record(1, times=3, slowed=True)
    lost = DriftRecord(
        record(
            2,
            kind=DriftKind.BOT,
            type="m.room.member",
            state_key="@bot:school.test",
            who="",
            before={"membership": "join"},
            after={"membership": "leave"},
        ).drift,
        "lost",
        NOON,
    )
    levels = record(
        3,
        kind=DriftKind.LEVELS,
        type="m.room.power_levels",
        before={"users": {}, "ban": 50},
        after={"users": {"@lena:school.test": 100}, "ban": 0},
    )
    people = {"@lena:school.test": "Kim Elena"}
    with speaking("en"):
        page = drift_page([levels, lost, fight], people, {}, MOSCOW)
    assert pages(page)[0].plain.splitlines()[1:] == [
        f"• 01.10.2026 15:03 · {CHAT} · Kim Elena",
        "power levels: ban: 50 → 0, Kim Elena: — → 100 · put back",
        f"• 01.10.2026 15:02 · {CHAT} · somebody",
        "our bot was out: @bot:school.test: in the room → out of the room · not put back (lost)",
        f"• 01.10.2026 15:01 · {CHAT} · Kim Elena",
        "what the room says: topic: 5A → " + "x" * 59 + "… · 3 times"
        " · put back, slowly: it is changed again and again",
    ]
