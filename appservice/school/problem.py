"""What is wrong with a delivery, said so that the person who keeps the roster can mend it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from appservice.school.model import Roster


class Severity(StrEnum):
    FATAL = "fatal"  # the delivery cannot be read at all
    ERROR = "error"  # one stops the whole delivery
    WARNING = "warning"


class Problem(NamedTuple):
    """One thing that is wrong, and where.

    `row` counts from 1, the header being row 1 (0: the whole file); `message` holds the masked
    value and what to do.
    """

    code: str
    severity: Severity
    file: str
    row: int
    column: str
    message: str


@dataclass(frozen=True, slots=True)
class Delivery:
    """The verdict over one delivery of the roster.

    `roster` is None when it could not be read (fatal) or when more errors stand in it than the
    operator tolerates. `problems` are sorted by file, row, column, code and hold at most a stated
    number a code; `counts` are complete. `held` are the ids (person, class, group, school) of rows
    with tolerated errors: they stay as they were.
    """

    roster: Roster | None
    problems: tuple[Problem, ...] = ()
    counts: dict[str, int] = field(default_factory=dict)  # code → how many
    held: frozenset[str] = frozenset()
