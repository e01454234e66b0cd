"""What becomes of rooms that end, as a plan."""

from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from appservice.language import speaking
from appservice.rooms.actions import (
    Action,
    ArchiveRoom,
    DeleteRoom,
    GrantPower,
    Link,
    RemoveMember,
    SetState,
    Unlink,
)
from appservice.rooms.desired import POWER_LEVELS, SPACE_CHILD, SPACE_PARENT, Desired
from appservice.rooms.kinds.power import integers
from appservice.rooms.planning.maker import make_plan
from appservice.school.model import Roster
from appservice.year.archive import ArchiveSettings
from tests.rooms.imagined_homeserver import ImaginedHomeserver
from tests.rooms.small_school import (
    CLASSES,
    GROUPS,
    MEMBERSHIPS,
    PEOPLE,
    TODAY,
    desired,
    only,
    school,
    user,
)

FEW = only("school_space", "class_space", "class_chat", "subject_room")
MATHS = "17/subject_room/maths"
KEY = ("org.schoolspaces.room", "")


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    with speaking("en"):
        yield


def wanted(
    roster: Roster | None = None, *, days: int = 0, settings: ArchiveSettings | None = None
) -> Desired:
    today = TODAY + timedelta(days=days)
    archive = ArchiveSettings() if settings is None else settings
    return desired(roster, settings=FEW, today=today, archive=archive)


def without_places(*ids: str, people: Collection[str] = PEOPLE) -> Roster:
    """These classes and groups have ended."""
    return school(
        people=people,
        classes=tuple(each for each in CLASSES if each.class_id not in ids),
        groups=tuple(each for each in GROUPS if each.group_id not in ids),
        memberships=tuple(each for each in MEMBERSHIPS if each.target_id not in ids),
    )


def standing() -> ImaginedHomeserver:
    server = ImaginedHomeserver()
    server.apply(wanted())
    return server


def kinds(actions: Collection[Action]) -> set[type[Action]]:
    return {type(action) for action in actions}


def test_a_subject_that_ends_leaves_the_space_and_is_read_only_under_its_year() -> None:
    server = standing()
    maths, space = server.rooms[MATHS], server.rooms["17/class_space/5a"]
    members = dict(maths.members)
    plan = server.apply(wanted(without_places("maths")))
    assert plan.counts == {"unlink": 1, "archive_room": 1}
    assert (SPACE_CHILD, maths.room_id) not in space.state
    assert (maths.members, maths.state["m.room.name", ""]) == (
        members,
        {"name": "5А: Математика · 2026/2027"},
    )
    assert maths.state[KEY] == {
        "key": MATHS,
        "kind": "subject_room",
        "archived": "2026/2027",
        "archived_on": "2026-10-01",
    }
    assert not any(kind == SPACE_PARENT for kind, _parent in maths.state)
    levels = maths.state[POWER_LEVELS]
    own = integers(levels["events"])
    assert (levels["users"], levels["events_default"], own.pop("m.room.redaction")) == ({}, 100, 0)
    assert min(own.values()) == 100
    assert server.plan(wanted(without_places("maths"))).actions == ()


def test_a_class_that_ends_keeps_its_rooms_together() -> None:
    server, ended = standing(), without_places("5b")
    plan = server.apply(wanted(ended))
    space, chat = server.rooms["17/class_space/5b"], server.rooms["17/class_chat/5b"]
    assert plan.counts == {"unlink": 1, "archive_room": 2}
    assert space.state[SPACE_CHILD, chat.room_id]
    assert chat.state[SPACE_PARENT, space.room_id]
    assert not any(kind == SPACE_PARENT for kind, _parent in space.state)
    assert server.plan(wanted(ended)).actions == ()


def test_a_room_of_an_ended_class_that_lives_on_elsewhere_leaves_the_archive() -> None:
    server = standing()
    chat = server.rooms["17/class_chat/5b"]
    server.apply(wanted(without_places("5b")))
    other_place = replace(wanted(), rooms=dict(wanted().rooms))
    rooms = {key: room for key, room in other_place.rooms.items() if key != "17/class_space/5b"}
    rooms["17/class_chat/5b"] = replace(rooms["17/class_chat/5b"], parent="17/school_space")
    plan = server.apply(replace(other_place, rooms=rooms))
    assert kinds(plan.actions) >= {Link, SetState, GrantPower}
    assert chat.state["m.room.name", ""] == {"name": "5Б: чат класса"}


