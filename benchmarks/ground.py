"""What the benchmarks stand on: an embedded PostgreSQL, and a fresh Synapse for each thing."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from pydantic import SecretStr

from appservice.accounts.identity import ComputedIdentities
from appservice.accounts.settings import AccountsSettings
from appservice.accounts.synapse import SynapseAccounts
from appservice.embedded.homeserver_config import (
    SCHOOL_LIMITS,
    HomeserverSettings,
    SynapseModule,
    free_port,
)
from appservice.embedded.postgres import EmbeddedPostgres
from appservice.embedded.registration import Registration
from appservice.embedded.synapse import EmbeddedSynapse
from appservice.matrix.homeserver import Homeserver
from appservice.rooms.desired import Desired
from appservice.rooms.kinds.settings import RoomsSettings
from appservice.rooms.planning.safety import SafetySettings
from appservice.school.model import Roster
from appservice.school.problem import Delivery
from appservice.storage.database import Database
from appservice.storage.observed import ObservedStore
from appservice.upkeep.apply import Workplace
from appservice.upkeep.reconcile import Deployment, wish_of

SERVER_NAME = "school.bench"
BOT = "school"
TODAY = date(2026, 10, 1)  # in the school year of the samples
DEPLOYMENT = Deployment(
    server_name=SERVER_NAME,
    bot=f"@{BOT}:{SERVER_NAME}",
    accounts=AccountsSettings(localpart_secret=SecretStr("a secret of the benchmarks")),
    rooms=RoomsSettings(),
    safety=SafetySettings(),
)
MODULE = "appservice.synapse_module.SchoolSpacesModule"


@dataclass(frozen=True, slots=True)
class Ground:
    """One fresh homeserver; `dsn` is an empty database for us."""

    url: str
    registration: Registration
    dsn: str
    pid: int


@contextmanager
def fresh_postgres() -> Iterator[EmbeddedPostgres]:
    """A server of its own in a temporary folder, without the waiting for disks."""
    with (
        tempfile.TemporaryDirectory(prefix="school-spaces-bench-") as folder,
        EmbeddedPostgres(Path(folder) / "postgres", durable=False) as postgres,
    ):
        yield postgres


@asynccontextmanager
async def fresh_homeserver(
    postgres: EmbeddedPostgres, name: str, *, module: bool, user_directory: bool = True
) -> AsyncIterator[Ground]:
    """A Synapse that has nothing in it but the bot.

    `user_directory` False leaves Synapse's user directory to a worker that is not there.
    """
    registration = Registration.with_new_tokens(
        id="school",
        url=f"http://127.0.0.1:{free_port()}",
        sender_localpart=BOT,
        alias_prefix="school.",
    )
    postgres.create_database(f"synapse_{name}")
    settings = HomeserverSettings(
        server_name=SERVER_NAME,
        database=postgres.address(f"synapse_{name}"),
        registrations=(registration,),
        modules=(SynapseModule(MODULE, {"bot": BOT}),) if module else (),
        rate_limits=SCHOOL_LIMITS,
        extra={"update_user_directory": user_directory},
    )
    dsn = postgres.create_database(f"ours_{name}", c_locale=False)
    with tempfile.TemporaryDirectory(prefix="school-spaces-bench-") as folder:
        async with EmbeddedSynapse(Path(folder), settings) as synapse:
            await synapse.prepare_bot(registration)
            yield Ground(synapse.url, registration, dsn, synapse.pid or 0)


def desired_of(roster: Roster) -> Desired:
    """What the default settings make of a roster."""
    return wish_of(Delivery(roster), DEPLOYMENT, today=TODAY).desired


def connected(url: str, as_token: str) -> Homeserver:
    """Our way to talk to a homeserver at this address, as its bot."""
    return Homeserver(url, as_token, server_name=DEPLOYMENT.server_name, bot=DEPLOYMENT.bot)


def workplace(homeserver: Homeserver, database: Database, *, use_module: bool = True) -> Workplace:
    """All that an apply works with."""
    people = DEPLOYMENT.identities
    assert isinstance(people, ComputedIdentities)
    return Workplace(
        deployment=DEPLOYMENT,
        homeserver=homeserver,
        backend=SynapseAccounts(homeserver, DEPLOYMENT.accounts, people),
        store=ObservedStore(database, bot=DEPLOYMENT.bot),
        database=database,
        use_module=use_module,
    )
