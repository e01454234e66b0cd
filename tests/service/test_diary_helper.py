"""In the room of the bot and one person the diary can be asked, and a child reported ill."""

from datetime import timedelta
from typing import Any

from appservice.app import open_house, read_delivery
from appservice.school.model import MemberRole, Roster
from tests.commands.people import Speaker
from tests.service.deployment import DeploymentOnTrial, is_ready, variant
from tests.service.diary_school import DIARY, DiarySchool, event, grade, homework, today


async def test_a_guardian_reads_the_grades_of_the_child_and_the_student_presses_a_button(
    deployment: DeploymentOnTrial,
) -> None:
    school = await opened(deployment)
    student, other = school.students[:2]
    (place,) = (one.class_id for one in school.roster.classes.values())
    await school.send(grade(1, student, "4"), grade(2, other, "2"), soon(3, place))
    await school.all_is_sent()
    guardian = await speaker(deployment, school.guardians(student)[0])
    room = await school.room_id(school.personal(school.guardians(student)[0]))
    name = given_name(school.roster, student)

    said = await guardian.asks(room, "оценки")
    assert (name in said, "Математика: 4" in said, "2" in said.splitlines()[1]) == (
        True,
        True,
        False,
    )
    assert "§ 12" in await guardian.asks(room, "homework")
    assert "оценки: ежедневно" in await guardian.asks(room, "settings grades daily")
    assert "оценки: ежедневно" in await guardian.asks(room, "настройки")

    own = await speaker(deployment, student)
    mine = await school.room_id(school.personal(student))
    begin = await own.says(mine, "помощь")
    (shown,) = await own.hears(mine, begin)
    pressed = await own.reacts(mine, shown["event_id"], "📚")
    (answer,) = await own.hears(mine, pressed)
    assert "§ 12" in answer["content"]["body"]


async def test_a_child_reported_ill_is_excused_once_the_class_teacher_confirms(
    deployment: DeploymentOnTrial,
) -> None:
    school = await opened(deployment)
    student = school.students[0]
    parent, teacher = school.guardians(student)[0], class_teacher(school.roster)
    await school.send(grade(1, student), note(2, teacher))
    await school.all_is_sent()
    guardian, head = await speaker(deployment, parent), await speaker(deployment, teacher)
    home = await school.room_id(school.personal(parent))
    work = await school.room_id(school.personal(teacher))

    asked = await guardian.says(home, "болеет")
    (reply,) = await guardian.hears(home, asked)
    assert given_name(school.roster, student) in reply["content"]["body"]
    await school.all_is_sent()
    told = (await head.said_after(work, await first_event(head, work)))[-1]
    assert given_name(school.roster, student) in told["content"]["body"]

    await head.reacts(work, told["event_id"], "✅")
    _reply, excused = await guardian.hears(home, asked, count=2)
    assert given_name(school.roster, student) in excused["content"]["body"]
    assert (await school.said(school.personal(student)))[-1]["msgtype"] == "m.text"


async def opened(deployment: DeploymentOnTrial) -> DiarySchool:
    deployment.more = DIARY
    roster = variant(0)
    await deployment.stands(roster)
    deployment.starts()
    await is_ready(deployment.slot.port)
    return DiarySchool(deployment, roster)


def soon(number: int, place: str) -> dict[str, Any]:
    """Homework that is still due when it is asked for."""
    due = today() + timedelta(days=2)
    said = homework(number, place, "§ 12")
    return said | {"payload": said["payload"] | {"due": due.isoformat()}}


def note(number: int, person: str) -> dict[str, Any]:
    """So that somebody has a room with the bot."""
    payload = {"to": [{"kind": "person", "id": person}], "title": "Добро пожаловать"}
    return event(number, "announcement", payload)


def class_teacher(roster: Roster) -> str:
    return next(one.person_id for one in roster.memberships if one.role is MemberRole.CLASS_TEACHER)


def given_name(roster: Roster, person: str) -> str:
    return roster.people[person].given_name


async def speaker(deployment: DeploymentOnTrial, person: str) -> Speaker:
    """Somebody signed in, once Synapse brings the service what is said."""
    await deployment.is_known()
    config = deployment.config(direct=True)
    async with open_house(config, read_delivery(config)) as house:
        user = house.wish.user_ids[person]
    return Speaker(await deployment.client(user), user, deployment.slot.bot_id)


async def first_event(who: Speaker, room_id: str) -> str:
    path = f"/_matrix/client/v3/rooms/{room_id}/messages?dir=f&limit=1"
    answer: Any = await who.client.ask("GET", path)
    return str(answer["chunk"][0]["event_id"])
