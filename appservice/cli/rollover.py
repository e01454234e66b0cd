"""`school-spaces rollover`: carries the school over into its next year."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from appservice.cli.apply import report_object, show_report
from appservice.cli.plan import plan_object, show_list
from appservice.cli.progress import Bars
from appservice.cli.render import paper, print_json, table
from appservice.cli.terminal import AsJson, help_text, terminal
from appservice.commands.vocabulary import Step, Verb
from appservice.config.model import Config
from appservice.errors import Refused
from appservice.language import _
from appservice.storage.audit_log import TERMINAL, AuditLog, Entry
from appservice.storage.rollover import Rollover, RolloverState
from appservice.turning import open_turn
from appservice.upkeep.report import Report
from appservice.upkeep.rollover import Draft
from appservice.upkeep.turn_words import fate_said, people_said, state_said
from appservice.upkeep.turning import TurnOfTheYear
from appservice.year.rollover import ClassTurn

T = TypeVar("T")

rollover_app = typer.Typer(
    help=help_text("Carry the school over into its next year."), no_args_is_help=True
)


@rollover_app.command("draft", help=help_text("Show what the next year's roster does; keep it."))
def draft(
    context: typer.Context,
    path: Annotated[
        Path | None,
        typer.Argument(
            help=help_text(
                "The next year's roster; without one, what lies in the configured place."
            )
        ),
    ] = None,
    on: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d"],
            help=help_text("The day on which the service begins it; without one, you do."),
        ),
    ] = None,
    deltas: Annotated[
        Path | None,
        typer.Option(help=help_text("OneRoster: a folder of deltas, laid over it.")),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Nothing is changed before its day, or before `rollover apply`."""
    config = terminal(context).config()
    day = on.date() if on else None

    async def draft_it(turn: TurnOfTheYear) -> Draft:
        made = await turn.draft(path, day, deltas=deltas)
        await _note(turn, Step.DRAFT, made.digest)
        return made

    made = asyncio.run(_done(config, draft_it))
    if as_json:
        print_json(_draft_object(made))
    else:
        _show_draft(made)


@rollover_app.command("show", help=help_text("Say which rollover is under way, and how far it is."))
def show(context: typer.Context, as_json: AsJson = False) -> None:
    """From the database alone."""
    config = terminal(context).config()
    found = asyncio.run(_done(config, lambda turn: turn.latest()))
    if as_json:
        print_json({"rollover": None if found is None else _rollover_object(found)})
    elif found is None:
        paper().print(_("There is no rollover."))
    else:
        paper().print(
            _("Rollover {digest}: {state}.").format(digest=found.digest, state=_state(found))
        )


