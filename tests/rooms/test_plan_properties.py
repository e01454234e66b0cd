"""What holds of every plan, whatever the roster, the settings and the state of the homeserver."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from random import Random
from typing import TypeVar

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from appservice.rooms.actions import (
    PHASE_OF,
    PHASES,
    Action,
    AddMember,
    ArchiveRoom,
    BanMember,
    CreateAccount,
    CreateRoom,
    DeactivateAccount,
    DeleteRoom,
    GrantPower,
    LiftBan,
    Link,
    RemoveMember,
    RestoreAccount,
    RevokePower,
    SetParent,
    SetState,
    SuspendAccount,
    Unlink,
    UpdateAccount,
)
from appservice.rooms.desired import (
    JOIN_RULES,
    POWER_LEVELS,
    SPACE_CHILD,
    SPACE_PARENT,
    Desired,
)
from appservice.rooms.kinds.power import integers
from appservice.rooms.kinds.settings import RoomsSettings
from appservice.rooms.observed import ObservedAccount
from appservice.rooms.planning.plan import Plan
from appservice.school.model import (
    Guardianship,
    MemberRole,
    Membership,
    Role,
    RoleAssignment,
    Roster,
)
from appservice.year.leavers import AccountStanding
from tests.rooms.imagined_homeserver import ImaginedHomeserver
from tests.rooms.small_school import (
    CLASSES,
    GROUPS,
    GUARDIANSHIPS,
    MEMBERSHIPS,
    PEOPLE,
    ROLES,
    TODAY,
    desired,
    only,
    school,
    user,
)

T = TypeVar("T")
STRANGERS = (user("inspector"), "@guest:elsewhere.example")

days = st.sampled_from([None, TODAY - timedelta(days=30), TODAY, TODAY + timedelta(days=30)])
names = st.sampled_from(PEOPLE)


@st.composite
def rosters(draw: st.DrawFn) -> Roster:
    """Some rows of the small school, and some that somebody made up."""
    targets = st.sampled_from(["5a", "5b", "maths", "physics", "choir"])
    memberships = st.builds(
        Membership, names, targets, st.sampled_from(MemberRole), begin=days, end=days
    )
    roles = st.builds(
        RoleAssignment, names, st.just("17"), st.sampled_from(Role), begin=days, end=days
    )
    ties = st.builds(Guardianship, names, names, begin=days, end=days)
    return school(
        roles=(*_some(draw, ROLES), *draw(st.lists(roles, max_size=2))),
        classes=_some(draw, CLASSES),
        groups=_some(draw, GROUPS),
        memberships=(*_some(draw, MEMBERSHIPS), *draw(st.lists(memberships, max_size=4))),
        guardianships=(*_some(draw, GUARDIANSHIPS), *draw(st.lists(ties, max_size=2))),
        gone=draw(st.sets(names, max_size=2)),
    )


def _some(draw: st.DrawFn, rows: tuple[T, ...]) -> tuple[T, ...]:
    chosen = draw(st.integers(0, 2 ** len(rows) - 1))
    return tuple(row for place, row in enumerate(rows) if chosen >> place & 1)


GROUPS_SPACE = {
    "for": "school",
    "space": True,
    "parent": "school_space",
    "name": "Кружки",
    "members": {"student": 0},
}
SETTINGS: tuple[RoomsSettings, ...] = (
    RoomsSettings(),
    RoomsSettings(version="11"),
    RoomsSettings.model_validate(
        {
            "kinds": {
                "groups_space": GROUPS_SPACE,
                "club": {"parent": "groups_space", "open_to_parent": True, "topic_editable": 50},
                "mixed_group": {"parent": None, "events": {"m.reaction": 50}},
                "class_chat": {"members": {"student": 10, "teacher": None}, "post": 5},
                "staff_room": None,
                "subject_room": {"open_to_parent": True, "suggested": True, "order": "05"},
            },
            "strangers": "keep",
        }
    ),
    only("school_space", "class_space", "class_chat"),
)
any_settings = st.sampled_from(SETTINGS)
some_held = st.sampled_from([(), (), (), ("anna",), ("5a",), ("maths", "boris"), ("17",)])


@st.composite
def wishes(draw: st.DrawFn) -> Desired:
    return desired(draw(rosters()), settings=draw(any_settings), held=draw(some_held))


@st.composite
def homeservers(draw: st.DrawFn) -> ImaginedHomeserver:
    """A homeserver that an earlier roster made, and that people and mishaps have changed."""
    server = ImaginedHomeserver()
    if draw(st.booleans()):
        server.apply(desired(draw(rosters()), settings=draw(any_settings)))
    for _number in range(draw(st.integers(0, 6))):
        if server.rooms:
            _mishap(draw, server)
    return server


def _mishap(draw: st.DrawFn, server: ImaginedHomeserver) -> None:
    key = draw(st.sampled_from(sorted(server.rooms)))
    room = server.rooms[key]
    someone = draw(st.sampled_from([*map(user, PEOPLE), *STRANGERS]))
    match draw(st.integers(0, 11)):
        case 0:
            room.members[someone] = draw(st.sampled_from(["join", "invite", "ban", "knock"]))
        case 1:
            room.members.pop(someone, None)
        case 2:
            levels = room.state[POWER_LEVELS]
            users = {**integers(levels["users"]), someone: draw(st.integers(-5, 99))}
            room.state[POWER_LEVELS] = {**levels, "users": users}
        case 3:
            levels = dict(room.state[POWER_LEVELS])
            levels["events_default"] = draw(st.integers(0, 100))
            levels["events"] = {"m.room.message": 7, "m.reaction": draw(st.integers(0, 100))}
            if draw(st.booleans()):
                levels.pop("ban", None)
                levels.pop("notifications", None)
            room.state[POWER_LEVELS] = levels
        case 4:
            room.state["m.room.name", ""] = {"name": "Переименовали"}
            room.state["m.room.topic", ""] = {"topic": "Чат"}
            room.state["m.room.avatar", ""] = {"url": "mxc://school.example/a"}
        case 5:
            room.state[SPACE_PARENT, "!elsewhere"] = {"via": ["school.example"]}
            room.state[JOIN_RULES] = {"join_rule": "public"}
        case 6:
            room.state[SPACE_CHILD, "!elsewhere"] = {"via": ["school.example"]}
            room.state.pop(("m.room.guest_access", ""), None)
        case 7:
            del server.rooms[key]
        case 8 if someone in server.accounts:
            server.accounts[someone] = server.accounts[someone]._replace(
                standing=draw(st.sampled_from(AccountStanding)), display_name="Кто-то"
            )
        case 8:
            server.accounts[someone] = ObservedAccount(someone, "Новый", (("diary", "1"),))
        case 10:
            room.state["m.room.encryption", ""] = {"algorithm": "m.megolm.v1.aes-sha2"}
            room.state["im.vector.modular.widgets", "game"] = {"type": "m.custom"}
            room.state["m.room.server_acl", ""] = {"allow": ["*"]}
        case _:
            for place in [each for each in room.state if each[0] in (SPACE_CHILD, SPACE_PARENT)]:
                del room.state[place]


def strangers(server: ImaginedHomeserver, wanted: Desired) -> set[str]:
    """Whoever has neither an account of ours nor a place in the roster, where they may stay."""
    if not wanted.keep_strangers:
        return set()
    return {*STRANGERS, *map(user, PEOPLE)} - server.accounts.keys() - wanted.accounts.keys()


slow = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@slow
@given(homeservers(), wishes())
def test_a_plan_that_was_applied_leaves_nothing_to_do(
    server: ImaginedHomeserver, wanted: Desired
) -> None:
    server.apply(wanted)
    assert server.plan(wanted).actions == ()


@slow
@given(homeservers(), wishes())
def test_after_a_plan_everyone_is_where_the_roster_says_and_at_that_level(
    server: ImaginedHomeserver, wanted: Desired
) -> None:
    outside = strangers(server, wanted) | wanted.held_users
    banned = {
        (key, member)
        for key, room in server.rooms.items()
        for member, membership in room.members.items()
        if membership == "ban"
    }
    server.apply(wanted)
    for key, room in server.rooms.items():
        if wanted.holds_room(key):
            continue
        members = wanted.rooms[key].members if key in wanted.rooms else {}
        joined = {user for user, membership in room.members.items() if membership == "join"}
        should = {user for user in members if (key, user) not in banned}
        assert joined - outside == should
        if key in wanted.rooms:
            users = integers(room.state[POWER_LEVELS]["users"])
            levels = {user: level for user, level in members.items() if level}
            assert {
                user: level
                for user, level in users.items()
                if user not in outside and user != wanted.bot
            } == levels


@slow
@given(homeservers(), wishes())
def test_where_strangers_are_kept_nobody_else_is_ever_touched(
    server: ImaginedHomeserver, wanted: Desired
) -> None:
    outside = strangers(server, wanted)
    before = _standing_of(server, outside)
    plan = server.apply(wanted)
    assert _standing_of(server, outside) == before
    assert not outside & {name for action in plan.actions for name in _users(action)}


@slow
@given(homeservers(), wishes())
def test_who_and_what_is_held_stays_exactly_as_it_was(
    server: ImaginedHomeserver, wanted: Desired
) -> None:
    people = _standing_of(server, set(wanted.held_users))
    accounts = {name: server.accounts.get(name) for name in wanted.held_users}
    rooms = {
        key: replace(room, state=dict(room.state), members=dict(room.members))
        for key, room in server.rooms.items()
        if wanted.holds_room(key)
    }
    plan = server.apply(wanted)
    assert _standing_of(server, set(wanted.held_users)) == people
    assert {name: server.accounts.get(name) for name in wanted.held_users} == accounts
    assert {key: server.rooms[key] for key in rooms} == rooms
    for action in plan.actions:
        assert not wanted.held_users & set(_users(action))
        assert not [key for key in _rooms(action) if wanted.holds_room(key)]


@slow
@given(homeservers(), wishes())
def test_what_takes_away_comes_before_what_gives(
    server: ImaginedHomeserver, wanted: Desired
) -> None:
    plan = server.plan(wanted)
    phases = [PHASES.index(PHASE_OF[type(action)]) for action in plan.actions]
    assert phases == sorted(phases)
    rooms = {room.key: room for room in server.observed()}
    for action in plan.actions:
        if isinstance(action, RevokePower):
            before = integers(rooms[action.room].state[POWER_LEVELS]["users"])
            after = integers(action.content["users"])
            assert all(level <= max(before.get(name, 0), 0) for name, level in after.items())
            assert all(low < high for _name, high, low in action.lowered)
        if isinstance(action, GrantPower):
            assert all(low < high for _name, low, high in action.raised)


@slow
@given(rosters(), st.randoms(use_true_random=False), any_settings, homeservers())
def test_the_order_of_the_rosters_rows_changes_nothing(
    roster: Roster, random: Random, chosen: RoomsSettings, server: ImaginedHomeserver
) -> None:
    first = server.plan(desired(roster, settings=chosen))
    shuffled = server.plan(desired(_shuffled(roster, random), settings=chosen))
    assert shuffled == first
    assert shuffled.digest == first.digest


@slow
@given(homeservers(), wishes(), wishes())
def test_two_plans_that_do_different_things_have_different_digests(
    server: ImaginedHomeserver, one: Desired, other: Desired
) -> None:
    first, second = server.plan(one), server.plan(other)
    if first.actions != second.actions:
        assert first.digest != second.digest
    assert server.plan(one).digest == first.digest


def test_a_day_changes_who_is_in_a_class() -> None:
    leaves = Membership("anna", "5a", MemberRole.STUDENT, None, date(2026, 12, 1))
    roster = school(memberships=(leaves,))
    server = ImaginedHomeserver()
    server.apply(desired(roster))
    plan: Plan = server.plan(desired(roster, today=date(2026, 12, 1)))
    assert {action.user for action in plan.actions if isinstance(action, RemoveMember)} == {
        user("anna"),
        user("annas_mother"),
    }


def _standing_of(
    server: ImaginedHomeserver, people: set[str]
) -> set[tuple[str, str, str | None, int | None]]:
    """Where somebody is, how, and at which level listed by name."""
    return {
        (key, who, room.members.get(who), integers(room.state[POWER_LEVELS]["users"]).get(who))
        for key, room in server.rooms.items()
        for who in people
        if who in room.members or who in integers(room.state[POWER_LEVELS]["users"])
    }


def _users(action: Action) -> tuple[str, ...]:
    match action:
        case (
            RemoveMember()
            | BanMember()
            | LiftBan()
            | AddMember()
            | CreateAccount()
            | UpdateAccount()
            | SuspendAccount()
            | RestoreAccount()
            | DeactivateAccount()
        ):
            return (action.user,)
        case RevokePower(_room, moves, _content) | GrantPower(_room, moves, _content):
            return tuple(name for name, _before, _after in moves)
        case (
            CreateRoom()
            | ArchiveRoom()
            | DeleteRoom()
            | SetState()
            | Link()
            | Unlink()
            | SetParent()
        ):
            return ()


def _rooms(action: Action) -> tuple[str, ...]:
    match action:
        case (
            CreateAccount()
            | UpdateAccount()
            | SuspendAccount()
            | RestoreAccount()
            | DeactivateAccount()
        ):
            return ()
        case Link() | SetParent():
            room = action.child if isinstance(action, Link) else action.room
            return (action.parent, room)
        case Unlink():
            return (action.parent,)
        case _:
            return (action.room,)


def _shuffled(roster: Roster, random: Random) -> Roster:
    return Roster(
        schools=roster.schools,
        people=dict(_mixed(roster.people.items(), random)),
        roles=tuple(_mixed(roster.roles, random)),
        classes=dict(_mixed(roster.classes.items(), random)),
        groups=dict(_mixed(roster.groups.items(), random)),
        memberships=tuple(_mixed(roster.memberships, random)),
        guardianships=tuple(_mixed(roster.guardianships, random)),
    )


def _mixed(rows: Iterable[T], random: Random) -> list[T]:
    mixed = list(rows)
    random.shuffle(mixed)
    return mixed
