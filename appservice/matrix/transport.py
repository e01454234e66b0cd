"""One exchange with the homeserver over mautrix's HTTPAPI, with the whole of a refusal kept.

mautrix builds the paths, authenticates and counts. Its own answer handling is replaced: it drops
how long a 429 asks us to wait, follows redirects (which turns a PUT into a GET and sends our token
elsewhere), and lets some broken answers through untranslated. Its retries are off, ours are in
`connection.py`. Bodies never reach a log: they hold names.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from typing import Any, Final, NamedTuple, cast

from aiohttp import ClientResponse, ClientSession
from mautrix.api import HTTPAPI, Method, PathBuilder
from yarl import URL

from appservice.matrix.values import JsonObject

log = logging.getLogger(__name__)

_SECONDS_PER_MS: Final = 0.001


class Answered(Exception):
    """The homeserver, or a proxy before it, answered with anything but success.

    `retry_after` in seconds, from Retry-After or from retry_after_ms; None when it was not named.
    """

    def __init__(self, status: int, code: str, error: str, retry_after: float | None) -> None:
        super().__init__(f"{status} {code}")
        self.status = status
        self.code = code
        self.error = error
        self.retry_after = retry_after


class Answer(NamedTuple):
    """A success: the HTTP status and the parsed JSON."""

    status: int
    body: object


class File(NamedTuple):
    """A body that is no JSON. `kind` is its media type."""

    kind: str
    content: bytes


class BrokenAnswer(Exception):
    """A success that holds no JSON: something between us and the homeserver spoke for it."""


class Transport(HTTPAPI):
    """Sends one request at a time, counts it in `requests`, and never tries again."""

    def __init__(self, url: str, token: str, session: ClientSession) -> None:
        # mautrix asks for its own kind of logger, and uses what every logger has.
        super().__init__(
            url, token, client_session=session, default_retry_count=0, log=cast(Any, log)
        )
        self.requests = 0

    async def exchange(
        self,
        method: Method,
        path: PathBuilder | str,
        body: JsonObject | File | None = None,
        query: Mapping[str, str] | None = None,
    ) -> Answer:
        """Raises Answered, BrokenAnswer, MatrixConnectionError, TimeoutError."""
        has_body = method is not Method.GET
        content: dict[str, object] | bytes | None = None
        headers = {}
        if isinstance(body, File):
            content, headers = body.content, {"Content-Type": body.kind}
        elif has_body:
            content = dict(body or {})
        answer: Answer = await self.request(
            method,
            path,
            content,
            headers,
            query_params=dict(query or {}),
            # Without a body mautrix would take the length of None.
            sensitive=has_body,
        )
        return answer

    async def _send(
        self,
        method: Method,
        url: URL,
        content: Any,
        query_params: dict[str, str],
        headers: dict[str, str],
    ) -> tuple[Any, ClientResponse]:
        self.requests += 1
        async with self.session.request(
            str(method),
            url,
            data=content,
            params=query_params,
            headers=headers,
            allow_redirects=False,
        ) as response:
            text = await response.read()
            if not 200 <= response.status < 300:
                raise refusal_of(response, text)
            try:
                return Answer(response.status, json.loads(text)), response
            except ValueError as error:
                raise BrokenAnswer(f"{response.status} without JSON") from error


def refusal_of(response: ClientResponse, text: bytes) -> Answered:
    """What an answer that is no success says."""
    try:
        parsed = json.loads(text)
    except ValueError:
        parsed = None
    body: JsonObject = parsed if isinstance(parsed, dict) else {}
    if 300 <= response.status < 400:
        error = response.headers.get("Location", "")
    else:
        error = str(body.get("error") or response.reason or "")
    return Answered(
        response.status,
        str(body.get("errcode", "")),
        error,
        _retry_after(response.headers.get("Retry-After"), body.get("retry_after_ms")),
    )


def _retry_after(header: str | None, milliseconds: object) -> float | None:
    """Seconds. Synapse sends both; the header is in whole seconds, so the body is the finer."""
    if isinstance(milliseconds, int | float) and milliseconds >= 0:
        return milliseconds * _SECONDS_PER_MS
    if header is not None and header.strip().isdigit():
        return float(header)
    return None
