"""Administrators carry the school over into its next year by talking to the bot."""

from dataclasses import replace
from pathlib import Path

import pytest

from appservice.errors import Refused
from appservice.storage.rollover import RolloverState
from tests.commands.conftest import TalkingSchool
from tests.commands.people import Speaker
from tests.upkeep.turning import next_year, this_year


async def test_a_year_is_drafted_begun_taken_back_and_confirmed_from_the_room(
    school: TalkingSchool,
) -> None:
    await school.trial.stand(this_year())
    room_id = await school.admin_room()
    head = await school.person("head")
    assert (await head.asks(room_id, "!школа переход")).splitlines() == [
        "Перехода нет.",
        "Составить черновик: `!школа переход черновик ИМЯ с 2027-09-01`",
    ]

    drafted = await head.asks(room_id, "!школа переход черновик next с 01.09.2027")
    digest = await digest_of(school)
    lines = drafted.splitlines()
    assert lines[:3] == [
        f"Переход {digest}",
        "• 5А → 6А: продолжается · остаются 2, приходят 1",
        "• 5Б: выпускается · уходят 1",
    ]
    assert lines[-3:] == [
        "Служба начнёт переход 2027-09-01.",
        "Начать сейчас: `!школа переход начать`",
        "Забыть черновик: `!школа переход забыть`",
    ]
    shown = await head.asks(room_id, "!school rollover")
    assert shown.startswith(f"Переход {digest}: черновик, начало 2027-09-01.\n")
    wrong = await head.asks(room_id, "!school rollover apply 000000000000")
    assert wrong == f"Сейчас переход {digest}, а не 000000000000."

    early = await head.asks(room_id, "!школа переход назад")
    assert early.splitlines()[1] == (
        "Сейчас нет перехода, с которым это можно сделать. `!школа переход показать` скажет,"
        " какой есть."
    )

    prompt = await prompted(head, room_id, f"!школа переход начать {digest}")
    assert prompt.splitlines()[:2] == [
        "Будет сделано:",
        f"Школа перейдёт в следующий учебный год (переход {digest}).",
    ]
    assert await state_of(school) is RolloverState.DRAFTED
    assert (await confirmed(head, room_id, prompt)).endswith("всё так, как в списках школы.")
    assert await state_of(school) is RolloverState.APPLIED
    assert "Оставить: `!школа переход подтвердить`" in await head.asks(room_id, "!школа переход")

    back = await prompted(head, room_id, "!школа переход назад")
    assert back.splitlines()[1] == (
        f"Вернутся список школы, стоявший до перехода {digest}, и его комнаты."
    )
    assert (await confirmed(head, room_id, back)).endswith("всё так, как в списках школы.")
    assert await state_of(school) is RolloverState.RETURNED
    assert (await school.trial.plan(this_year())).actions == ()

    await head.asks(room_id, "!school rollover draft next")
    again = await digest_of(school)
    await confirmed(head, room_id, await prompted(head, room_id, "!school rollover apply"))
    keep = await prompted(head, room_id, "!school rollover confirm")
    assert await confirmed(head, room_id, keep) == "Подтверждено."
    assert await state_of(school) is RolloverState.CONFIRMED

    log = await school.house.audit.latest(20)
    assert [
        (one.actor, one.details["step"], one.details["digest"])
        for one in reversed(log)
        if one.action == "rollover"
    ] == [
        (head.user_id, step, which)
        for step, which in (
            ("draft", digest),
            ("apply", digest),
            ("back", digest),
            ("draft", again),
            ("apply", again),
            ("confirm", again),
        )
    ]
    assert {one.actor for one in log if one.action == "plan_applied"} == {head.user_id, "terminal"}


async def test_a_year_that_was_drafted_anew_is_not_begun_by_the_yes_to_the_one_before(
    school: TalkingSchool,
) -> None:
    await school.trial.stand(this_year())
    room_id = await school.admin_room()
    head = await school.person("head")
    await head.asks(room_id, "!school rollover draft next")
    prompt = await prompted(head, room_id, "!school rollover apply")
    school.next_roster = replace(
        next_year(),
        classes={key: one._replace(label="6Я") for key, one in next_year().classes.items()},
    )
    await head.asks(room_id, "!school rollover draft next")
    assert await confirmed(head, room_id, prompt) == (
        "С тех пор, как это было показано, всё изменилось. Попросите снова."
    )
    drop = await prompted(head, room_id, "!школа переход забыть")
    assert await state_of(school) is RolloverState.DRAFTED
    assert await confirmed(head, room_id, drop) == "Черновик забыт."
    assert await school.house.turn.latest() is None


async def test_only_rosters_beside_the_configured_one_are_drafted_and_only_for_days_to_come(
    quiet_school: TalkingSchool,
) -> None:
    turn = quiet_school.house.turn
    for name in ("../etc", "/etc/passwd", "a/b", ".."):
        with pytest.raises(Refused, match="lies beside the configured roster"):
            await turn.draft_beside(name)
    with pytest.raises(Refused, match=r"has come\. Draft it without a day"):
        await turn.draft_beside("next", turn.today())
    assert turn.path == Path("/rosters/now")


async def prompted(head: Speaker, room_id: str, command: str) -> str:
    """What the bot asks back."""
    said = (await head.hears(room_id, await head.says(room_id, command)))[0]["content"]
    assert said["msgtype"] == "m.text", said["body"]
    return str(said["body"])


async def confirmed(head: Speaker, room_id: str, prompt: str) -> str:
    """What it answers to a yes."""
    code = prompt.partition("!школа да ")[2][:6]
    return await head.asks(room_id, f"!school yes {code}")


async def state_of(school: TalkingSchool) -> RolloverState | None:
    latest = await school.house.turn.latest()
    return latest.state if latest else None


async def digest_of(school: TalkingSchool) -> str:
    latest = await school.house.turn.latest()
    assert latest is not None
    return latest.digest
