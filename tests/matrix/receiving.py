"""A running receiver of transactions, and the posts of a homeserver."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiohttp import ClientSession, web

from appservice.matrix.transactions import Take, TransactionReceiver

HS_TOKEN = "the homeserver's token"


@dataclass(frozen=True, slots=True)
class Homeserver:
    """Posts as a homeserver does."""

    url: str
    session: ClientSession

    async def send(
        self,
        transaction_id: str,
        body: object,
        *,
        token: str | None = HS_TOKEN,
        prefix: str = "/_matrix/app/v1",
    ) -> tuple[int, object]:
        """The status and the JSON of the answer. Text is sent as it is."""
        async with self.session.put(
            f"{self.url}{prefix}/transactions/{transaction_id}",
            data=body if isinstance(body, str) else json.dumps(body),
            headers={} if token is None else {"Authorization": f"Bearer {token}"},
        ) as answer:
            return answer.status, await answer.json()

    async def ask(
        self, method: str, path: str, *, token: str | None = HS_TOKEN
    ) -> tuple[int, object]:
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        async with self.session.request(method, self.url + path, headers=headers) as answer:
            return answer.status, await answer.json()


@asynccontextmanager
async def receiving(
    take: Take, *, hs_token: str = HS_TOKEN, port: int = 0
) -> AsyncIterator[Homeserver]:
    """A receiver at work on this port, and somebody to post to it."""
    application = web.Application()
    TransactionReceiver(hs_token, take).add_to(application)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", port).start()
        host, bound = runner.addresses[0][:2]
        async with ClientSession() as session:
            yield Homeserver(f"http://{host}:{bound}", session)
    finally:
        await runner.cleanup()


def sent_event(**changes: object) -> dict[str, object]:
    """A state event as Synapse sends it, with these fields changed."""
    return {
        "type": "m.room.name",
        "state_key": "",
        "room_id": "!maths",
        "sender": "@bot:school.test",
        "event_id": "$name",
        "origin_server_ts": 1700000000000,
        "content": {"name": "5А · Математика"},
        "unsigned": {"age": 5},
        "user_id": "@bot:school.test",
        **changes,
    }


def transaction(events: Sequence[object]) -> dict[str, object]:
    return {"events": events, "ephemeral": [{"type": "m.receipt"}]}
