"""What the homeserver sends us: the application service's side of the application service API.

mautrix's handler answers 200 even when a handler failed and remembers transactions in memory alone;
here a transaction is answered only after `take` has stored it. Synapse sends transactions one after
another and repeats one until it is answered with 200, so nothing may be refused that would come
again unchanged: what cannot be read is passed over and counted.
Source: application service API, "Pushing events", "Querying", "Pinging".
"""

from __future__ import annotations

import hmac
import json
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from aiohttp import web

from appservice.errors import SchoolSpacesError
from appservice.matrix.forgotten import Forgotten
from appservice.matrix.values import JsonObject
from appservice.rooms.observed import InboundEvent, InboundMessage, MessageKind

log = logging.getLogger(__name__)

Inbound = InboundEvent | InboundMessage

Take = Callable[[str, Sequence[Inbound]], Awaitable[bool]]
"""Stores what a transaction tells, by its id; False when it was stored before."""

_BODY_LIMIT: Final = 64 * 1024 * 1024  # a hundred events of 64 KiB, and what is folded into them
_UNKNOWN: Final = {"errcode": "M_UNKNOWN", "error": "not stored; send it again"}


class TransactionReceiver:
    """The routes that the homeserver calls, to be added to an aiohttp application.

    `add_to(application)` serves them under /_matrix/app/v1 and, for older homeservers, without the
    prefix. The application must not log requests with their query.
    """

    def __init__(self, hs_token: str, take: Take) -> None:
        self._token = hs_token.encode()
        self._take = take
        self._forgotten = Forgotten()

    def add_to(self, application: web.Application) -> None:
        for prefix in ("/_matrix/app/v1", ""):
            application.router.add_put(f"{prefix}/transactions/{{id}}", self._transaction)
            # Neither people nor rooms come into being because somebody asks for them.
            application.router.add_get(f"{prefix}/users/{{id}}", self._nobody)
            application.router.add_get(f"{prefix}/rooms/{{id}}", self._nobody)
        application.router.add_post("/_matrix/app/v1/ping", self._ping)

    async def _transaction(self, request: web.Request) -> web.Response:
        self._check_token(request)
        transaction_id = request.match_info["id"]
        if self._forgotten.is_asked_for(transaction_id, time.monotonic()):
            return web.json_response(_UNKNOWN, status=500)
        told, passed_over = parsed(await _body(request))
        if passed_over:
            log.error("Transaction %s: %d events cannot be read.", transaction_id, passed_over)
        try:
            await self._take(transaction_id, told)
        except SchoolSpacesError as error:
            log.warning("Transaction %s could not be stored: %s", transaction_id, error)
            return self._come_again()
        except Exception as error:
            # Its text may quote people: only where it happened goes to the log.
            log.error("Transaction %s: %s", transaction_id, _traced(error))
            return self._come_again()
        return web.json_response({})

    def _come_again(self) -> web.Response:
        self._forgotten.failed(time.monotonic())
        return web.json_response(_UNKNOWN, status=500)

    async def _nobody(self, request: web.Request) -> web.Response:
        self._check_token(request)
        return web.json_response({"errcode": "M_NOT_FOUND", "error": "not here"}, status=404)

    async def _ping(self, request: web.Request) -> web.Response:
        self._check_token(request)
        return web.json_response({})

    def _check_token(self, request: web.Request) -> None:
        scheme, _blank, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise _refused(web.HTTPUnauthorized, "M_MISSING_TOKEN", "no hs_token")
        if not hmac.compare_digest(token.strip().encode(errors="surrogateescape"), self._token):
            raise _refused(web.HTTPForbidden, "M_FORBIDDEN", "not our hs_token")


def parsed(body: object) -> tuple[list[Inbound], int]:
    """What a transaction tells in its order, and how many state events could not be read.

    Everything ephemeral is left out, and what is said in other ways than text and reactions.
    """
    sent = body.get("events") if isinstance(body, dict) else None
    if not isinstance(sent, list):
        raise _refused(web.HTTPBadRequest, "M_BAD_JSON", "events are missing")
    told: list[Inbound] = []
    passed_over = 0
    for event in sent:
        if isinstance(event, dict) and "state_key" not in event:
            if (message := _message(event)) is not None:
                told.append(message)
            continue
        state = _state_event(event)
        if state is None:
            passed_over += 1
        else:
            told.append(state)
    return told, passed_over


