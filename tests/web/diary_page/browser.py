"""Debian's Chromium, a minimal Matrix client for it, and where its pictures are kept."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import pytest
from aiohttp import web
from playwright.async_api import Browser, Page, async_playwright

from appservice.embedded.homeserver_config import free_port

CHROMIUM: Final = Path("/usr/bin/chromium")
ASSETS: Final = Path(__file__).parent / "assets"
PICTURES: Final = Path(__file__).parents[3] / ".pictures" / "diary-page"
"""Of every run, looked at by people."""

PHONE: Final = (360, 740)
DESK: Final = (1280, 800)

needs_chromium = pytest.mark.skipif(
    not CHROMIUM.exists(), reason="Chromium is not there: apt-get install chromium"
)


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    async with async_playwright() as driver:
        browser = await driver.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
        )
        try:
            yield browser
        finally:
            await browser.close()


@asynccontextmanager
async def window(
    browser: Browser, size: tuple[int, int], *, dark: bool = False, language: str = "ru"
) -> AsyncIterator[Page]:
    """A browser of somebody's own. What it complains of fails the test."""
    complaints: list[str] = []
    context = await browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        color_scheme="dark" if dark else "light",
        locale=language,
    )
    page = await context.new_page()
    page.set_default_timeout(60_000)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on(
        "console",
        lambda line: complaints.append(line.text) if line.type == "error" else None,
    )
    try:
        yield page
    finally:
        await context.close()
    assert complaints == []


@asynccontextmanager
async def matrix_client() -> AsyncIterator[str]:
    """A page of a client that shows widgets; gives its origin."""
    names = {
        "/": "host.html",
        "/host.js": "host.js",
        "/matrix-widget-api.js": "matrix-widget-api-1.19.0.min.js",
    }

    def file(name: str) -> Callable[[web.Request], Awaitable[web.FileResponse]]:
        async def answer(_request: web.Request) -> web.FileResponse:
            return web.FileResponse(ASSETS / name)

        return answer

    app = web.Application()
    for path, name in names.items():
        app.router.add_get(path, file(name))
    app.router.add_get("/favicon.ico", _nothing)
    runner = web.AppRunner(app, shutdown_timeout=1)
    await runner.setup()
    port = free_port()
    try:
        # Another site than the page's, as in life: other cookies, other storage.
        await web.TCPSite(runner, "localhost", port).start()
        yield f"http://localhost:{port}"
    finally:
        await runner.cleanup()


async def _nothing(_request: web.Request) -> web.Response:
    return web.Response(status=204)


async def picture(page: Page, name: str) -> None:
    """The whole page, below the fold too."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    await page.screenshot(path=PICTURES / f"{name}.png", full_page=True)


async def sideways(page: Page) -> int:
    """By how many pixels something sticks out to the right."""
    found: int = await page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    return found
