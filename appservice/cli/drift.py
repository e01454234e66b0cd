"""`school-spaces drift`: what people changed against the roster, and what became of it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Final

import typer

from appservice.app import database_address
from appservice.cli.render import paper, print_json, table
from appservice.cli.terminal import AsJson, help_text, terminal
from appservice.config.model import Config
from appservice.language import _
from appservice.storage.database import Database
from appservice.storage.drift import UNDONE, DriftRecord, DriftStore
from appservice.upkeep.drift_summary import kind_label

_SPAN: Final = re.compile(r"(\d{1,4})([mhd])")
_UNITS: Final = {"m": "minutes", "h": "hours", "d": "days"}


def drift(
    context: typer.Context,
    since: Annotated[
        str, typer.Option("--since", help=help_text("How far back: 30m, 12h, 7d."))
    ] = "1d",
    as_json: AsJson = False,
) -> None:
    """Read from the database alone. Names are shown by --json only."""
    span = _span(since)
    config = terminal(context).config()
    found = asyncio.run(_found(config, datetime.now(UTC) - span))
    if as_json:
        print_json({"drift": [_object(one) for one in found]})
        return
    if not found:
        paper().print(_("Nobody changed anything."), style="green")
        return
    rows = [
        (
            one.drift.at.astimezone().strftime("%Y-%m-%d %H:%M:%S"),
            one.drift.room,
            one.drift.who,
            kind_label(one.drift.kind),
            f"{one.drift.type} {one.drift.state_key}".strip(),
            _("put back") if one.outcome == UNDONE else one.outcome,
        )
        for one in found
    ]
    paper().print(
        table(_("When"), _("Room"), _("Who"), _("What"), _("Where"), _("Outcome"), rows=rows)
    )


async def _found(config: Config, since: datetime) -> Sequence[DriftRecord]:
    async with database_address(config) as dsn, Database.connect(dsn, connections=2) as database:
        return await DriftStore(database).since(since)


def _object(one: DriftRecord) -> dict[str, object]:
    drift = one.drift
    return {
        "at": drift.at.isoformat(),
        "room": drift.room,
        "who": drift.who,
        "kind": drift.kind.value,
        "type": drift.type,
        "state_key": drift.state_key,
        "before": drift.before,
        "after": drift.after,
        "times": drift.times,
        "slowed": drift.slowed,
        "outcome": one.outcome,
        "event_id": drift.event_id,
    }


def _span(text: str) -> timedelta:
    match = _SPAN.fullmatch(text)
    if match is None:
        raise typer.BadParameter(_("30m, 12h or 7d is needed."), param_hint="--since")
    return timedelta(**{_UNITS[match[2]]: int(match[1])})
