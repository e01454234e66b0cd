"""What a body may be: every fault is pointed at."""

import pytest

from appservice.synapse_module.asked import (
    Ban,
    Batch,
    Join,
    Kick,
    NewRoom,
    SetState,
    Unban,
    parse_batch,
    parse_new_room,
)
from appservice.synapse_module.shapes import BadBody

BOT = "@school:school.test"
SAFE = [
    {"type": "m.room.join_rules", "content": {"join_rule": "invite"}},
    {"type": "m.room.history_visibility", "content": {}},
    {"type": "m.room.guest_access", "content": {}},
]
ROOM: dict[str, object] = {"room_version": "12", "power_levels": {}, "initial_state": SAFE}


def test_a_batch_is_read() -> None:
    body = {
        "room_id": "!a",
        "events": [
            {"kind": "join", "user_id": "@s"},
            {"kind": "kick", "user_id": "@s", "reason": "moved"},
            {"kind": "ban", "user_id": "@s"},
            {"kind": "unban", "user_id": "@s", "reason": None},
            {"kind": "state", "type": "m.room.topic", "content": {"topic": "x"}},
            {"kind": "state", "type": "m.space.child", "state_key": "!b", "content": {}},
        ],
    }
    assert parse_batch(body) == Batch(
        "!a",
        (
            Join("@s"),
            Kick("@s", "moved"),
            Ban("@s"),
            Unban("@s"),
            SetState("m.room.topic", "", {"topic": "x"}),
            SetState("m.space.child", "!b", {}),
        ),
    )


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ([], ""),
        ({"events": []}, "/room_id"),
        ({"room_id": "#a:b", "events": []}, "/room_id"),
        ({"room_id": "!a"}, "/events"),
        ({"room_id": "!a", "events": {}}, "/events"),
        ({"room_id": "!a", "events": [], "a/b~": 1}, "/a~1b~0"),
        ({"room_id": "!a", "events": [{"kind": "join", "user_id": "@s"}] * 1001}, "/events"),
    ],
)
def test_a_faulty_batch_is_pointed_at(body: object, pointer: str) -> None:
    with pytest.raises(BadBody) as bad:
        parse_batch(body)
    assert bad.value.pointer == pointer


@pytest.mark.parametrize(
    ("item", "pointer"),
    [
        ("join", ""),
        ({}, "/kind"),
        ({"kind": ["join"]}, "/kind"),
        ({"kind": "invite", "user_id": "@s"}, "/kind"),
        ({"kind": "join"}, "/user_id"),
        ({"kind": "join", "user_id": ""}, "/user_id"),
        ({"kind": "join", "user_id": "@s\0"}, "/user_id"),
        ({"kind": "join", "user_id": "@s", "reason": "x"}, "/reason"),
        ({"kind": "kick", "user_id": "@s", "reason": 5}, "/reason"),
        ({"kind": "state", "type": "m.room.member", "content": {}}, "/type"),
        ({"kind": "state", "type": "m.room.create", "content": {}}, "/type"),
        ({"kind": "state", "type": "a", "content": []}, "/content"),
        ({"kind": "state", "type": "a", "state_key": None, "content": {}}, "/state_key"),
        ({"kind": "state", "type": "a"}, "/content"),
    ],
)
def test_a_faulty_item_is_pointed_at(item: object, pointer: str) -> None:
    well = {"kind": "join", "user_id": "@s"}
    with pytest.raises(BadBody) as bad:
        parse_batch({"room_id": "!a", "events": [well, item]})
    assert bad.value.pointer == f"/events/1{pointer}"


def test_a_new_room_is_read() -> None:
    assert parse_new_room(ROOM | {"members": ["@s", "@t"]}, BOT) == NewRoom(
        room_version="12",
        alias_localpart=None,
        creation_content={},
        power_levels={},
        initial_state=(
            SetState("m.room.join_rules", "", {"join_rule": "invite"}),
            SetState("m.room.history_visibility", "", {}),
            SetState("m.room.guest_access", "", {}),
        ),
        members=("@s", "@t"),
    )


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"room_version": "10"}, "/room_version"),
        ({"room_version": 12}, "/room_version"),
        ({"power_levels": None}, "/power_levels"),
        ({"power_levels": {"users": {BOT: 100}}}, "/power_levels/users"),
        ({"room_version": "11"}, "/power_levels/users"),
        ({"creation_content": {"room_version": "11"}}, "/creation_content"),
        ({"initial_state": SAFE[1:]}, "/initial_state"),
        ({"initial_state": [*SAFE, SAFE[0]]}, "/initial_state/3"),
        (
            {"initial_state": [*SAFE, {"type": "m.room.power_levels", "content": {}}]},
            "/initial_state/3/type",
        ),
        ({"room_alias_name": "#a"}, None),
        ({"room_alias_name": "a:b"}, "/room_alias_name"),
        ({"room_alias_name": "a b"}, "/room_alias_name"),
        ({"room_alias_name": ""}, "/room_alias_name"),
        ({"members": ["@s", "@s"]}, "/members/1"),
        ({"members": ["@s", 5]}, "/members/1"),
        ({"visibility": "public"}, "/visibility"),
    ],
)
def test_a_faulty_room_is_pointed_at(change: dict[str, object], pointer: str | None) -> None:
    if pointer is None:
        assert parse_new_room(ROOM | change, BOT).alias_localpart == "#a"
        return
    with pytest.raises(BadBody) as bad:
        parse_new_room(ROOM | change, BOT)
    assert bad.value.pointer == pointer
