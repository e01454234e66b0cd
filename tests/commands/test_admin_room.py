"""Administrators run the school by talking to the bot."""

from dataclasses import replace

from appservice.commands.reporting import AdminReports
from appservice.rooms.desired import POWER_LEVELS
from appservice.rooms.kinds.power import integers
from appservice.school.model import Role, RoleAssignment
from appservice.storage.sync_state import SyncStateStore
from tests.commands.conftest import TalkingSchool
from tests.upkeep.tiny_school import tiny_roster, without

CHAT = "17/class_chat/5a"


async def test_the_room_is_made_for_the_administrators_and_follows_the_roster(
    quiet_school: TalkingSchool,
) -> None:
    school = quiet_school
    await school.trial.stand()
    room_id = await school.admin_room()
    head, lena = school.user("head"), school.user("lena")
    assert await members(school, room_id) == {school.trial.slot.bot_id, head}

    promoted = (*tiny_roster().roles, RoleAssignment("lena", "17", Role.SCHOOL_ADMIN))
    await school.trial.apply(replace(tiny_roster(), roles=promoted))
    await school.trial.bot.put_state(room_id, "m.room.name", "", {"name": "другое"})
    assert await school.admin_room() == room_id
    assert await members(school, room_id) == {school.trial.slot.bot_id, head, lena}
    assert await name(school, room_id) == "School Spaces: управление"

    await school.trial.apply()
    assert await school.admin_room() == room_id
    assert await members(school, room_id) == {school.trial.slot.bot_id, head}


async def test_a_room_that_the_bot_has_lost_is_made_anew(quiet_school: TalkingSchool) -> None:
    school = quiet_school
    await school.trial.stand()
    lost = await school.admin_room()
    await school.trial.bot.act(lost, "leave")
    found = await school.admin_room()
    assert found != lost
    assert await members(school, found) == {school.trial.slot.bot_id, school.user("head")}


async def test_plan_and_audit_leave_the_room_alone(quiet_school: TalkingSchool) -> None:
    school = quiet_school
    await school.trial.stand()
    room_id = await school.admin_room()
    report = await school.trial.audit()
    assert (report.corrections, report.notes) == ((), ())
    assert (await school.trial.plan()).actions == ()
    assert room_id not in (await school.house.observed.room_ids()).values()


async def test_an_administrator_asks_and_is_answered_in_the_language_of_the_school(
    school: TalkingSchool,
) -> None:
    await school.trial.stand()
    room_id = await school.admin_room()
    head = await school.person("head")

    said = await head.hears(room_id, await head.says(room_id, "!школа статус"))
    content = said[0]["content"]
    assert content["body"].startswith("Что ведётся\n• Комнаты: 7\n• Учётные записи: 8\n")
    assert content["formatted_body"].startswith("<p><strong>Что ведётся</strong></p><ul><li>")
    assert (content["msgtype"], content["m.mentions"]) == ("m.notice", {})

    assert (await head.asks(room_id, "!school statsu")).splitlines() == [
        "Не знаю слова «statsu».",
        "Вы имели в виду `!школа статус`?",
    ]
    assert (await head.asks(room_id, "!school who ивано")).splitlines() == [
        "«ивано» — это может быть:",
        f"1. Иванов Пётр (ученик, 5А) — `{school.user('petya')}`",
        f"2. Иванова Анна Ильинична (родитель, 5А) — `{school.user('anna')}`",
        "Ответьте на это сообщение номером нужного или скажите `!школа 1`; или повторите с"
        " идентификатором.",
    ]
    person = await head.asks(room_id, "!school who Иванов Петр")
    assert person.splitlines()[:4] == [
        "Иванов Пётр",
        f"• `{school.user('petya')}`",
        "• ученик",
        "• Класс: 5А",
    ]
    assert "• 5А: чат класса: 0" in person.splitlines()
    assert (await head.asks(room_id, "!school doctor")).splitlines() == [
        "Что видит проверка",
        "• ✓ Synapse: 1.163",
        "• ✗ PostgreSQL: away",
        "→ start it",
    ]


