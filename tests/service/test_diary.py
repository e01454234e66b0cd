"""What a diary says reaches whom it concerns, once, and nobody else."""

import json
import re
from typing import Any
from urllib.parse import quote

from appservice.diary.personal_rooms import PERSONAL
from appservice.rooms.identity import key_parts, room_key
from tests.service.deployment import DeploymentOnTrial, is_ready, variant
from tests.service.diary_school import DIARY, SCHOOL, DiarySchool, grade, homework


async def opened(deployment: DeploymentOnTrial) -> DiarySchool:
    """The school stands, and its service runs."""
    deployment.more = DIARY
    roster = variant(0)
    await deployment.stands(roster)
    return DiarySchool(deployment, roster)


async def test_a_grade_reaches_the_student_and_each_guardian_alone(
    deployment: DeploymentOnTrial,
) -> None:
    school = await opened(deployment)
    deployment.starts()
    await is_ready(deployment.slot.port)
    student, other = school.students[:2]
    group = next(iter(school.roster.groups))

    assert await school.send(grade(1, student), homework(2, group, "§ 12")) == ["accepted"] * 2
    assert await school.send(grade(1, student)) == ["duplicate"]
    await school.all_is_sent()

    readers = [student, *school.guardians(student)]
    assert len(readers) > 1
    for reader in readers:
        (said,) = await school.said(school.personal(reader))
        assert "5" in said["body"]
    seen = await deployment.seen()
    personal = {key: room for key, room in seen.rooms.items() if key_parts(key).kind == PERSONAL}
    assert personal.keys() == {school.personal(reader) for reader in readers}
    assert {len(room.levels) for room in personal.values()} == {1}
    for reader in readers:
        room_id = quote(await school.room_id(school.personal(reader)), safe="")
        events: Any = await deployment.bot.ask("GET", f"/_matrix/client/v3/rooms/{room_id}/state")
        # Who is in it says a room of two by itself; nothing else of it names anybody.
        named = json.dumps(
            [each for each in events if each["type"] != "m.room.member"], ensure_ascii=False
        )
        for person in (school.roster.people[each] for each in (reader, student)):
            for word in (person.person_id, person.family_name, person.given_name):
                assert re.search(rf"\b{re.escape(word)}\b", named) is None
    (told,) = await school.said(room_key(SCHOOL, "subject_room", group))
    assert "§ 12" in told["body"]
    assert school.personal(other) not in seen.rooms
    # The rooms are wanted like all others: nothing is left to do.
    assert (await deployment.plan()).actions == ()
    assert await deployment.corrections() == ()
