"""Where the service listens: whether we are well, and who else may come in."""

import logging

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from appservice.embedded.homeserver_config import free_port
from appservice.errors import Refused, Temporary
from appservice.matrix.transactions import TransactionReceiver
from appservice.web.health import Check
from appservice.web.listening import application, listening


async def well() -> None:
    pass


async def away() -> None:
    raise Temporary("It is away.")


def served(*checks: Check) -> web.Application:
    async def take(_transaction_id: str, _events: object) -> bool:
        return True

    return application(TransactionReceiver("the token of the homeserver", take), checks)


OK = (200, {"status": "ok"})


@pytest.mark.parametrize(
    ("checks", "answers"),
    [
        ([Check("database", well), Check("homeserver", well)], [OK, OK, OK]),
        (
            [Check("database", well), Check("homeserver", away)],
            [OK, OK, (503, {"status": "away", "what": "homeserver"})],
        ),
        (
            [Check("database", away), Check("homeserver", away)],
            [
                OK,
                (503, {"status": "away", "what": "database"}),
                (503, {"status": "away", "what": "database, homeserver"}),
            ],
        ),
    ],
)
async def test_it_lives_while_it_answers_and_is_ready_when_all_that_it_needs_is_there(
    checks: list[Check], answers: list[tuple[int, dict[str, str]]]
) -> None:
    found = []
    async with TestServer(served(*checks)) as server, aiohttp.ClientSession() as session:
        for path in ("/live", "/health", "/ready"):
            async with session.get(server.make_url(path)) as answer:
                found.append((answer.status, await answer.json()))
    assert found == answers


async def test_transactions_are_taken_where_the_service_listens(
    caplog: pytest.LogCaptureFixture,
) -> None:
    port = free_port()
    caplog.set_level(logging.DEBUG)
    async with listening(served(), "127.0.0.1", port), aiohttp.ClientSession() as session:
        url = f"http://127.0.0.1:{port}/_matrix/app/v1/transactions/1"
        headers = {"Authorization": "Bearer the token of the homeserver"}
        async with session.put(url, json={"events": []}, headers=headers) as answer:
            assert (answer.status, await answer.json()) == (200, {})
        async with session.put(f"{url}?access_token=hush", json={"events": []}) as answer:
            assert answer.status == 401
    assert "hush" not in caplog.text


async def test_what_fails_is_logged_without_a_word_about_anybody(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def fail(_request: web.Request) -> web.Response:
        raise KeyError("Masha has a 2")

    app = served()
    app.router.add_get("/failing/{whose}", fail)
    async with TestServer(app) as server, aiohttp.ClientSession() as session:
        async with session.get(server.make_url("/failing/masha")) as answer:
            assert (answer.status, "asha" in await answer.text()) == (500, False)
        async with session.get(server.make_url("/nowhere/masha")) as answer:
            assert answer.status == 404
    (line,) = caplog.messages
    assert line.startswith("GET /failing/{whose} failed: KeyError at test_listening.py:")
    assert "asha" not in caplog.text


async def test_an_address_that_is_taken_is_said_with_what_to_do() -> None:
    port = free_port()
    async with listening(served(), "127.0.0.1", port):
        with pytest.raises(Refused, match=f"Somebody else listens at 127.0.0.1:{port} already"):
            async with listening(served(), "127.0.0.1", port):
                pass


async def test_an_address_that_is_not_ours_is_said_with_what_to_do() -> None:
    with pytest.raises(Refused, match=r"We cannot listen at 192\.0\.2\.1:29380: .*hostname"):
        async with listening(served(), "192.0.2.1", 29380):
            pass
