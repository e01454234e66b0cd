"""`school-spaces plan`: what would be done, and whether a person must approve it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Annotated, Final

import typer
from rich.table import Table
from rich.text import Text

from appservice.app import open_house, read_delivery
from appservice.cli.render import paper, print_json, table
from appservice.cli.terminal import AsJson, help_text, terminal
from appservice.config.model import Config
from appservice.language import _, n_
from appservice.rooms.planning.plan import KIND_NAMES, Plan
from appservice.rooms.planning.table import described, plan_rows
from appservice.school.problem import Delivery

HELD: Final = 2


def plan(
    context: typer.Context,
    each: Annotated[
        bool, typer.Option("--each", help=help_text("Show every single action as well."))
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Exit code 0: nothing to do, or it may be applied; 2: it waits for a person's approval."""
    config = terminal(context).config()
    delivery = read_delivery(config)
    made = asyncio.run(_made(config, delivery))
    if as_json:
        print_json(plan_object(made, each=each))
    else:
        show_plan(made, each=each)
    if made.holds:
        raise typer.Exit(HELD)


async def _made(config: Config, delivery: Delivery) -> Plan:
    async with open_house(config, delivery) as house:
        return await house.plan()


def plan_object(made: Plan, *, each: bool = False) -> dict[str, object]:
    """A plan for scripts."""
    shown: dict[str, object] = {
        "digest": made.digest,
        "empty": not made.actions,
        "held": bool(made.holds),
        "counts": dict(made.counts),
        "holds": [{"code": hold.code, "text": hold.text} for hold in made.holds],
        "notes": list(made.notes),
    }
    if each:
        shown["actions"] = [
            {"kind": KIND_NAMES[type(action)], "text": described(action)} for action in made.actions
        ]
    return shown


def show_plan(made: Plan, *, each: bool = False) -> None:
    """A plan for people."""
    console = paper()
    if made.actions:
        console.print(_heading(made), style="bold")
        console.print(_rows(made))
        if each:
            console.print("\n".join(described(action) for action in made.actions) + "\n")
    show_list(_("For your attention:"), made.notes)
    if not made.actions:
        console.print(_("Nothing to do: everything is as the roster says."), style="green")
    elif made.holds:
        show_list(
            _("A person has to approve this plan:"), [hold.text for hold in made.holds], "yellow"
        )
        console.print(_("If it is right: school-spaces apply {digest}").format(digest=made.digest))
    else:
        console.print(_("To carry it out: school-spaces apply {digest}").format(digest=made.digest))


def show_list(heading: str, lines: Iterable[str], style: str = "") -> None:
    """Lines below a heading; nothing where there are no lines."""
    lines = list(lines)
    if lines:
        grid = Table.grid(padding=(0, 1, 0, 0))
        for line in lines:
            grid.add_row(" •", Text(line))
        paper().print(heading, style=style)
        paper().print(grid)
        paper().print()


def _heading(made: Plan) -> str:
    count = len(made.actions)
    return n_("Plan {digest}: {count} action", "Plan {digest}: {count} actions", count).format(
        digest=made.digest, count=count
    )


def _rows(made: Plan) -> Table:
    rows: list[tuple[str, str, str, str]] = []
    phase, doing = "", ""
    for row in plan_rows(made):
        rows.append(
            (
                row.phase if row.phase != phase else "",
                row.action if (row.phase, row.action) != (phase, doing) else "",
                row.room_kind,
                str(row.number),
            )
        )
        phase, doing = row.phase, row.action
    return table(_("Phase"), _("Action"), _("Kind of room"), _("Count"), rows=rows, numbers=1)
