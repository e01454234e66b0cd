"""Where the service listens: the homeserver's transactions, and whether we are well."""

from __future__ import annotations

import errno
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Final

from aiohttp import web

from appservice.errors import Refused, SchoolSpacesError
from appservice.language import _
from appservice.matrix.transactions import TransactionReceiver

log = logging.getLogger(__name__)

HEALTH: Final = "/health"
_GRACE_S: Final = 5.0
"""How long a request under way may take after we were told to end."""

Check = Callable[[], Awaitable[object]]
"""Raises one of our errors when something that we need is away."""


def application(receiver: TransactionReceiver, check: Check) -> web.Application:
    """Everything that is served."""
    app = web.Application()
    receiver.add_to(app)

    async def health(_request: web.Request) -> web.Response:
        try:
            await check()
        except SchoolSpacesError as error:
            log.warning("Not well: %s", error)
            return web.json_response({"status": "away", "what": "database"}, status=503)
        return web.json_response({"status": "ok"})

    app.router.add_get(HEALTH, health)
    return app


@asynccontextmanager
async def listening(app: web.Application, hostname: str, port: int) -> AsyncIterator[None]:
    """Serve for as long as the block. Raises Refused when the address cannot be had."""
    # No access log: the query of a request may hold a token.
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=_GRACE_S)
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, hostname, port).start()
        except OSError as error:
            raise Refused(_cannot_listen(error, hostname, port)) from error
        yield
    finally:
        await runner.cleanup()


def _cannot_listen(error: OSError, hostname: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return _(
            "Somebody else listens at {hostname}:{port} already: another `school-spaces run`, or"
            " another program. End it, or change `appservice.port` (and the registration)."
        ).format(hostname=hostname, port=port)
    return _(
        "We cannot listen at {hostname}:{port}: {reason}. Check `appservice.hostname`."
    ).format(hostname=hostname, port=port, reason=error.strerror or error)
