"""Where several people or rooms fit, the one who asked chooses by the number."""

from appservice.commands.parsing import Choice, number_said, parsed
from tests.commands.conftest import TalkingSchool
from tests.commands.people import Speaker


async def test_the_asker_replies_with_the_number_and_is_answered_about_that_one(
    school: TalkingSchool,
) -> None:
    await school.trial.stand()
    room_id = await school.admin_room()
    head = await school.person("head")
    listed = (await head.hears(room_id, await head.says(room_id, "!school who ивано")))[0]
    assert listed["content"]["body"].splitlines()[0] == "«ивано» — это может быть:"
    anna = await replies(head, room_id, listed["event_id"], "2")
    assert anna.splitlines()[:2] == ["Иванова Анна Ильинична", f"• `{school.user('anna')}`"]
    assert await replies(head, room_id, listed["event_id"], "3") == "В списке нет номера 3."
    petya = await head.asks(room_id, "!школа 1")
    assert petya.splitlines()[0] == "Иванов Пётр"

    await head.asks(room_id, "!school room Математика")
    chosen = await head.asks(room_id, "!school 2")
    assert chosen.splitlines()[:2] == ["5Б: Математика", "• `17/subject_room/5b-math`"]

    async with school.house.database.connection() as connection:
        await connection.execute("UPDATE confirmation SET expires_at = now()")
    assert await replies(head, room_id, listed["event_id"], "2") == (
        "Ожидание закончилось. Ничего не сделано; попросите снова."
    )


async def test_a_dangerous_command_still_waits_for_a_yes_after_the_choice(
    school: TalkingSchool,
) -> None:
    await school.trial.stand()
    room_id = await school.admin_room()
    head = await school.person("head")
    assert await head.asks(room_id, "!school 1") == "Выбирать не из чего."
    listed = (await head.hears(room_id, await head.says(room_id, "!школа забанить ивано")))[0]
    reacted = await head.reacts(room_id, listed["event_id"], "✅")
    prompt = await replies(head, room_id, listed["event_id"], "> quoted\n\n1.")
    assert prompt.splitlines()[:2] == ["Будет сделано:", "• забанить: Иванов Пётр"]
    assert len(await head.said_after(room_id, reacted)) == 1  # a list is nothing to confirm
    code = prompt.partition("!школа да ")[2][:6]
    assert (await head.asks(room_id, f"!школа да {code}")).splitlines()[0] == "Готово."
    (ban,) = await school.house.measures.told(school.house.now())
    assert ban.user_id == school.user("petya")


async def test_nobody_else_chooses_from_the_list(school: TalkingSchool) -> None:
    await school.trial.stand()
    room_id = await school.admin_room()
    head = await school.person("head")
    masha = await school.person("masha")
    await school.trial.bot.admin_join(room_id, masha.user_id)
    listed = (await head.hears(room_id, await head.says(room_id, "!school who ивано")))[0]
    assert await replies(masha, room_id, listed["event_id"], "1") == (
        "Выбрать может только тот, кто спросил."
    )


def test_only_a_number_alone_is_a_choice() -> None:
    said = ("2", " 12. ", "3)", "> <@bot> 1. a\n> 2. b\n\n2", "2 apples", "", "200", "two", "> 2")
    assert [number_said(body) for body in said] == [2, 12, 3, 2, None, None, None, None, None]
    assert parsed("!school 2") == parsed("!школа 2.") == Choice(2)


async def replies(who: Speaker, room_id: str, to: str, body: str) -> str:
    return await who.asks(room_id, body, **{"m.relates_to": {"m.in_reply_to": {"event_id": to}}})
