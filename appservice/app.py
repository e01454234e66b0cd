"""The composition root: from a configuration to parts that work together.

Nothing else knows all of the house. What the command line and the service do is put together here.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from appservice.accounts.backend import AccountBackend
from appservice.accounts.external import ExternalAccounts
from appservice.accounts.identity import ComputedIdentities
from appservice.accounts.synapse import SynapseAccounts
from appservice.config.model import Config
from appservice.config.registration import registration_of
from appservice.doctor.facts import DatabaseSeen, Finding, NotSeen
from appservice.doctor.judge import judge
from appservice.doctor.probe import listens, look_at_database, probe
from appservice.embedded.postgres import EmbeddedPostgres
from appservice.errors import Refused, SchoolSpacesError
from appservice.language import _
from appservice.matrix.endpoints import Observed, nothing
from appservice.matrix.homeserver import Homeserver
from appservice.rooms.planning.plan import Plan, Totals
from appservice.school.fingerprint import fingerprint, is_another_person
from appservice.school.model import Roster
from appservice.school.problem import Delivery
from appservice.school.read import read_roster
from appservice.storage.audit_log import TERMINAL
from appservice.storage.database import Database
from appservice.storage.known_people import KnownPeople
from appservice.storage.observed import ObservedStore
from appservice.storage.runs import Run, RunLog
from appservice.storage.sync_state import SyncState, SyncStateStore
from appservice.upkeep.apply import (
    Workplace,
    apply,
    has_school_rooms,
    no_progress,
    plan_of,
    run_audit,
)
from appservice.upkeep.audit import AuditProgress, AuditReport
from appservice.upkeep.community import with_contacts
from appservice.upkeep.execution import Progress
from appservice.upkeep.reconcile import Deployment, Wish, accepted, wish_of
from appservice.upkeep.report import Report
from appservice.upkeep.this_year import as_turned

EMBEDDED_DATABASE: Final = "school_spaces"
_LOOK_S: Final = 5.0


@asynccontextmanager
async def database_address(config: Config) -> AsyncIterator[str]:
    """The DSN of the configured database; our own server runs for as long as the block.

    Raises StartFailed when our own server does not start.
    """
    if config.database.url is not None:
        yield config.database.url.get_secret_value()
        return
    server = EmbeddedPostgres(config.database.folder)
    await asyncio.to_thread(server.start)
    try:
        if not await asyncio.to_thread(server.has_database, EMBEDDED_DATABASE):
            await asyncio.to_thread(server.create_database, EMBEDDED_DATABASE, c_locale=False)
        yield server.dsn(EMBEDDED_DATABASE)
    finally:
        await asyncio.to_thread(server.stop)


def homeserver_of(config: Config, observed: Observed = nothing) -> Homeserver:
    """Our way to Synapse, yet to be opened; `observed` is told of every request."""
    return Homeserver(
        config.homeserver.url,
        config.appservice.as_token.get_secret_value(),
        server_name=config.homeserver.server_name,
        bot=config.bot,
        patience=config.homeserver.patience,
        observed=observed,
    )


def read_delivery(config: Config) -> Delivery:
    """The roster as it lies there now, judged by itself. Blocks: a region takes seconds."""
    return read_roster(config.roster, today=today_at(config))


def today_at(config: Config) -> date:
    """Which day it is at the school, where the configuration says its time zone; else here."""
    zone = config.roster.school.time_zone
    return datetime.now(ZoneInfo(zone)).date() if zone else date.today()


@dataclass(frozen=True, slots=True)
class House:
    """The parts over one accepted roster, open and ready to work."""

    wish: Wish
    workplace: Workplace
    known: KnownPeople
    roster: Roster

    async def plan(self) -> Plan:
        """The plan as it is now; nothing is changed."""
        made = (await plan_of(self.wish, self.workplace)).plan
        if made.totals.accounts or made.totals.rooms or not await self._has_rooms():
            return made
        note = _(
            "The database is empty, but the homeserver has rooms of ours. `school-spaces audit`"
            " finds them again (so does apply, by itself); then make the plan anew."
        )
        return replace(made, notes=(note, *made.notes))

    async def _has_rooms(self) -> bool:
        """Whether the homeserver has rooms of ours; False where it does not say so soon."""
        try:
            async with asyncio.timeout(_LOOK_S):
                return await has_school_rooms(self.workplace)
        except (SchoolSpacesError, TimeoutError):
            return False

    async def apply(
        self,
        *,
        digest: str | None = None,
        progress: Progress = no_progress,
        auditing: AuditProgress = lambda _what, _over, _total: None,
        planned: Callable[[Plan], None] = lambda _plan: None,
        anyway: bool = False,
        by: str = TERMINAL,
    ) -> Report:
        """See upkeep.apply. Afterwards the people of the roster are known, and the contact rules in
        Synapse are those of the roster.
        """
        report = await apply(
            self.wish,
            self.workplace,
            digest=digest,
            progress=progress,
            auditing=auditing,
            planned=planned,
            anyway=anyway,
            by=by,
        )
        if report.exit_status == 0:
            await self._remember_people()
        return await with_contacts(report, self.wish, self.workplace)

    async def audit(
        self, progress: AuditProgress = lambda _what, _over, _total: None
    ) -> AuditReport:
        """See rooms.audit."""
        return await run_audit(self.wish, self.workplace, progress)

    async def _remember_people(self) -> None:
        known = await self.known.fingerprints(self.roster.people)
        prints = {person_id: fingerprint(one) for person_id, one in self.roster.people.items()}
        await self.known.accept(
            {person: found for person, found in prints.items() if known.get(person) != found}
        )


@asynccontextmanager
async def open_house(config: Config, delivery: Delivery) -> AsyncIterator[House]:
    """Everything that a plan, an apply or an audit needs.

    Raises Refused when the delivery was not accepted, now also in the light of whom we know.
    """
    accepted(delivery)
    async with (
        database_address(config) as dsn,
        Database.connect(dsn) as database,
        homeserver_of(config) as homeserver,
    ):
        yield await house_over(config, delivery, database, homeserver)


async def house_over(
    config: Config, delivery: Delivery, database: Database, homeserver: Homeserver
) -> House:
    """The same over parts that are open. Reading and computing a region take seconds, apart."""
    delivery = await judged_again(config, delivery, database)
    delivery = await as_turned(delivery, database)
    roster = accepted(delivery)
    deployment = deployment_of(config, namespace_of(config, roster))
    wish = await asyncio.to_thread(wish_of, delivery, deployment, today=today_at(config))
    return house_of(wish, deployment, database, homeserver, roster)


def house_of(
    wish: Wish, deployment: Deployment, database: Database, homeserver: Homeserver, roster: Roster
) -> House:
    """The parts put together."""
    return House(
        wish=wish,
        workplace=Workplace(
            deployment=deployment,
            homeserver=homeserver,
            backend=backend_of(deployment, homeserver),
            store=ObservedStore(database, bot=deployment.bot),
            database=database,
        ),
        known=KnownPeople(database, deployment.namespace),
        roster=roster,
    )


def deployment_of(config: Config, namespace: str) -> Deployment:
    """What rooms and accounts need of the configuration."""
    return Deployment(
        server_name=config.homeserver.server_name,
        bot=config.bot,
        accounts=config.accounts,
        rooms=config.rooms,
        safety=config.safety,
        namespace=namespace,
        contacts=config.contacts,
        calendar=config.calendar,
        page=config.page.widget,
    )


def namespace_of(config: Config, roster: Roster) -> str:
    """The space of person ids: as configured, or the id of the only school."""
    if config.roster.namespace:
        return config.roster.namespace
    if len(roster.schools) == 1:
        return roster.schools[0].school_id
    raise Refused(
        _(
            "The roster holds {count} schools: write a name of your choice into `roster.namespace`,"
            " once and for ever. Account names are computed with it."
        ).format(count=len(roster.schools))
    )


def backend_of(deployment: Deployment, homeserver: Homeserver) -> AccountBackend:
    people = deployment.identities
    if isinstance(people, ComputedIdentities):
        return SynapseAccounts(homeserver, deployment.accounts, people)
    return ExternalAccounts(homeserver)


async def judged_again(config: Config, delivery: Delivery, database: Database) -> Delivery:
    """The delivery in the light of whom we know: an id must not go to another person."""
    people = accepted(delivery).people
    known = KnownPeople(database, namespace_of(config, accepted(delivery)))
    prints = await known.fingerprints(people)
    if any(is_another_person(people[person_id], found) for person_id, found in prints.items()):
        return await asyncio.to_thread(
            read_roster, config.roster, today=today_at(config), known=prints
        )
    return delivery


@dataclass(frozen=True, slots=True)
class Status:
    """What was done lately, how much is kept, whether the service runs here, and whether syncs are
    paused.
    """

    runs: tuple[Run, ...]
    totals: Totals
    service_listens: bool
    syncs: SyncState


async def status_of(config: Config, *, runs: int = 10) -> Status:
    """From the database alone: no roster is read."""
    async with database_address(config) as dsn, Database.connect(dsn, connections=2) as database:
        store = ObservedStore(database, bot=config.bot)
        return Status(
            runs=tuple(await RunLog(database).latest(runs)),
            totals=await store.totals(),
            service_listens=await listens(config),
            syncs=await SyncStateStore(database).now(),
        )


async def examine(config: Config) -> tuple[Finding, ...]:
    """What the doctor says."""
    facts = await probe(config, await _examined_database(config))
    expected = registration_of(config).content(config.homeserver.server_name)
    return judge(config, facts, expected)


async def _examined_database(config: Config) -> DatabaseSeen | NotSeen:
    try:
        async with database_address(config) as dsn:
            return await look_at_database(dsn, embedded=config.database.url is None)
    except SchoolSpacesError as error:
        return NotSeen(str(error))
