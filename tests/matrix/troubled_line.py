"""A line to the real homeserver that breaks on demand: an HTTP proxy that injects faults."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import Enum, auto

from aiohttp import ClientSession, web


class Break(Enum):
    BEFORE = auto()  # the request never arrives
    AFTER = auto()  # the homeserver does it, the answer is lost
    SILENCE = auto()  # no answer, and no end of the connection


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer in the homeserver's place."""

    status: int
    text: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


def slow_down(milliseconds: int | None = None, *, seconds: int | None = None) -> Answer:
    """429, with retry_after_ms in the body or Retry-After in the header."""
    body = '{"errcode":"M_LIMIT_EXCEEDED","error":"Too Many Requests"'
    body += "}" if milliseconds is None else f',"retry_after_ms":{milliseconds}}}'
    return Answer(429, body, {} if seconds is None else {"Retry-After": str(seconds)})


BAD_GATEWAY = Answer(502, "<html>Bad Gateway</html>", {"Content-Type": "text/html"})


class TroubledLine:
    """`faults` befall the next requests, one each (None: it passes); then everything passes."""

    def __init__(self, target: str, session: ClientSession) -> None:
        self._target = target
        self._session = session
        self.faults: deque[Break | Answer | None] = deque()
        self.arrived = 0
        self.at_once = 0
        self.most_at_once = 0
        self.url = ""

    async def pass_on(self, request: web.Request) -> web.StreamResponse:
        self.arrived += 1
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            return await self._pass_on(request)
        finally:
            self.at_once -= 1

    async def _pass_on(self, request: web.Request) -> web.StreamResponse:
        fault = self.faults.popleft() if self.faults else None
        match fault:
            case Answer():
                return web.Response(status=fault.status, text=fault.text, headers=fault.headers)
            case Break.BEFORE:
                return _cut(request)
            case Break.SILENCE:
                await asyncio.sleep(3600)
            case Break.AFTER | None:
                pass
        async with self._session.request(
            request.method,
            self._target + request.raw_path,
            data=await request.read(),
            headers={
                name: value
                for name, value in request.headers.items()
                if name in ("Authorization", "Content-Type")
            },
        ) as answer:
            body = await answer.read()
            if fault is Break.AFTER:
                return _cut(request)
            return web.Response(status=answer.status, body=body, content_type=answer.content_type)


def _cut(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


@asynccontextmanager
async def troubled_line(target: str) -> AsyncIterator[TroubledLine]:
    async with ClientSession() as session:
        line = TroubledLine(target, session)
        application = web.Application()
        application.router.add_route("*", "/{path:.*}", line.pass_on)
        runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        host, port = runner.addresses[0][:2]
        line.url = f"http://{host}:{port}"
        try:
            yield line
        finally:
            await runner.cleanup()
