"""What happens when the line to a real homeserver breaks, or the homeserver has too much to do."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager

import pytest

from appservice.errors import Permanent, Temporary
from appservice.matrix.homeserver import AliasTaken, Homeserver
from appservice.matrix.values import StateEvent
from tests.ground import AppserviceSlot
from tests.matrix.rooms_to_make import alias_of, room_named
from tests.matrix.troubled_line import (
    BAD_GATEWAY,
    Answer,
    Break,
    TroubledLine,
    slow_down,
    troubled_line,
)


@pytest.fixture
async def line(appservice_slot: AppserviceSlot) -> AsyncIterator[TroubledLine]:
    async with troubled_line(appservice_slot.homeserver_url) as opened:
        yield opened


def over(
    line: TroubledLine,
    slot: AppserviceSlot,
    *,
    patience: float = 30.0,
    timeout: float = 20.0,
    at_once: int = 16,
) -> AbstractAsyncContextManager[Homeserver]:
    """The Homeserver as the bot, over the troubled line."""
    return Homeserver(
        line.url,
        slot.as_token,
        server_name=slot.server_name,
        bot=slot.bot_id,
        patience=patience,
        timeout=timeout,
        at_once=at_once,
    )


@pytest.mark.parametrize(
    "fault",
    [
        slow_down(10),
        slow_down(seconds=0),
        slow_down(),
        BAD_GATEWAY,
        Answer(500, '{"errcode":"M_UNKNOWN","error":"Internal server error"}'),
        Answer(503, ""),
        Answer(200, "<html>login to the school's wifi</html>"),
        Answer(200, ""),
        Break.BEFORE,
        Break.AFTER,
    ],
    ids=str,
)
async def test_a_passing_trouble_is_waited_out(
    line: TroubledLine, appservice_slot: AppserviceSlot, fault: Break | Answer
) -> None:
    line.faults.extend([fault, fault])

    async with over(line, appservice_slot) as bot:
        assert await bot.synapse_version()

    assert line.arrived == 3


async def test_every_try_is_counted(line: TroubledLine, appservice_slot: AppserviceSlot) -> None:
    line.faults.extend([slow_down(10), BAD_GATEWAY])

    async with over(line, appservice_slot) as bot:
        await bot.whoami()
        await bot.whoami()

    assert bot.requests == 4


async def test_a_homeserver_that_stays_silent_is_asked_again(
    line: TroubledLine, appservice_slot: AppserviceSlot
) -> None:
    line.faults.append(Break.SILENCE)

    async with over(line, appservice_slot, timeout=1.0) as bot:
        assert await bot.whoami() == appservice_slot.bot_id

    assert line.arrived == 2


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (BAD_GATEWAY, "502"),
        (Answer(200, "not JSON"), "cannot be reached"),
        (Break.BEFORE, "cannot be reached"),
        (Break.SILENCE, "no answer"),
    ],
    ids=str,
)
async def test_a_trouble_that_stays_is_temporary_once_patience_ends(
    line: TroubledLine, appservice_slot: AppserviceSlot, fault: Break | Answer, said: str
) -> None:
    line.faults.extend([fault] * 50)

    async with over(line, appservice_slot, patience=0.6, timeout=0.2) as bot:
        with pytest.raises(Temporary, match=said):
            await bot.whoami()

    assert 1 <= line.arrived < 50


async def test_a_pause_longer_than_our_patience_is_handed_on_without_waiting(
    line: TroubledLine, appservice_slot: AppserviceSlot
) -> None:
    line.faults.append(slow_down(600_000, seconds=601))

    async with over(line, appservice_slot) as bot:
        with pytest.raises(Temporary, match="rate_limited") as limited:
            await bot.whoami()

    assert limited.value.retry_after == 600.0
    assert line.arrived == 1


async def test_a_refusal_is_not_asked_for_again(
    line: TroubledLine, appservice_slot: AppserviceSlot
) -> None:
    async with over(line, appservice_slot) as bot:
        with pytest.raises(Permanent) as refused:
            await bot.room_state("!nowhere")

    assert refused.value.code == "M_FORBIDDEN"
    assert line.arrived == 1


async def test_the_404_of_a_proxy_is_not_taken_for_an_account_that_is_missing(
    line: TroubledLine, appservice_slot: AppserviceSlot
) -> None:
    line.faults.append(Answer(404, "<html>no such site</html>"))

    async with over(line, appservice_slot) as bot:
        with pytest.raises(Permanent) as refused:
            await bot.user(appservice_slot.bot_id)

    assert refused.value.code == "HTTP_404"


async def test_a_homeserver_that_moved_is_named_and_our_token_is_not_sent_after_it(
    line: TroubledLine, appservice_slot: AppserviceSlot
) -> None:
    async with troubled_line(appservice_slot.homeserver_url) as elsewhere:
        line.faults.append(Answer(301, "", {"Location": f"{elsewhere.url}/x"}))
        async with over(line, appservice_slot) as bot:
            with pytest.raises(Permanent, match=elsewhere.url):
                await bot.put_user(f"@{appservice_slot.id}-x:school.test", display_name="X")

        assert elsewhere.arrived == 0


@pytest.mark.parametrize("fault", [Break.AFTER, Break.BEFORE], ids=str)
async def test_a_lost_answer_makes_no_second_room(
    line: TroubledLine, appservice_slot: AppserviceSlot, fault: Break
) -> None:
    alias = alias_of(appservice_slot, "maths")
    async with over(line, appservice_slot) as bot:
        line.faults.append(fault)
        try:
            room_id = await bot.create_room(room_named(appservice_slot, "maths"))
        except AliasTaken as taken:
            room_id = taken.room_id

        assert await bot.joined_rooms() == [room_id]
        assert await bot.resolve_alias(alias) == room_id


async def test_two_who_make_one_room_at_once_get_one_room(
    line: TroubledLine, appservice_slot: AppserviceSlot
) -> None:
    room = room_named(appservice_slot, "maths")
    async with over(line, appservice_slot) as bot:

        async def make() -> str:
            try:
                return await bot.create_room(room)
            except AliasTaken as taken:
                return taken.room_id

        made = await asyncio.gather(*(make() for _ in range(6)))

        assert len(set(made)) == 1
        assert await bot.joined_rooms() == [made[0]]


async def test_lost_answers_change_nothing_in_the_end(
    line: TroubledLine, appservice_slot: AppserviceSlot
) -> None:
    """Every request that changes something is done once although it is sent twice."""
    user = f"@{appservice_slot.id}-student:{appservice_slot.server_name}"
    topic = StateEvent("m.room.topic", "", {"topic": "Алгебра"})

    def lose_the_next_answer() -> None:
        line.faults.append(Break.AFTER)

    async with over(line, appservice_slot) as bot:
        room_id = await bot.create_room(room_named(appservice_slot, "maths"))
        lose_the_next_answer()
        await bot.put_user(user, display_name="Иванов Пётр")
        lose_the_next_answer()
        sent = await bot.put_state(room_id, topic)
        lose_the_next_answer()
        await bot.join_user(room_id, user)
        joined = await bot.room_state(room_id)
        lose_the_next_answer()
        await bot.kick(room_id, user)
        left = await bot.room_state(room_id)
        lose_the_next_answer()
        await bot.delete_alias(alias_of(appservice_slot, "maths"))

        assert not line.faults  # all of them befell
        assert [event.event_id for event in joined if event.type == "m.room.topic"] == [sent]
        assert [
            [event.content["membership"] for event in state if event.state_key == user]
            for state in (joined, left)
        ] == [["join"], ["leave"]]
        assert await bot.resolve_alias(alias_of(appservice_slot, "maths")) is None


async def test_no_more_requests_than_agreed_are_under_way_at_once(
    line: TroubledLine, appservice_slot: AppserviceSlot
) -> None:
    async with over(line, appservice_slot, at_once=3) as bot:
        answered = await asyncio.gather(*(bot.whoami() for _ in range(30)))

    assert answered == [appservice_slot.bot_id] * 30
    assert line.most_at_once <= 3


async def test_names_passwords_and_tokens_never_reach_the_log(
    line: TroubledLine, appservice_slot: AppserviceSlot, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(1, logger="appservice")
    caplog.set_level(1, logger="mau")
    caplog.set_level(logging.DEBUG)
    line.faults.extend([BAD_GATEWAY, Break.AFTER])

    async with over(line, appservice_slot) as bot:
        await bot.put_user(
            f"@{appservice_slot.id}-anna:school.test",
            display_name="Петрова Анна",
            password="her password",
        )
        await bot.create_room(room_named(appservice_slot, "maths"))

    written = "\n".join(f"{record.getMessage()} {vars(record)}" for record in caplog.records)
    assert "again in" in written
    for secret in ("Петрова", r"\u041f\u0435\u0442", "her password", appservice_slot.as_token):
        assert secret not in written
