"""Who may ask, and what is answered to a wrong question."""

import asyncio
from collections.abc import Mapping

import pytest

from tests.synapse_module.caller import DOOR, Answer, Json, School, join
from tests.synapse_module.conftest import WithModule


def _refusal(answer: Answer) -> tuple[int, str]:
    return answer.status, answer.body["errcode"]


async def test_the_module_tells_what_it_can_do(school: School) -> None:
    told = await school.well("GET", f"{DOOR}/abilities")
    reason = {"bulk": None, "one_by_one": "Turned off in the configuration (force_one_by_one)."}
    assert told == {
        "module_version": "1",
        "synapse_version": told["synapse_version"],
        "bot": school.bot,
        "bot_is_admin": True,
        "abilities": ["rooms.batch", "rooms.create", "policy"],
        "batch": school.way,
        "batch_reason": reason[school.way],
        "limits": {
            "body_bytes": 4 * 1024 * 1024,
            "events": 1000,
            "members": 1000,
            "initial_state": 200,
        },
    }


async def test_nobody_but_the_schools_application_service_may_ask(
    bulk_school: School, in_bulk: WithModule
) -> None:
    (student,) = await bulk_school.people(1)
    stranger, _port = in_bulk.pool.add("stranger", "strange-bot")
    await in_bulk.pool.introduce(in_bulk.homeserver)
    await in_bulk.homeserver.prepare_bot(stranger)
    room_id = await bulk_school.room()
    tokens: Mapping[str, tuple[int, str]] = {
        "": (401, "M_MISSING_TOKEN"),
        "nonsense": (401, "M_UNKNOWN_TOKEN"),
        await bulk_school.sign_in(student): (403, "M_FORBIDDEN"),
        await in_bulk.homeserver.admin_token(): (403, "M_FORBIDDEN"),
        stranger.as_token: (403, "M_FORBIDDEN"),
    }
    requests: tuple[tuple[str, str, Json], ...] = (
        ("GET", "abilities", None),
        ("POST", "rooms/batch", {"room_id": room_id, "events": [join(student)]}),
        ("POST", "rooms/create", bulk_school.wanted(room_alias_name=None)),
        ("GET", "policy", None),
        ("PUT", "policy", {}),
        ("GET", "policy/blocked", None),
    )
    for token, refusal in tokens.items():
        for method, path, body in requests:
            answer = await bulk_school.ask(method, f"{DOOR}/{path}", body, token=token)
            assert _refusal(answer) == refusal, (path, answer)
    assert await bulk_school.members(room_id) == {bulk_school.bot: "join"}


async def test_the_bot_asks_in_its_own_name_alone(bulk_school: School) -> None:
    answer = await bulk_school.ask("GET", f"{DOOR}/abilities", query={"user_id": bulk_school.bot})
    assert _refusal(answer) == (403, "M_FORBIDDEN")


async def test_a_room_that_is_not_the_bots_is_left_alone(
    bulk_school: School, in_bulk: WithModule
) -> None:
    token = await in_bulk.homeserver.admin_token()
    foreign = (await bulk_school.well("POST", "/_matrix/client/v3/createRoom", {}, token=token))[
        "room_id"
    ]
    assert _refusal(await bulk_school.batch(foreign, [])) == (403, "M_FORBIDDEN")
    assert _refusal(await bulk_school.batch("!nowhere", [])) == (404, "M_NOT_FOUND")


async def test_a_blocked_room_is_left_alone(bulk_school: School) -> None:
    room_id = await bulk_school.room()
    await bulk_school.well("PUT", f"/_synapse/admin/v1/rooms/{room_id}/block", {"block": True})
    assert _refusal(await bulk_school.batch(room_id, [])) == (403, "M_FORBIDDEN")


async def test_a_faulty_body_is_pointed_at_and_nothing_is_done(bulk_school: School) -> None:
    (student,) = await bulk_school.people(1)
    room_id = await bulk_school.room()
    answer = await bulk_school.batch(room_id, [join(student), {"kind": "joins"}])
    assert answer == Answer(
        400,
        {
            "errcode": "M_BAD_JSON",
            "error": "/events/1/kind: must be join, kick, ban, unban or state",
            "pointer": "/events/1/kind",
        },
    )
    assert await bulk_school.members(room_id) == {bulk_school.bot: "join"}


@pytest.mark.parametrize(
    ("body", "refusal"),
    [
        (b"{", (400, "M_NOT_JSON")),
        (b"\xff", (400, "M_NOT_JSON")),
        (b"[" * 100_000, (400, "M_BAD_JSON")),
        (b'"' + b"x" * (4 * 1024 * 1024) + b'"', (413, "M_TOO_LARGE")),
    ],
    ids=["cut off", "not text", "nested too deep", "too large"],
)
async def test_a_body_that_is_no_json_is_refused(
    bulk_school: School, body: bytes, refusal: tuple[int, str]
) -> None:
    async with bulk_school.session.post(
        f"{bulk_school.slot.homeserver_url}{DOOR}/rooms/batch",
        data=body,
        headers={"Authorization": f"Bearer {bulk_school.slot.as_token}"},
    ) as response:
        answer = Answer(response.status, await response.json())
    assert _refusal(answer) == refusal


async def test_the_bot_is_made_a_server_admin_when_synapse_starts(
    bulk_school: School, in_bulk: WithModule
) -> None:
    path = "/_synapse/admin/v2/users?limit=1"
    patience = 300
    while (await bulk_school.ask("GET", path, token=in_bulk.early.as_token)).status != 200:
        patience -= 1
        assert patience, "The bot is no server admin"
        await asyncio.sleep(0.1)


async def test_no_name_and_no_reason_reaches_the_log(
    bulk_school: School, in_bulk: WithModule
) -> None:
    (student,) = await bulk_school.people(1)
    await bulk_school.change_account(student, displayname="Иоанна Редкая")
    room_id = await bulk_school.room(members=[student])
    await bulk_school.batch(
        room_id,
        [
            {"kind": "kick", "user_id": student, "reason": "редкая причина"},
            {"kind": "state", "type": "org.test", "content": {"редкое": 0.5}},
        ],
    )
    written = in_bulk.homeserver.log.read_text(encoding="utf-8").lower()
    assert "редк" not in written
