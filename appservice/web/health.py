"""Whether the process lives, and whether it can do its work; for whatever watches over it."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, NamedTuple

from aiohttp import web

from appservice.errors import SchoolSpacesError

log = logging.getLogger(__name__)

LIVE: Final = "/live"
READY: Final = "/ready"
HEALTH: Final = "/health"


class Check(NamedTuple):
    """Something that we need. `look` raises one of our errors while it is away."""

    what: str
    look: Callable[[], Awaitable[object]]


def add_health(application: web.Application, checks: Sequence[Check]) -> None:
    """/live: the process answers. /ready: all that it needs is there. /health: the first of
    `checks` is.
    """

    async def live(_request: web.Request) -> web.Response:
        return web.json_response({"status": "ok"})

    async def ready(_request: web.Request) -> web.Response:
        return _answer([check.what for check in checks if not await _is_well(check)])

    async def health(_request: web.Request) -> web.Response:
        return _answer([check.what for check in checks[:1] if not await _is_well(check)])

    application.router.add_get(LIVE, live)
    application.router.add_get(READY, ready)
    application.router.add_get(HEALTH, health)


async def _is_well(check: Check) -> bool:
    try:
        await check.look()
    except SchoolSpacesError as error:
        log.warning("Not well: %s", error)
        return False
    return True


def _answer(away: Sequence[str]) -> web.Response:
    if not away:
        return web.json_response({"status": "ok"})
    return web.json_response({"status": "away", "what": ", ".join(away)}, status=503)
