"""What a person may do about the turn of the year, at a terminal or in the administrators' room."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from appservice.errors import Refused
from appservice.language import _
from appservice.rooms.planning.plan import Plan
from appservice.school.model import Roster
from appservice.school.problem import Delivery
from appservice.storage.audit_log import TERMINAL
from appservice.storage.database import Database
from appservice.storage.rollover import Rollover, RolloverStore
from appservice.upkeep.apply import no_progress
from appservice.upkeep.execution import Progress
from appservice.upkeep.reconcile import accepted
from appservice.upkeep.report import Report
from appservice.upkeep.rollover import (
    Draft,
    WorkplaceOf,
    begin,
    confirm,
    draft,
    drop,
    preview,
    take_back,
)

Read = Callable[[Path, Path | None, date], Awaitable[Delivery]]
"""Reads the roster at a path, with the deltas of a folder over it, as of a day."""


@dataclass(frozen=True, slots=True)
class TurnOfTheYear:
    """See appservice.upkeep.rollover for what is refused.

    `path` and `deltas` are where the configured roster lies; `namespace_of` is the space of a
    roster's person ids.
    """

    database: Database
    workplace_of: WorkplaceOf
    today: Callable[[], date]
    read: Read
    namespace_of: Callable[[Roster], str]
    path: Path
    deltas: Path | None = None

    async def draft(
        self, path: Path | None = None, on: date | None = None, *, deltas: Path | None = None
    ) -> Draft:
        """Of the roster at `path`, with `deltas` over it; without a path of the configured one,
        with its deltas.
        """
        if path is None:
            path, deltas = self.path, deltas or self.deltas
        today = self.today()
        delivery = await self.read(path, deltas, on or today)
        workplace = self.workplace_of(self.namespace_of(accepted(delivery)))
        return await draft(delivery, workplace, today=today, on=on)

    async def draft_beside(self, name: str, on: date | None = None) -> Draft:
        """Of a roster that lies beside the configured one, under this name; "" is the configured
        one. Raises Refused for any other place, and for a day that has come.
        """
        if on is not None and on <= self.today():
            raise Refused(
                _("{day} has come. Draft it without a day, and begin it yourself.").format(day=on)
            )
        if not name:
            return await self.draft(None, on)
        folder = self.path.resolve().parent
        path = (folder / name).resolve()
        if path.parent != folder:
            raise Refused(_("Name a folder or an archive that lies beside the configured roster."))
        return await self.draft(None if path == self.path.resolve() else path, on)

    async def plan(self, *, forward: bool) -> Plan:
        """What `begin` (forward) or `take_back` would do, as things are now."""
        return await preview(self.database, self.workplace_of, today=self.today(), forward=forward)

    async def begin(
        self, digest: str | None = None, progress: Progress = no_progress, *, by: str = TERMINAL
    ) -> Report:
        return await begin(
            self.database,
            self.workplace_of,
            today=self.today(),
            digest=digest,
            progress=progress,
            by=by,
        )

    async def take_back(
        self, digest: str | None = None, progress: Progress = no_progress, *, by: str = TERMINAL
    ) -> Report:
        return await take_back(
            self.database,
            self.workplace_of,
            today=self.today(),
            digest=digest,
            progress=progress,
            by=by,
        )

    async def confirm(self, digest: str | None = None) -> None:
        await confirm(self.database, digest)

    async def drop(self) -> None:
        await drop(self.database)

    async def latest(self) -> Rollover | None:
        """The rollover under way, else the last one."""
        return await RolloverStore(self.database).latest()
