"""`school-spaces demo`: a living school on this machine, until Ctrl-C."""

from __future__ import annotations

import asyncio
import json
import logging
import signal
import sys
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.table import Table

from appservice.cli.plan import show_list
from appservice.cli.progress import Bars
from appservice.cli.render import margin, paper, table
from appservice.cli.terminal import help_text
from appservice.commands.vocabulary import PREFIXES, WORDS, Verb
from appservice.demo.living import Living, living_school
from appservice.demo.place import Place
from appservice.demo.sign_ins import SignIn
from appservice.language import _, current_language
from appservice.rooms.planning.table import described
from appservice.school.model import Role

INTERRUPTED: Final = 128 + signal.SIGINT


class SchoolLanguage(StrEnum):
    RU = "ru"
    EN = "en"


def demo(
    language: Annotated[
        SchoolLanguage, typer.Option(help=help_text("The language of the school."))
    ] = SchoolLanguage.RU,
    directory: Annotated[
        Path, typer.Option("--dir", help=help_text("Where the demo keeps its data."))
    ] = Path(".demo"),
    port: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=65535,
            help=help_text("Of the homeserver; 8008 if it is free and none is named."),
        ),
    ] = None,
) -> None:
    """Ends with Ctrl-C; a second start goes on with the same people."""
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    place = Place((directory / language.value).resolve(), "ru" if language.value == "ru" else "en")
    lived = False

    def alive(living: Living) -> None:
        nonlocal lived
        lived = True
        _show(living)

    try:
        asyncio.run(_live(place, port, alive))
    except (KeyboardInterrupt, asyncio.CancelledError):
        margin().print(_("The demo has ended, and everything it started with it."))
    if not lived:
        raise typer.Exit(INTERRUPTED)


async def _live(place: Place, port: int | None, alive: Callable[[Living], None]) -> None:
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    if task is not None:
        for known in (signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(known, task.cancel)
    began = time.monotonic()
    console = margin()

    def say(what: str) -> None:
        seconds = time.monotonic() - began
        console.print(_("{seconds:5.1f} s  {what}").format(seconds=seconds, what=what))

    async with AsyncExitStack() as house:
        with Bars() as bars:
            living = await house.enter_async_context(
                living_school(place, port=port, say=say, progress=bars.phase)
            )
        alive(living)
        await asyncio.Event().wait()


def _show(living: Living) -> None:
    console = paper()
    failed = [f"{described(one.action)}\n{one.text}" for one in living.report.failed]
    show_list(_("Failed:"), failed, "bold red")
    made = len(living.report.results)
    console.print(
        "\n"
        + _(
            "The school lives after {seconds:.0f} s: {accounts} people, {rooms} rooms,"
            " {memberships} memberships ({made} actions now)."
        ).format(
            seconds=living.seconds,
            accounts=living.totals.accounts,
            rooms=living.totals.rooms,
            memberships=living.totals.memberships,
            made=made,
        ),
        style="bold green",
    )
    console.print("\n" + _("Homeserver: {url}").format(url=living.url) + "\n", style="bold")
    console.print(
        table(
            _("Sign in as"),
            _("User"),
            _("Password"),
            rows=[(_who(one), one.user_id, one.password) for one in living.sign_ins],
        )
    )
    console.print(_how_to(living))
    if living.sign_ins:
        console.print(_("Without a client:"))
        # One line, however wide the window is: it is there to be copied.
        console.print(f"  {_login_line(living.url, living.sign_ins[0])}\n", soft_wrap=True)
    if living.links:
        console.print(
            _(
                "The diary as a page, for a browser of this computer. Each link opens once, within"
                " ten minutes; the bot gives another to whoever writes `{word}` in a room:"
            ).format(word=f"{PREFIXES[_is_russian()]} {WORDS[Verb.DIARY][_is_russian()]}"),
            highlight=False,
            markup=False,
        )
        for one, link in living.links:
            console.print(f"  {_who(one).splitlines()[0]}:", highlight=False, markup=False)
            console.print(f"    {link}", soft_wrap=True, highlight=False, markup=False)
        console.print()
    if living.own_event:
        console.print(_("The diary has told of a day. Send an event of your own:"))
        console.print(f"  {living.own_event}\n", soft_wrap=True, highlight=False, markup=False)
    console.print(
        _("Ctrl-C ends everything; the next start goes on with the same people."), style="bold"
    )


def _is_russian() -> bool:
    return current_language() == "ru"


def _who(one: SignIn) -> str:
    return f"{_role(one.role)}{f' {one.label}' if one.label else ''}\n{one.name}"


def _role(role: Role) -> str:
    match role:
        case Role.STUDENT:
            return _("student")
        case Role.GUARDIAN:
            return _("guardian")
        case Role.TEACHER:
            return _("teacher")
        case Role.CLASS_TEACHER:
            return _("class teacher")
        case Role.SCHOOL_ADMIN:
            return _("administrator")
        case _:
            return role.value


def _how_to(living: Living) -> Table:
    """How to open it in any client, and how to look at it as an administrator."""
    grid = Table.grid(padding=(0, 2, 1, 0))
    grid.add_row(
        _("Element on this computer"),
        _("Sign in → change the homeserver to {url} → user and password from the table.").format(
            url=living.url
        ),
    )
    grid.add_row(
        _("Element in a browser"),
        _(
            "app.element.io, the same way: Firefox and Chrome let it reach localhost (Chrome asks"
            " for leave), Safari does not."
        ),
    )
    grid.add_row(
        _("As its administrator"),
        _("school-spaces -c {config} doctor (or plan, status, apply)").format(
            config=_near(living.config_file)
        ),
    )
    grid.add_row(
        _("Change the roster"),
        _("Edit {roster}, then plan and apply.").format(
            roster=_near(living.config_file.parent / "roster")
        ),
    )
    return grid


def _login_line(url: str, one: SignIn) -> str:
    body = json.dumps(
        {
            "type": "m.login.password",
            "identifier": {"type": "m.id.user", "user": one.user_id},
            "password": one.password,
        }
    )
    return f"curl {url}/_matrix/client/v3/login -d '{body}'"


def _near(path: Path) -> Path:
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path
