"""What the homeserver sends is stored once, or it is asked to send it again."""

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace

import pytest

from appservice.embedded.postgres import EmbeddedPostgres
from appservice.matrix.forgotten import QUIET_S
from appservice.matrix.homeserver import Homeserver as Requests
from appservice.matrix.transactions import Inbound
from appservice.matrix.values import StateEvent
from appservice.rooms.observed import InboundEvent, InboundMessage, MessageKind, ObservedRoom
from appservice.storage.database import Database
from appservice.storage.observed import ObservedStore
from tests.ground import AppserviceSlot
from tests.matrix.receiving import HS_TOKEN, Homeserver, receiving, sent_event, transaction
from tests.matrix.rooms_to_make import room_named
from tests.matrix.unsent import forgotten_with, put_back, reached

NAME = InboundEvent(
    room_id="!maths",
    type="m.room.name",
    state_key="",
    content={"name": "5А · Математика"},
    sender="@bot:school.test",
    event_id="$name",
    timestamp=1700000000000,
)


MESSAGE = InboundMessage(
    room_id="!maths",
    kind=MessageKind.MESSAGE,
    body="!школа помощь",
    sender="@bot:school.test",
    event_id="$name",
    timestamp=1700000000000,
)


def said(content: object, **changes: object) -> dict[str, object]:
    event = sent_event(**{"type": "m.room.message", "content": content, **changes})
    del event["state_key"]
    return event


