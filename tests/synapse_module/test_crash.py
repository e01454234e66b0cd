"""Synapse dies while rooms are made: the same requests again, and all is as it should be."""

import asyncio

import aiohttp

from tests.synapse_module.caller import Answer, Json, School, join

_ROOMS = 16


async def test_a_homeserver_killed_while_rooms_are_made_has_each_room_once(school: School) -> None:
    members = await school.people(4)
    wanted = [
        school.wanted(room_alias_name=f"{school.slot.id}.room-{number}", members=members)
        for number in range(_ROOMS)
    ]
    await _create_until_killed(school, wanted)
    await school.homeserver.start()
    answers = [await school.create(room) for room in wanted]
    assert {answer.status for answer in answers} <= {200, 409}
    rooms = [str(answer.body["room_id"]) for answer in answers]
    assert len(set(rooms)) == _ROOMS
    for room_id in rooms:  # what the application service does anyway for a room that exists
        assert set(await school.outcomes(room_id, [join(one) for one in members])) <= {
            "done",
            "unchanged",
        }
    joined = await school.well("GET", "/_matrix/client/v3/joined_rooms")
    assert sorted(joined["joined_rooms"]) == sorted(rooms)
    for room_id, room in zip(rooms, wanted, strict=True):
        alias = f"#{room['room_alias_name']}:{school.slot.server_name}"
        directory = await school.well("GET", f"/_matrix/client/v3/directory/room/%23{alias[1:]}")
        assert directory["room_id"] == room_id
        found = await school.state(room_id)
        assert {key: found[key] for key in found if key[0] != "m.room.member"} == {
            ("m.room.create", ""): {"room_version": "12", "m.federate": False},
            ("m.room.power_levels", ""): room["power_levels"],
            ("m.room.canonical_alias", ""): {"alias": alias},
        } | {(s["type"], s["state_key"]): s["content"] for s in room["initial_state"]}
        assert await school.members(room_id) == dict.fromkeys([school.bot, *members], "join")


async def _create_until_killed(school: School, wanted: list[Json]) -> None:
    """Ask for all the rooms at once, and kill Synapse when a few of them are there."""
    answered = asyncio.Semaphore(0)

    async def create(room: Json) -> Answer | None:
        try:
            answer = await school.create(room)
        except aiohttp.ClientError:
            return None
        answered.release()
        return answer

    asking = [asyncio.create_task(create(room)) for room in wanted]
    for _ in range(3):
        await answered.acquire()
    school.homeserver.kill()
    answers = await asyncio.gather(*asking)
    assert None in answers, "All rooms were there before the kill: it showed nothing"
