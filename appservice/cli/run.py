"""`school-spaces run`: the service, until it is told to end."""

from __future__ import annotations

import asyncio
import signal
from typing import Final

import typer

from appservice.cli.render import paper
from appservice.cli.terminal import terminal
from appservice.config.model import Config
from appservice.doctor.facts import Finding, Verdict
from appservice.language import _
from appservice.logs import write_log
from appservice.service.running import running_service

INTERRUPTED: Final = 128 + signal.SIGINT


def run(context: typer.Context) -> None:
    """Ends on SIGTERM (exit code 0) and on Ctrl-C (130)."""
    config = terminal(context).config()
    write_log(config.logging.level, config.logging.format)
    told = asyncio.run(_run(config))
    paper().print(_("Ended."))
    if told is signal.SIGINT:
        raise typer.Exit(INTERRUPTED)


async def _run(config: Config) -> signal.Signals:
    loop = asyncio.get_running_loop()
    told: asyncio.Future[signal.Signals] = loop.create_future()
    for known in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(known, _tell, told, known)
    serving = asyncio.create_task(_serve(config))
    try:
        # It may be told to end while it still waits for its database.
        await asyncio.wait((serving, told), return_when=asyncio.FIRST_COMPLETED)
        if serving.done():
            await serving
        return await told
    finally:
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)


async def _serve(config: Config) -> None:
    """Until cancelled."""
    async with running_service(config) as pinged:
        say_where(config, pinged)
        await asyncio.Event().wait()


def _tell(told: asyncio.Future[signal.Signals], how: signal.Signals) -> None:
    if not told.done():
        told.set_result(how)


def say_where(config: Config, pinged: Finding) -> None:
    """The lines a person sees who starts the service."""
    console = paper()
    console.print(
        _("School Spaces listens at {hostname}:{port} for {server}.").format(
            hostname=config.appservice.hostname,
            port=config.appservice.port,
            server=config.homeserver.server_name,
        )
    )
    if pinged.verdict is Verdict.OK:
        console.print(f"Synapse: {pinged.text}.")
    else:
        console.print(f"Synapse: {pinged.text}.\n→ {pinged.advice}", style="yellow")
    console.print(_("Ready. Ctrl-C ends it."))
