"""What of that which happens in a kept room must not stay, and what undoes it."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from appservice.rooms.desired import JOIN_RULES, POWER_LEVELS, SPACE_CHILD, Desired
from appservice.rooms.enforcement.departs import departs
from appservice.rooms.enforcement.drift import Drift, DriftKind, apart
from appservice.rooms.enforcement.fights import PATIENCE, Undone, pauses
from appservice.rooms.enforcement.judge import Judgement, judge_room
from appservice.rooms.enforcement.moderation import BanGiven, BanLifted
from appservice.rooms.kinds.power import integers
from appservice.rooms.measures import Measure, MeasureKind, with_measures
from appservice.rooms.observed import InboundEvent, ObservedRoom
from appservice.rooms.planning.plan import Plan
from appservice.rooms.planning.scene import Scene
from appservice.rooms.state import JsonObject, StateKey
from tests.rooms.imagined_homeserver import ImaginedHomeserver
from tests.rooms.small_school import BOT, desired, only, school, user

NOW = datetime(2026, 10, 1, 12, tzinfo=UTC)
CHAT = "17/class_chat/5a"
FEW = only("school_space", "class_space", "class_chat")
STRANGER = "@guest:elsewhere.example"
TEACHER, OTHER_TEACHER, ANNA = user("ivanova"), user("petrov"), user("anna")

numbers = count(1)


class Room:
    """The chat of 5А on a homeserver where everything is as it must be."""

    def __init__(self, wanted: Desired | None = None) -> None:
        self.desired = wanted or desired(school(), settings=FEW)
        self.server = ImaginedHomeserver()
        self.server.apply(self.desired)
        self.before = deepcopy(self.server)
        self.events: list[InboundEvent] = []

    @property
    def scene(self) -> Scene:
        rooms = {key: room.room_id for key, room in self.server.rooms.items()}
        return Scene.of(self.desired, rooms, self.server.accounts)

    @property
    def observed(self) -> ObservedRoom:
        return next(room for room in self.server.observed() if room.key == CHAT)

    def changed(
        self, place: StateKey, content: JsonObject, by: str = TEACHER, *, seen: bool = True
    ) -> InboundEvent:
        """Somebody changed something; `seen` is whether it arrives as worth a look."""
        room = self.server.rooms[CHAT]
        if place[0] == "m.room.member":
            membership = str(content["membership"])
            room.members[place[1]] = membership
            if membership == "leave":
                del room.members[place[1]]
        else:
            room.state[place] = content
        at = int(NOW.timestamp() * 1000)
        event = InboundEvent(room.room_id, *place, content, by, f"${next(numbers)}", at)
        assert departs(self.scene, event) is seen
        self.events.append(event)
        return event

    def judged(self, *undone: Undone) -> Judgement:
        """What the judge makes of it, carried out."""
        judgement = judge_room(self.scene, self.observed, self.events, now=NOW, undone=undone)
        self.server.apply(self.desired, Plan(judgement.actions))
        return judgement


def member(name: str) -> StateKey:
    return "m.room.member", name


def levels(room: Room, **users: int) -> JsonObject:
    """The levels as they are, but for these people."""
    content = room.server.rooms[CHAT].state[POWER_LEVELS]
    named = {user(name): level for name, level in users.items()}
    return {**content, "users": {**integers(content["users"]), **named}}


STATE: Mapping[str, tuple[StateKey, JsonObject, DriftKind]] = {
    "name": (("m.room.name", ""), {"name": "Чатик"}, DriftKind.STATE),
    "topic": (("m.room.topic", ""), {"topic": "Мемы"}, DriftKind.STATE),
    "avatar": (("m.room.avatar", ""), {"url": "mxc://x/y"}, DriftKind.STATE),
    "alias": (("m.room.canonical_alias", ""), {}, DriftKind.STATE),
    "join rules": (JOIN_RULES, {"join_rule": "public"}, DriftKind.STATE),
    "guests": (("m.room.guest_access", ""), {"guest_access": "can_join"}, DriftKind.STATE),
    "history": (
        ("m.room.history_visibility", ""),
        {"history_visibility": "world_readable"},
        DriftKind.STATE,
    ),
    "encryption": (
        ("m.room.encryption", ""),
        {"algorithm": "m.megolm.v1.aes-sha2"},
        DriftKind.ENCRYPTION,
    ),
    "server list": (("m.room.server_acl", ""), {"allow": ["*"]}, DriftKind.STATE),
    "widget": (("im.vector.modular.widgets", "game"), {"type": "m.custom"}, DriftKind.STATE),
    "invite by e-mail": (
        ("m.room.third_party_invite", "t"),
        {"display_name": "x"},
        DriftKind.STATE,
    ),
    "our key": (("org.schoolspaces.room", ""), {"key": "17/staff_room"}, DriftKind.STATE),
    "a room in it": ((SPACE_CHILD, "!casino"), {"via": ["x"]}, DriftKind.LINK),
    "another space": (("m.space.parent", "!casino"), {"via": ["x"]}, DriftKind.LINK),
}


@pytest.mark.parametrize("what", STATE)
def test_what_a_room_says_is_put_back_and_recorded(what: str) -> None:
    place, content, kind = STATE[what]
    room = Room()
    wanted = room.server.rooms[CHAT].state.get(place, {})
    event = room.changed(place, content)

    judgement = room.judged()

    assert room.server == room.before
    before, after = apart(wanted, content)
    assert judgement.drifts == (
        Drift(CHAT, TEACHER, kind, *place, before, after, event.event_id, NOW),
    )


def test_a_promotion_is_taken_back_and_told_without_the_rest_of_the_levels() -> None:
    room = Room()
    event = room.changed(POWER_LEVELS, levels(room, anna=99, ivanova=10))
    judgement = room.judged()
    assert room.server == room.before
    assert judgement.drifts == (
        Drift(
            CHAT,
            TEACHER,
            DriftKind.LEVELS,
            *POWER_LEVELS,
            {"users": {TEACHER: 50}},
            {"users": {TEACHER: 10, ANNA: 99}},
            event.event_id,
            NOW,
        ),
    )


@pytest.mark.parametrize("membership", ["join", "invite", "knock"])
def test_a_stranger_is_shown_the_door(membership: str) -> None:
    room = Room()
    room.changed(member(STRANGER), {"membership": membership})
    (drift,) = room.judged().drifts
    assert room.server == room.before
    assert (drift.kind, drift.before, drift.after) == (
        DriftKind.STRANGER,
        {"membership": "leave"},
        {"membership": membership},
    )


@pytest.mark.parametrize(
    ("content", "by"),
    [
        ({"membership": "leave"}, ANNA),
        ({"membership": "leave", "reason": "за шум"}, TEACHER),
        ({"membership": "ban"}, TEACHER),
        ({"membership": "ban", "reason": "  "}, TEACHER),
        ({"membership": "ban", "reason": "просто так"}, OTHER_TEACHER),
    ],
    ids=["leaves", "is kicked", "is banned", "without a reason", "by one who may not"],
)
def test_who_belongs_in_a_room_is_brought_back(content: JsonObject, by: str) -> None:
    room = Room()
    room.changed(member(ANNA), content, by)
    judgement = room.judged()
    assert room.server == room.before
    assert judgement.decisions == ()
    assert [(drift.kind, drift.who) for drift in judgement.drifts] == [(DriftKind.OUT, by)]


def test_a_ban_with_a_reason_by_one_who_may_is_a_decision_and_stands() -> None:
    room = Room()
    event = room.changed(member(ANNA), {"membership": "ban", "reason": " травля "})
    judgement = room.judged()
    assert judgement == Judgement(decisions=(BanGiven(ANNA, TEACHER, "травля", event.event_id),))


def test_a_teacher_cannot_ban_the_director() -> None:
    room = Room()
    room.changed(member(user("director")), {"membership": "ban", "reason": "спор"})
    assert room.judged().decisions == ()
    assert room.server == room.before


def banned() -> Room:
    ban = Measure(1, MeasureKind.BAN, "17", CHAT, ANNA, TEACHER, NOW)
    return Room(with_measures(desired(school(), settings=FEW), [ban], now=NOW))


def test_a_teacher_may_take_a_ban_back_and_a_stranger_may_not() -> None:
    room = banned()
    event = room.changed(member(ANNA), {"membership": "leave"}, STRANGER)
    assert [drift.kind for drift in room.judged().drifts] == [DriftKind.STRANGER]
    assert room.server.rooms[CHAT].members[ANNA] == "ban"

    room = banned()
    event = room.changed(member(ANNA), {"membership": "leave"})
    assert room.judged() == Judgement(decisions=(BanLifted(ANNA, TEACHER, event.event_id),))


def test_a_member_under_another_name_is_renamed_and_nothing_else_happens() -> None:
    room = Room()
    event = room.changed(member(ANNA), {"membership": "join", "displayname": "Директор"}, ANNA)
    judgement = room.judged()
    assert judgement == Judgement(
        drifts=(
            Drift(
                CHAT,
                ANNA,
                DriftKind.NAME,
                *member(ANNA),
                {"displayname": "Anna"},
                {"displayname": "Директор"},
                event.event_id,
                NOW,
            ),
        ),
        misnamed=(ANNA,),
    )


def test_what_people_may_do_is_no_drift() -> None:
    topic_is_free = only(
        "school_space",
        "class_space",
        "class_chat",
        class_chat={"topic_editable": 50, "widgets": 50},
    )
    room = Room(desired(school(), settings=topic_is_free))
    room.changed(("m.room.topic", ""), {"topic": "Контрольная в среду"}, seen=False)
    room.changed(("im.vector.modular.widgets", "map"), {"type": "m.custom"}, seen=False)
    room.changed(("m.room.pinned_events", ""), {"pinned": ["$1"]}, seen=False)
    room.changed(member(ANNA), {"membership": "join", "displayname": "Anna"}, ANNA, seen=False)
    room.changed(member(STRANGER), {"membership": "ban"}, seen=False)
    assert room.judged() == Judgement()


def test_people_and_rooms_that_are_held_are_left_alone() -> None:
    room = Room(desired(school(), settings=FEW, held=("anna",)))
    room.changed(member(ANNA), {"membership": "join"}, seen=False)
    assert room.judged() == Judgement()
    room = Room(desired(school(), settings=FEW))
    room.desired = desired(school(), settings=FEW, held=("5a",))
    room.changed(("m.room.name", ""), {"name": "x"}, seen=False)
    assert room.judged() == Judgement()


def test_what_nobody_touched_waits_for_a_plan() -> None:
    room = Room()
    room.server.rooms[CHAT].state["m.room.topic", ""] = {"topic": "old"}
    room.server.rooms[CHAT].members.pop(ANNA)
    room.changed(("m.room.name", ""), {"name": "x"})
    judgement = room.judged()
    assert [type(action).__name__ for action in judgement.actions] == ["SetState"]


def test_without_events_a_look_carries_measures_out() -> None:
    room = Room()
    measures = [
        Measure(1, MeasureKind.BAN, "17", CHAT, ANNA, TEACHER, NOW),
        Measure(2, MeasureKind.MUTE, "17", CHAT, user("boris"), TEACHER, NOW),
    ]
    room.desired = with_measures(room.desired, measures, now=NOW)
    assert room.judged().drifts == ()
    chat = room.server.rooms[CHAT]
    assert chat.members[ANNA] == "ban"
    assert integers(chat.state[POWER_LEVELS]["users"])[user("boris")] == -1


def test_our_bot_outside_is_told_and_a_redaction_is_to_be_looked_up() -> None:
    room = Room()
    room.changed(member(BOT), {"membership": "leave"}, BOT)
    room.changed(("m.room.redaction", "$42"), {})
    judgement = judge_room(room.scene, room.observed, room.events, now=NOW)
    assert judgement.bot_is_out
    assert judgement.redacted == ("$42",)


def test_many_changes_of_one_thing_are_undone_once_and_counted() -> None:
    room = Room()
    events = [room.changed(("m.room.name", ""), {"name": f"Чатик {n}"}) for n in range(3)]
    (drift,) = room.judged().drifts
    assert (drift.times, drift.event_id) == (3, events[-1].event_id)
    assert room.server == room.before


def lately(times: int, place: StateKey = ("m.room.name", "")) -> list[Undone]:
    return [Undone(place, NOW - timedelta(milliseconds=10 * n)) for n in range(times)]


def test_a_fight_is_undone_more_and_more_slowly_and_nothing_else_is() -> None:
    room = Room()
    name = room.changed(("m.room.name", ""), {"name": "x"})
    topic = room.changed(("m.room.topic", ""), {"topic": "x"})
    judgement = room.judged(*lately(PATIENCE))
    assert judgement.waiting == {name.event_id}
    assert judgement.after == timedelta(seconds=2)
    assert [drift.event_id for drift in judgement.drifts] == [topic.event_id]
    assert room.server.rooms[CHAT].state["m.room.name", ""] == {"name": "x"}

    longest = judge_room(room.scene, room.observed, room.events, now=NOW, undone=lately(30))
    assert longest.after == timedelta(minutes=5)
    later = judge_room(
        room.scene,
        room.observed,
        room.events,
        now=NOW + timedelta(seconds=3),
        undone=lately(PATIENCE),
    )
    assert [(drift.slowed, drift.event_id) for drift in later.drifts] == [
        (True, name.event_id),
        (False, topic.event_id),
    ]


def test_a_fight_is_over_an_hour_after_it_stopped() -> None:
    undone = lately(30)
    assert pauses(undone, NOW + timedelta(hours=2)) == {}
    assert pauses(undone, NOW - timedelta(days=1))[("m.room.name", "")] == timedelta(minutes=5)
