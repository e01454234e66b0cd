"""What commands need of the rest of the house. Who runs the service fills it in."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol
from zoneinfo import ZoneInfo

from appservice.commands.directory import Directory
from appservice.commands.settings import CommandsSettings
from appservice.language import Language
from appservice.matrix.homeserver import Homeserver
from appservice.rooms.planning.plan import Plan, Totals
from appservice.storage.admin_room import AdminRoomStore
from appservice.storage.audit_log import AuditLog
from appservice.storage.drift import DriftStore
from appservice.storage.measures import MeasureStore
from appservice.storage.observed import ObservedStore
from appservice.storage.outbox import DeadLetter
from appservice.storage.runs import Run
from appservice.storage.sync_state import SyncState
from appservice.upkeep.report import Report
from appservice.upkeep.turning import TurnOfTheYear


class Check(NamedTuple):
    """One thing the doctor looked at. `sign` is ✓, ! or ✗; `advice` is "" when all is well."""

    sign: str
    title: str
    text: str
    advice: str = ""


@dataclass(frozen=True, slots=True)
class HouseStatus:
    """`accepted_at` None: no roster was accepted yet. `syncs`: whether they are paused."""

    totals: Totals
    runs: tuple[Run, ...]
    accepted_at: datetime | None
    syncs: SyncState


class Synced(NamedTuple):
    """A reading of the roster. `report` None: the plan waits for a person's approval."""

    plan: Plan
    report: Report | None


class CommandHouse(Protocol):
    """Raises Refused where a person must decide, Temporary where it may work later."""

    @property
    def bot(self) -> str: ...
    @property
    def language(self) -> Language | None:
        """As configured; None: that of the school."""
        ...

    @property
    def zone(self) -> ZoneInfo:
        """In which times are told."""
        ...

    @property
    def settings(self) -> CommandsSettings: ...
    @property
    def homeserver(self) -> Homeserver: ...
    @property
    def audit(self) -> AuditLog: ...
    @property
    def admin(self) -> AdminRoomStore: ...
    @property
    def measures(self) -> MeasureStore: ...
    @property
    def drift(self) -> DriftStore: ...
    @property
    def observed(self) -> ObservedStore: ...

    @property
    def turn(self) -> TurnOfTheYear: ...

    def now(self) -> datetime: ...

    async def directory(self) -> Directory:
        """People and rooms of the accepted roster; empty while there is none."""
        ...

    async def status(self) -> HouseStatus: ...

    async def plan(self) -> Plan:
        """Of the roster as it lies there now."""
        ...

    async def apply(self, digest: str, *, by: str) -> Report:
        """Exactly the plan of this digest."""
        ...

    async def sync(self, *, by: str) -> Synced: ...

    async def set_paused(self, *, paused: bool, by: str) -> None:
        """Whether the school is brought in line by itself."""
        ...

    async def unsent(self) -> Sequence[DeadLetter]:
        """The messages of the diary that were given up."""
        ...

    async def retry(self) -> int:
        """Try the messages of the diary again that were given up; how many."""
        ...

    async def stopped_sources(self) -> Sequence[str]:
        """Those of the diary from whose files too much is missing to be believed."""
        ...

    async def accept_gone(self, source: str) -> bool:
        """What is missing is gone indeed; whether that was waited for."""
        ...

    async def resync(self, rooms: Collection[str], user: str) -> Report:
        """Bring these rooms (keys) in line, and all rooms of `user` where it is not ""."""
        ...

    async def look_later(self, rooms: Collection[str], when: datetime | None) -> None:
        """See that the rooms are looked at again, at that time or (None) soon."""
        ...

    async def doctor(self) -> Sequence[Check]: ...
