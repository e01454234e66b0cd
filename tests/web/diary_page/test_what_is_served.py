"""What a browser is given: nothing of anybody else's, and nothing that stays."""

import re

import aiohttp

from appservice.storage.database import Database
from appservice.storage.diary import DiaryStore
from tests.service.deployment import DeploymentOnTrial
from tests.service.diary_school import today
from tests.web.diary_page.school import (
    class_teacher_of,
    event,
    note,
    school_with_page,
    students_of,
)

VIEWS = ("today", "week", "homework", "grades", "absences", "remarks", "ahead", "settings")


async def test_a_student_is_shown_nothing_of_another_however_the_request_is_made(
    deployment: DeploymentOnTrial,
) -> None:
    school = await school_with_page(deployment, clients=["https://chat.school.test"])
    masha, other, *_rest = students_of(school.roster)
    school_id = school.roster.schools[0].school_id
    async with Database.connect(deployment.database) as database:
        secret = event(
            "grade.posted",
            school_id,
            student=other,
            subject="<b>Тайна</b>",
            value="2",
            day=today(),
        )
        remark = event("remark.added", school_id, student=other, text="Это Тайна")
        await note(DiaryStore(database), [secret, remark])
    async with school.runs():
        teacher = await school.session_by_openid(class_teacher_of(school.roster))
        of_others = re.findall(
            r'class="name" data-of="(\w+)"', await school.view(teacher, "grades")
        )
        assert len(set(of_others)) == 4
        own = await school.session_by_openid(masha)
        for of in ("", *of_others, other, "5a"):
            pages = [await school.view(own, view, of) for view in VIEWS]
            assert [page for page in pages if "Тайна" in page] == []
        grades = [await school.view(teacher, "grades", of) for of in of_others]
        assert sum("&lt;b&gt;Тайна&lt;/b&gt;" in page for page in grades) == 1
        assert not any("<b>Тайна" in page for page in grades)
        # No id of the roster is in what the browser gets.
        assert not any(person in page for page in grades for person in school.roster.people)

        async with aiohttp.ClientSession() as http, http.get(school.address) as answer:
            headers, html = dict(answer.headers), await answer.text()
        assert "frame-ancestors https://chat.school.test" in headers["Content-Security-Policy"]
        assert "default-src 'none'; script-src 'self'" in headers["Content-Security-Policy"]
        assert (headers["Cache-Control"], headers["Referrer-Policy"]) == ("no-store", "no-referrer")
        assert "Set-Cookie" not in headers
        assert re.findall(r"<script[^>]*>[^<]|style=|\bon\w+=", html) == []

        # Somebody who is no longer in the roster is shown nothing from then on.
        await school.leaves(masha)
        status, _text = await school.call("POST", "view", {}, session=own)
        assert status == 401
