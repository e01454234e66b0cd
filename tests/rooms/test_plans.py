"""Whole plans, in order: what has to be done between one day of a school and the next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from appservice.language import speaking
from appservice.rooms.actions import (
    AddMember,
    CreateAccount,
    CreateRoom,
    GrantPower,
    Link,
    RemoveMember,
    RestoreAccount,
    RevokePower,
    SetParent,
    SetState,
    Unlink,
)
from appservice.rooms.desired import POWER_LEVELS, SPACE_CHILD, Desired, DesiredAccount
from appservice.rooms.kinds.power import integers
from appservice.rooms.observed import ObservedAccount
from appservice.rooms.planning.diff import outline_of
from appservice.rooms.planning.maker import PlanMaker, make_plan
from appservice.rooms.planning.plan import Plan, Totals
from appservice.rooms.planning.safety import SafetySettings
from appservice.rooms.state import JsonObject, StateKey
from appservice.school.model import MemberRole, Membership, Role, RoleAssignment, Roster
from appservice.year.leavers import AccountStanding
from tests.rooms.imagined_homeserver import ImaginedHomeserver
from tests.rooms.small_school import (
    CLASSES,
    GROUPS,
    PEOPLE,
    account,
    desired,
    known,
    only,
    school,
    user,
)

FEW = only("school_space", "class_space", "class_chat")
STRANGER = "@inspector:school.example"


def one_class(
    memberships: tuple[Membership, ...] = (), roles: tuple[RoleAssignment, ...] = ()
) -> Roster:
    """5А with Anna, whom Ivanova leads, and what a test adds."""
    return school(
        people=("director", "ivanova", "petrov", "anna", "boris"),
        roles=(RoleAssignment("director", "17", Role.SCHOOL_ADMIN), *roles),
        classes=CLASSES[:1],
        groups=GROUPS[:1],
        memberships=(
            Membership("ivanova", "5a", MemberRole.CLASS_TEACHER),
            Membership("anna", "5a", MemberRole.STUDENT),
            Membership("boris", "5a", MemberRole.STUDENT),
            *memberships,
        ),
        guardianships=(),
    )


def few(roster: Roster | None = None) -> Desired:
    return desired(one_class() if roster is None else roster, settings=FEW)


def standing(wanted: Desired | None = None) -> ImaginedHomeserver:
    """A homeserver on which the small class stands."""
    server = ImaginedHomeserver()
    server.apply(few() if wanted is None else wanted)
    return server


def levels_of(server: ImaginedHomeserver, key: str, users: dict[str, int]) -> JsonObject:
    return {
        **server.rooms[key].state[POWER_LEVELS],
        "users": {user(name): level for name, level in users.items()},
    }


def test_the_first_plan_builds_the_school_from_the_top() -> None:
    wanted = few()
    order = wanted.rooms["17/class_space/5a"].order
    plan = make_plan(wanted, [], {})
    assert plan.actions == (
        CreateAccount(user("anna")),
        CreateAccount(user("boris")),
        CreateAccount(user("director")),
        CreateAccount(user("ivanova")),
        CreateAccount(user("petrov")),
        CreateRoom("17/school_space", "school_space", "Школа № 17"),
        CreateRoom("17/class_space/5a", "class_space", "5А"),
        CreateRoom("17/class_chat/5a", "class_chat", "5А: чат класса"),
        Link("17/class_space/5a", "17/class_chat/5a", "20" + order[2:], False),
        Link("17/school_space", "17/class_space/5a", order, False),
        AddMember("17/class_chat/5a", user("anna")),
        AddMember("17/class_chat/5a", user("boris")),
        AddMember("17/class_chat/5a", user("director")),
        AddMember("17/class_chat/5a", user("ivanova")),
        AddMember("17/class_space/5a", user("anna")),
        AddMember("17/class_space/5a", user("boris")),
        AddMember("17/class_space/5a", user("director")),
        AddMember("17/class_space/5a", user("ivanova")),
        AddMember("17/school_space", user("anna")),
        AddMember("17/school_space", user("boris")),
        AddMember("17/school_space", user("director")),
        AddMember("17/school_space", user("ivanova")),
    )
    assert plan.counts == {"create_account": 5, "create_room": 3, "link": 2, "add_member": 12}
    assert plan.holds == ()
    assert plan.notes == ()


def test_a_second_plan_is_empty() -> None:
    plan = standing().plan(few())
    assert plan == Plan(
        actions=(),
        totals=Totals(accounts=5, rooms=3, memberships=12, links=2),
        contents=plan.contents,
    )
    assert plan.counts == {}


def test_a_student_who_changes_class_loses_the_old_rooms() -> None:
    both = replace(one_class(), classes={each.class_id: each for each in CLASSES})
    server = standing(few(both))
    moved = replace(
        both,
        memberships=tuple(
            each._replace(target_id="5b") if each.person_id == "boris" else each
            for each in both.memberships
        ),
    )
    # 5Б had nobody but the administrator; it stood already.
    assert server.plan(few(moved)).actions == (
        RemoveMember("17/class_chat/5a", user("boris")),
        RemoveMember("17/class_space/5a", user("boris")),
        AddMember("17/class_chat/5b", user("boris")),
        AddMember("17/class_space/5b", user("boris")),
    )


def test_a_class_teacher_who_hands_over_goes_before_the_other_comes() -> None:
    server = standing()
    handed = one_class(memberships=(Membership("petrov", "5a", MemberRole.CLASS_TEACHER),))
    handed = replace(
        handed, memberships=tuple(each for each in handed.memberships if each[0] != "ivanova")
    )
    taken = levels_of(server, "17/class_chat/5a", {"director": 75})
    given = levels_of(server, "17/class_chat/5a", {"director": 75, "petrov": 50})
    space_taken = levels_of(server, "17/class_space/5a", {"director": 75})
    space_given = levels_of(server, "17/class_space/5a", {"director": 75, "petrov": 50})
    assert server.plan(few(handed)).actions == (
        RemoveMember("17/class_chat/5a", user("ivanova")),
        RemoveMember("17/class_space/5a", user("ivanova")),
        RemoveMember("17/school_space", user("ivanova")),
        RevokePower("17/class_chat/5a", ((user("ivanova"), 50, 0),), taken),
        RevokePower("17/class_space/5a", ((user("ivanova"), 50, 0),), space_taken),
        AddMember("17/class_chat/5a", user("petrov")),
        AddMember("17/class_space/5a", user("petrov")),
        AddMember("17/school_space", user("petrov")),
        GrantPower("17/class_chat/5a", ((user("petrov"), 0, 50),), given),
        GrantPower("17/class_space/5a", ((user("petrov"), 0, 50),), space_given),
    )


def test_what_people_changed_by_hand_is_put_back() -> None:
    server = standing()
    chat = server.rooms["17/class_chat/5a"]
    right = chat.state[POWER_LEVELS]
    before = {key: chat.state[key] for key in chat.state}
    chat.state["m.room.name", ""] = {"name": "Чатик"}
    chat.state["m.room.avatar", ""] = {"url": "mxc://school.example/cat"}
    chat.state[POWER_LEVELS] = {
        **right,
        "users": {**integers(right["users"]), user("anna"): 50, user("ivanova"): 0},
    }
    chat.members[user("petrov")] = "invite"
    del chat.members[user("boris")]
    server.rooms["17/class_space/5a"].state[SPACE_CHILD, "!fun"] = {"via": ["school.example"]}
    assert server.plan(few()).actions == (
        RemoveMember("17/class_chat/5a", user("petrov")),
        RevokePower(
            "17/class_chat/5a",
            ((user("anna"), 50, 0),),
            {**right, "users": {user("director"): 75}},
        ),
        Unlink("17/class_space/5a", "!fun"),
        SetState(
            "17/class_chat/5a",
            "m.room.avatar",
            "",
            {"url": "mxc://school.example/cat"},
            {},
        ),
        SetState(
            "17/class_chat/5a",
            "m.room.name",
            "",
            {"name": "Чатик"},
            before["m.room.name", ""],
        ),
        AddMember("17/class_chat/5a", user("boris")),
        GrantPower("17/class_chat/5a", ((user("ivanova"), 0, 50),), right),
    )


def test_a_kind_that_was_dropped_is_emptied_and_taken_out_of_its_space() -> None:
    server = standing()
    chat = server.rooms["17/class_chat/5a"]
    chat.members[STRANGER] = "join"
    without = desired(one_class(), settings=only("school_space", "class_space"))
    plan = server.plan(without)
    assert plan.actions == (
        RemoveMember("17/class_chat/5a", user("anna")),
        RemoveMember("17/class_chat/5a", user("boris")),
        RemoveMember("17/class_chat/5a", user("director")),
        RemoveMember("17/class_chat/5a", STRANGER),
        RemoveMember("17/class_chat/5a", user("ivanova")),
        Unlink("17/class_space/5a", chat.room_id),
    )
    server.apply(without, plan)
    # The room is used again when its kind comes back.
    order = few().rooms["17/class_chat/5a"].order
    assert server.plan(few()).actions == (
        Link("17/class_space/5a", "17/class_chat/5a", order, False),
        AddMember("17/class_chat/5a", user("anna")),
        AddMember("17/class_chat/5a", user("boris")),
        AddMember("17/class_chat/5a", user("director")),
        AddMember("17/class_chat/5a", user("ivanova")),
    )


def test_an_open_room_is_closed_when_it_is_given_up() -> None:
    opened = only(
        "school_space",
        chat={
            "for": "school",
            "parent": "school_space",
            "name": "Чат",
            "members": {"student": 0},
            "open_to_parent": True,
        },
    )
    server = standing(desired(one_class(), settings=opened))
    space_id = server.rooms["17/school_space"].room_id
    allow = [{"type": "m.room_membership", "room_id": space_id}]
    plan = server.plan(desired(one_class(), settings=only("school_space")))
    assert plan.actions == (
        RemoveMember("17/chat", user("anna")),
        RemoveMember("17/chat", user("boris")),
        Unlink("17/school_space", server.rooms["17/chat"].room_id),
        SetState(
            "17/chat",
            "m.room.join_rules",
            "",
            {"join_rule": "restricted", "allow": allow},
            {"join_rule": "restricted", "allow": []},
        ),
    )


def test_rooms_that_stand_move_into_a_space_that_is_new() -> None:
    server = standing()
    chat, space = server.rooms["17/class_chat/5a"], server.rooms["17/class_space/5a"]
    settings = only(
        "school_space",
        "class_space",
        "class_chat",
        classes={
            "for": "school",
            "space": True,
            "parent": "school_space",
            "name": "Классы",
            "members": {"school_admin": 75},
        },
        class_space={"parent": "classes"},
    )
    wanted = desired(one_class(), settings=settings)
    order = wanted.rooms["17/class_space/5a"].order
    plan = server.plan(wanted)
    school_id = server.rooms["17/school_space"].room_id
    assert plan.actions == (
        Unlink("17/school_space", space.room_id),
        CreateRoom("17/classes", "classes", "Классы"),
        SetState(
            "17/class_space/5a",
            "m.space.parent",
            school_id,
            {"via": ["school.example"], "canonical": True},
            {},
        ),
        Link("17/classes", "17/class_space/5a", order, False),
        Link("17/school_space", "17/classes", "50", False),
        SetParent("17/class_space/5a", "17/classes"),
        AddMember("17/classes", user("director")),
    )
    server.apply(wanted, plan)
    assert server.plan(wanted).actions == ()
    assert chat.state["m.space.parent", space.room_id]


def test_a_room_that_was_lost_is_made_again() -> None:
    server = standing()
    lost = server.rooms.pop("17/class_chat/5a")
    order = few().rooms["17/class_chat/5a"].order
    assert server.plan(few()).actions == (
        Unlink("17/class_space/5a", lost.room_id),
        CreateRoom("17/class_chat/5a", "class_chat", "5А: чат класса"),
        Link("17/class_space/5a", "17/class_chat/5a", order, False),
        AddMember("17/class_chat/5a", user("anna")),
        AddMember("17/class_chat/5a", user("boris")),
        AddMember("17/class_chat/5a", user("director")),
        AddMember("17/class_chat/5a", user("ivanova")),
    )


def with_a_stranger(**memberships: str) -> tuple[ImaginedHomeserver, JsonObject]:
    """The school with a powerful stranger in a chat, and the levels the chat should have."""
    server = standing()
    chat = server.rooms["17/class_chat/5a"]
    right = chat.state[POWER_LEVELS]
    chat.members[STRANGER] = "join"
    chat.members.update({f"@{name}:elsewhere.example": how for name, how in memberships.items()})
    chat.state[POWER_LEVELS] = {**right, "users": {**integers(right["users"]), STRANGER: 60}}
    return server, right


def test_strangers_go_with_their_power_and_so_do_those_before_the_door() -> None:
    server, right = with_a_stranger(invited="invite", knocking="knock", banned="ban")
    plan = server.plan(few())
    assert plan.actions == (
        RemoveMember("17/class_chat/5a", STRANGER),
        RemoveMember("17/class_chat/5a", "@invited:elsewhere.example"),
        RemoveMember("17/class_chat/5a", "@knocking:elsewhere.example"),
        RevokePower("17/class_chat/5a", ((STRANGER, 60, 0),), right),
    )
    assert plan.notes == ()


def test_who_is_tolerated_stays_with_their_power_and_is_not_named() -> None:
    server, _right = with_a_stranger()
    tolerant = replace(few(), tolerated=frozenset({STRANGER}))
    assert server.plan(tolerant).actions == ()
    assert server.plan(tolerant).notes == ()


def test_where_strangers_are_kept_they_are_left_alone_and_named() -> None:
    server, _right = with_a_stranger()
    with speaking("en"):
        plan = server.plan(replace(few(), keep_strangers=True))
    assert plan.actions == ()
    assert plan.notes == (
        f"17/class_chat/5a: left alone, nobody told us to manage them: {STRANGER} (level 60)",
    )


def test_a_ban_stands_until_a_person_lifts_it_and_is_named() -> None:
    server = standing()
    server.rooms["17/class_chat/5a"].members[user("boris")] = "ban"
    with speaking("ru"):
        plan = server.plan(few())
    assert plan.actions == ()
    assert plan.notes == (
        "17/class_chat/5a: по списку школы должны быть в комнате, но кто-то их заблокировал:"
        " @boris:school.example",
    )


def test_who_is_invited_is_brought_in() -> None:
    server = standing()
    server.rooms["17/class_chat/5a"].members[user("boris")] = "invite"
    assert server.plan(few()).actions == (AddMember("17/class_chat/5a", user("boris")),)


def test_a_leaver_who_comes_back_finds_the_account_open_again() -> None:
    server = standing()
    server.accounts[user("anna")] = ObservedAccount(
        user("anna"),
        "Анна (ушла)",
        (("diary", "7"), ("org.schoolspaces", "old")),
        AccountStanding.DEACTIVATED,
    )
    plan = server.plan(few())
    assert plan.actions == (RestoreAccount(user("anna"), "deactivated"),)
    server.apply(few(), plan)
    # What another provider bound to the account stays bound.
    assert server.accounts[user("anna")] == ObservedAccount(
        user("anna"), "Anna", (("diary", "7"), ("org.schoolspaces", "anna"))
    )


def test_an_account_the_roster_no_longer_names_only_loses_its_rooms() -> None:
    server = standing()
    gone = replace(
        one_class(),
        people={name: each for name, each in one_class().people.items() if name != "boris"},
    )
    assert server.plan(few(gone)).actions == (
        RemoveMember("17/class_chat/5a", user("boris")),
        RemoveMember("17/class_space/5a", user("boris")),
        RemoveMember("17/school_space", user("boris")),
    )


def test_a_person_whose_row_is_wrong_stays_as_they_are() -> None:
    server = standing()
    gone = replace(
        one_class(),
        people={name: each for name, each in one_class().people.items() if name != "ivanova"},
    )
    assert server.plan(desired(gone, settings=FEW, held=["ivanova"])).actions == ()


def test_a_class_whose_row_is_wrong_stays_as_it_is() -> None:
    by_role = one_class(
        roles=(
            RoleAssignment("anna", "17", Role.STUDENT),
            RoleAssignment("boris", "17", Role.STUDENT),
            RoleAssignment("ivanova", "17", Role.TEACHER),
        )
    )
    server = standing(few(by_role))
    without_it = replace(by_role, classes={}, groups={}, memberships=())
    assert server.plan(desired(without_it, settings=FEW, held=["5a", "maths"])).actions == ()
    assert server.plan(few(without_it)).counts == {"remove_member": 8, "unlink": 1}


def test_a_room_of_the_older_version_keeps_its_bot_in_power() -> None:
    old = only("school_space", "class_space", "class_chat").model_copy(update={"version": "11"})
    server = standing(desired(one_class(), settings=old))
    assert server.plan(few()).actions == ()
    promoted = few(one_class(roles=(RoleAssignment("petrov", "17", Role.SCHOOL_ADMIN),)))
    server.apply(promoted)
    users = integers(server.rooms["17/school_space"].state[POWER_LEVELS]["users"])
    assert users == {"@school:school.example": 100, user("director"): 75, user("petrov"): 75}


def test_only_rooms_that_differ_are_asked_for() -> None:
    server = standing()
    rooms = {room.key: room for room in server.observed()}
    moved = few(one_class(memberships=(Membership("petrov", "maths", MemberRole.TEACHER),)))
    maker = PlanMaker(
        moved,
        room_ids={key: room.room_id for key, room in rooms.items()},
        accounts={user(name): known(name) for name in PEOPLE},
    )
    outlines = [outline_of(room) for room in rooms.values()]
    asked = [each.key for each in outlines if maker.take(each)]
    assert asked == ["17/school_space", "17/class_space/5a", "17/class_chat/5a"]
    with pytest.raises(ValueError, match="asked for but not given"):
        maker.finish(Totals(), SafetySettings())
    for key in asked:
        maker.take_room(rooms[key])
    in_memory = make_plan(moved, rooms.values(), {user(name): known(name) for name in PEOPLE})
    assert maker.finish(in_memory.totals, SafetySettings()) == in_memory


def test_an_approval_binds_everything_that_would_be_done() -> None:
    wanted = few()
    chat = wanted.rooms["17/class_chat/5a"]
    retold: Mapping[StateKey, JsonObject] = {
        **chat.state,
        ("m.room.topic", ""): {"topic": "Другая тема"},
    }
    raised = {**chat.members, user("anna"): 50}
    variants = [
        wanted,
        _with_chat(wanted, state=retold),
        _with_chat(wanted, version="11"),
        _with_chat(wanted, federate=True),
        _with_chat(wanted, open_to_parent=True),
        _with_chat(wanted, order="99"),
        _with_chat(wanted, suggested=True),
        _with_chat(wanted, members={user("anna"): 0}),
        replace(
            wanted,
            accounts={
                **wanted.accounts,
                user("anna"): DesiredAccount(user("anna"), "Анна", account("anna").external_ids),
            },
        ),
        replace(
            wanted,
            accounts={**wanted.accounts, user("anna"): DesiredAccount(user("anna"), "Anna")},
        ),
    ]
    digests = [make_plan(each, [], {}).digest for each in variants]
    assert len(set(digests)) == len(variants)
    assert all(len(digest) == 12 for digest in digests)
    # Levels stand in the state of a room to be made, not in the members' own actions.
    assert make_plan(_with_chat(wanted, members=raised), [], {}).digest == digests[0]


def test_a_digest_is_bound_to_the_contents_of_changes() -> None:
    server = standing()
    digests = set()
    for topic in ("Одна", "Другая"):
        chat = few().rooms["17/class_chat/5a"]
        told = {**chat.state, ("m.room.topic", ""): {"topic": topic}}
        digests.add(server.plan(_with_chat(few(), state=told)).digest)
    assert len(digests) == 2


def _with_chat(wanted: Desired, **changed: object) -> Desired:
    chat = replace(wanted.rooms["17/class_chat/5a"], **changed)  # type: ignore[arg-type]
    return replace(wanted, rooms={**wanted.rooms, chat.key: chat})
