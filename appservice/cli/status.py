"""`school-spaces status`: what was done lately, and how much is kept."""

from __future__ import annotations

import asyncio
from datetime import UTC

import typer

from appservice.app import Status, status_of
from appservice.cli.render import paper, print_json, table
from appservice.cli.terminal import AsJson, terminal
from appservice.config.model import Config
from appservice.language import _
from appservice.storage.runs import Run


def status(context: typer.Context, as_json: AsJson = False) -> None:
    """From the database alone; the homeserver is not asked."""
    config = terminal(context).config()
    found = asyncio.run(status_of(config))
    if as_json:
        print_json(_object(found))
    else:
        _show(config, found)


def _object(found: Status) -> dict[str, object]:
    return {
        "service": {"listens": found.service_listens},
        "paused": None
        if found.syncs.paused_at is None
        else {
            "since": found.syncs.paused_at.astimezone(UTC).isoformat(),
            "by": found.syncs.paused_by,
        },
        "kept": {
            "accounts": found.totals.accounts,
            "rooms": found.totals.rooms,
            "memberships": found.totals.memberships,
        },
        "runs": [
            {
                "number": one.number,
                "kind": one.kind,
                "started_at": one.started_at.isoformat(),
                "ended_at": one.ended_at.isoformat() if one.ended_at else None,
                "digest": one.digest,
                "planned": dict(one.planned),
                "outcome": one.outcome or "under_way_or_killed",
                "left_over": dict(one.left_over),
            }
            for one in found.runs
        ],
    }


def _show(config: Config, found: Status) -> None:
    console = paper()
    totals = found.totals
    console.print(
        _(
            "Kept on {server}: {rooms} rooms, {accounts} accounts, {memberships} memberships."
        ).format(
            server=config.homeserver.server_name,
            rooms=totals.rooms,
            accounts=totals.accounts,
            memberships=totals.memberships,
        )
    )
    if found.service_listens:
        console.print(_("The service runs."), style="green")
    else:
        console.print(
            _("The service does not run here: `school-spaces run` starts it."), style="yellow"
        )
    if found.syncs.paused_at is not None:
        since = found.syncs.paused_at.astimezone().strftime("%Y-%m-%d %H:%M:%S")
        console.print(
            _("Syncs are paused since {when} by {who}; `!school resume` ends it.").format(
                when=since, who=found.syncs.paused_by
            ),
            style="yellow",
        )
    if not found.runs:
        console.print(_("Nothing was applied yet."))
        return
    console.print(
        table(
            _("Began"),
            _("What"),
            _("Plan"),
            _("Outcome"),
            _("Actions"),
            rows=[_row(one) for one in found.runs],
            numbers=1,
        )
    )


def _row(one: Run) -> tuple[str, str, str, str, str]:
    outcome = _outcome(one)
    left = sum(one.left_over.values())
    if left:
        outcome += ", " + _("{count} left").format(count=left)
    began = one.started_at.astimezone().strftime("%Y-%m-%d %H:%M:%S")
    return began, one.kind, one.digest, outcome, str(sum(one.planned.values()) or "")


def _outcome(one: Run) -> str:
    match one.outcome:
        case "done":
            return _("done")
        case "incomplete":
            return _("not all done")
        case "refused":
            return _("refused")
        case "failed":
            return _("failed")
        case _:
            return _("under way, or killed")