async def test_a_pause_is_kept_for_all_processes_until_somebody_resumes(
    school: TalkingSchool,
) -> None:
    await school.trial.stand()
    room_id = await school.admin_room()
    head = await school.person("head")
    state = SyncStateStore(school.house.database)
    assert (await head.asks(room_id, "!школа пауза")).startswith("Пауза:")
    assert ((await state.now()).paused, (await state.now()).paused_by) == (True, head.user_id)
    name = (await school.house.directory()).by_user(head.user_id).name
    status = (await head.asks(room_id, "!школа статус")).splitlines()
    (paused,) = [line for line in status if line.startswith("• Пауза с ")]
    assert paused.endswith(f", от {name}")
    assert (await head.asks(room_id, "!school resume")).startswith("Продолжено:")
    assert not (await state.now()).paused


async def test_a_long_answer_goes_into_a_thread(school: TalkingSchool) -> None:
    await school.trial.stand()
    room_id = await school.admin_room()
    head = await school.person("head")
    asked = await head.says(room_id, "!school help")
    said = await head.hears(room_id, asked)
    assert said[0]["content"]["m.relates_to"] == {
        "rel_type": "m.thread",
        "event_id": asked,
        "is_falling_back": True,
        "m.in_reply_to": {"event_id": asked},
    }


async def test_a_plan_is_shown_and_applied_by_its_digest_alone(school: TalkingSchool) -> None:
    await school.trial.stand()
    room_id = await school.admin_room()
    head = await school.person("head")
    school.roster = without(tiny_roster(), "masha")

    shown = await head.asks(room_id, "!school plan")
    digest = (await school.trial.plan(school.roster)).digest
    assert f"Чтобы выполнить: `!школа применить {digest}`" in shown
    wrong = await head.asks(room_id, "!school apply 000000000000")
    assert wrong.startswith("Сделать это не удалось.\nПлан изменился")

    done = await head.asks(room_id, f"!школа применить {digest}")
    assert done.splitlines()[-1] == "Готово: всё так, как в списках школы."
    assert (await school.trial.plan(school.roster)).actions == ()
    assert (
        await head.asks(room_id, "!school sync now")
        == "Делать нечего: всё так, как в списках школы."
    )
    log = await school.house.audit.latest(3)
    me = school.user("head")
    counts = {"suspend_account": 1, "remove_member": 4}
    assert [(entry.action, entry.actor, entry.details) for entry in log] == [
        ("sync", me, {}),
        ("plan_applied", me, {"digest": digest, "outcome": "done", "counts": counts}),
        ("apply", me, {"digest": digest}),
    ]


async def test_a_ban_is_shown_first_and_done_once_when_it_is_confirmed(
    school: TalkingSchool,
) -> None:
    await school.trial.stand()
    room_id, chat = await school.admin_room(), await school.room(CHAT)
    head, masha = await school.person("head"), school.user("masha")

    asked = await head.says(room_id, '!school ban Ли Мария in "5А: чат класса" because спам')
    prompt = (await head.hears(room_id, asked))[0]
    assert prompt["content"]["body"].splitlines()[:4] == [
        "Будет сделано:",
        "• забанить: Ли Мария",
        "• Где: 5А: чат класса",
        "• Пока кто-нибудь не снимет",
    ]
    assert masha in await members(school, chat)

    reaction = await head.reacts(room_id, prompt["event_id"], "✅")
    done = await head.hears(room_id, reaction)
    assert done[0]["content"]["body"].splitlines()[0] == "Готово."
    assert await membership(school, chat, masha) == "ban"
    assert (await school.trial.plan()).actions == ()  # it survives a sync

    again = await head.reacts(room_id, prompt["event_id"], "✅️")
    assert (await head.hears(room_id, again))[0]["content"]["body"] == "На это уже ответили."
    log = await school.house.audit.latest(9, about=[masha])
    assert [(entry.action, entry.actor) for entry in log] == [("ban", head.user_id)]

    assert (await head.asks(room_id, "!school unban Ли")).splitlines()[0] == "Снято."
    assert await membership(school, chat, masha) == "join"


async def test_a_suspended_account_stays_so_over_a_sync_until_it_is_lifted(
    school: TalkingSchool,
) -> None:
    await school.trial.stand()
    room_id = await school.admin_room()
    head, petya = await school.person("head"), school.user("petya")
    assert await head.asks(room_id, f"!school suspend {head.user_id}") == "Это вы."
    asked = await head.says(room_id, "!школа приостановить Иванов Пётр")
    prompt = (await head.hears(room_id, asked))[0]
    done = await head.hears(room_id, await head.reacts(room_id, prompt["event_id"], "✅"))
    assert done[0]["content"]["body"].splitlines()[0] == "Готово."
    assert (await school.trial.bot.user(petya))["suspended"] is True
    assert (await school.trial.plan()).actions == ()

    assert (await head.asks(room_id, "!школа вернуть Иванов Пётр")).splitlines()[0] == "Снято."
    assert (await school.trial.bot.user(petya))["suspended"] is False
    assert (await school.trial.plan()).actions == ()


