"""A school that lives: people change their rooms with real clients, and the roster holds."""

import asyncio
from datetime import UTC, datetime
from urllib.parse import quote

from appservice.embedded.synapse import EmbeddedSynapse
from appservice.rooms.actions import AddMember
from appservice.rooms.enforcement.drift import DriftKind
from appservice.rooms.enforcement.fights import PATIENCE
from appservice.rooms.measures import MeasureKind
from appservice.storage.drift import DriftStore
from appservice.storage.measures import MeasureStore
from appservice.upkeep.repairing import audit_and_repair
from tests.upkeep.conftest import SchoolOnTrial
from tests.upkeep.live import LONG_AGO, client, empower, enforcer_of, live, living_of, unjudged
from tests.upkeep.reader import SeenSchool

CHAT = "17/class_chat/5a"
NAME = "m.room.name"


def _now() -> datetime:
    return datetime.now(UTC)


async def test_whatever_people_change_is_put_back_and_recorded_once(
    school: SchoolOnTrial, homeserver: EmbeddedSynapse
) -> None:
    await school.stand()
    chat = await school.room_id(CHAT)
    space = await school.room_id("17/class_space/5a")
    lena, petya = await client(school, "lena"), await client(school, "petya")
    stranger = await homeserver.create_user(f"stranger-{school.slot.id}", "a long password")
    lessons = await school.room_id("17/subject_room/5a-math")
    for room_id in (chat, space, lessons):
        await empower(school, room_id, "lena")
    async with live(school) as service:
        await lena.put_state(chat, NAME, "", {"name": "Чатик"})
        await lena.act(chat, "kick", user_id=school.user("masha"))
        await lena.put_state(
            lessons, "m.room.encryption", "", {"algorithm": "m.megolm.v1.aes-sha2"}
        )
        await lena.act(space, "invite", user_id=stranger.user_id)
        await petya.act(await school.room_id("17/school_space"), "leave")
        found = await service.recorded(5)
        seen = await service.back_in_line()

    assert seen == school.wanted()
    assert {(one.drift.kind, one.drift.who, one.outcome) for one in found} == {
        (DriftKind.STATE, school.user("lena"), "undone"),
        (DriftKind.ENCRYPTION, school.user("lena"), "undone"),
        (DriftKind.STRANGER, school.user("lena"), "undone"),
        (DriftKind.OUT, school.user("lena"), "undone"),
        (DriftKind.OUT, school.user("petya"), "undone"),
    }
    assert len(found) == 5
    assert (await school.plan()).actions == ()


async def test_a_name_somebody_gives_themself_is_put_back_in_every_room(
    school: SchoolOnTrial,
) -> None:
    await school.stand()
    chat = await school.room_id(CHAT)
    petya = school.user("petya")
    phone = await client(school, "petya")
    async with live(school) as service:
        await phone.put_state(
            chat, "m.room.member", petya, {"membership": "join", "displayname": "Директор"}
        )
        await service.recorded(1)
        path = f"/_matrix/client/v3/profile/{quote(petya, safe='')}/displayname"
        await phone.ask("PUT", path, {"displayname": "Директор"})
        found = await service.recorded(2)
        seen = await service.back_in_line()
        names = await service.names_of("petya")

    assert seen == school.wanted()
    assert names == {school.wanted().names[petya]}
    assert {(one.drift.kind, one.outcome) for one in found} == {(DriftKind.NAME, "undone")}


async def test_a_ban_with_a_reason_stands_until_a_teacher_takes_it_back(
    school: SchoolOnTrial,
) -> None:
    await school.stand()
    chat = await school.room_id(CHAT)
    petya = school.user("petya")
    lena = await client(school, "lena")
    measures = MeasureStore(school.workplace.database)

    async def bans(now_in_force: int) -> None:
        async with asyncio.timeout(60):
            while True:
                told = await measures.told(_now())
                if sum(one.in_force(_now()) for one in told) == now_in_force and told:
                    return
                await asyncio.sleep(0.1)

    async with live(school) as service:
        await lena.act(chat, "ban", user_id=petya, reason="травля")
        await bans(1)
        (ban,) = await measures.told(_now())
        assert (ban.kind, ban.room, ban.user_id, ban.given_by, ban.reason, ban.until) == (
            MeasureKind.BAN,
            CHAT,
            petya,
            school.user("lena"),
            "травля",
            None,
        )
        assert (await school.plan()).actions == ()

        await lena.act(chat, "unban", user_id=petya)
        await bans(0)
        seen = await service.back_in_line()
        assert await service.drift() == []
    assert seen == school.wanted()


