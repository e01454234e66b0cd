"""What commands need of the house, over the parts of a running service."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Final, Protocol
from zoneinfo import ZoneInfo

from appservice.accounts.desired import desired_accounts
from appservice.commands.admin_room import keep_admin_room
from appservice.commands.answering import answer
from appservice.commands.directory import Directory
from appservice.commands.house import Check, HouseStatus, Synced
from appservice.commands.settings import CommandsSettings
from appservice.errors import Refused
from appservice.language import Language, _, speaking
from appservice.matrix.homeserver import Homeserver
from appservice.rooms.desired import Desired
from appservice.rooms.observed import InboundMessage
from appservice.rooms.planning.plan import Plan
from appservice.school.model import Roster
from appservice.school.problem import Delivery
from appservice.storage import jobs
from appservice.storage.admin_room import AdminRoomStore
from appservice.storage.audit_log import AuditLog
from appservice.storage.database import Database
from appservice.storage.diary_pull import PullStore
from appservice.storage.drift import DriftStore
from appservice.storage.inbound import MESSAGE_JOB, ROOM_JOB, InboundStore
from appservice.storage.jobs import Entrypoint
from appservice.storage.measures import MeasureStore
from appservice.storage.observed import ObservedStore
from appservice.storage.outbox import DEAD_LETTERS, DeadLetter, OutboxStore
from appservice.storage.runs import RunLog
from appservice.storage.standing import StandingStore
from appservice.storage.sync_state import SyncStateStore
from appservice.upkeep.apply import Workplace
from appservice.upkeep.living import Living, LivingWish
from appservice.upkeep.reconcile import Deployment
from appservice.upkeep.report import Report
from appservice.upkeep.resync import resync
from appservice.upkeep.turning import TurnOfTheYear

_RUNS: Final = 10
_UTC: Final = ZoneInfo("UTC")


class Opened(Protocol):
    """A house over one delivery (appservice.app.House)."""

    async def plan(self) -> Plan: ...
    async def apply(self, *, digest: str | None = None, by: str) -> Report: ...


@dataclass
class ServiceHouse:
    """See appservice.commands.house.CommandHouse.

    `read` reads the roster as it lies there; `opened` opens a house over it; `examine` is
    what the doctor sees.
    """

    settings: CommandsSettings
    homeserver: Homeserver
    database: Database
    living: LivingWish
    today: Callable[[], date]
    workplace_of: Callable[[Deployment], Workplace]
    read: Callable[[], Awaitable[Delivery]]
    opened: Callable[[Delivery], AbstractAsyncContextManager[Opened]]
    examine: Callable[[], Awaitable[Sequence[Check]]]
    turn: TurnOfTheYear
    alias_prefix: str
    room_version: str
    language: Language | None = None
    zone: ZoneInfo = _UTC
    _known: tuple[Living, Directory] | None = field(default=None, init=False)

    @property
    def bot(self) -> str:
        return self.homeserver.bot

    @property
    def audit(self) -> AuditLog:
        return AuditLog(self.database)

    @property
    def admin(self) -> AdminRoomStore:
        return AdminRoomStore(self.database)

    @property
    def measures(self) -> MeasureStore:
        return MeasureStore(self.database)

    @property
    def drift(self) -> DriftStore:
        return DriftStore(self.database)

    @property
    def observed(self) -> ObservedStore:
        return ObservedStore(self.database, bot=self.bot)

    def now(self) -> datetime:
        return datetime.now(UTC)

    async def directory(self) -> Directory:
        living = await self.living.now()
        if living is None:
            nothing = Desired(self.homeserver.server_name, self.bot, {}, {})
            return Directory(Roster(), {}, nothing, today=self.today())
        if self._known is None or self._known[0] is not living:
            # A region takes seconds.
            self._known = (living, await asyncio.to_thread(self._directory, living))
        return self._known[1]

    def _directory(self, living: Living) -> Directory:
        roster, deployment = living.standing.delivery.roster, living.deployment
        assert roster is not None  # what was accepted has one
        book = desired_accounts(
            roster, deployment.identities, deployment.accounts, today=self.today()
        )
        return Directory(roster, book.user_ids, living.wish.desired, today=self.today())

    async def status(self) -> HouseStatus:
        standing = await StandingStore(self.database).latest()
        return HouseStatus(
            totals=await self.observed.totals(),
            runs=tuple(await RunLog(self.database).latest(_RUNS)),
            accepted_at=standing.accepted_at if standing else None,
            syncs=await SyncStateStore(self.database).now(),
        )

    async def plan(self) -> Plan:
        async with self.opened(await self.read()) as house:
            return await house.plan()

    async def apply(self, digest: str, *, by: str) -> Report:
        async with self.opened(await self.read()) as house:
            report = await house.apply(digest=digest, by=by)
        await self.keep_room()
        return report

    async def sync(self, *, by: str) -> Synced:
        async with self.opened(await self.read()) as house:
            plan = await house.plan()
            if plan.holds:
                return Synced(plan, None)
            report = await house.apply(digest=plan.digest, by=by)
        await self.keep_room()
        return Synced(plan, report)

    async def set_paused(self, *, paused: bool, by: str) -> None:
        state = SyncStateStore(self.database)
        if paused:
            await state.pause(by=by, at=self.now())
        else:
            await state.resume()

    async def unsent(self) -> Sequence[DeadLetter]:
        return await OutboxStore(self.database).dead_letters()

    async def retry(self) -> int:
        revived = await OutboxStore(self.database).revive(self.now())
        await self.admin.settled(DEAD_LETTERS)
        return revived

    async def stopped_sources(self) -> Sequence[str]:
        return await PullStore(self.database).stopped()

    async def accept_gone(self, source: str) -> bool:
        return await PullStore(self.database).accept(source)

    async def resync(self, rooms: Collection[str], user: str) -> Report:
        living = await self.living.now()
        if living is None:
            raise Refused(_("No roster was accepted yet."))
        workplace = self.workplace_of(living.deployment)
        return await resync(living.wish.desired, workplace, rooms=rooms, user=user)

    async def look_later(self, rooms: Collection[str], when: datetime | None) -> None:
        room_ids = await self.observed.room_ids()
        known = sorted(room_ids[key] for key in rooms if key in room_ids)
        wait = timedelta() if when is None else max(when - self.now(), timedelta())
        async with self.database.transaction() as connection:
            await jobs.put(connection, ROOM_JOB, known, after=wait)

    async def doctor(self) -> Sequence[Check]:
        return await self.examine()

    async def keep_room(self) -> str | None:
        """See that the administrators' room stands, with those in it whom it is for; its room id.

        None while neither the configuration nor the roster names anybody.
        """
        directory = await self.directory()
        members = {*self.settings.administrators}
        for users in directory.desired.admins.values():
            members |= users
        if not members and await self.admin.room_id() is None:
            return None
        with speaking(self.language or ("en" if directory.language_of(()) == "en" else "ru")):
            return await keep_admin_room(
                self.homeserver,
                self.admin,
                alias_prefix=self.alias_prefix,
                version=self.room_version,
                members=members,
            )


Answers = Callable[[InboundMessage], Awaitable[bool]]
"""Answers a message if it is for them; whether it was."""


def command_entrypoints(house: ServiceHouse, first: Answers | None = None) -> list[Entrypoint]:
    """The job that answers what was said to the bot; `first` may answer before the commands."""
    inbound = InboundStore(house.database)

    async def handle(payload: bytes) -> None:
        number = int(payload)
        message = await inbound.message(number)
        if message is not None:
            if first is None or not await first(message):
                await answer(message, house)
            await inbound.answered(number)

    return [Entrypoint(MESSAGE_JOB, handle)]