@rollover_app.command("apply", help=help_text("Begin the draft now, or finish what was begun."))
def apply(
    context: typer.Context,
    digest: Annotated[
        str | None,
        typer.Argument(metavar="DIGEST", help=help_text("Of the draft; another one is refused.")),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Exit code 1: something is left to do, and is named."""
    config = terminal(context).config()
    _carried_out(config, as_json, Step.APPLY, lambda turn, bars: turn.begin(digest, bars.phase))


@rollover_app.command("back", help=help_text("Take it back: the roster before it stands again."))
def back(context: typer.Context, as_json: AsJson = False) -> None:
    """Until `rollover confirm`."""
    config = terminal(context).config()
    _carried_out(config, as_json, Step.BACK, lambda turn, bars: turn.take_back(progress=bars.phase))


@rollover_app.command("confirm", help=help_text("Keep it; then it cannot be taken back."))
def confirm(context: typer.Context) -> None:
    """The roster that stood before is forgotten."""
    config = terminal(context).config()
    asyncio.run(_done(config, lambda turn: _typed(turn, Step.CONFIRM, turn.confirm)))
    paper().print(_("Confirmed."), style="green")


@rollover_app.command("drop", help=help_text("Forget the draft."))
def drop(context: typer.Context) -> None:
    """Nothing was changed by it."""
    config = terminal(context).config()
    asyncio.run(_done(config, lambda turn: _typed(turn, Step.DROP, turn.drop)))
    paper().print(_("The draft is forgotten."))


async def _done(config: Config, work: Callable[[TurnOfTheYear], Awaitable[T]]) -> T:
    async with open_turn(config) as turn:
        return await work(turn)


async def _typed(turn: TurnOfTheYear, step: Step, work: Callable[[], Awaitable[T]]) -> T:
    """A step, noted in the audit log unless it was refused; also where it failed midway."""
    found = await turn.latest()
    begun = True
    try:
        return await work()
    except Refused:
        begun = False
        raise
    finally:
        if begun and found is not None:
            await _note(turn, step, found.digest)


async def _note(turn: TurnOfTheYear, step: Step, digest: str) -> None:
    details = {"step": step.value, "digest": digest}
    entry = Entry(datetime.now(UTC), TERMINAL, Verb.ROLLOVER.value, details=details)
    await AuditLog(turn.database).note(entry)


def _carried_out(
    config: Config,
    as_json: bool,
    step: Step,
    work: Callable[[TurnOfTheYear, Bars], Awaitable[Report]],
) -> None:
    with Bars() as bars:
        report = asyncio.run(
            _done(config, lambda turn: _typed(turn, step, lambda: work(turn, bars)))
        )
    if as_json:
        print_json(report_object(report))
    else:
        show_report(report)
    raise typer.Exit(report.exit_status)


def _draft_object(made: Draft) -> dict[str, object]:
    turnover = made.turnover
    return {
        "digest": made.digest,
        "on": made.on.isoformat() if made.on else None,
        "classes": [
            line._asdict() | {"origins": list(line.origins), "heirs": list(line.heirs)}
            for line in turnover.classes
        ],
        "repeaters": list(turnover.repeaters),
        "graduates": list(turnover.graduates),
        "leavers": list(turnover.leavers),
        "newcomers": list(turnover.newcomers),
        "plan": plan_object(made.plan),
    }


def _show_draft(made: Draft) -> None:
    console = paper()
    console.print(
        table(
            _("This year"),
            _("Next year"),
            _("What becomes of it"),
            _("Stay"),
            _("Come"),
            _("Go"),
            rows=[_row(line) for line in made.turnover.classes],
            numbers=3,
        )
    )
    show_list(_("People (by their ids in the roster):"), people_said(made.turnover))
    show_list(
        _("For your attention:"), [*(hold.text for hold in made.plan.holds), *made.plan.notes]
    )
    console.print(_("As things are now, {count} actions.").format(count=len(made.plan.actions)))
    if made.on is not None:
        console.print(_("The service begins it on {day}.").format(day=made.on))
    console.print(
        _("To begin it now: school-spaces rollover apply {digest}").format(digest=made.digest)
    )


def _row(line: ClassTurn) -> tuple[str, ...]:
    numbers = (str(number or "") for number in (line.stay, line.come, line.go))
    return (line.before, line.after, fate_said(line), *numbers)


def _rollover_object(found: Rollover) -> dict[str, object]:
    return {
        "digest": found.digest,
        "state": found.state.value,
        "on": found.on.isoformat() if found.on else None,
        "drafted_at": found.drafted_at.isoformat(),
        "changed_at": found.changed_at.isoformat(),
    }


def _state(found: Rollover) -> str:
    """How far it is, and what to type next."""
    following = _following(found.state)
    return f"{state_said(found)}; {following}" if following else state_said(found)


def _following(state: RolloverState) -> str:
    match state:
        case RolloverState.DRAFTED:
            return _("`school-spaces rollover apply` begins it")
        case RolloverState.APPLYING:
            return _("`school-spaces rollover apply` finishes it")
        case RolloverState.APPLIED:
            return _("`confirm` keeps it, `back` takes it back")
        case RolloverState.RETURNING:
            return _("`school-spaces rollover back` finishes it")
        case RolloverState.RETURNED | RolloverState.CONFIRMED:
            return ""
