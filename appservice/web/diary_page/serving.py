"""The HTTP of the diary page. Addresses name nobody: whom and what a view shows stands in the body.

GET  /diary-page/               the empty page, with page.js and page.css beside it
POST /diary-page/session        {"link": …} or {"openid": {"token", "server_name"}} → {"session"}
DELETE /diary-page/session      ends it
POST /diary-page/view           {"view", "of", "week", "span"} → HTML; bearer: the session
POST /diary-page/wishes         {"of", "wishes"} → the HTML of the settings
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from aiohttp import web

from appservice.errors import Temporary
from appservice.language import Language, _, speaking
from appservice.storage.diary_wishes import WishStore
from appservice.storage.page_sessions import PageSessions, digest_of
from appservice.web.diary_page.callers import Callers, accepted_language
from appservice.web.diary_page.drawing import LOOK, draw
from appservice.web.diary_page.guests import Guest, Guests
from appservice.web.diary_page.limiting import RateLimit
from appservice.web.diary_page.pages import Asked, Pages
from appservice.web.diary_page.scene import Cast
from appservice.web.diary_page.settings import PageSettings
from appservice.web.diary_page.signing_in import Door, NotLetIn
from appservice.web.diary_page.wishes import BadForm, HalfOfHours, wishes_from

PREFIX: Final = "/diary-page"

_LARGEST_BODY: Final = 16 * 1024
_LONGEST_TEXT: Final = 1000

Answer = Callable[[web.Request, Mapping[str, Any]], Awaitable[web.Response]]


@dataclass(frozen=True, slots=True)
class DiaryPage:
    """The parts that the page works with."""

    settings: PageSettings
    language: Language
    guests: Guests
    sessions: PageSessions
    door: Door
    pages: Pages
    wishes: WishStore

    def add_to(self, application: web.Application) -> None:
        served = _Served(self)
        router = application.router
        router.add_get(f"{PREFIX}/", served.shell)
        router.add_get(f"{PREFIX}/page.js", served.script)
        router.add_get(f"{PREFIX}/page.css", served.style)
        router.add_post(f"{PREFIX}/session", served.answering(served.sign_in))
        router.add_delete(f"{PREFIX}/session", served.answering(served.sign_out))
        router.add_post(f"{PREFIX}/view", served.answering(served.view))
        router.add_post(f"{PREFIX}/wishes", served.answering(served.choose))


class _Said(Exception):
    """An answer other than what was asked for, in words for the person."""

    def __init__(self, status: int, text: str, *, wait_s: float = 0) -> None:
        super().__init__(text)
        self.status = status
        self.text = text
        self.wait_s = wait_s


class _Served:
    def __init__(self, page: DiaryPage) -> None:
        self._page = page
        self._callers = Callers(page.settings.proxies)
        self._headers = headers_of(page.settings)
        # A school may be one address to us. The secrets are too long to be guessed.
        self._sign_ins = RateLimit(burst=200, every_s=0.2)
        self._views = RateLimit(burst=60, every_s=0.5)
        self._script = (LOOK / "page.js").read_bytes()
        self._style = (LOOK / "page.css").read_bytes()

    async def shell(self, request: web.Request) -> web.Response:
        language = accepted_language(request) or self._page.language
        with speaking(language):
            html = draw("shell", language=language, clients=self._page.settings.clients)
        return self._response(html.encode(), "text/html")

    async def script(self, _request: web.Request) -> web.Response:
        return self._response(self._script, "text/javascript")

    async def style(self, _request: web.Request) -> web.Response:
        return self._response(self._style, "text/css")

    def answering(self, answer: Answer) -> Callable[[web.Request], Awaitable[web.Response]]:
        """With the body read, and every failure said in the language of the browser."""

        async def handle(request: web.Request) -> web.Response:
            with speaking(accepted_language(request) or self._page.language):
                try:
                    return await answer(request, await _body(request))
                except _Said as said:
                    return self._refusal(said)
                except Temporary:
                    text = _("The school’s server is busy or away. Try again in a minute.")
                    return self._refusal(_Said(503, text, wait_s=10))

        return handle

    async def sign_in(self, request: web.Request, body: Mapping[str, Any]) -> web.Response:
        _held_back(self._sign_ins, self._callers.of(request))
        match body:
            case {"link": str(secret)}:
                found = await self._page.door.by_link(secret)
            case {"openid": {"token": str(token), "server_name": str(server_name)}} if (
                0 < len(token) <= _LONGEST_TEXT
            ):
                found = await self._page.door.by_openid(token, server_name)
            case _:
                raise _Said(400, _("This is not a request of the diary page."))
        if isinstance(found, NotLetIn):
            raise _refused(found)
        left = (found.expires_at - datetime.now(UTC)).total_seconds()
        answer = {"session": found.secret, "expires_in": max(0, int(left))}
        return self._response(json.dumps(answer).encode(), "application/json")

    async def sign_out(self, request: web.Request, _body: Mapping[str, Any]) -> web.Response:
        await self._page.sessions.end(_bearer(request))
        return self._response(b"{}", "application/json")

    async def view(self, request: web.Request, body: Mapping[str, Any]) -> web.Response:
        guest, key = await self._guest(request)
        asked = Asked(
            view=str(body.get("view", ""))[:20],
            of=str(body.get("of", ""))[:100],
            week=week if isinstance(week := body.get("week", 0), int) else 0,
            is_year=body.get("span") == "year",
        )
        return await self._drawn(request, guest, asked, key)

    async def choose(self, request: web.Request, body: Mapping[str, Any]) -> web.Response:
        guest, key = await self._guest(request)
        of = str(body.get("of", ""))[:100]
        form = body.get("wishes")
        seen = Cast(guest, key).find(of)
        home = guest.home[0] if guest.home is not None and not of else ""
        school = home if seen is None else seen.school
        if not school or not isinstance(form, dict):
            raise _Said(400, _("This is not a request of the diary page."))
        try:
            wishes = wishes_from(
                {str(name): str(value) for name, value in form.items()},
                await self._page.pages.wishes(guest, school),
            )
        except HalfOfHours:
            text = _("Quiet hours need both times: say when they begin and when they end.")
            raise _Said(400, text) from None
        except BadForm:
            raise _Said(400, _("These settings cannot be read. Load the page anew.")) from None
        await self._page.wishes.choose(school, guest.person.person_id, wishes)
        return await self._drawn(request, guest, Asked("settings", of), key)

    async def _drawn(
        self, request: web.Request, guest: Guest, asked: Asked, key: bytes
    ) -> web.Response:
        language = await self._page.pages.language(guest, accepted_language(request))
        html = await self._page.pages.page(guest, asked, key, language)
        return self._response(html.encode(), "text/html")

    async def _guest(self, request: web.Request) -> tuple[Guest, bytes]:
        secret = _bearer(request)
        person_id = await self._page.sessions.whose(secret, now=datetime.now(UTC))
        if person_id is None:
            raise _over()
        _held_back(self._views, person_id)
        guest = await self._page.guests.guest(person_id)
        if guest is None:
            raise _over()
        return guest, digest_of(secret)

    def _response(self, content: bytes, content_type: str, status: int = 200) -> web.Response:
        return web.Response(
            body=content,
            status=status,
            headers={**self._headers, "Content-Type": f"{content_type}; charset=utf-8"},
        )

    def _refusal(self, said: _Said) -> web.Response:
        answer = self._response(
            json.dumps({"error": said.text}).encode(), "application/json", said.status
        )
        if said.wait_s:
            answer.headers["Retry-After"] = str(math.ceil(said.wait_s))
        return answer


def headers_of(settings: PageSettings) -> Mapping[str, str]:
    """Of every answer: nothing is kept, nothing comes from elsewhere, only our clients frame it."""
    framed_by = " ".join(settings.clients) or "'none'"
    policy = (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self';"
        f" img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors {framed_by}"
    )
    return {
        "Content-Security-Policy": policy,
        "Cache-Control": "no-store",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    }


async def _body(request: web.Request) -> Mapping[str, Any]:
    """Raises _Said for all but a small JSON object. Its type keeps forms of other sites out."""
    wrong = _Said(400, _("This is not a request of the diary page."))
    if request.content_type != "application/json" or (request.content_length or 0) > _LARGEST_BODY:
        raise wrong
    content = b""
    async for chunk in request.content.iter_chunked(_LARGEST_BODY):
        content += chunk
        if len(content) > _LARGEST_BODY:
            raise wrong
    try:
        body = json.loads(content)
    except (ValueError, RecursionError):
        raise wrong from None
    if not isinstance(body, dict):
        raise wrong
    return body


def _bearer(request: web.Request) -> str:
    scheme, _space, secret = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not secret:
        raise _over()
    return secret


def _over() -> _Said:
    return _Said(401, _("The time of this page is over. Ask the school’s bot for a new link."))


def _held_back(limit: RateLimit, caller: str) -> None:
    if wait := limit.wait_s(caller, time.monotonic()):
        raise _Said(429, _("That was too much at once. Try again in a moment."), wait_s=wait)


def _refused(why: NotLetIn) -> _Said:
    match why:
        case NotLetIn.LINK_IS_OVER:
            text = _(
                "This link was used already, or is too old. Ask the school’s bot for a new one."
            )
            return _Said(403, text)
        case NotLetIn.NOT_OURS:
            text = _(
                "This account is not one of this school’s server. Sign in with your own there."
            )
            return _Said(403, text)
        case NotLetIn.UNKNOWN:
            text = _(
                "Your account is not in the school’s lists of today. If this is a mistake, ask the"
                " class teacher or the school’s administration."
            )
            return _Said(403, text)
        case NotLetIn.TOO_OFTEN:
            text = _("The diary was opened too often with this account. Try again in ten minutes.")
            return _Said(429, text, wait_s=600)
