"""`school-spaces doctor`: whether everything is in place, and what to do."""

from __future__ import annotations

import asyncio
from typing import Final

import typer
from rich.table import Table
from rich.text import Text

from appservice.app import examine
from appservice.cli.render import paper, print_json
from appservice.cli.terminal import AsJson, terminal
from appservice.doctor.facts import Finding, Verdict
from appservice.doctor.judge import is_well
from appservice.language import _, n_

_SIGNS: Final = {
    Verdict.OK: ("✓", "green"),
    Verdict.WARNING: ("!", "yellow"),
    Verdict.FAILED: ("✗", "bold red"),
    Verdict.NOT_SEEN: ("?", "dim"),
}


def doctor(context: typer.Context, as_json: AsJson = False) -> None:
    """Exit code 1 when something failed; warnings and things not seen are 0."""
    findings = asyncio.run(examine(terminal(context).config()))
    if as_json:
        print_json({"ok": is_well(findings), "checks": [_object(found) for found in findings]})
    else:
        paper().print(_sheet(findings))
        paper().print(_verdict(findings))
    if not is_well(findings):
        raise typer.Exit(1)


def _object(finding: Finding) -> dict[str, str]:
    return {
        "check": finding.check,
        "verdict": finding.verdict.value,
        "text": finding.text,
        "advice": finding.advice,
    }


def _sheet(findings: tuple[Finding, ...]) -> Table:
    sheet = Table.grid(padding=(0, 2, 0, 0))
    sheet.add_column(no_wrap=True)
    sheet.add_column(no_wrap=True)
    sheet.add_column(overflow="fold")
    for finding in findings:
        sign, style = _SIGNS[finding.verdict]
        said = Text(finding.text)
        if finding.advice:
            said.append(f"\n→ {finding.advice}", style="italic")
        sheet.add_row(Text(sign, style=style), Text(finding.title, style=style), said)
    return sheet


def _verdict(findings: tuple[Finding, ...]) -> Text:
    failed = sum(finding.verdict is Verdict.FAILED for finding in findings)
    warnings = sum(finding.verdict is Verdict.WARNING for finding in findings)
    if failed:
        text = n_("{count} thing to mend.", "{count} things to mend.", failed)
        return Text(f"\n{text.format(count=failed)}", style="bold red")
    if warnings:
        text = n_("All works, with {count} warning.", "All works, with {count} warnings.", warnings)
        return Text(f"\n{text.format(count=warnings)}", style="yellow")
    return Text("\n" + _("All is well."), style="green")
