"""`school-spaces apply`: brings the homeserver in line with the roster."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Iterable
from typing import Annotated, Final

import typer

from appservice.app import open_house, read_delivery
from appservice.cli.plan import plan_object, show_list
from appservice.cli.progress import Bars
from appservice.cli.render import margin, paper, print_json, table
from appservice.cli.terminal import AsJson, help_text, terminal
from appservice.config.model import Config
from appservice.language import _, n_
from appservice.rooms.actions import Action
from appservice.rooms.planning.plan import KIND_NAMES, Plan
from appservice.rooms.planning.table import action_label, described
from appservice.school.problem import Delivery
from appservice.upkeep.report import Report

INTERRUPTED: Final = 128 + signal.SIGINT
_LISTED: Final = 5
_KINDS: Final = {name: kind for kind, name in KIND_NAMES.items()}


def apply(
    context: typer.Context,
    digest: Annotated[
        str | None,
        typer.Argument(
            metavar="DIGEST",
            help=help_text("Of the plan you approve; another plan by now is refused."),
        ),
    ] = None,
    anyway: Annotated[
        bool, typer.Option("--anyway", help=help_text("Also on a blackout day."))
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Exit code 1: something is left to do, and is named; 2: a person must approve first."""
    config = terminal(context).config()
    delivery = read_delivery(config)
    plans: list[Plan] = []
    with Bars() as bars:
        try:
            report = asyncio.run(_applied(config, delivery, digest, anyway, bars, plans))
        except KeyboardInterrupt:
            report = None
    if report is None:
        _interrupted(bars)
        raise typer.Exit(INTERRUPTED)
    if as_json:
        print_json({"plan": plan_object(plans[0]), **report_object(report)})
    else:
        show_report(report)
    raise typer.Exit(report.exit_status)


async def _applied(
    config: Config,
    delivery: Delivery,
    digest: str | None,
    anyway: bool,
    bars: Bars,
    plans: list[Plan],
) -> Report:
    async with open_house(config, delivery) as house:
        return await house.apply(
            digest=digest,
            progress=bars.phase,
            auditing=bars.audit,
            planned=plans.append,
            anyway=anyway,
        )


def _interrupted(bars: Bars) -> None:
    console = margin()
    console.print(_("Interrupted."), style="bold yellow")
    for label, (over, total) in bars.over.items():
        console.print(_("  {what}: {over} of {total}").format(what=label, over=over, total=total))
    console.print(_("What is done stays. Run `school-spaces apply` again to do the rest."))


def report_object(report: Report) -> dict[str, object]:
    """What became of a plan, for scripts."""
    return {
        "ok": report.exit_status == 0,
        "tallies": {kind: tally._asdict() for kind, tally in report.tallies.items()},
        "failed": [
            {"action": described(failed.action), "code": failed.code, "text": failed.text}
            for failed in report.failed
        ],
        "skipped": [
            {"action": described(skipped.action), "because": skipped.because}
            for skipped in report.skipped
        ],
        "adopted": list(report.adopted),
        "notes": list(report.notes),
    }


def show_report(report: Report) -> None:
    """The same for people."""
    console = paper()
    if not report.results:
        show_list(_("For your attention:"), report.notes)
        console.print(_("Nothing to do: everything is as the roster says."), style="green")
        return
    rows = [
        (action_label(_KINDS[kind]), *(str(number or "") for number in tally))
        for kind, tally in report.tallies.items()
    ]
    console.print(table(_("Action"), _("Done"), _("Failed"), _("Skipped"), rows=rows, numbers=3))
    show_list(
        _("Found again instead of being made:"),
        report.adopted,
    )
    show_list(_("For your attention:"), report.notes)
    show_list(_("Failed:"), _by_reason((one.text, one.action) for one in report.failed), "bold red")
    show_list(
        _("Skipped, because something before it failed:"),
        _by_reason((one.because, one.action) for one in report.skipped),
        "yellow",
    )
    left = len(report.failed) + len(report.skipped)
    if left:
        text = n_(
            "{count} action is left. Mend what is named above and run `school-spaces apply` again.",
            "{count} actions are left. Mend what is named above and run `school-spaces apply`"
            " again.",
            left,
        )
        console.print(text.format(count=left), style="bold red")
    else:
        console.print(_("Done: everything is as the roster says."), style="green")


def _by_reason(undone: Iterable[tuple[str, Action]]) -> list[str]:
    """Each reason once, with the first of the actions it concerns below it."""
    actions: dict[str, list[str]] = {}
    for reason, action in undone:
        actions.setdefault(reason, []).append(described(action))
    return ["\n".join((reason, *_shortened(lines))) for reason, lines in actions.items()]


def _shortened(lines: list[str]) -> list[str]:
    more = len(lines) - _LISTED
    if more <= 0:
        return lines
    rest = n_("and {count} more (--json names all)", "and {count} more (--json names all)", more)
    return [*lines[:_LISTED], rest.format(count=more)]
