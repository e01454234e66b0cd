"""How results look: tables and blocks for people, one JSON object for scripts."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from traceback import extract_tb
from typing import Final, TextIO

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from appservice.errors import Permanent, Refused, SchoolSpacesError, Temporary
from appservice.language import _

_WIDTH_WITHOUT_A_WINDOW: Final = 160


def paper() -> Console:
    """Standard output. Plain text where it is not a terminal, and never a guess at markup."""
    return _console(sys.stdout, stderr=False)


def margin() -> Console:
    """Standard error: what is under way, and what went wrong."""
    return _console(sys.stderr, stderr=True)


def _console(stream: TextIO, *, stderr: bool) -> Console:
    window = stream.isatty()
    return Console(
        stderr=stderr,
        highlight=False,
        markup=False,
        soft_wrap=not window,
        width=None if window or "COLUMNS" in os.environ else _WIDTH_WITHOUT_A_WINDOW,
    )


def print_json(result: Mapping[str, object]) -> None:
    """The one JSON object of a command that was asked for it."""
    sys.stdout.write(json.dumps(result, ensure_ascii=False, indent=2) + "\n")


def table(*headings: str, rows: Sequence[Sequence[str | Text]], numbers: int = 0) -> Table:
    """A plain table; so many of its last columns hold `numbers` and are set to the right."""
    made = Table(box=SIMPLE_HEAD, pad_edge=False)
    for place, heading in enumerate(headings):
        right = place >= len(headings) - numbers
        made.add_column(heading, justify="right" if right else "left", overflow="fold")
    for row in rows:
        made.add_row(*row)
    return made


def error_block(error: SchoolSpacesError) -> None:
    """An error as one block: what happened, where, what to do. Never a traceback."""
    first, _newline, rest = str(error).partition("\n")
    block = Text(first, style="bold red")
    if rest:
        block.append(f"\n{rest}", style="not bold default")
    margin().print(block)


def error_object(error: SchoolSpacesError) -> Mapping[str, object]:
    """The same for scripts. `kind`: refused (a person must decide), temporary or permanent."""
    match error:
        case Refused(reasons=reasons):
            return {"error": {"kind": "refused", "reasons": list(reasons)}}
        case Temporary(retry_after=seconds):
            return {"error": {"kind": "temporary", "reasons": [str(error)], "retry_after": seconds}}
        case Permanent(code=code):
            return {"error": {"kind": "permanent", "reasons": [str(error)], "code": code}}
        case _:
            return {"error": {"kind": "unknown", "reasons": [str(error)]}}


def unexpected_block(error: Exception) -> None:
    """A mistake of ours: what kind and where, but not its text, which may quote a person."""
    margin().print(
        Text(
            _(
                "An unexpected error ({error}). This is a mistake in School Spaces, not yours. Run"
                " the command again with --debug for the details, and report them."
            ).format(error=_whereabouts(error)),
            style="bold red",
        )
    )


def _whereabouts(error: Exception) -> str:
    name = type(error).__name__
    steps = extract_tb(error.__traceback__)
    if not steps:
        return name
    where = Path(steps[-1].filename)
    return f"{name}, {where.parent.name}/{where.name}:{steps[-1].lineno}"
