"""`school-spaces audit log`: who did what, for people or as JSON Lines."""

from __future__ import annotations

import asyncio
import json
import sys
from datetime import UTC, datetime
from typing import Annotated, Final

import typer

from appservice.app import database_address
from appservice.cli.render import paper, table
from appservice.cli.terminal import help_text, terminal
from appservice.config.model import Config
from appservice.language import _
from appservice.storage.audit_log import AuditLog, Entry
from appservice.storage.database import Database

_BEGINNING: Final = datetime(1970, 1, 1, tzinfo=UTC)


def audit_log(
    context: typer.Context,
    since: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help=help_text("The first day that is shown.")),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help=help_text("Print one JSON object a line, for scripts."))
    ] = False,
) -> None:
    """From the database alone, oldest first. Days begin at midnight of this machine's clock."""
    config = terminal(context).config()
    begin = _BEGINNING if since is None else since.astimezone()
    entries = asyncio.run(_entries(config, begin))
    if as_json:
        for entry in entries:
            sys.stdout.write(json.dumps(_object(entry), ensure_ascii=False) + "\n")
    elif entries:
        rows = [
            (_moment(entry), entry.actor, entry.action, entry.object or "–") for entry in entries
        ]
        paper().print(table(_("When"), _("Who"), _("What"), _("Of"), rows=rows))
    else:
        paper().print(_("Nothing was done yet."))


async def _entries(config: Config, since: datetime) -> list[Entry]:
    async with database_address(config) as dsn, Database.connect(dsn, connections=2) as database:
        return [entry async for entry in AuditLog(database).since(since)]


def _object(entry: Entry) -> dict[str, object]:
    return {
        "number": entry.number,
        "at": entry.at.astimezone(UTC).isoformat(),
        "actor": entry.actor,
        "action": entry.action,
        "object": entry.object,
        "details": dict(entry.details),
    }


def _moment(entry: Entry) -> str:
    return entry.at.astimezone().strftime("%Y-%m-%d %H:%M:%S")
