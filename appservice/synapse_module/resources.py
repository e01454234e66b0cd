"""The requests, as Synapse's web server sees them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from synapse.api.errors import Codes, SynapseError
from synapse.http.site import SynapseRequest
from synapse.module_api import DirectServeJsonResource, ModuleApi

from .asked import parse_batch, parse_new_room
from .creation import RoomInUse
from .door import Door
from .shapes import BadBody
from .verdicts import Done, Failed, Outcome

if TYPE_CHECKING:
    from synapse.synapse_rust.types import Requester

MAX_BODY_BYTES = 4 * 1024 * 1024

Answer = tuple[int, dict[str, object]]


class SchoolRequest(DirectServeJsonResource):
    """What the requests share: who may ask, and what a body may be."""

    isLeaf = True  # noqa: N815 - Twisted's name

    def __init__(self, api: ModuleApi, doors: Mapping[str, Door]) -> None:
        super().__init__()
        self._api = api
        self._doors = doors

    async def enter(self, request: SynapseRequest) -> tuple[Requester, Door]:
        """The door of the bot behind an application service's token. Nobody else may ask."""
        if self._api.worker_app is not None:
            raise SynapseError(
                421,
                "This Synapse process is a worker; send these requests to the main process",
                Codes.UNKNOWN,
            )
        requester = await self._api.get_user_by_req(request)
        masked = b"user_id" in (request.args or {})
        door = self._doors.get(requester.user.to_string())
        if not _is_application_service(requester) or masked or door is None:
            raise SynapseError(
                403, "Only the school's application service may do this", Codes.FORBIDDEN
            )
        return requester, door


class AbilitiesRequest(SchoolRequest):
    """GET abilities"""

    async def _async_render_GET(self, request: SynapseRequest) -> Answer:  # noqa: N802
        _, door = await self.enter(request)
        return 200, await door.abilities(MAX_BODY_BYTES)


class BatchRequest(SchoolRequest):
    """POST rooms/batch"""

    async def _async_render_POST(self, request: SynapseRequest) -> Answer:  # noqa: N802
        _, door = await self.enter(request)
        try:
            asked = parse_batch(read_body(request))
        except BadBody as bad:
            raise bad_body(bad) from None
        done = await door.batches.carry_out(asked.room_id, asked.items)
        return 200, {
            "room_id": asked.room_id,
            "mode": done.mode,
            "results": _results(done.outcomes),
        }


class CreateRequest(SchoolRequest):
    """POST rooms/create"""

    async def _async_render_POST(self, request: SynapseRequest) -> Answer:  # noqa: N802
        requester, door = await self.enter(request)
        try:
            asked = parse_new_room(read_body(request), door.bot)
            made = await door.creation.create(requester, asked)
        except BadBody as bad:
            raise bad_body(bad) from None
        except RoomInUse as in_use:
            raise SynapseError(
                409,
                "The alias has a room already",
                Codes.ROOM_IN_USE,
                additional_fields={"room_id": in_use.room_id},
            ) from None
        return 200, {
            "room_id": made.room_id,
            "room_alias": made.alias,
            "mode": made.mode,
            "repaired": made.repaired,
            "members": _results(made.members),
        }


def _is_application_service(requester: Requester) -> bool:
    # Older Synapses have the service itself in place of its id.
    return any(
        getattr(requester, name, None) is not None for name in ("app_service_id", "app_service")
    )


def read_body(request: SynapseRequest) -> object:
    # Synapse's own reader would write a body that it cannot read into the log.
    stream = request.content
    raw = b"" if stream is None else stream.read(MAX_BODY_BYTES + 1)
    if len(raw) > MAX_BODY_BYTES:
        raise SynapseError(413, f"The body is over {MAX_BODY_BYTES} bytes", Codes.TOO_LARGE)
    try:
        return json.loads(raw)
    except ValueError:
        raise SynapseError(400, "The body is not JSON", Codes.NOT_JSON) from None
    except RecursionError:
        raise SynapseError(400, "The body is nested too deep", Codes.BAD_JSON) from None


def bad_body(bad: BadBody) -> SynapseError:
    return SynapseError(400, str(bad), Codes.BAD_JSON, additional_fields={"pointer": bad.pointer})


def _results(outcomes: Sequence[Outcome]) -> list[Mapping[str, object]]:
    return [{"index": index, **_result(outcome)} for index, outcome in enumerate(outcomes)]


def _result(outcome: Outcome) -> Mapping[str, object]:
    if isinstance(outcome, Done):
        return {"outcome": "done", "event_id": outcome.event_id}
    if isinstance(outcome, Failed):
        failed: dict[str, object] = {
            "outcome": "failed",
            "errcode": outcome.errcode,
            "error": outcome.error,
        }
        if outcome.retry_after_ms is not None:
            failed["retry_after_ms"] = outcome.retry_after_ms
        return failed
    return {"outcome": "unchanged"}
