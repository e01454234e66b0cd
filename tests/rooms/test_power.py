"""Power levels: complete in every kind, and changed in two steps."""

from collections.abc import Mapping

import pytest

from appservice.rooms.actions import GrantPower, RevokePower
from appservice.rooms.kinds.power import Needs, in_version, power_frame, power_levels, split_power
from appservice.rooms.state import JsonObject
from tests.rooms.small_school import BOT, desired

FRAME: JsonObject = {
    "events": {"m.reaction": 0},
    "events_default": 0,
    "users_default": 0,
    "notifications": {"room": 50},
}


def levels(users: Mapping[str, object], **changed: object) -> JsonObject:
    return {**FRAME, "users": users, **changed}


def test_a_class_chat_has_this_complete_map() -> None:
    content = desired().rooms["17/class_chat/5b"].state["m.room.power_levels", ""]
    assert content == {
        "users": {"@director:school.example": 75, "@petrov:school.example": 50},
        "users_default": 0,
        "events_default": 0,
        "state_default": 100,
        "ban": 50,
        "kick": 50,
        "redact": 50,
        "invite": 100,
        "historical": 100,
        "notifications": {"room": 50},
        "events": {
            "im.vector.modular.widgets": 100,
            "io.element.widgets.layout": 100,
            "m.call": 50,
            "m.call.invite": 50,
            "m.call.member": 50,
            "m.call.notify": 50,
            "m.poll.end": 50,
            "m.poll.response": 0,
            "m.poll.start": 50,
            "m.reaction": 0,
            "m.room.avatar": 100,
            "m.room.canonical_alias": 100,
            "m.room.encryption": 100,
            "m.room.guest_access": 100,
            "m.room.history_visibility": 100,
            "m.room.join_rules": 100,
            "m.room.name": 100,
            "m.room.pinned_events": 50,
            "m.room.power_levels": 100,
            "m.room.redaction": 0,
            "m.room.server_acl": 100,
            "m.room.tombstone": 150,
            "m.room.topic": 100,
            "m.rtc.member": 50,
            "m.rtc.notification": 50,
            "m.space.child": 100,
            "m.space.parent": 100,
            "m.widget": 100,
            "org.matrix.msc3381.poll.end": 50,
            "org.matrix.msc3381.poll.response": 0,
            "org.matrix.msc3381.poll.start": 50,
            "org.matrix.msc3401.call": 50,
            "org.matrix.msc3401.call.member": 50,
            "org.matrix.msc4075.call.notify": 50,
            "org.matrix.msc4075.rtc.notification": 50,
            "org.matrix.msc4143.rtc.member": 50,
            "org.schoolspaces.room": 100,
        },
    }


def test_every_kind_has_the_same_keys_and_whole_numbers_only() -> None:
    seen = set()
    for room in desired().rooms.values():
        content = room.state["m.room.power_levels", ""]
        events, notifications = content["events"], content["notifications"]
        assert isinstance(events, dict)
        assert isinstance(notifications, dict)
        numbers = [*events.values(), *notifications.values()]
        numbers += [
            value
            for key, value in content.items()
            if key not in ("users", "events", "notifications")
        ]
        assert {type(number) for number in numbers} == {int}
        seen.add((tuple(sorted(content)), tuple(sorted(events))))
    assert len(seen) == 1


def test_a_room_keeps_its_version_when_the_setting_changes() -> None:
    users = {"@a:s": 50}
    old, new = (
        power_levels(power_frame(Needs(), version), users, version=version, bot=BOT)
        for version in ("11", "12")
    )
    assert in_version(new, version="11", bot=BOT) == old
    assert in_version(old, version="12", bot=BOT) == new


def test_one_goes_up_and_another_down_in_two_steps() -> None:
    before = levels({"@a:s": 50, "@b:s": 0, "@c:s": 75})
    after = levels({"@b:s": 50, "@c:s": 75})
    assert split_power("room", before, after) == (
        RevokePower("room", (("@a:s", 50, 0),), levels({"@c:s": 75})),
        GrantPower("room", (("@b:s", 0, 50),), after),
    )


def test_who_only_goes_down_needs_one_step() -> None:
    after = levels({"@a:s": 25})
    assert split_power("room", levels({"@a:s": 50}), after) == (
        RevokePower("room", (("@a:s", 50, 25),), after),
        None,
    )


def test_who_only_goes_up_needs_one_step() -> None:
    after = levels({"@a:s": 50})
    assert split_power("room", levels({}), after) == (
        None,
        GrantPower("room", (("@a:s", 0, 50),), after),
    )


def test_a_need_that_rises_takes_power_and_one_that_falls_gives_it() -> None:
    strict = levels({}, events_default=50, events={"m.reaction": 0})
    loose = levels({}, events_default=0, events={"m.reaction": 0})
    assert split_power("room", loose, strict) == (RevokePower("room", (), strict), None)
    assert split_power("room", strict, loose) == (None, GrantPower("room", (), loose))


def test_of_two_needs_each_goes_in_its_own_step() -> None:
    before = levels({}, events_default=0, events={"m.reaction": 50})
    after = levels({}, events_default=50, events={"m.reaction": 0})
    between = levels({}, events_default=50, events={"m.reaction": 50})
    assert split_power("room", before, after) == (
        RevokePower("room", (), between),
        GrantPower("room", (), after),
    )


def test_a_type_that_was_not_listed_counts_with_what_held_for_it() -> None:
    # A state event needed 50 by default; to need 0 is a gift, to need 100 is not.
    before = levels({}, events={})
    given = levels({}, events={"m.call.member": 0})
    taken = levels({}, events={"m.call.member": 100})
    assert split_power("room", before, given) == (None, GrantPower("room", (), given))
    assert split_power("room", before, taken) == (RevokePower("room", (), taken), None)


@pytest.mark.parametrize("level", ["50", None, True])
def test_what_is_no_whole_number_is_put_right(level: object) -> None:
    after = levels({"@a:s": 50})
    assert split_power("room", levels({"@a:s": level}), after) == (
        None,
        GrantPower("room", (("@a:s", 0, 50),), after),
    )


def test_the_same_levels_are_no_work() -> None:
    content = levels({"@a:s": 50})
    assert split_power("room", content, dict(content)) == (None, None)
