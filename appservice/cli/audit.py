"""`school-spaces audit`: reads the homeserver in full, corrects what we believe of it, and mends
what departs from the roster that was applied last.
"""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from appservice.app import deployment_of, open_house, read_delivery, today_at
from appservice.cli.plan import HELD, show_list
from appservice.cli.progress import Bars
from appservice.cli.render import paper, print_json, table
from appservice.cli.terminal import AsJson, help_text, terminal
from appservice.config.model import Config
from appservice.language import _
from appservice.school.problem import Delivery
from appservice.upkeep.living import LivingWish
from appservice.upkeep.repairing import Repair, audit_and_repair


def audit(
    context: typer.Context,
    look_only: Annotated[
        bool, typer.Option("--look-only", help=help_text("Change nothing on the homeserver."))
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Exit code 0: all is as it must be; 1: something could not be put right; 2: a person must
    approve it. With --look-only always 0: what differs is what `plan` shows next.
    """
    if context.invoked_subcommand is not None:
        return
    config = terminal(context).config()
    delivery = read_delivery(config)
    with Bars() as bars:
        repair = asyncio.run(_audited(config, delivery, bars, look_only=look_only))
    show = _print_object if as_json else _print
    show(repair)
    if repair.waiting:
        raise typer.Exit(HELD)
    if repair.report is not None and repair.report.exit_status:
        raise typer.Exit(repair.report.exit_status)


def _print_object(repair: Repair) -> None:
    report = repair.audit
    print_json(
        {
            "rooms": report.rooms,
            "accounts": report.accounts,
            "corrections": [found._asdict() for found in report.corrections],
            "notes": list(report.notes),
            "departed": repair.departed,
            "repaired": _repaired(repair),
            "waiting": list(repair.waiting),
        }
    )


def _print(repair: Repair) -> None:
    report = repair.audit
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
    if repair.departed or repair.report is not None:
        console.print(
            _("Put right: {departed} changes by people, {repaired} by a plan.").format(
                departed=repair.departed, repaired=_repaired(repair)
            )
        )
    show_list(_("Not put right:"), repair.waiting, "yellow")


def _repaired(repair: Repair) -> int:
    if repair.report is None:
        return 0
    return sum(tally.done for tally in repair.report.tallies.values())


async def _audited(config: Config, delivery: Delivery, bars: Bars, *, look_only: bool) -> Repair:
    async with open_house(config, delivery) as house:
        if look_only:
            return Repair(await house.audit(bars.audit))
        living = LivingWish(
            house.workplace.database,
            lambda namespace: deployment_of(config, namespace),
            lambda: today_at(config),
        )
        return await audit_and_repair(house.wish, house.workplace, living, bars.audit)


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
