"""The page as people see it: in a room of a Matrix client, and in a phone's browser by link."""

import json
from datetime import UTC, datetime
from typing import Any

from playwright.async_api import FrameLocator, Page, expect

from appservice.app import open_house, read_delivery
from appservice.storage.database import Database
from appservice.storage.diary_wishes import Wishes, WishStore
from appservice.storage.page_sessions import PageSessions
from tests.service.deployment import DeploymentOnTrial
from tests.web.diary_page.browser import (
    DESK,
    PHONE,
    chromium,
    matrix_client,
    needs_chromium,
    picture,
    sideways,
    window,
)
from tests.web.diary_page.school import (
    SchoolWithPage,
    class_teacher_of,
    guardians_of,
    school_with_page,
    students_of,
)

VIEWS = (
    "Неделя",
    "Домашнее задание",
    "Оценки",
    "Пропуски",
    "Замечания",
    "Даты",
    "Настройки",
    "Сегодня",
)
WIDGET = "im.vector.modular.widgets"

pytestmark = needs_chromium


async def test_a_guardian_reads_the_diary_in_the_browser_of_a_phone(
    deployment: DeploymentOnTrial,
) -> None:
    school = await school_with_page(deployment)
    masha, second, *_rest = students_of(school.roster)
    mother = guardians_of(school.roster, masha)[0].guardian_id
    names = [school.roster.people[each].given_name for each in (masha, second)]
    async with (
        school.runs(),
        Database.connect(deployment.database) as database,
        chromium() as browser,
        window(browser, PHONE) as page,
    ):
        secret = await PageSessions(database).give_link(mother, now=datetime.now(UTC))
        await page.goto(school.config.page.link(secret))
        title = page.get_by_role("heading", level=1)
        await expect(title).to_contain_text(names[0])
        assert secret not in page.url
        await picture(page, "phone-today")
        stuck = {}
        for view in VIEWS:
            await page.get_by_role("button", name=view, exact=True).click()
            await expect(page.locator("[aria-current=page]")).to_have_text(view)
            await expect(page.locator("main h2").first).to_be_focused()
            await expect(page).to_have_title(f"{view} – Школьный дневник")  # nobody's name
            stuck[view] = await sideways(page)
            await picture(page, f"phone-{VIEWS.index(view)}")
        assert stuck == dict.fromkeys(VIEWS, 0)

        # Another child, by keyboard alone.
        other = page.get_by_role("button", name=names[1], exact=True)
        await other.focus()
        await page.keyboard.press("Enter")
        await expect(title).to_contain_text(names[1])

        # The page outlives a reload, the link does not live twice.
        await page.reload()
        await expect(title).to_contain_text(names[0])
        await page.get_by_role("button", name="Выйти").click()
        await expect(page.get_by_role("status")).to_have_text("Вы вышли.")


async def test_what_is_chosen_on_the_page_is_kept_and_english_is_spoken_from_then_on(
    deployment: DeploymentOnTrial,
) -> None:
    school = await school_with_page(deployment)
    masha = students_of(school.roster)[0]
    async with (
        school.runs(),
        Database.connect(deployment.database) as database,
        chromium() as browser,
        window(browser, DESK, dark=True) as page,
    ):
        secret = await PageSessions(database).give_link(masha, now=datetime.now(UTC))
        await page.goto(school.config.page.link(secret))
        await page.get_by_role("button", name="Настройки").click()
        await expect(page.get_by_role("heading", level=2).first).to_have_text("Настройки")
        await page.get_by_label("Оценки", exact=True).select_option("daily")
        await page.get_by_label("С", exact=True).fill("20:30")
        await page.get_by_label("До", exact=True).fill("08:00")
        await page.get_by_label("Тихие дни недели").select_option("6,7")
        await page.get_by_label("Писать только, что есть новое").check()
        await page.get_by_label("Язык").select_option("en")
        await page.get_by_role("button", name="Сохранить").click()
        await expect(page.get_by_role("heading", level=2).first).to_have_text("Settings")
        await expect(page.locator("html")).to_have_attribute("lang", "en")
        await picture(page, "desk-dark-settings")
        await page.get_by_role("button", name="Grades").click()
        await expect(page.get_by_role("heading", level=2).first).to_contain_text("Grades")
        await picture(page, "desk-dark-grades")
        await page.get_by_role("button", name="Week").click()
        await expect(page.get_by_role("heading", level=2).first).to_contain_text("Week")
        await picture(page, "desk-dark-week")
        kept = await WishStore(database).of(school.roster.schools[0].school_id, [masha])
    begin, end = kept[masha].quiet_begin, kept[masha].quiet_end
    assert kept == {
        masha: Wishes(
            paces={"grade": "daily"},
            quiet_begin=begin,
            quiet_end=end,
            quiet_weekend=(6, 7),
            hide_values=True,
            language="en",
        )
    }
    assert (str(begin), str(end)) == ("20:30:00", "08:00:00")


