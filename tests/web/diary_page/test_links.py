"""The bot gives the link: to the one person, where nobody else reads it, and never to a log."""

import io
import json
import logging
from collections.abc import Iterator
from datetime import date
from urllib.parse import quote

import pytest
from playwright.async_api import expect

from appservice.helper.opening import SENT
from appservice.logs import write_log
from appservice.rooms.identity import room_alias
from appservice.school.model import MemberRole
from tests.commands.people import Speaker
from tests.service.deployment import DeploymentOnTrial, until
from tests.service.diary_school import DIARY, DiarySchool
from tests.web.diary_page.browser import (
    PHONE,
    chromium,
    matrix_client,
    needs_chromium,
    picture,
    window,
)
from tests.web.diary_page.school import (
    SchoolWithPage,
    class_teacher_of,
    school_with_page,
    students_of,
)
from tests.web.diary_page.test_in_chromium import WIDGET, shown


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    root, ours = logging.getLogger(), logging.getLogger("appservice")
    handlers, levels = root.handlers[:], (root.level, ours.level)
    stream = io.StringIO()
    write_log("debug", "json", stream)
    yield stream
    root.handlers[:] = handlers
    root.setLevel(levels[0])
    ours.setLevel(levels[1])


async def test_the_bot_sends_a_link_to_whoever_asks_and_to_nobody_else(
    deployment: DeploymentOnTrial, log: io.StringIO
) -> None:
    school = await school_with_page(deployment, more=DIARY)
    masha, head = students_of(school.roster)[0], class_teacher_of(school.roster)
    teacher = next(
        one.person_id
        for one in school.roster.memberships
        if one.role is MemberRole.TEACHER and one.person_id != head
    )
    async with school.runs():
        chat = await room_of_the_class(school, "class_chat")
        student = await speaker(school, masha)
        asked = await student.says(chat, "!школа дневник")
        await until(lambda: is_answered(student, chat, asked))
        assert await student.said_after(chat, asked) == []

        diary = DiarySchool(deployment, school.roster)
        own = await diary.room_id(diary.personal(masha))
        sent, *more = await diary.said(diary.personal(masha))
        assert more == []
        assert (sent["msgtype"], sent["m.mentions"]) == (
            "m.text",
            {"user_ids": [school.user_of(masha)]},
        )
        first = secret_in(str(sent["body"]), school)
        second = secret_in(await student.asks(own, "Дневник"), school)
        assert "📖 `дневник`" in await student.asks(own, "помощь")

        opened = [await opens(school, each) for each in (first, first, second)]
        assert [status for status, _text in opened] == [200, 403, 200]
        name = school.roster.people[masha].given_name
        assert f"<h1>{name} " in await school.view(str(json.loads(opened[0][1])["session"]))

        leader = await speaker(school, head)
        await until_sent(leader, chat, "!school diary")
        (given,) = await diary.said(diary.personal(head))
        status, text = await opens(school, secret_in(str(given["body"]), school))
        assert status == 200
        assert "<h1>Класс " in await school.view(str(json.loads(text)["session"]))

        lesson = await room_of_a_group(school, teacher)
        other = await speaker(school, teacher)
        assert await other.asks(lesson, "!school diary") == (
            "Здесь нет дневника, который вы можете читать."
        )
    assert {each for each in (first, second) if each in log.getvalue()} == set()


@needs_chromium
async def test_the_widget_stands_in_the_room_of_the_bot_and_one_person_and_opens_their_diary(
    deployment: DeploymentOnTrial,
) -> None:
    async with matrix_client() as origin:
        school = await school_with_page(deployment, clients=[origin], more=DIARY)
        masha = students_of(school.roster)[0]
        diary = DiarySchool(deployment, school.roster)
        async with school.runs():
            student = await speaker(school, masha)
            await until_sent(
                student, await room_of_the_class(school, "class_chat"), "!school diary"
            )
            room_id = await diary.room_id(diary.personal(masha))
            path = f"/_matrix/client/v3/rooms/{quote(room_id)}/state"
            state = json.loads(json.dumps(await student.client.ask("GET", path)))
            (widget,) = [one for one in state if one["type"] == WIDGET]
            assert (widget["sender"], widget["content"]["type"]) == (
                deployment.slot.bot_id,
                "m.custom",
            )
            # Nothing of the person is in what the room's state says.
            person = school.roster.people[masha]
            told = json.dumps(widget, ensure_ascii=False)
            assert [
                each for each in (masha, person.given_name, person.family_name) if each in told
            ] == []
            async with chromium() as browser, window(browser, PHONE) as page:
                given = await school.openid(masha)
                frame = await shown(page, origin, widget["content"], given)
                await expect(frame.get_by_role("heading", level=1)).to_contain_text(
                    person.given_name
                )
                await page.wait_for_function("window.said.ready")
                assert await page.evaluate("window.said.approved") == []
                await frame.get_by_role("button", name="Неделя").click()
                await expect(frame.get_by_role("heading", level=2).first).to_contain_text("Неделя")
                await picture(page, "widget-personal-week")


def secret_in(said: str, school: SchoolWithPage) -> str:
    """Of the link that stands on a line of its own."""
    (link,) = [line for line in said.splitlines() if line.startswith(school.address)]
    begin, secret = link.split("#link=")
    assert begin == school.address
    return secret


async def opens(school: SchoolWithPage, secret: str) -> tuple[int, str]:
    return await school.call("POST", "session", {"link": secret})


async def speaker(school: SchoolWithPage, person: str) -> Speaker:
    bot = school.deployment.slot.bot_id
    return Speaker(await school.client(person), school.user_of(person), bot)


async def until_sent(who: Speaker, room_id: str, body: str) -> None:
    asked = await who.says(room_id, body)
    await until(lambda: is_answered(who, room_id, asked))


async def is_answered(who: Speaker, room_id: str, asked: str) -> bool:
    """Whether the bot has put its sign below the question."""
    path = f"/_matrix/client/v1/rooms/{quote(room_id)}/relations/{quote(asked)}/m.annotation"
    answer = await who.client.ask("GET", path)
    chunk = answer["chunk"]
    assert isinstance(chunk, list)
    return [(one["sender"], one["content"]["m.relates_to"]["key"]) for one in chunk] == [
        (who.bot, SENT)
    ]


async def room_of_the_class(school: SchoolWithPage, kind: str) -> str:
    (class_id,) = school.roster.classes
    return await room_under(school, kind, class_id)


async def room_of_a_group(school: SchoolWithPage, teacher: str) -> str:
    today = date.today()
    group = next(
        one.target_id
        for one in school.roster.memberships
        if one.person_id == teacher
        and one.role is MemberRole.TEACHER
        and one.target_id in school.roster.groups
        and (one.end is None or one.end > today)
    )
    return await room_under(school, "subject_room", group)


async def room_under(school: SchoolWithPage, kind: str, target: str) -> str:
    slot = school.deployment.slot
    at = school.roster.schools[0].school_id
    alias = room_alias(slot.id, slot.server_name, at, kind, target)
    return await school.deployment.bot.room_id(alias)
