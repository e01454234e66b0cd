"""Rooms that end: archived, found again, and deleted at last, on a real homeserver."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest

from appservice.embedded.postgres import EmbeddedPostgres
from appservice.errors import Permanent
from appservice.rooms.actions import ArchiveRoom, DeleteRoom, RemoveMember
from appservice.school.model import Roster
from appservice.storage.database import Database
from appservice.storage.observed import ObservedStore
from appservice.upkeep.apply import apply, plan_of
from appservice.upkeep.reconcile import wish_of
from appservice.upkeep.report import AWAY, Report
from tests import ground
from tests.upkeep.bystander import Bystander
from tests.upkeep.conftest import TODAY, SchoolOnTrial, open_workplace
from tests.upkeep.proxy import Fault, Passing, proxy_to
from tests.upkeep.reader import SeenRoom
from tests.upkeep.tiny_school import delivery, moved, tiny_roster, without

SPACE, CHAT, MATHS = "17/class_space/5b", "17/class_chat/5b", "17/subject_room/5b-math"


def without_5b() -> Roster:
    """The class has ended: Vanya is in 5A now, Oleg still teaches there."""
    tiny = moved(tiny_roster(), "vanya", {"5b": "5a", "5b-math": "5a-math"})
    return replace(
        tiny,
        classes={"5a": tiny.classes["5a"]},
        groups={"5a-math": tiny.groups["5a-math"]},
        memberships=tuple(each for each in tiny.memberships if not each.target_id.startswith("5b")),
    )


async def on_day(school: SchoolOnTrial, days: int, roster: Roster) -> Report:
    """Approve and apply what the roster asks for so many days later."""
    deployment = school.workplace.deployment
    wish = wish_of(delivery(roster), deployment, today=TODAY + timedelta(days=days))
    digest = (await plan_of(wish, school.workplace)).plan.digest
    report = await apply(wish, school.workplace, digest=digest)
    assert (report.failed, report.skipped) == ((), ())
    return report


async def signed_in(school: SchoolOnTrial, person: str) -> Bystander:
    path = f"/_synapse/admin/v1/users/{school.user(person)}/login"
    token = await school.bot.ask("POST", path, {})
    return Bystander(school.slot.homeserver_url, str(token["access_token"]))


def archived(school: SchoolOnTrial) -> dict[str, SeenRoom]:
    """What a reader must see of the rooms of 5B once they have ended."""
    before = school.wanted().rooms
    ending = " · 2026/2027"
    return {
        key: replace(
            before[key],
            name=before[key].name + ending,
            levels=dict.fromkeys(before[key].levels, 0),
            parents=frozenset() if key == SPACE else before[key].parents,
        )
        for key in (SPACE, CHAT, MATHS)
    }


async def test_the_rooms_of_a_class_that_ends_are_archived_together_and_come_back_with_it(
    either_way: SchoolOnTrial,
) -> None:
    school = either_way
    await school.stand()
    report = await school.apply(without_5b())
    assert report.exit_status == 0
    assert {
        result.action.room for result in report.results if isinstance(result.action, ArchiveRoom)
    } == {
        SPACE,
        CHAT,
        MATHS,
    }
    living = school.wanted(without_5b())
    assert (await school.seen()).rooms == {**living.rooms, **archived(school)}
    assert (await school.plan(without_5b())).actions == ()
    assert (await school.audit(without_5b())).corrections == ()

    assert (await school.apply()).exit_status == 0
    assert await school.seen() == school.wanted()
    assert (await school.plan()).actions == ()


async def test_an_archive_is_read_by_its_members_and_written_in_by_nobody(
    school: SchoolOnTrial,
) -> None:
    await school.stand()
    chat = await school.room_id(CHAT)
    vanya, oleg = await signed_in(school, "vanya"), await signed_in(school, "oleg")
    rooms = f"/_matrix/client/v3/rooms/{chat}"
    said = {"msgtype": "m.text", "body": "До свидания, 5Б!"}
    event = (await vanya.ask("PUT", f"{rooms}/send/m.room.message/1", said))["event_id"]
    await school.apply(without_5b())

    for person in (vanya, oleg):
        with pytest.raises(AssertionError, match="M_FORBIDDEN"):
            await person.ask("PUT", f"{rooms}/send/m.room.message/2", said)
    with pytest.raises(AssertionError, match="M_FORBIDDEN"):
        await oleg.act(chat, "kick", user_id=school.user("vanya"))
    messages = (await vanya.ask("GET", f"{rooms}/messages?dir=b&limit=50"))["chunk"]
    assert isinstance(messages, list)
    bodies = [one["content"].get("body") for one in messages if isinstance(one, Mapping)]
    assert said["body"] in bodies
    # Who wrote it may still take it back.
    await vanya.ask("PUT", f"{rooms}/redact/{event}/1", {})


async def test_who_leaves_the_school_leaves_its_archives(school: SchoolOnTrial) -> None:
    await school.stand()
    await school.apply(without_5b())
    report = await school.apply(without(without_5b(), "vanya", "boris"))
    gone = {r.action.room for r in report.results if isinstance(r.action, RemoveMember)}
    assert {SPACE, CHAT, MATHS} <= gone
    seen = await school.seen()
    assert set(seen.rooms[CHAT].levels) == {school.user("head"), school.user("oleg")}


async def test_an_archive_is_deleted_with_everything_after_its_time(
    school: SchoolOnTrial,
) -> None:
    await school.stand()
    ids = {key: await school.room_id(key) for key in (SPACE, CHAT, MATHS)}
    await on_day(school, 0, without_5b())
    assert (await on_day(school, 364, without_5b())).results == ()

    report = await on_day(school, 365, without_5b())
    assert {result.action for result in report.results} == {
        DeleteRoom(key, room_id) for key, room_id in ids.items()
    }
    assert await school.seen() == school.wanted(without_5b())
    for room_id in ids.values():
        with pytest.raises(AssertionError, match="M_NOT_FOUND"):
            await school.bot.ask("GET", f"/_synapse/admin/v1/rooms/{room_id}")
    assert (await on_day(school, 366, without_5b())).results == ()

    # The class comes back: nothing of the old rooms is in the way.
    assert (await school.apply()).exit_status == 0
    assert await school.seen() == school.wanted()


async def test_a_room_that_is_deleted_by_two_at_once_is_gone_for_both(
    school: SchoolOnTrial,
) -> None:
    room_id = await school.bot.create_room(name="Старая комната")
    homeserver = school.workplace.homeserver
    await asyncio.gather(*(homeserver.delete_room(room_id) for _ in range(2)))
    with pytest.raises(AssertionError, match="M_NOT_FOUND"):
        await school.bot.ask("GET", f"/_synapse/admin/v1/rooms/{room_id}")
    await homeserver.delete_room(room_id)  # also when it is long gone
    with pytest.raises(Permanent):
        await homeserver.delete_room("no room id")


async def test_an_emptied_database_finds_the_archives_and_their_day_again(
    school: SchoolOnTrial, postgres: EmbeddedPostgres, database_template: str
) -> None:
    await school.stand()
    await on_day(school, 0, without_5b())
    copies = ground.copied_database(postgres, database_template)
    async with Database.connect(next(copies)) as database:
        store = ObservedStore(database, bot=school.slot.bot_id)
        emptied = SchoolOnTrial(
            replace(school.workplace, database=database, store=store), school.slot
        )
        await emptied.audit(without_5b())
        assert (await on_day(emptied, 1, without_5b())).results == ()
        report = await on_day(emptied, 365, without_5b())
        assert {type(result.action) for result in report.results} == {DeleteRoom}
        assert await emptied.seen() == emptied.wanted(without_5b())
    next(copies, None)


async def test_an_archiving_that_is_cut_off_is_finished_by_the_next_run(
    school: SchoolOnTrial, database: str
) -> None:
    await school.stand()
    async with proxy_to(school.slot.homeserver_url) as proxy:

        async def judge(passing: Passing) -> Fault:
            return Fault.CUT_BEFORE if passing.number > 11 else Fault.NONE

        proxy.judge = judge
        async with open_workplace(
            school.slot, database, use_module=False, url=proxy.url, patience=0.2
        ) as impatient:
            report = await SchoolOnTrial(impatient, school.slot).apply(without_5b())
    assert {each.code for each in report.failed} == {AWAY}
    assert (await school.apply(without_5b())).exit_status == 0
    living = school.wanted(without_5b())
    assert (await school.seen()).rooms == {**living.rooms, **archived(school)}
    assert (await school.plan(without_5b())).actions == ()