async def test_what_has_changed_since_it_was_shown_is_not_done(school: TalkingSchool) -> None:
    await school.trial.stand()
    room_id = await school.admin_room()
    head = await school.person("head")
    school.roster = without(tiny_roster(), "masha")
    text = await head.asks(room_id, "!school apply")
    code = text.partition("!школа да ")[2][:6]
    school.roster = without(tiny_roster(), "vanya")
    refused = await head.asks(room_id, f"!school yes {code}")
    assert refused.startswith("Сделать это не удалось.\nПлан изменился")
    assert school.user("masha") in await members(school, await school.room(CHAT))


async def test_a_confirmation_that_comes_too_late_does_nothing(school: TalkingSchool) -> None:
    await school.trial.stand()
    room_id, chat = await school.admin_room(), await school.room(CHAT)
    head = await school.person("head")
    text = await head.asks(room_id, "!school ban Ли")
    code = text.partition("!школа да ")[2][:6]
    async with school.house.database.connection() as connection:
        await connection.execute("UPDATE confirmation SET expires_at = now()")
    assert await head.asks(room_id, f"!school yes {code}") == (
        "Ожидание закончилось. Ничего не сделано; попросите снова."
    )
    assert school.user("masha") in await members(school, chat)


async def test_who_is_no_administrator_gets_nothing_there(school: TalkingSchool) -> None:
    await school.trial.stand()
    room_id = await school.admin_room()
    petya = await school.person("petya")
    await school.trial.bot.admin_join(room_id, petya.user_id)
    assert await petya.asks(room_id, "!school who Орлова") == (
        "Здесь вы не можете давать мне поручения."
    )


async def test_a_mute_reaches_every_room_and_the_levels_stay(school: TalkingSchool) -> None:
    await school.trial.stand()
    room_id = await school.admin_room()
    head, petya = await school.person("head"), school.user("petya")
    asked = await head.says(room_id, "!школа заглушить Иванов Пётр на 2 часа")
    prompt = (await head.hears(room_id, asked))[0]
    assert "• Срок: 2 часа" in prompt["content"]["body"].splitlines()
    await head.hears(room_id, await head.reacts(room_id, prompt["event_id"], "✅"))
    desired = school.trial.wish().desired
    rooms = [key for key, room in desired.rooms.items() if petya in room.members]
    seen = [(await levels(school, await school.room(key)))[petya] for key in rooms]
    assert seen == [-1] * 4


async def members(school: TalkingSchool, room_id: str) -> set[str]:
    state = await school.house.homeserver.room_state(room_id)
    return {
        event.state_key
        for event in state
        if event.type == "m.room.member" and event.content["membership"] == "join"
    }


async def membership(school: TalkingSchool, room_id: str, user: str) -> object:
    state = await school.house.homeserver.room_state(room_id)
    return next(event.content["membership"] for event in state if event.state_key == user)


async def levels(school: TalkingSchool, room_id: str) -> dict[str, int]:
    state = await school.house.homeserver.room_state(room_id)
    power = next(event for event in state if (event.type, event.state_key) == POWER_LEVELS)
    return integers(power.content.get("users"))


async def name(school: TalkingSchool, room_id: str) -> object:
    state = await school.house.homeserver.room_state(room_id)
    return next(event.content["name"] for event in state if event.type == "m.room.name")


async def test_a_matter_is_reported_once_until_it_is_settled(quiet_school: TalkingSchool) -> None:
    school = quiet_school
    await school.trial.stand()
    reports = AdminReports(school.house.homeserver, school.house.database)
    assert not await reports.report_to_admin_room("too early", matter="roster broken 1")
    room_id = await school.admin_room()
    head = await school.person("head")
    begin = await head.says(room_id, "hello")

    told = [
        await reports.report_to_admin_room("The roster is broken:\n3 errors", matter=matter)
        for matter in ("roster broken 1", "roster broken 1", "roster broken 2")
    ]
    assert told == [True, False, True]
    await reports.settled("roster broken")
    assert not await school.house.admin.was_reported("roster broken 1")
    said = await head.said_after(room_id, begin)
    assert [event["content"]["body"] for event in said] == ["The roster is broken:\n3 errors"] * 2
