"""A message of the diary is never lost and never sent twice, whatever breaks in between."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from appservice.embedded.synapse import EmbeddedSynapse
from tests.ground import AppserviceSlot
from tests.service.deployment import DeploymentOnTrial, is_ready, own_database
from tests.service.diary_school import DiarySchool, grade
from tests.service.killing import EVENTS, POINTS, kills
from tests.service.test_diary import opened
from tests.upkeep.proxy import Fault, Passing, let_pass, proxy_to


def is_message(passing: Passing) -> bool:
    return "/send/m.room.message/" in passing.path


def grades(school: DiarySchool, numbers: Sequence[int]) -> list[dict[str, Any]]:
    """One student after another gets a grade."""
    students = school.students
    found = [grade(number, students[number % len(students)]) for number in numbers]
    for number, one in zip(numbers, found, strict=True):
        one["payload"]["work"] = f"№{number}"
    return found


async def told(school: DiarySchool) -> dict[str, list[str]]:
    """By person, what was said to them, in order."""
    people = {
        reader for student in school.students for reader in (student, *school.guardians(student))
    }
    return {
        person: [
            content["body"].rpartition("(")[2].rstrip(")")
            for content in await school.said(school.personal(person))
        ]
        for person in sorted(people)
    }


def wanted(school: DiarySchool, numbers: Sequence[int]) -> dict[str, list[str]]:
    """Each of them once, in the order in which they were sent."""
    found: dict[str, list[str]] = {}
    for number in numbers:
        student = school.students[number % len(school.students)]
        for reader in (student, *school.guardians(student)):
            found.setdefault(reader, []).append(f"№{number}")
    return dict(sorted(found.items()))


async def test_what_arrived_although_the_answer_broke_off_is_found_and_not_sent_again(
    deployment: DeploymentOnTrial,
) -> None:
    school = await opened(deployment)
    tries: Counter[str] = Counter()
    async with proxy_to(deployment.slot.homeserver_url) as proxy:

        async def judge(passing: Passing) -> Fault:
            if not is_message(passing):
                return Fault.NONE
            tries[passing.path] += 1
            if tries[passing.path] > 2:
                return Fault.NONE
            # The first try is lost on the way, the second on the way back.
            return Fault.CUT_BEFORE if tries[passing.path] == 1 else Fault.CUT_AFTER

        proxy.judge = judge
        deployment.url = proxy.url
        deployment.starts()
        await is_ready(deployment.slot.port)
        await school.send(*grades(school, range(6)))
        await school.all_is_sent()

        assert await told(school) == wanted(school, range(6))
        reached = Counter(one.path for one in proxy.passed if is_message(one))
        assert set(reached.values()) == {1}
        assert set(tries.values()) == {2}


async def test_every_message_arrives_once_although_the_service_is_killed_again_and_again(
    deployment: DeploymentOnTrial,
) -> None:
    school = await opened(deployment)
    count = 0
    async with kills(deployment) as killing:
        for _point in range(POINTS):
            first, count = count, count + EVENTS

            async def sends(first: int = first, count: int = count) -> None:
                await is_ready(deployment.slot.port)
                await school.send(*grades(school, range(first, count)))

            await killing.one(most=EVENTS, wait=20, meanwhile=sends)
        assert killing.reached >= POINTS / 2
        killing.proxy.judge = let_pass
        deployment.starts()
        await school.all_is_sent()
    found = await told(school)
    messages = sum(map(len, found.values()))
    print(f"{count} events, {messages} messages, {killing.reached} kills at work")
    assert found == wanted(school, range(count))


@asynccontextmanager
async def in_the_middle_of_it(
    deployment: DeploymentOnTrial, school: DiarySchool, numbers: Sequence[int]
) -> AsyncIterator[None]:
    """A service sends; the block begins when part of it has reached the homeserver."""
    most = len(numbers) * 2 // 3
    reached = 0
    middle = asyncio.Event()

    async def judge(passing: Passing) -> Fault:
        nonlocal reached
        reached += is_message(passing)
        if reached >= most:
            middle.set()
        return Fault.NONE

    async with proxy_to(deployment.slot.homeserver_url) as proxy:
        proxy.judge = judge
        deployment.url = proxy.url
        deployment.starts()
        await is_ready(deployment.slot.port)
        await school.send(*grades(school, numbers))
        async with asyncio.timeout(120):
            await middle.wait()
        yield
        await school.all_is_sent()
        assert reached > most, "All was sent before: it showed nothing"


async def test_every_message_arrives_once_although_synapse_is_killed_in_the_middle(
    deployment: DeploymentOnTrial, homeserver: EmbeddedSynapse
) -> None:
    school = await opened(deployment)
    async with in_the_middle_of_it(deployment, school, range(60)):
        homeserver.kill()
        await homeserver.start()
    assert await told(school) == wanted(school, range(60))


async def test_every_message_arrives_once_although_postgresql_restarts_in_the_middle(
    tmp_path: Path, ground_folder: Path, appservice_slot: AppserviceSlot
) -> None:
    async with own_database(ground_folder / "restarted while the diary speaks") as (server, dsn):
        deployment = DeploymentOnTrial(tmp_path, appservice_slot, dsn)
        school = await opened(deployment)
        async with in_the_middle_of_it(deployment, school, range(60)):
            await asyncio.to_thread(server.stop)
            await asyncio.to_thread(server.start)
        assert await told(school) == wanted(school, range(60))
        await deployment.end()