def _state_event(event: object) -> InboundEvent | None:
    if not isinstance(event, dict):
        return None
    content = event.get("content")
    timestamp = event.get("origin_server_ts")
    if not isinstance(content, dict) or not isinstance(timestamp, int):
        return None
    try:
        parsed = InboundEvent(
            room_id=_text(event, "room_id"),
            type=_text(event, "type"),
            state_key=_text(event, "state_key"),
            content=content,
            sender=_text(event, "sender"),
            event_id=_text(event, "event_id"),
            timestamp=timestamp,
        )
        json.dumps(content, ensure_ascii=False).encode()  # no half of a surrogate pair
    except ValueError:
        return None
    return parsed


def _message(event: JsonObject) -> InboundMessage | None:
    """A text, a reaction or a redaction (client-server API: "Instant messaging", "Annotations",
    "Redactions"); None for all else.
    """
    content = event.get("content")
    timestamp = event.get("origin_server_ts")
    if not isinstance(content, dict) or not isinstance(timestamp, int):
        return None
    relation = content.get("m.relates_to")
    relation = relation if isinstance(relation, dict) else {}
    replied = relation.get("m.in_reply_to")
    replied = replied if isinstance(replied, dict) else {}
    thread = ""
    try:
        match event.get("type"):
            case "m.room.message" if content.get("msgtype") == "m.text":
                if relation.get("rel_type") == "m.replace":
                    return None  # an edit says nothing new to us
                kind, body = MessageKind.MESSAGE, _text(content, "body")
                relates_to = _text(replied, "event_id") if "event_id" in replied else ""
                if relation.get("rel_type") == "m.thread":
                    thread = _text(relation, "event_id")
            case "m.reaction":
                kind, body = MessageKind.REACTION, _text(relation, "key")
                relates_to = _text(relation, "event_id")
            case "m.room.redaction":
                # In the content since room version 11, beside it before.
                kind, body = MessageKind.REDACTION, ""
                relates_to = _text(content if "redacts" in content else event, "redacts")
            case _:
                return None
        return InboundMessage(
            room_id=_text(event, "room_id"),
            kind=kind,
            body=body,
            sender=_text(event, "sender"),
            event_id=_text(event, "event_id"),
            timestamp=timestamp,
            relates_to=relates_to,
            thread=thread,
        )
    except ValueError:
        return None


def _text(event: JsonObject, field: str) -> str:
    """A text that PostgreSQL takes. Raises ValueError."""
    value = event.get(field)
    if not isinstance(value, str) or b"\0" in value.encode():
        raise ValueError(field)
    return value


async def _body(request: web.Request) -> object:
    received = bytearray()
    async for chunk in request.content.iter_any():
        received += chunk
        if len(received) > _BODY_LIMIT:
            raise web.HTTPRequestEntityTooLarge(
                _BODY_LIMIT,
                len(received),
                text=_error_text("M_TOO_LARGE", "too large"),
                content_type="application/json",
            )
    try:
        body: object = json.loads(received)
    except (ValueError, RecursionError) as error:
        raise _refused(web.HTTPBadRequest, "M_NOT_JSON", "the body is not JSON") from error
    return body


def _refused(kind: type[web.HTTPError], code: str, error: str) -> web.HTTPError:
    return kind(text=_error_text(code, error), content_type="application/json")


def _error_text(code: str, error: str) -> str:
    return json.dumps({"errcode": code, "error": error})


def _traced(error: BaseException) -> str:
    where = []
    step = error.__traceback__
    while step is not None:
        where.append(f"{step.tb_frame.f_code.co_filename}:{step.tb_lineno}")
        step = step.tb_next
    return f"{type(error).__name__} at {' > '.join(where)}"
