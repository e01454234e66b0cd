"""How requests reach the homeserver: how many at once, how long each may take, when again."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Mapping
from types import TracebackType
from typing import Final, Self

from aiohttp import ClientSession, ClientTimeout, DummyCookieJar, TCPConnector
from mautrix.api import Method, PathBuilder
from mautrix.errors import MatrixConnectionError

from appservice.errors import Temporary
from appservice.matrix import refusals
from appservice.matrix.endpoints import Observed, endpoint_of, nothing
from appservice.matrix.patience import RetryRule
from appservice.matrix.transport import Answer, Answered, BrokenAnswer, File, Transport
from appservice.matrix.values import JsonObject

log = logging.getLogger(__name__)

_CONNECT_TIMEOUT_S: Final = 10.0


class Connection:
    """Requests as the bot, each within `timeout` seconds and tried again for `patience` seconds.

    At most `at_once` requests are under way; the time spent waiting for a turn counts for nothing.
    `observed` is told of every try.
    """

    def __init__(
        self,
        url: str,
        as_token: str,
        *,
        server_name: str,
        bot: str,
        patience: float = 60.0,
        timeout: float = 45.0,
        at_once: int = 16,
        observed: Observed = nothing,
    ) -> None:
        self.server_name = server_name
        self.bot = bot
        self._url = url
        self._token = as_token
        self._rule = RetryRule(patience)
        self._timeout = timeout
        self._turns = asyncio.Semaphore(at_once)
        self._observed = observed
        self._transport: Transport | None = None
        self._sent_before = 0

    @property
    def requests(self) -> int:
        """How many HTTP requests were sent, retries included."""
        now = self._transport.requests if self._transport is not None else 0
        return self._sent_before + now

    async def __aenter__(self) -> Self:
        session = ClientSession(
            connector=TCPConnector(limit=0),  # our own turns are the limit
            timeout=ClientTimeout(total=None, sock_connect=_CONNECT_TIMEOUT_S),
            cookie_jar=DummyCookieJar(),
            headers={"User-Agent": "school-spaces"},
        )
        # By itself it repeats at once what breaks off on a connection that was used before. Who has
        # no patience looks first what became of it.
        session._retry_connection = self._rule.patience > 0
        self._transport = Transport(self._url, self._token, session)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._transport is not None:
            self._sent_before = self.requests
            await self._transport.session.close()
            self._transport = None

    async def _send(
        self,
        doing: str,
        method: Method,
        path: PathBuilder | str,
        body: JsonObject | File | None = None,
        *,
        query: Mapping[str, str] | None = None,
        within: float | None = None,
    ) -> object:
        """The parsed body of the answer; see `_exchange`."""
        answer = await self._exchange(doing, method, path, body, query=query, within=within)
        return answer.body

    async def _exchange(
        self,
        doing: str,
        method: Method,
        path: PathBuilder | str,
        body: JsonObject | File | None = None,
        *,
        query: Mapping[str, str] | None = None,
        within: float | None = None,
    ) -> Answer:
        """The answer. Raises Permanent (refused) or Temporary (after all tries).

        Every request that comes here may be repeated: it does nothing the second time, or says so.
        `doing` names it to a person; `within` in seconds is for requests that may take long.
        """
        if self._transport is None:
            raise RuntimeError("Open the connection first: async with Homeserver(...).")
        limit = self._timeout if within is None else within
        began = time.monotonic()
        tries = 0
        while True:
            tries += 1
            asked = None
            try:
                async with self._turns, asyncio.timeout(limit):
                    return await self._exchange_once(self._transport, method, path, body, query)
            except Answered as answered:
                if not refusals.worth_another_try(answered):
                    raise refusals.permanent(answered, doing) from answered
                asked = answered.retry_after
                failure: Temporary = refusals.temporary(answered, doing)
                seen = str(answered)
            except TimeoutError:
                failure = refusals.silent(self._url, doing, limit)
                seen = "no answer in time"
            except (MatrixConnectionError, BrokenAnswer) as error:
                failure = refusals.unreachable(self._url, doing, str(error))
                seen = "connection failed"
            pause = self._rule.pause(tries, time.monotonic() - began, random.random(), asked)  # noqa: S311
            if pause is None:
                raise failure
            log.info("%s %s: %s; again in %.1f s", method, path, seen, pause)
            await asyncio.sleep(pause)

    async def _exchange_once(
        self,
        transport: Transport,
        method: Method,
        path: PathBuilder | str,
        body: JsonObject | File | None,
        query: Mapping[str, str] | None,
    ) -> Answer:
        began = time.monotonic()
        outcome = "unanswered"
        try:
            answer = await transport.exchange(method, path, body, query)
            outcome = str(answer.status)
        except Answered as answered:
            outcome = str(answered.status)
            raise
        except (MatrixConnectionError, BrokenAnswer):
            outcome = "broken"
            raise
        finally:
            spent = time.monotonic() - began
            self._observed(str(method), endpoint_of(str(path)), outcome, spent)
        return answer
