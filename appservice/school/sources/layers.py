"""One table made of several files: where a row really stands is folded into its number.

Layer 0 is the table itself: its rows keep their numbers. Problems are unfolded before anybody
sees them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from appservice.school.problem import Problem

STRIDE = 100_000_000  # more rows than any one file has

Place = Callable[[str, int, str], tuple[str, str] | None]
"""(file, layer, column) → the file and the column to name in a problem; None: no such layer."""

# Rules tell of other rows in words. No example of a phone, and nothing longer, is such a number.
_FOLDED = re.compile(r"(?<![\w+.])[0-9]{9,12}(?!\w)")


def fold(layer: int, row: int) -> int:
    return layer * STRIDE + row


def unfold(problems: Iterable[Problem], place: Place) -> list[Problem]:
    """The problems with the files, rows and columns that people see, equal ones once."""
    return list(dict.fromkeys(_unfolded(problem, place) for problem in problems))


def _unfolded(problem: Problem, place: Place) -> Problem:
    layer, row = divmod(problem.row, STRIDE)
    where = place(problem.file, layer, problem.column)
    if where is None:
        return problem
    file, column = where

    def told(number: re.Match[str]) -> str:
        other_layer, other_row = divmod(int(number[0]), STRIDE)
        other = place(problem.file, other_layer, "")
        if other is None:
            return number[0]
        return str(other_row) if other[0] == file else f"{other_row} ({other[0]})"

    message = _FOLDED.sub(told, problem.message)
    return problem._replace(file=file, row=row, column=column, message=message)