async def test_state_that_somebody_takes_back_comes_back(school: SchoolOnTrial) -> None:
    await school.stand()
    chat = await school.room_id(CHAT)
    lena = await client(school, "lena")
    states = await school.workplace.homeserver.room_state(chat)
    (name,) = [event for event in states if event.type == NAME]
    async with live(school) as service:
        path = f"/_matrix/client/v3/rooms/{quote(chat)}/redact/{quote(name.event_id)}/1"
        await lena.ask("PUT", path, {})
        (found,) = await service.recorded(1)
        seen = await service.back_in_line()
    assert seen == school.wanted()
    assert (found.drift.type, found.drift.who) == (NAME, school.user("lena"))


async def test_what_was_changed_while_the_service_was_down_is_put_back_when_it_starts(
    school: SchoolOnTrial,
) -> None:
    await school.stand()
    async with live(school):
        pass
    chat = await school.room_id(CHAT)
    lena = await client(school, "lena")
    await lena.act(chat, "kick", user_id=school.user("masha"))
    await (await client(school, "petya")).act(chat, "leave")
    async with live(school) as service:
        await service.recorded(2)
        assert await service.back_in_line() == school.wanted()


async def test_a_fight_is_slowed_down_and_ends_by_itself(school: SchoolOnTrial) -> None:
    await school.stand()
    chat = await school.room_id(CHAT)
    lena = await client(school, "lena")
    async with live(school) as service:
        for number in range(PATIENCE):
            await lena.act(chat, "kick", user_id=school.user("masha"))
            await service.recorded(number + 1)
        await lena.act(chat, "kick", user_id=school.user("masha"))
        found = await service.recorded(PATIENCE + 1)
        seen = await service.back_in_line()
    assert [one.drift.slowed for one in found] == [False] * PATIENCE + [True]
    assert (found[-1].undone_at - found[-1].drift.at).total_seconds() >= 1.5
    assert seen == school.wanted()


async def test_a_bot_that_is_out_for_good_is_reported_and_the_room_made_anew(
    school: SchoolOnTrial,
) -> None:
    await school.stand()
    lost = await school.room_id(CHAT)
    async with live(school) as service:
        await school.bot.act(lost, "leave")
        (found,) = await service.recorded(1)
        assert (found.drift.kind, found.outcome) == (DriftKind.BOT, "lost")
        assert (await school.apply()).exit_status == 0
        seen: SeenSchool = await school.seen()
    assert seen == school.wanted()
    assert await school.room_id(CHAT) != lost


async def test_two_processes_at_one_room_record_what_they_undo_once(
    school: SchoolOnTrial,
) -> None:
    await school.stand()
    chat = await school.room_id(CHAT)
    lena = await client(school, "lena")
    async with live(school) as service:
        other, _watch = enforcer_of(school)
        await other.start()
        for _round in range(2):
            await lena.act(chat, "kick", user_id=school.user("masha"))
            while await school.seen() != school.wanted():
                await asyncio.gather(
                    other.room(chat.encode()), service.enforcer.room(chat.encode())
                )
        found = await service.recorded(2)
        await asyncio.gather(other.room(chat.encode()), service.enforcer.room(chat.encode()))
        assert await service.back_in_line() == school.wanted()
        assert await service.drift() == found
    assert len({one.drift.event_id for one in found}) == len(found) == 2
    assert await unjudged(school, chat) == []


async def test_an_audit_puts_right_what_no_event_showed(school: SchoolOnTrial) -> None:
    await school.stand()
    chat = await school.room_id(CHAT)
    petya = school.user("petya")
    await (await client(school, "lena")).act(chat, "kick", user_id=school.user("masha"))
    await (await client(school, "petya")).put_state(
        chat, "m.room.member", petya, {"membership": "join", "displayname": "Директор"}
    )
    await school.bot.act(
        await school.room_id("17/class_chat/5b"), "kick", user_id=school.user("oleg")
    )
    wish = school.wish()

    repair = await audit_and_repair(wish, school.workplace, living_of(school))

    drift = await DriftStore(school.workplace.database).since(LONG_AGO)
    assert {(one.drift.kind, one.drift.who) for one in drift} == {
        (DriftKind.OUT, school.user("lena")),
        (DriftKind.NAME, petya),
    }
    assert repair.departed == 2
    assert repair.report is not None
    assert [result.action for result in repair.report.results] == [
        AddMember("17/class_chat/5b", school.user("oleg"))
    ]
    assert await school.seen() == school.wanted()
    content = await school.workplace.homeserver.member(chat, petya)
    assert content["displayname"] == school.wanted().names[petya]
    again = await audit_and_repair(wish, school.workplace, living_of(school))
    assert (again.audit.corrections, again.departed, again.report) == ((), 0, None)
