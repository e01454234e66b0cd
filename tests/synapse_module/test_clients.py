"""What a person's own client sees of it."""

import asyncio

from tests.synapse_module.caller import School, join, kick


async def test_the_room_arrives_while_the_clients_request_hangs(school: School) -> None:
    (student,) = await school.people(1)
    room_id = await school.room()
    token = await school.sign_in(student)
    since = (await school.look(token))["next_batch"]
    hanging = asyncio.create_task(school.look(token, since))
    await asyncio.sleep(0.5)
    assert not hanging.done()
    assert await school.outcomes(room_id, [join(student)]) == ["done"]
    seen = await hanging
    if school.way == "one_by_one" and "invite" in seen["rooms"]:  # and the join after it
        seen = await school.look(token, seen["next_batch"])
    arrived = seen["rooms"]["join"]
    assert list(arrived) == [room_id]
    kinds = {
        event["type"]
        for part in ("state", "timeline")
        for event in arrived[room_id][part]["events"]
    }
    assert {"m.room.create", "m.room.power_levels", "m.room.name", "m.room.member"} <= kinds


async def test_a_new_room_with_its_members_arrives_while_the_request_hangs(
    bulk_school: School,
) -> None:
    students = await bulk_school.people(3)
    tokens = [await bulk_school.sign_in(student) for student in students]
    sinces = [(await bulk_school.look(token))["next_batch"] for token in tokens]
    hanging = [
        asyncio.create_task(bulk_school.look(token, since))
        for token, since in zip(tokens, sinces, strict=True)
    ]
    await asyncio.sleep(0.5)
    assert not any(task.done() for task in hanging)
    room_id = await bulk_school.room(members=students)
    for task in hanging:
        assert list((await task)["rooms"]["join"]) == [room_id]


async def test_who_is_kicked_sees_the_room_go_while_the_request_hangs(school: School) -> None:
    (student,) = await school.people(1)
    room_id = await school.room(members=[student])
    token = await school.sign_in(student)
    since = (await school.look(token))["next_batch"]
    hanging = asyncio.create_task(school.look(token, since))
    await asyncio.sleep(0.5)
    assert await school.outcomes(room_id, [kick(student)]) == ["done"]
    assert list((await hanging)["rooms"]["leave"]) == [room_id]


async def test_members_that_came_in_bulk_can_write_and_be_read(bulk_school: School) -> None:
    writer, reader = await bulk_school.people(2)
    room_id = await bulk_school.room(members=[writer])
    await bulk_school.outcomes(room_id, [join(reader)])
    path = f"/_matrix/client/v3/rooms/{room_id}/send/m.room.message/1"
    body = {"msgtype": "m.text", "body": "Что задали?"}
    sent = await bulk_school.well("PUT", path, body, token=await bulk_school.sign_in(writer))
    seen = await bulk_school.look(await bulk_school.sign_in(reader))
    timeline = seen["rooms"]["join"][room_id]["timeline"]["events"]
    assert timeline[-1]["event_id"] == sent["event_id"]
