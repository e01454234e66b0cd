"""Many changes of one room in one request."""

import asyncio
from urllib.parse import quote

from tests.synapse_module.caller import School, display_name, join, kick, put, state, told


async def test_people_join_with_one_event_each_and_their_own_name(bulk_school: School) -> None:
    students = await bulk_school.people(4)
    room_id = await bulk_school.room()
    before = await bulk_school.history(room_id)
    answer = await bulk_school.batch(room_id, [join(student) for student in students])
    assert (answer.body["mode"], told(answer.body["results"])) == ("bulk", ["done"] * 4)
    assert (await bulk_school.history(room_id))[len(before) :] == [
        ("m.room.member", student, "join") for student in students
    ]
    found = await bulk_school.state(room_id)
    assert [found["m.room.member", student] for student in students] == [
        {
            "membership": "join",
            "displayname": display_name(student),
            "join_authorised_via_users_server": bulk_school.bot,
        }
        for student in students
    ]


async def test_of_an_unban_and_a_join_in_one_batch_everybody_sees_which_came_later(
    school: School,
) -> None:
    people = await school.people(8)
    room_id = await school.room()
    await school.outcomes(room_id, [{"kind": "ban", "user_id": person} for person in people])
    pardon = [
        one for person in people for one in ({"kind": "unban", "user_id": person}, join(person))
    ]
    assert await school.outcomes(room_id, pardon) == ["done"] * 16
    path = f"/_matrix/client/v3/rooms/{quote(room_id)}/messages"
    seen = await school.well("GET", path, dir="f", limit="100")
    times: dict[str, list[tuple[int, str]]] = {person: [] for person in people}
    for event in seen["chunk"]:
        if event.get("state_key") in times:
            moment, membership = event["origin_server_ts"], event["content"]["membership"]
            times[event["state_key"]].append((moment, membership))
    for person in people:
        moments = [moment for moment, _ in times[person]]
        assert moments == sorted(set(moments))
        # The module API invites before it lets somebody in.
        memberships = [one for _, one in times[person] if one != "invite"]
        assert memberships == ["ban", "leave", "join"]


async def test_a_batch_ends_in_the_state_it_describes(school: School) -> None:
    stays, leaves, banned, pardoned, comes = await school.people(5)
    room_id = await school.room(members=[stays, leaves, banned, pardoned])
    await school.outcomes(room_id, [{"kind": "ban", "user_id": pardoned}])
    before = await school.state(room_id)
    levels = before["m.room.power_levels", ""] | {"users": {stays: 50}}
    assert (
        await school.outcomes(
            room_id,
            [
                kick(leaves, "moved to another school"),
                {"kind": "ban", "user_id": banned, "reason": "asked to"},
                {"kind": "unban", "user_id": pardoned},
                join(pardoned),
                join(comes),
                put("m.room.topic", {"topic": "Алгебра"}),
                put("m.room.power_levels", levels),
                put("m.room.guest_access", {"guest_access": "can_join"}),
                put("m.space.child", {"via": [school.slot.server_name]}, "!child"),
            ],
        )
        == ["done"] * 9
    )
    found = await school.state(room_id)
    for person in (leaves, banned):  # the module API adds the name, which is no matter
        found["m.room.member", person].pop("displayname", None)
    assert {key: found[key] for key in found if before.get(key) != found[key]} == {
        ("m.room.member", leaves): {"membership": "leave", "reason": "moved to another school"},
        ("m.room.member", banned): {"membership": "ban", "reason": "asked to"},
        ("m.room.member", pardoned): found["m.room.member", pardoned],
        ("m.room.member", comes): found["m.room.member", comes],
        ("m.room.topic", ""): {"topic": "Алгебра"},
        ("m.room.power_levels", ""): levels,
        ("m.room.guest_access", ""): {"guest_access": "can_join"},
        ("m.space.child", "!child"): {"via": [school.slot.server_name]},
    }
    assert await school.members(room_id) == {
        school.bot: "join",
        stays: "join",
        leaves: "leave",
        banned: "ban",
        pardoned: "join",
        comes: "join",
    }


async def test_the_same_batch_again_changes_nothing(school: School) -> None:
    joins, leaves = await school.people(2)
    room_id = await school.room(members=[leaves])
    items = [join(joins), kick(leaves), put("m.room.topic", {"topic": "Химия"})]
    assert await school.outcomes(room_id, items) == ["done"] * 3
    before = await school.history(room_id)
    assert await school.outcomes(room_id, items) == ["unchanged"] * 3
    assert await school.history(room_id) == before


