"""Where the service listens: the homeserver's transactions, whether we are well, our numbers."""

from __future__ import annotations

import errno
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from traceback import extract_tb
from typing import Final

from aiohttp import web
from aiohttp.typedefs import Handler

from appservice.errors import Refused
from appservice.language import _
from appservice.matrix.transactions import TransactionReceiver
from appservice.web.health import Check, add_health

log = logging.getLogger(__name__)

_GRACE_S: Final = 5.0
"""How long a request under way may take after we were told to end."""


def application(
    receiver: TransactionReceiver,
    checks: Sequence[Check],
    pages: Sequence[Callable[[web.Application], None]] = (),
) -> web.Application:
    """What the homeserver and those who watch over us call, and what `pages` add."""
    app = web.Application(middlewares=[_keeping_silent])
    receiver.add_to(app)
    add_health(app, checks)
    for add in pages:
        add(app)
    return app


@web.middleware
async def _keeping_silent(request: web.Request, handler: Handler) -> web.StreamResponse:
    """A mistake of ours is told to the log by its kind and place: its text may quote people, and
    aiohttp would write all of it.
    """
    try:
        return await handler(request)
    except web.HTTPException:
        raise
    except Exception as error:
        resource = request.match_info.route.resource
        log.error(
            "%s %s failed: %s at %s.",
            request.method,
            resource.canonical if resource is not None else "?",
            type(error).__name__,
            _place_of(error),
        )
        raise web.HTTPInternalServerError from None


def _place_of(error: Exception) -> str:
    frames = extract_tb(error.__traceback__)
    return f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "?"


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
