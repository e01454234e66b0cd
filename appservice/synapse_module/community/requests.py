"""The requests about the policy."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import asdict

from synapse.api.errors import Codes, SynapseError
from synapse.http.servlet import parse_integer
from synapse.http.site import SynapseRequest
from synapse.module_api import ModuleApi

from ..door import Door
from ..resources import Answer, SchoolRequest, bad_body, read_body
from ..shapes import BadBody
from .attempts import Attempts
from .document import Document, parse_document
from .store import Conflict, PolicyStore, Staged, Stored

_MOST_ATTEMPTS = 1000
_USUAL_ATTEMPTS = 100


class PolicyRequest(SchoolRequest):
    """GET and PUT policy, GET policy/blocked.

    One resource: Synapse asks nothing below one that answers for itself.
    """

    def __init__(
        self, api: ModuleApi, doors: Mapping[str, Door], store: PolicyStore, attempts: Attempts
    ) -> None:
        super().__init__(api, doors)
        self._store = store
        self._attempts = attempts

    async def _async_render_GET(self, request: SynapseRequest) -> Answer:  # noqa: N802
        _, door = await self.enter(request)
        if request.postpath == [b"blocked"]:
            return await self._blocked(door, request)
        _nothing_below(request)
        stored = await self._store.stored(door.bot)
        if stored is None:
            raise SynapseError(404, "There is no policy", Codes.NOT_FOUND)
        return 200, _told(stored)

    async def _async_render_PUT(self, request: SynapseRequest) -> Answer:  # noqa: N802
        _, door = await self.enter(request)
        _nothing_below(request)
        body = read_body(request)
        # A whole region's people take a while to look at: not in the thread that serves everybody.
        document = await self._api.defer_to_thread(_read, body)
        if isinstance(document, BadBody):
            raise bad_body(document)
        result = await self._store.put(door.bot, document)
        if isinstance(result, Conflict):
            raise SynapseError(
                409,
                "Another version is stored than this goes with",
                Codes.UNKNOWN,
                additional_fields={"version": result.version},
            )
        return 200, _told(result)

    async def _blocked(self, door: Door, request: SynapseRequest) -> Answer:
        after = parse_integer(request, "after", default=0)
        limit = parse_integer(request, "limit", default=_USUAL_ATTEMPTS)
        if after < 0 or not 1 <= limit <= _MOST_ATTEMPTS:
            raise SynapseError(
                400,
                f"after is 0 or an id, limit from 1 to {_MOST_ATTEMPTS}",
                Codes.INVALID_PARAM,
            )
        listing = await self._attempts.listed(door.bot, after, limit, int(time.time() * 1000))
        return 200, {
            "attempts": [asdict(attempt) for attempt in listing.attempts],
            "counts": listing.counts,
        }


def _nothing_below(request: SynapseRequest) -> None:
    if request.postpath:
        raise SynapseError(404, "Unrecognized request", Codes.UNRECOGNIZED)


def _read(body: object) -> Document | BadBody:
    # Returned and not raised: a thread's exception would be logged with what it holds.
    try:
        return parse_document(body)
    except BadBody as bad:
        return bad


def _told(result: Stored | Staged) -> dict[str, object]:
    told: dict[str, object] = {"version": result.version, "digest": result.digest}
    if isinstance(result, Stored):
        return told | {"people": result.people}
    return told | {"staged": list(result.parts), "parts": result.of}