def test_who_leaves_the_school_leaves_its_archives_and_the_others_stay() -> None:
    server, ended = standing(), without_places("maths")
    server.apply(wanted(ended))
    without_anna = without_places("maths", people=[name for name in PEOPLE if name != "anna"])
    plan = server.plan(wanted(without_anna))
    in_maths = [action for action in plan.actions if getattr(action, "room", "") == MATHS]
    assert in_maths == [RemoveMember(MATHS, user("anna"))]


def test_a_room_that_comes_back_is_what_it_was() -> None:
    server = standing()
    before = dict(server.rooms[MATHS].state)
    server.apply(wanted(without_places("maths")))
    plan = server.apply(wanted(days=1))
    assert kinds(plan.actions) == {SetState, Link, GrantPower}
    assert server.rooms[MATHS].state == before
    assert server.made == len(server.rooms)  # none was made anew
    assert server.plan(wanted(days=1)).actions == ()


def test_an_archive_is_deleted_after_its_time_and_never_when_it_is_kept_for_ever() -> None:
    server, ended = standing(), without_places("maths")
    server.apply(wanted(ended))
    room_id = server.rooms[MATHS].room_id
    assert server.plan(wanted(ended, days=364)).actions == ()
    for_ever = ArchiveSettings(keep_days=None)
    assert server.plan(wanted(ended, days=4000, settings=for_ever)).actions == ()
    assert server.apply(wanted(ended, days=365)).actions == (DeleteRoom(MATHS, room_id),)
    assert server.plan(wanted(ended, days=365)).actions == ()


def test_an_archiving_that_was_cut_off_is_finished() -> None:
    server, ended = standing(), without_places("maths")
    plan = server.plan(wanted(ended))
    (archiving,) = (action for action in plan.actions if isinstance(action, ArchiveRoom))
    whole = archiving.changes
    for sent in range(len(whole)):
        server = standing()
        server.apply(
            wanted(ended), replace(plan, actions=(replace(archiving, changes=whole[:sent]),))
        )
        rest = server.apply(wanted(ended, days=sent and 1))
        (again,) = (action for action in rest.actions if isinstance(action, ArchiveRoom))
        assert [change[:2] for change in again.changes] == [change[:2] for change in whole[sent:]]
        assert server.plan(wanted(ended, days=1)).actions == ()


def test_where_the_school_wants_it_so_rooms_that_end_are_emptied() -> None:
    server = standing()
    plan = server.plan(wanted(without_places("maths"), settings=ArchiveSettings(mode="emptied")))
    assert kinds(plan.actions) == {Unlink, RemoveMember}


def test_many_rooms_that_end_or_are_deleted_at_once_wait_for_a_person() -> None:
    server, ended = standing(), without_places("5a", "maths")
    plan = make_plan(wanted(ended), server.observed(), server.accounts)
    assert {hold.code: hold.text for hold in plan.holds}["removals.rooms"] == (
        "3 of 6 rooms would go: 50 %, more than 10 %."
    )
    server.apply(wanted(ended))
    later = make_plan(wanted(ended, days=365), server.observed(), server.accounts)
    assert (later.counts, [hold.text for hold in later.holds]) == (
        {"delete_room": 3},
        ["3 of 3 archived rooms would go: 100 %, more than 10 %."],
    )


def test_archives_do_not_count_among_the_rooms_that_stand() -> None:
    server = standing()
    server.apply(wanted(without_places("5a", "maths")))
    plan = make_plan(wanted(without_places("5a", "maths")), server.observed(), server.accounts)
    assert (plan.actions, plan.totals.rooms) == ((), 3)


def test_rooms_of_version_11_are_archived_too() -> None:
    settings = FEW.model_copy(update={"version": "11"})
    archive = ArchiveSettings()
    server = ImaginedHomeserver()
    server.apply(desired(settings=settings, archive=archive))
    ended = desired(without_places("maths"), settings=settings, archive=archive)
    server.apply(ended)
    assert server.rooms[MATHS].state[POWER_LEVELS]["users"] == {ended.bot: 100}
    assert server.plan(ended).actions == ()
