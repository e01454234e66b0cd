"""`school-spaces audit`: reads the homeserver in full and corrects what we believe of it."""

from __future__ import annotations

import asyncio

import typer

from appservice.app import open_house, read_delivery
from appservice.cli.plan import show_list
from appservice.cli.progress import Bars
from appservice.cli.render import paper, print_json, table
from appservice.cli.terminal import AsJson, terminal
from appservice.config.model import Config
from appservice.language import _
from appservice.school.problem import Delivery
from appservice.upkeep.audit import AuditReport


def audit(context: typer.Context, as_json: AsJson = False) -> None:
    """Changes nothing on the homeserver. What differs is what `plan` shows next."""
    if context.invoked_subcommand is not None:
        return
    config = terminal(context).config()
    delivery = read_delivery(config)
    with Bars() as bars:
        report = asyncio.run(_audited(config, delivery, bars))
    if as_json:
        print_json(
            {
                "rooms": report.rooms,
                "accounts": report.accounts,
                "corrections": [found._asdict() for found in report.corrections],
                "notes": list(report.notes),
            }
        )
        return
    console = paper()
    if report.corrections:
        console.print(
            table(
                _("What we believed wrongly"),
                _("Of"),
                rows=[(_what(found.what), found.name) for found in report.corrections],
            )
        )
    show_list(_("For your attention:"), report.notes)
    console.print(
        _("Read: {rooms} rooms, {accounts} accounts. Corrected: {corrections}.").format(
            rooms=report.rooms, accounts=report.accounts, corrections=len(report.corrections)
        )
    )


async def _audited(config: Config, delivery: Delivery, bars: Bars) -> AuditReport:
    async with open_house(config, delivery) as house:
        return await house.audit(bars.audit)


def _what(what: str) -> str:
    match what:
        case "room_found":
            return _("a room we did not know")
        case "room_lost":
            return _("a room that is gone")
        case "state":
            return _("what the room says")
        case "members":
            return _("who is in the room")
        case "account_found":
            return _("an account we did not know")
        case "account_lost":
            return _("an account that is gone")
        case _:
            return _("what the account says")
