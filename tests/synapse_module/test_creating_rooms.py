"""A room at once, its whole state and its members."""

import asyncio

import asyncpg
import pytest

from appservice.embedded.postgres import EmbeddedPostgres
from tests.synapse_module.caller import School, display_name, join, kick, state, told

VERSIONS = pytest.mark.parametrize("version", ["11", "12"])


@VERSIONS
async def test_a_room_has_exactly_the_state_that_was_asked_for(
    school: School, version: str
) -> None:
    students = await school.people(3)
    wanted = school.wanted(version, members=students)
    answer = await school.create(wanted)
    alias = f"#{school.slot.id}.chat:{school.slot.server_name}"
    room_id = answer.body["room_id"]
    assert (answer.status, answer.body["room_alias"], answer.body["mode"]) == (
        200,
        alias,
        school.way,
    )
    assert told(answer.body["members"]) == ["done"] * 3
    found = await school.state(room_id)
    memberships = {key: found.pop(key) for key in list(found) if key[0] == "m.room.member"}
    assert found == {
        ("m.room.create", ""): {"room_version": version, "m.federate": False},
        ("m.room.power_levels", ""): wanted["power_levels"],
        ("m.room.canonical_alias", ""): {"alias": alias},
    } | {(s["type"], s["state_key"]): s["content"] for s in wanted["initial_state"]}
    assert {
        key: (content["membership"], content["displayname"])
        for (_, key), content in memberships.items()
        if key != school.bot
    } == {student: ("join", display_name(student)) for student in students}
    assert memberships["m.room.member", school.bot]["membership"] == "join"
    directory = await school.well("GET", f"/_matrix/client/v3/directory/room/%23{alias[1:]}")
    assert directory["room_id"] == room_id


@VERSIONS
async def test_every_member_costs_one_event(bulk_school: School, version: str) -> None:
    students = await bulk_school.people(3)
    room_id = await bulk_school.room(version, students)
    assert await bulk_school.history(room_id) == [
        ("m.room.create", "", ""),
        ("m.room.member", bulk_school.bot, "join"),
        ("m.room.power_levels", "", ""),
        ("m.room.join_rules", "", ""),
        ("m.room.history_visibility", "", ""),
        ("m.room.guest_access", "", ""),
        ("m.room.name", "", ""),
        ("org.schoolspaces.room", "", ""),
        ("m.room.canonical_alias", "", ""),
        *(("m.room.member", student, "join") for student in students),
    ]


async def test_a_space_is_created_like_a_room(school: School) -> None:
    (teacher,) = await school.people(1)
    content = {"type": "m.space", "m.federate": False}
    room_id = await school.room(creation_content=content, members=[teacher])
    assert (await school.state(room_id))["m.room.create", ""] == content | {"room_version": "12"}


async def test_an_alias_that_has_a_room_names_it_and_changes_nothing(school: School) -> None:
    room_id = await school.room()
    before = await school.state(room_id)
    again = await school.create(school.wanted(members=await school.people(1)))
    assert (again.status, again.body["errcode"], again.body["room_id"]) == (
        409,
        "M_ROOM_IN_USE",
        room_id,
    )
    assert await school.state(room_id) == before


async def test_two_requests_at_once_for_one_alias_make_one_room(school: School) -> None:
    answers = await asyncio.gather(*(school.create(school.wanted()) for _ in range(3)))
    assert sorted(answer.status for answer in answers) == [200, 409, 409]
    assert len({answer.body["room_id"] for answer in answers}) == 1
    joined = await school.well("GET", "/_matrix/client/v3/joined_rooms")
    assert joined["joined_rooms"] == [answers[0].body["room_id"]]


async def test_rooms_of_the_same_content_created_at_once_are_different_rooms(
    bulk_school: School,
) -> None:
    wanted = bulk_school.wanted(room_alias_name=None)
    answers = await asyncio.gather(*(bulk_school.create(wanted) for _ in range(6)))
    assert len({answer.body["room_id"] for answer in answers}) == 6


