"""The routes under /diary/v1: events come in, and the documents that describe them go out."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Final

from aiohttp import web

from appservice.delivery.intake import AT_ONCE, Answer, Intake
from appservice.diary.schema import event_schema
from appservice.diary.settings import DiarySettings
from appservice.errors import Permanent, SchoolSpacesError
from appservice.language import _
from appservice.web.ingestion.credentials import SIGNATURE, source_by_signature, source_by_token
from appservice.web.ingestion.description import openapi

EVENTS: Final = "/diary/v1/events"
OPENAPI: Final = "/diary/v1/openapi.json"
SCHEMA: Final = "/diary/v1/event.schema.json"

MOST_BYTES: Final = 8 * 1024 * 1024
"""Of one request."""

_SOON_S: Final = "10"

log = logging.getLogger(__name__)

Counted = Callable[[str, int], None]
"""Told how many events had which verdict."""


class _Refusal(Exception):
    """An answer other than 202."""

    def __init__(self, status: int, code: str, text: str) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.text = text


def add_ingestion(
    application: web.Application,
    intake: Intake,
    settings: DiarySettings,
    counted: Counted,
    *,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> None:
    """Serve the routes. What is answered with 202 is kept for good."""
    schema = json.dumps(event_schema(), ensure_ascii=False)
    description = json.dumps(openapi(EVENTS, AT_ONCE), ensure_ascii=False)

    async def events(request: web.Request) -> web.Response:
        try:
            source = source_by_token(request.headers.get("Authorization", ""), settings.sources)
            if source is None and SIGNATURE not in request.headers:
                raise _not_let_in()  # what strangers send is not even read
            body = await _body(request)
            source = source or source_by_signature(
                request.headers, body, settings.sources, now=now()
            )
            if source is None:
                raise _not_let_in()
            answers = await intake.take(source, _documents(body), settings.sources[source].schools)
        except _Refusal as refusal:
            return _refused(refusal)
        except Permanent as error:
            log.error("%s", error)
            return _refused(_Refusal(500, "fault", _("This is a fault of ours; see our log.")))
        except SchoolSpacesError as error:
            log.warning("Diary events were not taken: %s", error)
            return _refused(
                _Refusal(503, "away", _("Nothing was kept. Send the same again in a while."))
            )
        for answer in answers:
            counted(_word(answer), 1)
        return web.json_response({"verdicts": [_verdict(each) for each in answers]}, status=202)

    def fixed(text: str) -> Callable[[web.Request], web.Response]:
        return lambda _request: web.Response(text=text, content_type="application/json")

    async def described(_request: web.Request) -> web.Response:
        return fixed(description)(_request)

    async def shaped(_request: web.Request) -> web.Response:
        return fixed(schema)(_request)

    application.router.add_post(EVENTS, events)
    application.router.add_get(OPENAPI, described)
    application.router.add_get(SCHEMA, shaped)


def _not_let_in() -> _Refusal:
    return _Refusal(
        401,
        "not_let_in",
        _("Show the token of a source, or sign the request. See docs/diary.md."),
    )


async def _body(request: web.Request) -> bytes:
    too_large = _Refusal(
        413,
        "too_large",
        _("At most {size} MiB fit into one request. Send smaller batches.").format(
            size=MOST_BYTES // 2**20
        ),
    )
    if (request.content_length or 0) > MOST_BYTES:
        raise too_large
    body = bytearray()
    try:
        async for chunk in request.content.iter_any():  # as it is once it is unpacked
            body += chunk
            if len(body) > MOST_BYTES:
                raise too_large
    except web.RequestPayloadError:
        raise _Refusal(
            400, "not_packed", _("The body cannot be unpacked. Look at Content-Encoding.")
        ) from None
    return bytes(body)


def _documents(body: bytes) -> Sequence[object]:
    try:
        said = json.loads(body, parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise _Refusal(400, "not_json", _("The body is no JSON in UTF-8.")) from None
    documents = said if isinstance(said, list) else [said]
    if not 1 <= len(documents) <= AT_ONCE:
        raise _Refusal(
            400,
            "too_many" if documents else "too_few",
            _("Send one event, or a list of 1 to {count}.").format(count=AT_ONCE),
        )
    return documents


def _no_number(word: str) -> object:
    raise ValueError(word)


def _word(answer: Answer) -> str:
    return "rejected" if answer.verdict is None else answer.verdict.value


def _verdict(answer: Answer) -> dict[str, object]:
    said: dict[str, object] = {"event_id": answer.event_id, "verdict": _word(answer)}
    if answer.verdict is None:
        said["errors"] = [each._asdict() for each in answer.why]
    return said


def _refused(refusal: _Refusal) -> web.Response:
    headers = {}
    if refusal.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    if refusal.status == 503:
        headers["Retry-After"] = _SOON_S
    return web.json_response(
        {"code": refusal.code, "text": refusal.text}, status=refusal.status, headers=headers
    )
