"""What a room looks like: its name, its state, its place among the others."""

from itertools import pairwise

import pytest

from appservice.rooms.desired import Desired, children_of, whole_state
from appservice.rooms.identity import key_parts, room_alias, room_key, space_order
from appservice.rooms.kinds.settings import RoomsSettings
from appservice.rooms.state import SharedDigests, state_digest
from appservice.school.model import School, SchoolClass, TeachingGroup
from tests.rooms.small_school import BOT, GROUPS, SERVER, desired, only, school, user


def named(wanted: Desired) -> dict[str, str]:
    return {key: room.name for key, room in wanted.rooms.items()}


def test_rooms_are_named_in_the_language_of_the_school() -> None:
    wanted = desired(settings=only("school_space", "class_space", "class_chat"))
    assert named(wanted) == {
        "17/school_space": "Школа № 17",
        "17/class_space/5a": "5А",
        "17/class_space/5b": "5Б",
        "17/class_chat/5a": "5А: чат класса",
        "17/class_chat/5b": "5Б: чат класса",
    }
    english = school(schools=(School("17", "School 17", language="en-GB"),))
    assert named(desired(english, settings=only("school_space", "class_space", "class_chat"))) == {
        "17/school_space": "School 17",
        "17/class_space/5a": "5А",
        "17/class_space/5b": "5Б",
        "17/class_chat/5a": "5А: class chat",
        "17/class_chat/5b": "5Б: class chat",
    }


def test_a_name_falls_back_to_what_the_roster_knows() -> None:
    groups = (
        TeachingGroup("maths", "17", ("5a",), "Математика", ""),
        TeachingGroup("choir", "17", (), "", "Хор {школы}"),
        TeachingGroup("physics", "17", ("5a", "5b"), "Физика", "Я" * 300),
    )
    names = named(desired(school(groups=groups)))
    assert names["17/subject_room/maths"] == "5А: Математика"
    # What looks like a placeholder in the roster is none.
    assert names["17/club/choir"] == "Хор {школы}"
    assert names["17/mixed_group/physics"] == "Я" * 199 + "…"


def test_a_room_carries_this_state_and_no_other() -> None:
    settings = only("school_space", "class_space", "class_chat")
    wanted = desired(settings=settings)
    room = wanted.rooms["17/class_chat/5a"]
    state = dict(whole_state(room, {"17/class_space/5a": "!space"}.get, server_name=SERVER))
    levels = state.pop(("m.room.power_levels", ""))
    assert levels["users"] == {user("director"): 75, user("ivanova"): 50, user("petrov"): 25}
    assert state == {
        ("org.schoolspaces.room", ""): {"key": "17/class_chat/5a", "kind": "class_chat"},
        ("m.room.name", ""): {"name": "5А: чат класса"},
        ("m.room.topic", ""): {"topic": "Ученики и учителя класса"},
        ("m.room.guest_access", ""): {"guest_access": "forbidden"},
        ("m.room.history_visibility", ""): {"history_visibility": "shared"},
        ("m.room.canonical_alias", ""): {"alias": "#school.17.class_chat.5a:school.example"},
        ("m.room.join_rules", ""): {"join_rule": "restricted", "allow": []},
        ("m.space.parent", "!space"): {"via": ["school.example"], "canonical": True},
    }


def test_a_space_links_the_children_that_exist() -> None:
    wanted = desired(settings=only("school_space", "class_space"))
    ids = {"17/class_space/5b": "!b"}
    space = wanted.rooms["17/school_space"]
    state = whole_state(
        space, ids.get, server_name=SERVER, children=children_of(wanted)["17/school_space"]
    )
    assert {key: content for key, content in state.items() if key[0] == "m.space.child"} == {
        ("m.space.child", "!b"): {
            "via": ["school.example"],
            "order": wanted.rooms["17/class_space/5b"].order,
            "suggested": False,
        }
    }


def test_a_room_that_is_open_lets_in_the_members_of_its_space() -> None:
    settings = only("school_space", "club")
    opened = RoomsSettings.model_validate(
        {
            "kinds": {
                **{name: None for name in RoomsSettings().kinds if name not in settings.kinds},
                "club": {"open_to_parent": True},
            }
        }
    )
    room = desired(settings=opened).rooms["17/club/choir"]
    state = whole_state(room, {"17/school_space": "!space"}.get, server_name=SERVER)
    assert state["m.room.join_rules", ""] == {
        "join_rule": "restricted",
        "allow": [{"type": "m.room_membership", "room_id": "!space"}],
    }
    # While the space is not there, nobody comes in through it.
    unlinked = whole_state(room, lambda _key: None, server_name=SERVER)
    assert unlinked["m.room.join_rules", ""] == {"join_rule": "restricted", "allow": []}


