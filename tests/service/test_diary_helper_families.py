"""A guardian of several children reports one of them ill: who learns of it, what the page says."""

import re
from dataclasses import replace

import pytest

from tests.commands.people import Speaker
from tests.service.deployment import DeploymentOnTrial, is_ready, variant
from tests.service.diary_school import DIARY, DiarySchool, event, grade, today
from tests.service.test_diary_helper import (
    class_teacher,
    first_event,
    given_name,
    note,
    speaker,
)
from tests.web.diary_page.school import SchoolWithPage


@pytest.mark.parametrize("way", ["number", "press"])
async def test_the_child_that_is_meant_is_excused_and_nobody_else_learns_of_it(
    deployment: DeploymentOnTrial, way: str
) -> None:
    school, page = await family(deployment)
    ill, well = school.students[:2]
    parent = next(one for one in school.guardians(ill) if one in school.guardians(well))
    other = next(one for one in school.guardians(ill) if one not in school.guardians(well))
    teacher = class_teacher(school.roster)
    await school.send(grade(1, ill), grade(2, well), note(3, teacher))
    await school.all_is_sent()
    guardian, head = await speaker(deployment, parent), await speaker(deployment, teacher)
    home = await school.room_id(school.personal(parent))
    work = await school.room_id(school.personal(teacher))
    before = {
        person: len(await school.said(school.personal(person)))
        for person in (ill, well, parent, other, *school.guardians(well))
    }

    asked = await guardian.says(home, "болеет")
    (shown,) = await guardian.hears(home, asked)
    names = sorted(full_name(school, one) for one in (ill, well))
    assert shown["content"]["body"].splitlines()[1:3] == [f"1. {names[0]}", f"2. {names[1]}"]
    number = names.index(full_name(school, ill)) + 1
    chosen = await choose(guardian, home, shown["event_id"], number, way)
    (reply,) = await guardian.hears(home, chosen)
    assert full_name(school, ill) in reply["content"]["body"]

    await school.all_is_sent()
    told = (await head.said_after(work, await first_event(head, work)))[-1]
    assert full_name(school, ill) in told["content"]["body"]
    assert await absences(page, parent, ill) == ""  # nobody has confirmed it yet
    await head.hears(work, await head.reacts(work, told["event_id"], "✅"))
    await school.all_is_sent()

    # Once to the student and to each guardian of theirs; to nobody about the other child.
    name = given_name(school.roster, ill)
    news = {
        person: [one["body"] for one in (await school.said(school.personal(person)))[count:]]
        for person, count in before.items()
    }
    about = "по уважительной причине"
    assert [about in news[ill][-1], about in news[other][-1], about in news[parent][-1]] == [
        True,
        True,
        True,
    ]
    assert (len(news[ill]), len(news[other])) == (1, 1)
    assert (name in news[other][-1], name in news[parent][-1]) == (True, True)
    alone = set(school.guardians(well)) - set(school.guardians(ill))
    assert [news[person] for person in (well, *alone)] == [[]] * (1 + len(alone))
    assert about in await absences(page, other, ill)
    assert await absences(page, parent, well) == ""

    # The journal records the day, too: it is one absence, excused, and nobody is told again.
    day = {"student": ill, "day": today().isoformat()}
    await school.send(event(4, "absence.recorded", day))
    await school.all_is_sent()
    assert (await absences(page, other, ill)).count(about) == 1
    assert "отсутств" not in await absences(page, other, ill)

    # The teacher's other client writes the sign otherwise: nothing is told once more.
    await head.hears(work, await head.reacts(work, told["event_id"], "✅\ufe0f"))
    await school.all_is_sent()
    assert len(await school.said(school.personal(other))) == before[other] + 1


async def absences(page: SchoolWithPage, person: str, student: str) -> str:
    """What the page lists to this person about this student."""
    session = await page.session_by_openid(person)
    first = await page.view(session, "absences")
    name = page.roster.people[student].given_name
    others = re.findall(r'data-of="(\w+)"[^>]*>([^<]+)</button>', first)
    own = next((of for of, label in others if name in label), "")
    return "".join(re.findall(r"<li>([^<]+)</li>", await page.view(session, "absences", own)))


def full_name(school: DiarySchool, person: str) -> str:
    found = school.roster.people[person]
    return f"{found.given_name} {found.family_name}"


async def choose(who: Speaker, room_id: str, prompt: str, number: int, way: str) -> str:
    if way == "press":
        return await who.reacts(room_id, prompt, f"{number}\N{COMBINING ENCLOSING KEYCAP}")
    relation = {"m.relates_to": {"m.in_reply_to": {"event_id": prompt}}}
    return await who.says(room_id, str(number), **relation)


async def family(deployment: DeploymentOnTrial) -> tuple[DiarySchool, SchoolWithPage]:
    """The first two students have a guardian in common, and each has another one besides."""
    address = f"http://127.0.0.1:{deployment.slot.port}/diary-page"
    deployment.more = f"{DIARY}page: {{address: {address}}}\n"
    roster = variant(0)
    students = DiarySchool(deployment, roster).students
    ties = {one.student_id: one for one in roster.guardianships}
    common = ties[students[0]]._replace(student_id=students[1])
    besides = ties[students[2]]._replace(student_id=students[0])
    roster = replace(roster, guardianships=tuple(sorted((*roster.guardianships, common, besides))))
    await deployment.stands(roster)
    deployment.starts()
    await is_ready(deployment.slot.port)
    page = SchoolWithPage(deployment, roster, deployment.config(), f"{address}/")
    return DiarySchool(deployment, roster), page