async def test_it_stands_as_a_widget_in_the_room_of_a_class_and_asks_the_client_who_is_there(
    deployment: DeploymentOnTrial,
) -> None:
    async with matrix_client() as origin:
        school = await school_with_page(deployment, clients=[origin])
        teacher = class_teacher_of(school.roster)
        masha = students_of(school.roster)[0]
        widget = await widget_of_the_class(school)
        assert (widget["name"], widget["waitForIframeLoad"]) == ("Дневник", False)
        async with school.runs(), chromium() as browser:
            async with window(browser, DESK) as page:
                frame = await shown(page, origin, widget, await school.openid(teacher))
                await expect(frame.get_by_role("heading", level=1)).to_contain_text("Класс")
                await page.wait_for_function("window.said.ready")
                assert await page.evaluate("window.said") == {
                    "approved": [],
                    "openid": 1,
                    "ready": True,
                }
                await picture(page, "widget-class-today")
                await frame.get_by_role("button", name="Оценки", exact=True).click()
                await expect(frame.get_by_role("heading", level=2).first).to_contain_text("Оценки")
                await picture(page, "widget-class-grades")
                await frame.get_by_role("button", name="Учебный год").click()
                await expect(frame.get_by_text("оценок: 8")).to_be_visible()
                await picture(page, "widget-class-year")
                name = school.roster.people[masha].given_name
                await frame.get_by_role("button", name=name).click()
                await expect(frame.get_by_role("heading", level=1)).to_contain_text(name)
                await picture(page, "widget-class-student")
                assert await page.context.cookies() == []
            # The client speaks Russian, whatever the browser speaks.
            async with window(browser, PHONE, dark=True, language="en") as page:
                given = await school.openid(masha)
                frame = await shown(page, origin, widget, given, asks_first=True)
                await expect(frame.get_by_role("heading", level=2).first).to_contain_text("Сегодня")
                await picture(page, "widget-phone-today")
            async with window(browser, PHONE) as page:
                frame = await shown(page, origin, widget, None)
                await expect(frame.get_by_role("status")).to_contain_text(
                    "Клиент не сказал, кто вы"
                )


async def shown(
    page: Page, origin: str, widget: Any, given: object, *, asks_first: bool = False
) -> FrameLocator:
    await page.goto(origin)
    await page.evaluate(
        "([content, given, asksFirst]) => window.show(content, given, asksFirst)",
        [widget, given, asks_first],
    )
    return page.frame_locator("iframe")


async def widget_of_the_class(school: SchoolWithPage) -> dict[str, Any]:
    """As it stands in the room on the homeserver, pinned."""
    config, slot = school.config, school.deployment.slot
    async with open_house(config, read_delivery(config)) as house:
        assert (await house.plan()).actions == ()
        aliases = [
            room.alias for room in house.wish.desired.rooms.values() if room.kind == "class_chat"
        ]
    bot = school.deployment.bot
    room_id = await bot.room_id(aliases[0])
    state = await bot.ask("GET", f"/_matrix/client/v3/rooms/{room_id}/state")
    found = {
        each["type"]: each
        for each in json.loads(json.dumps(state))
        if each["type"] in (WIDGET, "io.element.widgets.layout")
    }
    widget = found[WIDGET]
    assert (widget["sender"], widget["state_key"]) == (slot.bot_id, widget["content"]["id"])
    pinned = found["io.element.widgets.layout"]["content"]["widgets"]
    assert pinned[widget["content"]["id"]]["container"] == "top"
    return dict(widget["content"])