class Kept:
    """Takes everything and shows it."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, Sequence[Inbound]]] = []

    async def take(self, transaction_id: str, events: Sequence[Inbound]) -> bool:
        self.taken.append((transaction_id, list(events)))
        return True


@pytest.fixture
def kept() -> Kept:
    return Kept()


@pytest.fixture
async def homeserver_at_the_door(kept: Kept) -> AsyncIterator[Homeserver]:
    async with receiving(kept.take) as opened:
        yield opened


@pytest.mark.parametrize("prefix", ["/_matrix/app/v1", ""])
async def test_what_is_said_is_handed_on_beside_state(
    homeserver_at_the_door: Homeserver, kept: Kept, prefix: str
) -> None:
    answer = await homeserver_at_the_door.send(
        "17",
        transaction([said({"msgtype": "m.text", "body": "!школа помощь"}), sent_event()]),
        prefix=prefix,
    )

    assert answer == (200, {})
    assert kept.taken == [("17", [MESSAGE, NAME])]


@pytest.mark.parametrize(
    ("event", "read"),
    [
        (
            said(
                {
                    "msgtype": "m.text",
                    "body": "да",
                    "m.relates_to": {
                        "rel_type": "m.thread",
                        "event_id": "$root",
                        "m.in_reply_to": {"event_id": "$before"},
                    },
                }
            ),
            replace(MESSAGE, body="да", relates_to="$before", thread="$root"),
        ),
        (
            said(
                {
                    "m.relates_to": {
                        "rel_type": "m.annotation",
                        "event_id": "$asked",
                        "key": "✅",
                    }
                },
                type="m.reaction",
            ),
            replace(MESSAGE, kind=MessageKind.REACTION, body="✅", relates_to="$asked"),
        ),
        (
            said({"redacts": "$gone"}, type="m.room.redaction"),
            replace(MESSAGE, kind=MessageKind.REDACTION, body="", relates_to="$gone"),
        ),
        (
            said({}, type="m.room.redaction", redacts="$gone"),
            replace(MESSAGE, kind=MessageKind.REDACTION, body="", relates_to="$gone"),
        ),
        (said({"msgtype": "m.image", "body": "photo.jpg"}), None),
        (said({"msgtype": "m.text", "body": ["no", "text"]}), None),
        (said({"msgtype": "m.text", "body": "\0"}), None),
        (
            said({"msgtype": "m.text", "body": "x", "m.relates_to": "$y"}),
            replace(MESSAGE, body="x"),
        ),
        (
            said({"msgtype": "m.text", "body": "* x", "m.relates_to": {"rel_type": "m.replace"}}),
            None,
        ),
    ],
)
async def test_of_what_is_said_text_reactions_and_redactions_are_read(
    homeserver_at_the_door: Homeserver, kept: Kept, event: object, read: InboundMessage | None
) -> None:
    assert await homeserver_at_the_door.send("17", transaction([event])) == (200, {})
    assert kept.taken == [("17", [] if read is None else [read])]


@pytest.mark.parametrize(
    ("token", "answer"),
    [
        (None, (401, {"errcode": "M_MISSING_TOKEN", "error": "no hs_token"})),
        ("", (401, {"errcode": "M_MISSING_TOKEN", "error": "no hs_token"})),
        ("wrong", (403, {"errcode": "M_FORBIDDEN", "error": "not our hs_token"})),
        ("неверный", (403, {"errcode": "M_FORBIDDEN", "error": "not our hs_token"})),
        (HS_TOKEN + "x", (403, {"errcode": "M_FORBIDDEN", "error": "not our hs_token"})),
    ],
)
async def test_nobody_but_the_homeserver_may_send(
    homeserver_at_the_door: Homeserver, kept: Kept, token: str | None, answer: object
) -> None:
    event = transaction([sent_event()])

    assert await homeserver_at_the_door.send("1", event, token=token) == answer
    assert await homeserver_at_the_door.ask("GET", "/users/x", token=token) == answer
    assert await homeserver_at_the_door.ask("POST", "/_matrix/app/v1/ping", token=token) == answer
    assert kept.taken == []


@pytest.mark.parametrize(
    "unreadable",
    [
        "not an event",
        None,
        sent_event(content="no object"),
        sent_event(content=None),
        sent_event(state_key=None),
        sent_event(state_key="nul \0 in it"),
        sent_event(room_id=7),
        sent_event(sender=None),
        sent_event(origin_server_ts="yesterday"),
        sent_event(content={"name": "half a pair \ud800"}),
        sent_event(event_id="\udfff"),
    ],
    ids=repr,
)
async def test_an_event_that_cannot_be_read_holds_nothing_up(
    homeserver_at_the_door: Homeserver,
    kept: Kept,
    caplog: pytest.LogCaptureFixture,
    unreadable: object,
) -> None:
    answer = await homeserver_at_the_door.send("3", transaction([unreadable, sent_event()]))

    assert answer == (200, {})
    assert kept.taken == [("3", [NAME])]
    assert [record.getMessage() for record in caplog.records if record.levelno > logging.INFO] == [
        "Transaction 3: 1 events cannot be read."
    ]


async def test_a_nul_inside_a_content_is_stored(
    homeserver_at_the_door: Homeserver, kept: Kept
) -> None:
    odd = {"name": "a \0 b"}

    await homeserver_at_the_door.send("1", transaction([sent_event(content=odd)]))

    assert kept.taken == [("1", [replace(NAME, content=odd)])]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("{", "M_NOT_JSON"),
        ("", "M_NOT_JSON"),
        ("[]", "M_BAD_JSON"),
        ("{}", "M_BAD_JSON"),
        ('{"events": {}}', "M_BAD_JSON"),
    ],
)
async def test_what_is_no_transaction_is_refused(
    homeserver_at_the_door: Homeserver, kept: Kept, body: str, code: str
) -> None:
    status, answer = await homeserver_at_the_door.send("1", body)

    assert (status, str(answer).count(code)) == (400, 1)
    assert kept.taken == []


async def test_nobody_comes_into_being_because_somebody_asks(
    homeserver_at_the_door: Homeserver,
) -> None:
    nobody = (404, {"errcode": "M_NOT_FOUND", "error": "not here"})
    for prefix in ("/_matrix/app/v1", ""):
        for path in ("/users/%40u:school.test", "/rooms/%23school.1:school.test"):
            assert await homeserver_at_the_door.ask("GET", prefix + path) == nobody
    assert await homeserver_at_the_door.ask("POST", "/_matrix/app/v1/ping") == (200, {})


async def test_answers_have_a_length_and_leave_the_connection_open(
    homeserver_at_the_door: Homeserver, kept: Kept
) -> None:
    """Otherwise Synapse sends the same transaction for ever."""
    host, _colon, port = homeserver_at_the_door.url.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    heads = []
    for number in range(3):
        body = b'{"events": []}'
        head = (
            f"PUT /_matrix/app/v1/transactions/{number} HTTP/1.1\r\nHost: school\r\n"
            f"Authorization: Bearer {HS_TOKEN}\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        writer.write(head.encode() + body)
        heads.append((await reader.readuntil(b"\r\n\r\n")).decode().lower())
        assert await reader.readexactly(2) == b"{}"
    writer.close()

    assert [transaction_id for transaction_id, _events in kept.taken] == ["0", "1", "2"]
    assert all(head.startswith("http/1.1 200") and "content-length: 2" in head for head in heads)


async def test_a_token_of_broken_bytes_is_only_a_wrong_token(
    homeserver_at_the_door: Homeserver, kept: Kept
) -> None:
    host, _colon, port = homeserver_at_the_door.url.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(
        b"PUT /_matrix/app/v1/transactions/1 HTTP/1.1\r\nHost: school\r\n"
        b"Authorization: Bearer \xff\xfe\r\nContent-Length: 0\r\n\r\n"
    )
    status = await reader.readline()
    writer.close()

    assert status.startswith(b"HTTP/1.1 403")
    assert kept.taken == []


async def test_an_endless_body_is_cut_off(
    homeserver_at_the_door: Homeserver, kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("appservice.matrix.transactions._BODY_LIMIT", 1000)

    status, _answer = await homeserver_at_the_door.send("1", "x" * 1001)

    assert status == 413
    assert kept.taken == []


async def test_what_fails_inside_is_sent_again_and_its_text_stays_out_of_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def take(transaction_id: str, events: Sequence[Inbound]) -> bool:
        raise ValueError("Петрова Анна")

    async with receiving(take) as homeserver:
        status, _answer = await homeserver.send("1", transaction([sent_event()]))

    assert status == 500
    assert "ValueError" in caplog.text
    assert "Петрова" not in caplog.text


async def test_what_comes_while_the_database_is_away_is_stored_once_it_is_back(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = tmp_path_factory.mktemp("own-postgres")
    with EmbeddedPostgres(folder, durable=False) as postgres:
        dsn = postgres.create_database("school", c_locale=False)
        async with Database.connect(dsn) as database:
            store = ObservedStore(database, bot="@bot:school.test")
            async with receiving(store.take_transaction) as homeserver:
                events = [
                    sent_event(type="m.room.create", event_id="$1", content={"room_version": "12"}),
                    sent_event(
                        type="org.schoolspaces.room", event_id="$2", content={"key": "17/maths"}
                    ),
                    sent_event(event_id="$3"),
                ]
                await asyncio.to_thread(postgres.stop)
                away = [await homeserver.send("1", transaction(events)) for _ in range(2)]
                await asyncio.to_thread(postgres.start)
                back = [await homeserver.send("1", transaction(events)) for _ in range(2)]

            refused = {"errcode": "M_UNKNOWN", "error": "not stored; send it again"}
            assert away == [(500, refused)] * 2
            assert back == [(200, {})] * 2
            assert await store.rooms(["17/maths"]) == {
                "17/maths": ObservedRoom(
                    "17/maths",
                    "!maths",
                    "12",
                    {
                        ("m.room.name", ""): {"name": "5А · Математика"},
                        ("org.schoolspaces.room", ""): {"key": "17/maths"},
                    },
                    {},
                )
            }


def topics_in(kept: Kept) -> list[object]:
    """In the order in which they were told."""
    return [
        event.content["topic"]
        for _id, events in kept.taken
        for event in events
        if isinstance(event, InboundEvent) and event.type == "m.room.topic"
    ]


async def test_a_real_homeserver_keeps_the_observed_state_current(
    bot: Requests, appservice_slot: AppserviceSlot, database: str
) -> None:
    """It sends again what could not be stored at first."""
    failures = 1
    student = f"@{appservice_slot.id}-student:{appservice_slot.server_name}"
    key = f"{appservice_slot.id}/maths"
    async with Database.connect(database) as opened:
        store = ObservedStore(opened, bot=appservice_slot.bot_id)

        async def take(transaction_id: str, events: Sequence[Inbound]) -> bool:
            nonlocal failures
            if failures:
                failures -= 1
                raise ConnectionError
            return await store.take_transaction(transaction_id, events)

        async with receiving(
            take, hs_token=appservice_slot.registration.hs_token, port=appservice_slot.port
        ):
            room_id = await bot.create_room(room_named(appservice_slot, "maths"))
            await bot.put_user(student, display_name="Иванов Пётр")
            await bot.join_user(room_id, student)
            await bot.put_state(room_id, StateEvent("m.room.topic", "", {"topic": "Алгебра"}))

            async with asyncio.timeout(120):
                while True:
                    known = await store.rooms([key])
                    if key in known and ("m.room.topic", "") in known[key].state:
                        break
                    await asyncio.sleep(0.1)

    told = {(event.type, event.state_key): event.content for event in await bot.room_state(room_id)}
    told.pop(("m.room.create", ""))
    members = {user for type, user in told if type == "m.room.member"}
    state = {key: content for key, content in told.items() if key[0] != "m.room.member"}
    assert known == {
        key: ObservedRoom(key, room_id, "12", state, dict.fromkeys(members - {bot.bot}, "join"))
    }
    assert failures == 0


async def test_what_the_homeserver_forgot_to_send_comes_after_what_is_said_next(
    bot: Requests, appservice_slot: AppserviceSlot, kept: Kept
) -> None:
    """As if it had been stored in the moment in which Synapse noted that we are back."""
    room_id = await bot.create_room(room_named(appservice_slot, "maths"))

    async def set_topic(text: str) -> str:
        await bot.put_state(room_id, StateEvent("m.room.topic", "", {"topic": text}))
        state = await bot.room_state(room_id)
        return next(event.event_id for event in state if event.type == "m.room.topic")

    async def told(*wanted: str) -> None:
        async with asyncio.timeout(120):
            while topics_in(kept) != list(wanted):  # noqa: ASYNC110 - nobody tells
                await asyncio.sleep(0.1)

    forgotten = await forgotten_with(appservice_slot, await set_topic("forgotten"))
    async with receiving(
        kept.take, hs_token=appservice_slot.registration.hs_token, port=appservice_slot.port
    ):
        await reached(appservice_slot, lambda: set_topic("never"))
        await put_back(appservice_slot, forgotten)
        await set_topic("next")
        await told("next")
        await asyncio.sleep(QUIET_S)
        await set_topic("later")
        await told("next", "forgotten", "later")
