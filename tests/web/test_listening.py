"""Where the service listens: whether we are well, and who else may come in."""

import logging

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from appservice.embedded.homeserver_config import free_port
from appservice.errors import Refused, Temporary
from appservice.matrix.transactions import TransactionReceiver
from appservice.web.listening import Check, application, listening


async def well() -> None:
    pass


async def away() -> None:
    raise Temporary("The database is away.")


def served(check: Check = well) -> web.Application:
    async def take(_transaction_id: str, _events: object) -> bool:
        return True

    return application(TransactionReceiver("the token of the homeserver", take), check)


@pytest.mark.parametrize(
    ("check", "status", "body"),
    [
        (well, 200, {"status": "ok"}),
        (away, 503, {"status": "away", "what": "database"}),
    ],
)
async def test_health_is_that_of_the_database(
    check: Check, status: int, body: dict[str, str]
) -> None:
    async with (
        TestServer(served(check)) as server,
        aiohttp.ClientSession() as session,
        session.get(server.make_url("/health")) as answer,
    ):
        assert (answer.status, await answer.json()) == (status, body)


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