def test_a_topic_that_people_may_change_is_ours_at_the_beginning_only() -> None:
    settings = only("school_space", club={"topic_editable": 50})
    room = desired(settings=settings).rooms["17/club/choir"]
    assert room.free == frozenset({("m.room.topic", "")})
    assert room.state["m.room.power_levels", ""]["events"]["m.room.topic"] == 50  # type: ignore[index]


@pytest.mark.parametrize("version", ["11", "12"])
def test_the_bot_is_listed_only_where_a_creator_has_to_be(version: str) -> None:
    settings = RoomsSettings.model_validate({"version": version})
    for room in desired(settings=settings).rooms.values():
        levels = room.state["m.room.power_levels", ""]["users"]
        assert isinstance(levels, dict)
        assert levels.pop(BOT, None) == (100 if version == "11" else None)
        assert all(level < 100 for level in levels.values())


def test_the_digest_of_shared_parts_is_the_digest_of_the_whole() -> None:
    shared = SharedDigests()
    wanted = desired()
    ids = {key: f"!{number}" for number, key in enumerate(wanted.rooms)}
    children = children_of(wanted)
    for _twice in range(2):
        for room in wanted.rooms.values():
            state = whole_state(
                room, ids.get, server_name=SERVER, children=children.get(room.key, ())
            )
            assert shared.state_digest(state) == state_digest(state.items())


def test_keys_and_aliases_name_school_kind_and_class() -> None:
    assert room_key("17", "school_space") == "17/school_space"
    assert room_key("17", "class_chat", "5а") == "17/class_chat/5а"
    assert room_alias("school", SERVER, "17", "class_chat", "5a") == (
        "#school.17.class_chat.5a:school.example"
    )
    assert room_alias("school", SERVER, "sch.17", "class_chat", "5А/б=") == (
        "#school.sch=2E17.class_chat.5=D0=90=2F=D0=B1=3D:school.example"
    )


@pytest.mark.parametrize(
    ("school_id", "target_id"), [("17", "5a"), ("a/b", "c/d=2F"), ("школа", "5А"), ("17", "")]
)
def test_a_key_can_be_read_back(school_id: str, target_id: str) -> None:
    assert key_parts(room_key(school_id, "class_chat", target_id)) == (
        school_id,
        "class_chat",
        target_id,
    )


def test_an_alias_that_is_too_long_is_hashed_and_stays_apart() -> None:
    aliases = {room_alias("school", SERVER, "17", "subject_room", "x" * 250 + end) for end in "abc"}
    assert len(aliases) == 3
    for alias in aliases:
        assert len(alias.encode()) <= 255
        assert alias.startswith("#school.")
        assert alias.endswith(":school.example")


def test_rooms_of_a_space_stand_in_the_order_of_people() -> None:
    labels = ["1А", "2А", "5А", "5Б", "5Е", "5Ё", "5Ж", "10А", "11Б", "Подготовишки"]
    orders = [space_order("30", label) for label in labels]
    assert all(earlier < later for earlier, later in pairwise(orders))
    longest = space_order("30", "Основы духовно-нравственной культуры народов России")
    assert len(longest) <= 50
    assert longest.isascii()
    assert longest.isprintable()


def test_a_class_keeps_its_place_when_another_comes_between() -> None:
    before = desired(school(classes=(SchoolClass("5a", "17", "5А"), SchoolClass("5v", "17", "5В"))))
    after = desired(
        school(
            classes=(
                SchoolClass("5a", "17", "5А"),
                SchoolClass("5b", "17", "5Б"),
                SchoolClass("5v", "17", "5В"),
            )
        )
    )
    for key in ("17/class_space/5a", "17/class_space/5v"):
        assert after.rooms[key].order == before.rooms[key].order
    between = after.rooms["17/class_space/5b"].order
    assert before.rooms["17/class_space/5a"].order < between
    assert between < before.rooms["17/class_space/5v"].order


def test_no_name_topic_alias_or_key_holds_the_name_of_a_person() -> None:
    # Names of people in the small school are their ids, with a capital letter.
    wanted = desired(school(groups=GROUPS))
    for room in wanted.rooms.values():
        told = [
            content for (kind, _key), content in room.state.items() if kind != "m.room.power_levels"
        ]
        assert not [name for name in ("anna", "ivanova", "boris") if name in str(told).lower()]
