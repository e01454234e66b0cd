"""A proxy between us and the homeserver that makes trouble: refusals, broken connections, sudden
ends, answers that come late.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import Enum

import aiohttp
from aiohttp import web


class Fault(Enum):
    NONE = "none"
    BUSY = "429"
    BROKEN = "502"
    CUT_BEFORE = "the connection ends before the homeserver hears of it"
    CUT_AFTER = "the connection ends before we hear of what the homeserver did"
    REFUSED = "403"
    LATE = "the homeserver does it at once, and its answer comes when it is let through"
    HELD = "the homeserver hears of it when it is let through"


@dataclass(frozen=True)
class Passing:
    """A request on its way: which one it is (from 1), and what it asks."""

    number: int
    method: str
    path: str
    body: bytes


Judge = Callable[[Passing], Awaitable[Fault]]


@dataclass
class Proxy:
    """`judge` decides over each request. `passed` are those that reached the homeserver."""

    judge: Judge
    url: str = ""
    passed: list[Passing] = field(default_factory=list)
    seen: int = 0
    open: int = 0
    _gate: asyncio.Event = field(default_factory=asyncio.Event)

    async def let_through(self) -> None:
        """What was late or held until now; returns when nothing is under way any more."""
        self._gate.set()
        while self.open:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        self._gate.clear()

    async def gate(self) -> None:
        await self._gate.wait()


async def let_pass(_passing: Passing) -> Fault:
    return Fault.NONE


@asynccontextmanager
async def proxy_to(homeserver_url: str) -> AsyncIterator[Proxy]:
    """Lets everything pass until its `judge` is set."""
    proxy = Proxy(let_pass)
    async with aiohttp.ClientSession(auto_decompress=False) as session:

        async def handle(request: web.Request) -> web.StreamResponse:
            proxy.seen += 1
            proxy.open += 1
            try:
                body = await request.read()
                passing = Passing(proxy.seen, request.method, request.path, body)
                return await answer(request, passing, await proxy.judge(passing))
            finally:
                proxy.open -= 1

        async def answer(
            request: web.Request, passing: Passing, fault: Fault
        ) -> web.StreamResponse:
            match fault:
                case Fault.BUSY:
                    return web.json_response(
                        {"errcode": "M_LIMIT_EXCEEDED", "error": "busy", "retry_after_ms": 50},
                        status=429,
                    )
                case Fault.BROKEN:
                    return web.Response(text="bad gateway", status=502)
                case Fault.REFUSED:
                    return web.json_response(
                        {"errcode": "M_FORBIDDEN", "error": "Not here"}, status=403
                    )
                case Fault.CUT_BEFORE:
                    return _cut(request)
                case Fault.CUT_AFTER:
                    await passed_on(request, passing)
                    return _cut(request)
                case Fault.LATE:
                    late = await passed_on(request, passing)
                    await proxy.gate()
                    return late
                case Fault.HELD:
                    await proxy.gate()
                case Fault.NONE:
                    pass
            return await passed_on(request, passing)

        async def passed_on(request: web.Request, passing: Passing) -> web.Response:
            proxy.passed.append(passing)
            async with session.request(
                request.method,
                homeserver_url + request.raw_path,
                data=passing.body,
                headers={
                    name: request.headers[name]
                    for name in ("Authorization", "Content-Type")
                    if name in request.headers
                },
            ) as answered:
                content = await answered.read()
            return web.Response(
                body=content, status=answered.status, content_type=answered.content_type
            )

        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.router.add_route("*", "/{path:.*}", handle)
        runner = web.AppRunner(app, shutdown_timeout=1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        port = runner.addresses[0][1]
        proxy.url = f"http://127.0.0.1:{port}"
        try:
            yield proxy
        finally:
            await runner.cleanup()


def _cut(request: web.Request) -> web.Response:
    if request.transport is not None:  # the other side may have gone by itself
        assert isinstance(request.transport, asyncio.Transport)
        request.transport.abort()
    return web.Response()