async def test_an_alias_whose_room_never_came_to_be_gets_one(
    school: School, postgres: EmbeddedPostgres
) -> None:
    database = "module" if school.way == "bulk" else "singly"
    alias = f"#{school.slot.id}.chat:{school.slot.server_name}"
    # What a crash leaves that came between the alias and the room.
    connection = await asyncpg.connect(postgres.dsn(database))
    await connection.execute(
        "INSERT INTO room_aliases VALUES ($1, '!never', $2)", alias, school.bot
    )
    await connection.execute(
        "INSERT INTO room_alias_servers VALUES ($1, $2)", alias, school.slot.server_name
    )
    await connection.close()
    answer = await school.create(school.wanted())
    assert (answer.status, answer.body["repaired"]) == (200, "replaced")
    directory = await school.well("GET", f"/_matrix/client/v3/directory/room/%23{alias[1:]}")
    assert directory["room_id"] == answer.body["room_id"] != "!never"


async def test_a_room_that_was_left_without_power_levels_is_completed(school: School) -> None:
    students = await school.people(2)
    wanted = school.wanted(members=students)
    half = await school.ask(
        "POST",
        "/_matrix/client/v3/createRoom",
        {
            "room_alias_name": wanted["room_alias_name"],
            "room_version": "12",
            "creation_content": wanted["creation_content"],
            "power_level_content_override": {"test.refuse_once": school.slot.id},
        },
    )
    assert half.status == 403
    (half_room,) = (await school.well("GET", "/_matrix/client/v3/joined_rooms"))["joined_rooms"]
    answer = await school.create(wanted)
    assert (answer.status, answer.body["repaired"], answer.body["room_id"]) == (
        200,
        "completed",
        half_room,
    )
    assert told(answer.body["members"]) == ["done", "done"]
    found = await school.state(half_room)
    assert {key: found[key] for key in found if key[0] != "m.room.member"} == {
        ("m.room.create", ""): {"room_version": "12", "m.federate": False},
        ("m.room.power_levels", ""): wanted["power_levels"],
        ("m.room.canonical_alias", ""): {
            "alias": f"#{school.slot.id}.chat:{school.slot.server_name}"
        },
    } | {(s["type"], s["state_key"]): s["content"] for s in wanted["initial_state"]}


async def test_state_that_synapse_refuses_leaves_neither_room_nor_alias(
    bulk_school: School,
) -> None:
    wanted = bulk_school.wanted()
    faulty = wanted | {
        "initial_state": [*wanted["initial_state"], state("org.test", {"level": 0.5})]
    }
    refused = await bulk_school.create(faulty)
    assert (refused.status, refused.body["errcode"], refused.body["pointer"]) == (
        400,
        "M_BAD_JSON",
        "/initial_state/5",
    )
    assert (await bulk_school.well("GET", "/_matrix/client/v3/joined_rooms")) == {
        "joined_rooms": []
    }
    assert (await bulk_school.create(wanted)).body["repaired"] is None


async def test_a_person_who_cannot_join_does_not_lose_the_room(school: School) -> None:
    well, suspended, gone = await school.people(3)
    await school.suspend(suspended)
    await school.change_account(gone, deactivated=True)
    nobody, foreigner = f"@nobody:{school.slot.server_name}", "@ann:elsewhere.test"
    answer = await school.create(
        school.wanted(members=[suspended, well, gone, nobody, foreigner, "ann"])
    )
    assert told(answer.body["members"]) == [
        "M_USER_SUSPENDED",
        "done",
        "M_USER_DEACTIVATED",
        "M_NOT_FOUND",
        "M_INVALID_PARAM",
        "M_INVALID_PARAM",
    ]
    members = await school.members(answer.body["room_id"])
    assert members == {school.bot: "join", well: "join"}


async def test_a_room_of_two_hundred_comes_whole_and_many_leave_and_return(
    bulk_school: School,
) -> None:
    people = await bulk_school.people(210)  # more than twice what is persisted at once
    room_id = await bulk_school.room(members=people)
    everybody = {bulk_school.bot: "join"} | dict.fromkeys(people, "join")
    assert await bulk_school.members(room_id) == everybody
    many = people[::2]
    kicks = [kick(person) for person in many]
    assert await bulk_school.outcomes(room_id, kicks) == ["done"] * len(many)
    assert await bulk_school.members(room_id) == everybody | dict.fromkeys(many, "leave")
    joins = [join(person) for person in many]
    assert await bulk_school.outcomes(room_id, joins) == ["done"] * len(many)
    assert await bulk_school.members(room_id) == everybody


async def test_an_alias_outside_the_namespace_is_refused(school: School) -> None:
    refused = await school.create(school.wanted(room_alias_name="not-ours"))
    assert (refused.status, refused.body["errcode"]) == (400, "M_EXCLUSIVE")
