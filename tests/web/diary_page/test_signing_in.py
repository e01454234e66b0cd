"""Who comes in: with an OpenID token of a real Synapse, or a link of the bot, and nobody else."""

import json
from datetime import UTC, datetime, timedelta

from appservice.storage.audit_log import AuditLog
from appservice.storage.database import Database
from appservice.storage.page_sessions import LINK_LIVES, OPENED, SESSION_LIVES, PageSessions
from tests.service.deployment import DeploymentOnTrial
from tests.web.diary_page.school import (
    an_administrator_of,
    class_teacher_of,
    guardians_of,
    school_with_page,
    students_of,
)


async def test_a_widget_lets_in_those_whom_our_homeserver_vouches_for_and_nobody_else(
    deployment: DeploymentOnTrial,
) -> None:
    school = await school_with_page(deployment)
    masha, second, third, _fourth = students_of(school.roster)
    mother = guardians_of(school.roster, masha)[0].guardian_id
    name = {each: school.roster.people[each].given_name for each in school.roster.people}

    async def sign_in(token: object, server: object) -> tuple[int, str]:
        proof = {"token": token, "server_name": server}
        status, text = await school.call("POST", "session", {"openid": proof})
        return status, str(json.loads(text).get("error", ""))

    async with school.runs():
        own = await school.view(await school.session_by_openid(masha))
        guardians = await school.view(await school.session_by_openid(mother))
        teachers = await school.view(
            await school.session_by_openid(class_teacher_of(school.roster))
        )
        administrator = await school.session_by_openid(an_administrator_of(school.roster))
        strangers = await school.view(administrator, "grades")
        # Who may read nothing is told of meetings all the same, and says when.
        chosen = [
            await school.call(
                "POST", "wishes", {"of": of, "wishes": {"language": "en"}}, session=administrator
            )
            for of in ("", "somebody")
        ]
        given = await school.openid(masha)
        ours = str(given["matrix_server_name"])
        bot = await deployment.bot.ask(
            "POST", f"/_matrix/client/v3/user/{deployment.slot.bot_id}/openid/request_token", {}
        )
        refused = [
            await sign_in("made up", ours),
            await sign_in(given["access_token"], "elsewhere.example"),
            await sign_in(bot["access_token"], ours),
            await school.call("POST", "session", {"openid": {}}),
        ]
    assert (f"{name[masha]} " in own, 'aria-label="Чей дневник"' in own) == (True, False)
    assert all(f">{name[each]}<" in guardians for each in (masha, second))
    assert f">{name[third]}<" not in guardians
    assert "Класс " in teachers
    assert "Нет дневника, который вам можно читать" in strangers
    assert ('data-view="settings"' in strangers, 'data-view="week"' in strangers) == (True, False)
    assert [status for status, _text in chosen] == [200, 400]
    assert "Announcements" in chosen[0][1]
    assert [status for status, _text in refused] == [403, 403, 403, 400]
    assert refused[2][1].startswith("Вашей учётной записи нет в сегодняшних списках школы")

    async with Database.connect(deployment.database) as database:
        entries = await AuditLog(database).latest(10)
    assert [(each.actor, each.details) for each in entries if each.action == OPENED] == [
        (school.user_of(each), {"by": "widget"})
        for each in (
            an_administrator_of(school.roster),
            class_teacher_of(school.roster),
            mother,
            masha,
        )
    ]


async def test_a_link_opens_the_page_once_and_only_for_ten_minutes(
    deployment: DeploymentOnTrial,
) -> None:
    school = await school_with_page(deployment)
    masha = students_of(school.roster)[0]
    async with school.runs(), Database.connect(deployment.database) as database:
        sessions = PageSessions(database)
        now = datetime.now(UTC)
        fresh = await sessions.give_link(masha, now=now)
        stale = await sessions.give_link(masha, now=now - LINK_LIVES)
        of_nobody = await sessions.give_link("nobody", now=now)
        answers = [
            await school.call("POST", "session", {"link": secret})
            for secret in (fresh, fresh, stale, of_nobody, "x" * 5000, "\ud800")
        ]
        assert [status for status, _text in answers] == [200, 403, 403, 403, 403, 403]
        session = json.loads(answers[0][1])["session"]
        assert await school.view(session)
        later = datetime.now(UTC) + SESSION_LIVES
        assert await sessions.whose(session, now=later) is None
        assert (await school.call("DELETE", "session", {}, session=session))[0] == 200
        assert [
            (await school.call("POST", "view", {}, session=each))[0]
            for each in (session, "made up", "")
        ] == [401, 401, 401]
        assert await sessions.opened_since(masha, now - timedelta(minutes=1)) == 0