async def test_a_bad_item_does_not_lose_the_others(school: School) -> None:
    first, last, suspended, locked, gone, banned, absent = await school.people(7)
    room_id = await school.room()
    await school.suspend(suspended)
    await school.change_account(locked, locked=True)
    await school.change_account(gone, deactivated=True)
    await school.outcomes(room_id, [{"kind": "ban", "user_id": banned}])
    assert await school.outcomes(
        room_id,
        [
            join(first),
            join(suspended),
            join(locked),
            join(gone),
            join(banned),
            join(f"@nobody:{school.slot.server_name}"),
            join("@ann:elsewhere.test"),
            join("not a user id"),
            kick(absent),
            kick(school.bot),
            put("org.test.float", {"level": 0.5}),
            put("org.test.refused", {"test.refuse": True}),
            put("org.test.large", {"text": "а" * 70_000}),
            put("m.room.canonical_alias", {"alias": f"#unknown:{school.slot.server_name}"}),
            put("org.test", {"fine": True}),
            join(last),
        ],
    ) == [
        "done",
        "M_USER_SUSPENDED",
        "M_USER_LOCKED",
        "M_USER_DEACTIVATED",
        "M_BAD_STATE",
        "M_NOT_FOUND",
        "M_INVALID_PARAM",
        "M_INVALID_PARAM",
        "unchanged",
        "M_FORBIDDEN",
        "M_BAD_JSON",
        "M_FORBIDDEN",
        "M_TOO_LARGE",
        "M_BAD_ALIAS",
        "done",
        "done",
    ]
    members = await school.members(room_id)
    assert members == {school.bot: "join", first: "join", last: "join", banned: "ban"}


async def test_an_equal_in_power_is_not_kicked_but_the_others_are(school: School) -> None:
    equal, *others = await school.people(3)
    room_id = await school.room("11", [equal, *others])
    levels = (await school.state(room_id))["m.room.power_levels", ""]
    equals = levels | {"users": levels["users"] | {equal: 100}}
    items = [put("m.room.power_levels", equals), kick(others[0]), kick(equal), kick(others[1])]
    assert await school.outcomes(room_id, items) == ["done", "done", "M_FORBIDDEN", "done"]


async def test_where_one_must_be_invited_the_bot_invites(school: School) -> None:
    (student,) = await school.people(1)
    room_id = await school.room(
        initial_state=[
            state("m.room.join_rules", {"join_rule": "invite"}),
            state("m.room.history_visibility", {"history_visibility": "shared"}),
            state("m.room.guest_access", {"guest_access": "forbidden"}),
        ]
    )
    before = await school.history(room_id)
    assert await school.outcomes(room_id, [join(student)]) == ["done"]
    assert (await school.history(room_id))[len(before) :] == [
        ("m.room.member", student, "invite"),
        ("m.room.member", student, "join"),
    ]


async def test_an_open_invitation_is_accepted_or_withdrawn(school: School) -> None:
    accepts, declined = await school.people(2)
    room_id = await school.room()
    for student in (accepts, declined):
        path = f"/_matrix/client/v3/rooms/{room_id}/invite"
        await school.well("POST", path, {"user_id": student})
    assert await school.outcomes(room_id, [join(accepts), kick(declined)]) == ["done", "done"]
    members = await school.members(room_id)
    assert members == {school.bot: "join", accepts: "join", declined: "leave"}


async def test_the_items_are_done_in_their_order(school: School) -> None:
    (student,) = await school.people(1)
    room_id = await school.room(members=[student])
    before = await school.history(room_id)
    items = [kick(student), join(student), kick(student), join(student), join(student)]
    assert await school.outcomes(room_id, items) == ["done"] * 4 + ["unchanged"]
    assert [
        membership
        for _, key, membership in (await school.history(room_id))[len(before) :]
        if key == student and membership != "invite"
    ] == ["leave", "join", "leave", "join"]


async def test_people_write_while_a_batch_goes_in(bulk_school: School) -> None:
    writer, *people = await bulk_school.people(60)
    room_id = await bulk_school.room(members=[writer])
    token = await bulk_school.sign_in(writer)

    async def write(number: int) -> None:
        path = f"/_matrix/client/v3/rooms/{room_id}/send/m.room.message/{number}"
        body = {"msgtype": "m.text", "body": str(number)}
        await bulk_school.well("PUT", path, body, token=token)

    results, *_ = await asyncio.gather(
        bulk_school.outcomes(room_id, [join(person) for person in people]),
        *(write(number) for number in range(20)),
    )
    assert results == ["done"] * len(people)
    history = await bulk_school.history(room_id)
    assert sum(type_ == "m.room.message" for type_, _, _ in history) == 20
    assert await bulk_school.members(room_id) == dict.fromkeys(
        [bulk_school.bot, writer, *people], "join"
    )


async def test_batches_of_one_room_at_once_do_not_lose_each_other(bulk_school: School) -> None:
    people = await bulk_school.people(30)
    room_id = await bulk_school.room()
    parts = [people[:20], people[10:], people]
    results = await asyncio.gather(
        *(bulk_school.outcomes(room_id, [join(person) for person in part]) for part in parts)
    )
    assert sum(result.count("done") for result in results) == 30
    assert await bulk_school.members(room_id) == dict.fromkeys([bulk_school.bot, *people], "join")
