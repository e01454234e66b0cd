"""What became of a plan: every action done, failed or skipped, and what that means for the one who
waits.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from appservice.rooms.actions import Action
from appservice.rooms.planning.plan import kind_of

AWAY: Final = "homeserver_away"
"""The code of a failure that another try may mend: no answer, an answer too late, too many
requests.
"""


class Done(NamedTuple):
    action: Action


class Failed(NamedTuple):
    """`code` is the homeserver's errcode, or ours; `text` says what happened and what to do."""

    action: Action
    code: str
    text: str


class Skipped(NamedTuple):
    """Not tried; `because` names what it depended on."""

    action: Action
    because: str


Result = Done | Failed | Skipped


class Tally(NamedTuple):
    done: int = 0
    failed: int = 0
    skipped: int = 0


@dataclass(frozen=True, slots=True)
class Report:
    """The end of a run. `results` stand in the order in which they came about.

    `adopted` are the keys of rooms that were found under their alias instead of being made; `notes`
    are for the reader.
    """

    digest: str
    results: tuple[Result, ...] = ()
    adopted: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def tallies(self) -> Mapping[str, Tally]:
        """By kind of action ("create_room"), in the order in which the kinds came up."""
        counted: dict[str, Counter[type[Result]]] = {}
        for result in self.results:
            counted.setdefault(kind_of(result.action), Counter())[type(result)] += 1
        return {
            kind: Tally(counts[Done], counts[Failed], counts[Skipped])
            for kind, counts in counted.items()
        }

    @property
    def failed(self) -> tuple[Failed, ...]:
        return tuple(result for result in self.results if isinstance(result, Failed))

    @property
    def skipped(self) -> tuple[Skipped, ...]:
        return tuple(result for result in self.results if isinstance(result, Skipped))

    @property
    def exit_status(self) -> int:
        """0: all is as the roster says. 1: something is left to do, and the report says what."""
        return 0 if all(isinstance(result, Done) for result in self.results) else 1
