"""How the verdict over a delivery looks: every problem, how many of each kind, and what follows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from rich.table import Table
from rich.text import Text

from appservice.cli.render import paper, table
from appservice.language import _, n_
from appservice.school.model import Roster
from appservice.school.problem import Delivery, Severity

CLEAN, ERRORS, UNREADABLE = 0, 1, 2  # exit codes; warnings alone are clean

_GRAVITY: Final = (Severity.WARNING, Severity.ERROR, Severity.FATAL)
_STYLES: Final = {
    Severity.FATAL: "bold white on red",
    Severity.ERROR: "bold red",
    Severity.WARNING: "yellow",
}
_WIDTH_OF_A_FILE: Final = 200  # where no window says how wide a table may be
_WIDE: Final = 130


def verdict_code(delivery: Delivery) -> int:
    severities = {problem.severity for problem in delivery.problems}
    if Severity.FATAL in severities:
        return UNREADABLE
    return ERRORS if Severity.ERROR in severities else CLEAN


def verdict_object(delivery: Delivery) -> Mapping[str, object]:
    """For scripts. `counts` are complete, `problems` hold at most 200 of each code."""
    return {
        "ok": verdict_code(delivery) == CLEAN,
        "counts": delivery.counts,
        "problems": [problem._asdict() for problem in delivery.problems],
    }


def print_verdict(delivery: Delivery) -> None:
    console = paper()
    if not console.is_terminal:
        console.width = _WIDTH_OF_A_FILE
    if delivery.problems:
        console.print(_problems(delivery, wide=console.width >= _WIDE))
        console.print(_counts(delivery))
    console.print(_closing(delivery))


def _problems(delivery: Delivery, *, wide: bool) -> Table:
    """A column for each part of a problem; where there is no room, one below another.

    The gravest stand last, where a person at a terminal looks.
    """
    problems = sorted(delivery.problems, key=lambda one: _GRAVITY.index(one.severity))
    if wide:
        rows = [
            (
                Text(_severity(one.severity), style=_STYLES[one.severity]),
                Text(one.code),
                Text(one.file),
                Text(str(one.row or "")),
                Text(one.column),
                Text(one.message),
            )
            for one in problems
        ]
        return table(
            _("Severity"), _("Code"), _("File"), _("Row"), _("Column"), _("Message"), rows=rows
        )
    return table(
        _("Severity") + "\n" + _("Code"),
        _("File and row") + "\n" + _("Column"),
        _("Message"),
        rows=[
            (
                Text(_severity(one.severity), style=_STYLES[one.severity]).append(
                    f"\n{one.code}", style="not bold default on default"
                ),
                Text(f"{one.file}{f':{one.row}' if one.row else ''}\n{one.column}"),
                Text(f"{one.message}\n"),
            )
            for one in problems
        ],
    )


def _counts(delivery: Delivery) -> Table:
    severities = {problem.code: problem.severity for problem in delivery.problems}
    listed: dict[str, int] = {}
    for problem in delivery.problems:
        listed[problem.code] = listed.get(problem.code, 0) + 1
    rows = [
        (
            Text(_severity(severities[code]), style=_STYLES[severities[code]]),
            Text(code),
            Text(str(listed[code])),
            Text(str(count)),
        )
        for code, count in sorted(delivery.counts.items(), key=lambda item: (-item[1], item[0]))
        if code in severities
    ]
    return table(_("Severity"), _("Code"), _("Listed"), _("In all"), rows=rows, numbers=True)


def _severity(severity: Severity) -> str:
    match severity:
        case Severity.FATAL:
            return _("fatal")
        case Severity.ERROR:
            return _("error")
        case Severity.WARNING:
            return _("warning")


def _closing(delivery: Delivery) -> Text:
    code = verdict_code(delivery)
    severities = {problem.code: problem.severity for problem in delivery.problems}
    total = dict.fromkeys(Severity, 0)
    for kind, count in delivery.counts.items():
        total[severities.get(kind, Severity.WARNING)] += count
    errors, warnings = total[Severity.ERROR], total[Severity.WARNING]
    said_errors = n_("{count} error", "{count} errors", errors).format(count=errors)
    said_warnings = n_("{count} warning", "{count} warnings", warnings).format(count=warnings)
    if code == UNREADABLE:
        said = _("The delivery cannot be read. Nothing of it will be applied.")
        return Text(said, style="bold red")
    if code == ERRORS:
        said = _("{errors}, {warnings}. Nothing is applied until the errors are corrected.")
        return Text(said.format(errors=said_errors, warnings=said_warnings), style="bold red")
    people = size_of(delivery.roster) if delivery.roster is not None else ""
    if warnings:
        said = _("No errors, {warnings}. The roster can be applied: {size}.")
        return Text(said.format(warnings=said_warnings, size=people), style="yellow")
    return Text(_("Nothing is wrong: {size}.").format(size=people), style="green")


def size_of(roster: Roster) -> str:
    people, classes, groups = len(roster.people), len(roster.classes), len(roster.groups)
    return ", ".join(
        (
            n_("{count} person", "{count} people", people).format(count=people),
            n_("{count} class", "{count} classes", classes).format(count=classes),
            n_("{count} group", "{count} groups", groups).format(count=groups),
        )
    )
