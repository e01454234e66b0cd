"""What a person in charge decides beyond the roster is part of what must be true, until its end."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from appservice.rooms.actions import AddMember, BanMember, GrantPower, LiftBan, RevokePower
from appservice.rooms.desired import POWER_LEVELS
from appservice.rooms.kinds.power import integers
from appservice.rooms.measures import Measure, MeasureKind, with_measures
from appservice.storage.measures import MeasureStore
from appservice.storage.standing import StandingStore
from tests.upkeep.conftest import SchoolOnTrial
from tests.upkeep.reader import as_wanted
from tests.upkeep.tiny_school import tiny_roster

CHAT = "17/class_chat/5a"


def measure(school: SchoolOnTrial, kind: MeasureKind, person: str = "") -> Measure:
    return Measure(
        number=0,
        kind=kind,
        school_id="17",
        room=CHAT,
        user_id=school.user(person) if person else "",
        given_by=school.user("lena"),
        began_at=datetime.now(UTC),
        until=datetime.now(UTC) + timedelta(days=1),
        reason="спам",
    )


async def test_mutes_bans_and_locks_hold_over_every_sync_and_end_when_lifted(
    either_way: SchoolOnTrial,
) -> None:
    school = either_way
    await school.stand()
    petya, masha = school.user("petya"), school.user("masha")
    store = MeasureStore(school.workplace.database)
    given = [
        measure(school, MeasureKind.MUTE, "petya"),
        measure(school, MeasureKind.BAN, "masha"),
        measure(school, MeasureKind.LOCK),
    ]
    numbers = [await store.give(one) for one in given]

    report = await school.apply()
    measured = with_measures(school.wish().desired, given, now=datetime.now(UTC))
    seen, wanted = await school.seen(), as_wanted(measured)
    chat = measured.rooms[CHAT].state[POWER_LEVELS]

    assert {type(result.action) for result in report.results} == {BanMember, RevokePower}
    assert seen == wanted
    assert integers(chat["users"])[petya] == -1
    assert (chat["events_default"], integers(chat["events"])["m.reaction"]) == (25, 25)
    assert (await school.plan()).actions == ()
    room_id = await school.room_id(CHAT)
    state = await school.workplace.homeserver.room_state(room_id)
    assert [event.content for event in state if event.state_key == masha] == [{"membership": "ban"}]

    await store.lift(numbers, by=school.user("lena"), at=datetime.now(UTC))
    report = await school.apply()
    assert {type(result.action) for result in report.results} == {LiftBan, AddMember, GrantPower}
    assert await school.seen() == school.wanted()
    assert (await school.plan()).actions == ()


async def test_what_is_applied_is_what_every_process_holds_the_school_to(
    school: SchoolOnTrial,
) -> None:
    await school.stand()
    latest = await StandingStore(school.workplace.database).latest()
    assert latest is not None
    accepted = tiny_roster()
    assert latest.delivery.roster == replace(accepted, files={}, columns={})
