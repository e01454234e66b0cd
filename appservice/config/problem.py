"""What is wrong with a configuration file, said so that the person who keeps it can mend it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from appservice.errors import Refused
from appservice.language import n_

KeyPath = tuple[str | int, ...]
"""Where a value stands: ("rooms", "kinds", 0, "name")."""


class Place(NamedTuple):
    """A position in the file, both counted from 1."""

    line: int
    column: int


class ConfigProblem(NamedTuple):
    """One mistake. `key` is the dotted path of what it is about, "" for the file as a whole."""

    place: Place
    key: str
    text: str


class ConfigRefused(Refused):
    """A configuration file that cannot be used; `problems` are in the order of their lines."""

    def __init__(self, path: Path, problems: Iterable[ConfigProblem]) -> None:
        self.path = path
        self.problems = tuple(sorted(set(problems)))
        count = len(self.problems)
        heading = n_("{path}: {count} mistake", "{path}: {count} mistakes", count)
        super().__init__(
            heading.format(path=path, count=count),
            *(f"  {self._line(problem)}" for problem in self.problems),
        )

    def _line(self, problem: ConfigProblem) -> str:
        where = f"{self.path.name}:{problem.place.line}:{problem.place.column}"
        return ": ".join(part for part in (where, problem.key, problem.text) if part)


def dotted(path: KeyPath) -> str:
    """The path as people write it: rooms.kinds[0].name."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        else:
            text += f".{step}" if text else step
    return text
