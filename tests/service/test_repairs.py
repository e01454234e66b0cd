"""What the running service puts back is counted and written down."""

from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta

from appservice.service.office import Office
from appservice.service.parts import Parts, parts_of
from appservice.service.running import running_service
from appservice.storage.audit_log import REPAIR, SERVICE, AuditLog
from tests.service.deployment import DeploymentOnTrial, is_ready, until, variant
from tests.service.test_talking import administrator


async def test_a_member_who_was_put_out_is_back_and_the_repair_is_counted_and_logged(
    deployment: DeploymentOnTrial,
) -> None:
    offices: list[Office] = []

    async def noting(office: Office, stack: AsyncExitStack) -> Parts:
        offices.append(office)
        return await parts_of(office, stack)

    await deployment.stands(variant(0))
    head = await administrator(deployment)
    wanted = await deployment.wanted()
    key, room = next(
        (key, room) for key, room in wanted.rooms.items() if "class_chat" in key and room.levels
    )
    student = next(user for user, level in room.levels.items() if not level)
    room_id = await deployment.bot.room_id(room.alias)
    async with running_service(deployment.config(), noting):
        await is_ready(deployment.slot.port)
        await deployment.is_known()
        (office,) = offices
        await head.client.act(room_id, "kick", user_id=student)
        log = AuditLog(office.database)

        async def is_logged() -> bool:
            return bool(await log.latest(1, about=[key]))

        await until(is_logged)
        (entry,) = [one async for one in log.since(datetime.now(UTC) - timedelta(hours=1))][-1:]
        assert (entry.actor, entry.action, entry.object) == (SERVICE, REPAIR, key)
        assert entry.details == {
            "kind": "out",
            "type": "m.room.member",
            "changed_by": head.user_id,
            "times": 1,
            "user": student,
        }

        async def is_counted() -> bool:
            return b'school_spaces_repairs_total{kind="out"} 1.0' in office.metrics.text()

        await until(is_counted)
        assert await deployment.seen() == wanted
