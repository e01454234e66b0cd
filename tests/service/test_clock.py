"""What comes by the clock, whatever the clock does."""

import time
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta

from appservice.service.clock import upkeep_of
from appservice.service.following import syncer_of
from appservice.service.office import Office
from appservice.service.parts import Parts, parts_of
from appservice.service.running import running_service
from appservice.storage.database import Database
from appservice.storage.runs import RunLog
from appservice.upkeep.syncing import LogReporter
from tests.service.deployment import DeploymentOnTrial, is_ready, variant


async def runs(database: Database) -> list[tuple[str, str]]:
    """What was done, the latest last."""
    return [(run.kind, run.outcome) for run in reversed(await RunLog(database).latest(50))]


async def test_a_night_brings_one_audit_that_repairs_and_a_day_one_look(
    deployment: DeploymentOnTrial,
) -> None:
    offices: list[Office] = []

    async def noting(office: Office, stack: AsyncExitStack) -> Parts:
        offices.append(office)
        return await parts_of(office, stack)

    await deployment.stands(variant(0))
    deployment.watches = False
    async with running_service(deployment.config(), noting):
        (office,) = offices
        clock = [datetime.now(UTC)]
        upkeep = upkeep_of(office, syncer_of(office, LogReporter()), lambda: clock[0])
        wanted = await deployment.wanted()
        key = next(key for key, room in wanted.rooms.items() if room.levels)
        room_id = await deployment.bot.room_id(wanted.rooms[key].alias)
        await deployment.bot.act(room_id, "kick", user_id=min(wanted.rooms[key].levels))

        await upkeep(b"")  # no audit was ever made
        await deployment.is_in_line()
        night = await runs(office.database)
        assert [kind for kind, _outcome in night].count("audit") == 1
        assert {outcome for _kind, outcome in night} == {"done"}

        await upkeep(b"")
        clock[0] -= timedelta(hours=6)  # set back
        await upkeep(b"")
        assert await runs(office.database) == night

        clock[0] += timedelta(days=400)  # far forward
        await upkeep(b"")
        then = await runs(office.database)
        assert [kind for kind, _outcome in then].count("audit") == 2
        assert {outcome for _kind, outcome in then} == {"done"}


HOUR_NS = 3600 * 10**9


async def an_hour_ahead(office: Office, stack: AsyncExitStack) -> Parts:
    """The parts in a process whose clock was set forward, and whom nobody told."""
    clock = time.time_ns
    time.time_ns = lambda: clock() + HOUR_NS
    return await parts_of(office, stack)


async def test_a_service_whose_clock_was_set_forward_sees_what_people_do_after_its_own_deeds(
    deployment: DeploymentOnTrial,
) -> None:
    await deployment.stands(variant(0))
    wanted = await deployment.wanted()
    key, user = next(
        (key, user)
        for key, room in wanted.rooms.items()
        for user, level in sorted(room.levels.items())
        if not level
    )
    room_id = await deployment.bot.room_id(wanted.rooms[key].alias)
    deployment.starts(parts_of=an_hour_ahead)
    await is_ready(deployment.slot.port)
    leaver = await deployment.client(user)
    for _time in range(3):
        await leaver.act(room_id, "leave")
        await deployment.is_in_line()
    assert await deployment.corrections() == ()
