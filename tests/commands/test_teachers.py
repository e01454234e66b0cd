"""Teachers keep order in their own rooms, by what the roster says of them."""

from appservice.storage import jobs
from appservice.storage.inbound import MESSAGE_JOB
from tests.commands.conftest import TalkingSchool, working
from tests.commands.test_admin_room import levels, members, membership

CHAT = "17/class_chat/5a"


async def test_a_class_teacher_mutes_a_student_and_lifts_it_again(school: TalkingSchool) -> None:
    await school.trial.stand()
    chat = await school.room(CHAT)
    lena, petya = await school.person("lena"), school.user("petya")
    said = await lena.asks(chat, "!школа заглушить Петр на 30 мин причина спам")
    assert said.splitlines() == [
        "Готово.",
        "• заглушить: Иванов Пётр",
        "• Где: 5А: чат класса",
        "• Срок: 30 минут",
    ]
    assert (await levels(school, chat))[petya] == -1
    assert (await lena.asks(chat, "!school unmute Петр")).splitlines()[0] == "Снято."
    assert petya not in await levels(school, chat)


async def test_a_teacher_locks_the_room_and_pins_what_is_replied_to(school: TalkingSchool) -> None:
    await school.trial.stand()
    chat = await school.room(CHAT)
    lena, petya = await school.person("lena"), await school.person("petya")
    note = await petya.says(chat, "Контрольная завтра")
    reply = {"m.relates_to": {"m.in_reply_to": {"event_id": note}}}
    assert await lena.asks(chat, "!school pin", **reply) == "Закреплено."
    assert await school.house.homeserver.pinned(chat) == [note]
    assert await lena.asks(chat, "!school unpin", **reply) == "Откреплено."
    assert await school.house.homeserver.pinned(chat) == []

    assert (await lena.asks(chat, "!school lock")).splitlines()[0] == "Готово."
    state = await school.house.homeserver.room_state(chat)
    power = next(event.content for event in state if event.type == "m.room.power_levels")
    assert power["events_default"] == 25


async def test_a_removal_waits_for_a_yes_and_the_roster_decides_who_may(
    school: TalkingSchool,
) -> None:
    await school.trial.stand()
    chat = await school.room(CHAT)
    lena, petya = await school.person("lena"), await school.person("petya")
    prompt = (await lena.hears(chat, await lena.says(chat, "!school remove Ли")))[0]
    await petya.reacts(chat, prompt["event_id"], "✅")
    assert await petya.asks(chat, "!school mute Ли") == "Здесь вы не можете давать мне поручения."
    masha = school.user("masha")
    assert masha in await members(school, chat)
    await lena.hears(chat, await lena.reacts(chat, prompt["event_id"], "✅"))
    assert await membership(school, chat, masha) == "ban"


async def test_power_in_the_room_alone_gives_no_right(school: TalkingSchool) -> None:
    """Oleg teaches in 5A, but the class chat is not his, however high somebody raised him."""
    await school.trial.stand()
    chat = await school.room(CHAT)
    oleg, petya = await school.person("oleg"), school.user("petya")
    desired = school.trial.wish().desired.rooms[CHAT]
    content = dict(desired.state["m.room.power_levels", ""])
    raised = {**desired.members, oleg.user_id: 90}
    await school.trial.bot.put_state(chat, "m.room.power_levels", "", {**content, "users": raised})
    assert await oleg.asks(chat, "!school mute Иванов") == (
        "Здесь вы не можете давать мне поручения."
    )
    assert (await levels(school, chat))[petya] == 0


async def test_a_teacher_reaches_nobody_above_and_nothing_elsewhere(school: TalkingSchool) -> None:
    await school.trial.stand()
    chat = await school.room(CHAT)
    lena = await school.person("lena")
    head = school.user("head")
    assert await lena.asks(chat, f"!school mute {head}") == (
        "Этот человек здесь тоже главный. Обратитесь к администраторам школы."
    )
    assert (await lena.asks(chat, "!school who Ли")).startswith("Эта команда не для вас")
    assert await lena.asks(chat, "!school mute Белов") == (
        "Не нахожу никого и ничего по имени «Белов»."
    )


async def test_what_was_said_while_nobody_answered_is_answered_once(
    quiet_school: TalkingSchool,
) -> None:
    school = quiet_school
    await school.trial.stand()
    chat = await school.room(CHAT)
    lena = await school.person("lena")
    asked = await lena.says(chat, "!school mute Петр")
    async with working(school.house), working(school.house):
        said = await lena.hears(chat, asked)
        await lena.asks(chat, "!school help")
    assert [event["content"]["body"].splitlines()[0] for event in said] == ["Готово."]
    assert len(await school.house.measures.told(school.house.now())) == 1


async def test_an_answer_given_twice_is_one_message_and_one_deed(
    quiet_school: TalkingSchool,
) -> None:
    """The process is killed after it has answered, before it could say so."""
    school = quiet_school
    await school.trial.stand()
    chat = await school.room(CHAT)
    lena = await school.person("lena")
    asked = await lena.says(chat, "!school mute Петр")
    async with working(school.house):
        await lena.hears(chat, asked)
    async with school.house.database.transaction() as connection:
        await connection.execute(
            "INSERT INTO inbound_message"
            " (room_id, kind, body, relates_to, thread, sender, event_id, sent_ms)"
            " VALUES ($1, 'message', '!school mute Петр', '', '', $2, $3,"
            " (extract(epoch FROM now()) * 1000)::bigint)",
            chat,
            lena.user_id,
            asked,
        )
        number = await connection.fetchval("SELECT max(number) FROM inbound_message")
        await jobs.put(connection, MESSAGE_JOB, [str(number)])
    async with working(school.house):
        await lena.asks(chat, "!school help")
    said = await lena.said_after(chat, asked)
    assert [event["content"]["body"].splitlines()[0] for event in said] == [
        "Готово.",
        "Что можно попросить",
    ]
    assert len(await school.house.measures.told(school.house.now())) == 1
