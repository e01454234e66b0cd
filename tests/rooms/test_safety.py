"""Which plans wait for a person, and what they say."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from appservice.language import speaking
from appservice.rooms.actions import (
    Action,
    AddMember,
    CreateAccount,
    CreateRoom,
    GrantPower,
    Link,
    RemoveMember,
    RevokePower,
    SetState,
    Unlink,
    UpdateAccount,
)
from appservice.rooms.kinds.settings import RoomsSettings
from appservice.rooms.planning.maker import make_plan
from appservice.rooms.planning.plan import Hold, Plan, Totals
from appservice.rooms.planning.safety import Facts, SafetySettings, holds_for
from appservice.school.model import Guardianship, MemberRole, Membership, Role, RoleAssignment
from tests.rooms.imagined_homeserver import ImaginedHomeserver
from tests.rooms.small_school import (
    GUARDIANSHIPS,
    MEMBERSHIPS,
    PEOPLE,
    ROLES,
    desired,
    only,
    school,
    user,
)

TOTALS = Totals(accounts=100, rooms=40, memberships=1000, links=40)
CALM = SafetySettings()


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    with speaking("en"):
        yield


def codes(
    *actions: Action,
    totals: Totals = TOTALS,
    retired: tuple[str, ...] = (),
    first_run: bool = False,
    settings: SafetySettings = CALM,
) -> list[str]:
    facts = Facts(totals=totals, retired=retired, first_run=first_run)
    return [hold.code for hold in holds_for(actions, desired(), facts, settings)]


def removals(count: int, school_id: str = "17") -> list[Action]:
    return [RemoveMember(f"{school_id}/class_chat/5a", user(f"p{n}")) for n in range(count)]


def unlinks(count: int) -> list[Action]:
    return [Unlink("17/school_space", f"!{n}") for n in range(count)]


def states(count: int) -> list[Action]:
    return [SetState(f"17/subject_room/{n}", "m.room.name", "", {}, {}) for n in range(count)]


def test_ten_in_a_hundred_memberships_may_go_and_one_more_may_not() -> None:
    assert codes(*removals(100)) == []
    assert codes(*removals(101)) == ["removals.memberships"]


def test_two_of_anything_may_always_go() -> None:
    few = Totals(accounts=5, rooms=4, memberships=6, links=3)
    assert codes(*removals(2), *unlinks(2), totals=few, retired=("a", "b")) == []
    assert codes(*removals(3), totals=few) == ["removals.memberships"]
    assert codes(*unlinks(3), totals=few) == ["removals.links"]
    assert codes(totals=few, retired=("17/a", "17/b", "17/c")) == ["removals.rooms"]


def test_each_kind_is_counted_for_itself() -> None:
    assert codes(*removals(100), *unlinks(4), retired=("17/a", "17/b", "17/c", "17/d")) == []
    assert codes(*removals(100), *unlinks(5)) == ["removals.links"]


def test_three_quarters_of_a_kind_may_change_and_one_more_may_not() -> None:
    changed = [UpdateAccount(user(f"p{n}"), ("display_name",)) for n in range(76)]
    assert codes(*changed[:75]) == []
    assert codes(*changed) == ["updates.accounts"]
    assert codes(*states(30)) == []
    assert codes(*states(31)) == ["updates.rooms"]


def test_a_room_that_changes_in_several_ways_is_one_room() -> None:
    several: list[Action] = [
        action
        for n in range(30)
        for action in (
            RevokePower(f"17/subject_room/{n}", (), {}),
            SetState(f"17/subject_room/{n}", "m.room.name", "", {}, {}),
            SetState(f"17/subject_room/{n}", "m.room.topic", "", {}, {}),
        )
    ]
    assert codes(*several) == []


def test_half_as_much_again_may_be_created_after_the_first_run() -> None:
    accounts: list[Action] = [CreateAccount(user(f"p{n}")) for n in range(51)]
    rooms: list[Action] = [
        CreateRoom(f"17/subject_room/{n}", "subject_room", "") for n in range(21)
    ]
    links: list[Action] = [
        Link("17/class_space/5a", f"17/subject_room/{n}", "", False) for n in range(21)
    ]
    members: list[Action] = [AddMember("17/class_chat/5a", user(f"p{n}")) for n in range(501)]
    assert codes(*accounts[1:], *rooms[1:], *links[1:], *members[1:]) == []
    everything: list[Action] = [*accounts, *rooms, *links, *members]
    assert codes(*everything) == [
        "creations.accounts",
        "creations.rooms",
        "creations.links",
        "creations.memberships",
    ]
    assert codes(*everything, first_run=True) == []


def test_one_school_emptied_among_many_is_seen() -> None:
    facts = Facts(
        totals=Totals(rooms=1000, memberships=100_000),
        schools={
            "17": Totals(rooms=30, memberships=200),
            "18": Totals(rooms=970, memberships=99_800),
        },
        retired=tuple(f"17/subject_room/{n}" for n in range(4)),
    )
    found = holds_for(removals(21), desired(), facts, CALM)
    assert found == (
        Hold(
            "removals.memberships",
            "School 17: 21 of 200 memberships would go: 10.5 %, more than 10 %.",
        ),
        Hold("removals.rooms", "School 17: 4 of 30 rooms would go: 13.3 %, more than 10 %."),
    )


def test_a_hold_says_how_much_and_what_is_allowed() -> None:
    found = holds_for(removals(200), desired(), Facts(totals=TOTALS), CALM)
    assert found == (
        Hold(
            "removals.memberships",
            "200 of 1000 memberships would go: 20 %, more than 10 %.",
        ),
    )
    with speaking("ru"):
        (hold,) = holds_for(removals(200), desired(), Facts(totals=TOTALS), CALM)
    assert hold.text == "Будет убрано участий в комнатах: 200 из 1000, это 20 %, больше 10 %."


def test_a_school_sets_its_own_thresholds() -> None:
    lax = SafetySettings(removals_percent=50, updates_percent=100, creations_percent=400)
    assert codes(*removals(500), *states(40), settings=lax) == []
    strict = SafetySettings(removals_percent=0, removals_at_least=1)
    assert codes(*removals(1), settings=strict) == ["removals.memberships"]


# Whole plans over the small school.


def standing(settings: RoomsSettings | None = None) -> ImaginedHomeserver:
    server = ImaginedHomeserver()
    server.apply(desired(settings=settings or RoomsSettings()))
    return server


def held(plan: Plan) -> dict[str, str]:
    """The holds over people in charge; the small school is too small for percentages."""
    return {hold.code: hold.text for hold in plan.holds if "." not in hold.code}


def without(person: str, target: str) -> tuple[Membership, ...]:
    return tuple(each for each in MEMBERSHIPS if each[:2] != (person, target))


def test_the_first_plan_with_its_administrator_does_not_wait() -> None:
    assert make_plan(desired(), [], {}).holds == ()


def test_a_first_apply_that_was_interrupted_goes_on_without_waiting() -> None:
    server = ImaginedHomeserver()
    plan = server.plan(desired())
    server.apply(desired(), replace(plan, actions=plan.actions[:40]))
    rooms, accounts = server.observed(), server.accounts
    assert make_plan(desired(), rooms, accounts, first_run=True).holds == ()
    later = make_plan(desired(), rooms, accounts)
    assert [hold.code for hold in later.holds] == ["creations.memberships"]


def test_a_lesson_that_loses_its_only_teacher_waits() -> None:
    plan = standing().plan(desired(school(memberships=without("ivanova", "maths"))))
    # Ivanova leads the class, so she stays in the room, but not as its teacher.
    assert held(plan) == {}
    of_petrov = (*without("ivanova", "maths"), Membership("petrov", "maths", MemberRole.TEACHER))
    server = ImaginedHomeserver()
    server.apply(desired(school(memberships=of_petrov)))
    assert held(server.plan(desired(school(memberships=without("ivanova", "maths"))))) == {
        "room_without_teacher": "Rooms would be left without their teacher: 17/subject_room/maths."
    }


def test_a_lesson_that_changes_its_teacher_does_not_wait() -> None:
    of_petrov = (*without("ivanova", "maths"), Membership("petrov", "maths", MemberRole.TEACHER))
    assert held(standing().plan(desired(school(memberships=of_petrov)))) == {}


def test_a_class_that_loses_its_class_teacher_waits() -> None:
    plan = standing().plan(desired(school(memberships=without("petrov", "5b"))))
    assert held(plan) == {
        "room_without_teacher": "Rooms would be left without their teacher:"
        " 17/class_announcements/5b, 17/class_chat/5b, 17/class_space/5b,"
        " 17/guardians_with_teacher/5b."
    }


def test_a_school_that_loses_its_only_administrator_waits() -> None:
    plan = standing().plan(desired(school(roles=ROLES[1:])))
    assert held(plan) == {
        "school_without_administrator": "Schools would be left without an administrator: 17."
    }
    assert "School 17 has no administrator." in plan.notes


def test_a_school_that_never_had_an_administrator_does_not_wait_for_one() -> None:
    nobody = desired(school(roles=ROLES[1:]))
    server = ImaginedHomeserver()
    server.apply(nobody)
    assert server.plan(nobody).holds == ()


def test_a_new_administrator_beside_the_old_one_waits() -> None:
    roles = (*ROLES, RoleAssignment("petrov", "17", Role.SCHOOL_ADMIN))
    plan = standing().plan(desired(school(roles=roles)))
    assert held(plan) == {
        "new_administrator": "These people would become school administrators:"
        " @petrov:school.example."
    }


def test_an_administrator_who_replaces_another_waits() -> None:
    roles = (*ROLES[1:], RoleAssignment("newcomer", "17", Role.SCHOOL_ADMIN))
    plan = standing().plan(desired(school(people=(*PEOPLE, "newcomer"), roles=roles)))
    assert held(plan) == {
        "new_administrator": "These people would become school administrators:"
        " @newcomer:school.example."
    }


def test_an_administrator_in_one_more_kind_of_room_is_no_new_administrator() -> None:
    wider = RoomsSettings.model_validate(
        {"kinds": {"guardians_only": {"members": {"school_admin": 75}}}}
    )
    plan = standing().plan(desired(settings=wider))
    assert plan.counts == {"add_member": 2, "grant_power": 2}
    assert held(plan) == {}


def test_a_new_administrator_is_seen_where_no_room_is_for_the_whole_school() -> None:
    classes = only(
        "class_chat",
        class_space={**RoomsSettings().kinds["class_space"].model_dump(by_alias=True)}
        | {"parent": None},
    )
    roles = (*ROLES, RoleAssignment("petrov", "17", Role.SCHOOL_ADMIN))
    plan = standing(classes).plan(desired(school(roles=roles), settings=classes))
    assert list(held(plan)) == ["new_administrator"]


def test_a_school_may_let_people_in_charge_change_freely() -> None:
    free = SafetySettings(teacher_needed=False, administrator_needed=False, promotions=False)
    server = standing()
    roles = (ROLES[1], RoleAssignment("ivanova", "17", Role.SCHOOL_ADMIN))
    wanted = desired(school(roles=roles, memberships=without("petrov", "5b")))
    plan = make_plan(wanted, server.observed(), server.accounts, settings=free)
    assert held(plan) == {}
    assert any(isinstance(action, GrantPower) for action in plan.actions)


def test_a_guardian_less_is_nothing_to_wait_for() -> None:
    more = (*GUARDIANSHIPS, *(Guardianship("anna", f"aunt{n}") for n in range(30)))
    people = (*PEOPLE, *(f"aunt{n}" for n in range(30)))
    server = ImaginedHomeserver()
    server.apply(desired(school(people=people, guardianships=more)))
    plan = server.plan(desired(school(people=people, guardianships=more[:-1])))
    assert plan.counts == {"remove_member": 7}
    assert plan.holds == ()
