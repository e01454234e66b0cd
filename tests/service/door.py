"""A door between Synapse and the service, behind which transactions can be kept and mixed up."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import aiohttp
from aiohttp import web


@dataclass
class Door:
    """`answered`: what the service said to each transaction, 0 where it was not there."""

    behind: str
    session: aiohttp.ClientSession
    keeping: bool = False
    kept: list[tuple[str, bytes]] = field(default_factory=list)
    answered: list[int] = field(default_factory=list)

    async def take(self, request: web.Request) -> web.Response:
        body = await request.read()
        if self.keeping and request.method == "PUT":
            self.kept.append((request.raw_path, body))
            return web.json_response({})
        return await self._hand_on(request.method, request.raw_path, body)

    async def hand_on_mixed_up(self, chance: random.Random) -> None:
        """What was kept, in any order, every other one twice, some at the same moment."""
        kept, self.kept, self.keeping = self.kept, [], False
        kept += chance.sample(kept, k=len(kept) // 2)
        chance.shuffle(kept)
        for number in range(0, len(kept), 3):
            answers = await asyncio.gather(
                *(self._until_taken(path, body) for path, body in kept[number : number + 3])
            )
            assert set(answers) == {200}

    async def _until_taken(self, path: str, body: bytes) -> int:
        """The service refuses one now and then (appservice.matrix.forgotten); it comes again."""
        refused = await self._hand_on("PUT", path, body)
        if refused.status == 200:
            return refused.status
        return (await self._hand_on("PUT", path, body)).status

    async def _hand_on(self, method: str, path: str, body: bytes) -> web.Response:
        try:
            async with self.session.request(method, self.behind + path, data=body) as answer:
                content, status = await answer.read(), answer.status
        except aiohttp.ClientError:
            content, status = b"{}", 0
        if method == "PUT":
            self.answered.append(status)
        return web.Response(body=content, status=status or 502, content_type="application/json")


@asynccontextmanager
async def door(port: int, behind: int, hs_token: str) -> AsyncIterator[Door]:
    """At the port that Synapse knows; the service listens at the port `behind`."""
    headers = {"Authorization": f"Bearer {hs_token}"}
    async with aiohttp.ClientSession(headers=headers) as session:
        opened = Door(f"http://127.0.0.1:{behind}", session)
        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.router.add_route("*", "/{path:.*}", opened.take)
        runner = web.AppRunner(app, shutdown_timeout=1)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", port).start()
            yield opened
        finally:
            await runner.cleanup()
