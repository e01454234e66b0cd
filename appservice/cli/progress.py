"""Long work, shown to whoever sits at a terminal: one bar for each phase, on standard error."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)

from appservice.cli.render import margin
from appservice.language import _
from appservice.rooms.actions import Phase
from appservice.rooms.planning.table import phase_label


class Bars:
    """`with Bars() as bars:`; `bars.phase` and `bars.audit` are what the work calls.

    Without a terminal nothing is shown, but how far the work came is known all the same.
    """

    def __init__(self) -> None:
        self.over: dict[str, tuple[int, int]] = {}
        """How many of how many, by what is shown, in the order in which it began."""
        console = margin()
        self._shown = (
            Progress(
                TextColumn("{task.description}"),
                BarColumn(),
                MofNCompleteColumn(),
                TimeElapsedColumn(),
                console=console,
            )
            if console.is_terminal
            else None
        )
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> Self:
        if self._shown is not None:
            self._shown.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._shown is not None:
            self._shown.stop()

    def phase(self, phase: Phase, over: int, total: int) -> None:
        """Progress of an apply."""
        self._note(phase_label(phase), over, total)

    def audit(self, what: str, over: int, total: int) -> None:
        """Progress of an audit, over "rooms" or "accounts"."""
        self._note(_("Reading rooms") if what == "rooms" else _("Reading accounts"), over, total)

    def _note(self, label: str, over: int, total: int) -> None:
        self.over[label] = (over, total)
        if self._shown is not None:
            if label not in self._tasks:
                self._tasks[label] = self._shown.add_task(label, total=total)
            self._shown.update(self._tasks[label], completed=over, total=total)
