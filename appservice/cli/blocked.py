"""`school-spaces blocked`: what people tried that the contact rules do not allow."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Annotated

import typer

from appservice.app import homeserver_of
from appservice.cli.render import paper, print_json
from appservice.cli.terminal import AsJson, help_text, terminal
from appservice.config.model import Config
from appservice.errors import Refused
from appservice.language import _
from appservice.matrix.policy_requests import Attempt, Blocked
from appservice.upkeep.community import ABILITY


def blocked(
    context: typer.Context,
    after: Annotated[
        int,
        typer.Option("--after", min=0, help=help_text("Only what came after this number.")),
    ] = 0,
    limit: Annotated[
        int, typer.Option("--limit", min=1, max=1000, help=help_text("At most so many rows."))
    ] = 100,
    as_json: AsJson = False,
) -> None:
    """Synapse keeps it for 30 days. User ids are shown, never names."""
    found = asyncio.run(_asked(terminal(context).config(), after, limit))
    if as_json:
        print_json(
            {
                "attempts": [attempt._asdict() for attempt in found.attempts],
                "counts": dict(found.counts),
            }
        )
    else:
        _show(found)


async def _asked(config: Config, after: int, limit: int) -> Blocked:
    async with homeserver_of(config) as homeserver:
        if ABILITY not in await homeserver.abilities():
            raise Refused(
                _(
                    "Synapse has no module that keeps contact rules, so nothing is blocked:"
                    " docs/synapse-module.md."
                )
            )
        return await homeserver.blocked_attempts(after, limit)


def _show(found: Blocked) -> None:
    console = paper()
    if not found.attempts:
        console.print(_("Nothing was blocked."), style="green")
        return
    for attempt in found.attempts:
        console.print(_line(attempt))
    console.print(
        _("In all: {counts}.").format(
            counts=", ".join(
                f"{_kind(kind)} × {count}" for kind, count in sorted(found.counts.items())
            )
        )
    )


def _line(attempt: Attempt) -> str:
    at = datetime.fromtimestamp(attempt.at_ms / 1000, UTC).astimezone()
    whom = f" → {attempt.other}" if attempt.other else ""
    times = f" × {attempt.times}" if attempt.times > 1 else ""
    return (
        f"{attempt.id}. {at:%Y-%m-%d %H:%M} {attempt.user_id}{whom}: {_kind(attempt.kind)}"
        f" ({attempt.reason}){times}"
    )


def _kind(kind: str) -> str:
    match kind:
        case "invite":
            return _("to invite")
        case "federated_invite":
            return _("to invite from another homeserver")
        case "invite_by_3pid":
            return _("to invite an address or telephone number")
        case "join":
            return _("to join")
        case "create_room":
            return _("to make a room")
        case "create_alias":
            return _("to make an address")
        case "publish_room":
            return _("to publish a room")
        case "encrypt":
            return _("to turn encryption on")
        case _:  # of a newer module
            return kind
