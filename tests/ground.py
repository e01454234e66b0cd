"""What the tests stand on: one PostgreSQL and one Synapse a session, and a school of its own for
each test.

Every test that asks for one gets an application service with a bot, an alias namespace and a port
of its own. The homeserver knows those of the tests that run (see late_registrations.py).
"""

import asyncio
import shutil
import tempfile
import time
from collections.abc import Coroutine, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar
from uuid import uuid4

import aiohttp
import psutil

from appservice.embedded.homeserver_config import (
    SCHOOL_LIMITS,
    HomeserverSettings,
    SynapseModule,
    free_port,
)
from appservice.embedded.postgres import EmbeddedPostgres
from appservice.embedded.registration import Registration
from appservice.embedded.synapse import EmbeddedSynapse
from appservice.storage.database import migrate
from tests.late_registrations import PATH as LATE_REGISTRATIONS

T = TypeVar("T")

SERVER_NAME = "school.test"

_LATE_REGISTRATIONS = SynapseModule("tests.late_registrations.LateRegistrations", {})
_REGISTRATIONS_TIMEOUT = aiohttp.ClientTimeout(total=60)

_FOLDER_PREFIX = "school-spaces-test-"
_ABANDONED_AFTER_S = 3 * 3600


@dataclass(frozen=True, slots=True)
class AppserviceSlot:
    """One application service of a homeserver, used by one test.

    Its bot is registered and a server admin. `id` ("school-007") is unique on the homeserver: begin
    the localparts of the test's people with it. Transactions go to 127.0.0.1:`port`, where
    nobody listens until the test does. `synapse_dsn` is Synapse's own database.
    """

    registration: Registration
    bot_id: str
    port: int
    homeserver_url: str
    server_name: str
    synapse_dsn: str = ""

    @property
    def id(self) -> str:
        return self.registration.id

    @property
    def as_token(self) -> str:
        return self.registration.as_token


class AppservicePool:
    """The application services of one homeserver.

    `registrations` are those in use: a homeserver that has them in its settings reads them at each
    start. `bots` are the localparts of all there can be: the School Spaces module asks for them at
    the start.
    """

    def __init__(self, size: int, *, synapse_dsn: str = "") -> None:
        self.synapse_dsn = synapse_dsn
        self.bots = [f"school-bot-{number:03}" for number in range(size)]
        self.registrations: list[Registration] = []
        self._numbers = iter(range(size))

    def take(self) -> tuple[Registration, int]:
        """A registration nobody had, from now on in use, and its port."""
        number = next(self._numbers, None)
        if number is None:
            raise RuntimeError(f"All {len(self.bots)} schools of this homeserver are taken.")
        return self.add(f"school-{number:03}", self.bots[number])

    def add(self, id: str, bot: str) -> tuple[Registration, int]:
        """One that the School Spaces module may not know of."""
        port = free_port()
        registration = Registration.with_new_tokens(
            id=id, url=f"http://127.0.0.1:{port}", sender_localpart=bot, alias_prefix=f"{id}."
        )
        self.registrations.append(registration)
        return registration, port

    async def introduce(self, homeserver: EmbeddedSynapse) -> None:
        """The homeserver knows the registrations in use, and no others, once this returns."""
        folder = homeserver.log.parent / "late_registrations"
        folder.mkdir(exist_ok=True)
        files = [folder / f"{registration.id}.yaml" for registration in self.registrations]
        for file, registration in zip(files, self.registrations, strict=True):
            registration.write(file, homeserver.server_name)
        async with (
            aiohttp.ClientSession(timeout=_REGISTRATIONS_TIMEOUT) as session,
            session.put(
                homeserver.url + LATE_REGISTRATIONS, json={"files": [str(file) for file in files]}
            ) as answer,
        ):
            answer.raise_for_status()


def apart(work: Coroutine[object, object, T]) -> T:
    """Run a coroutine to its end in a thread and a loop of its own.

    Session fixtures outlive the loop of any test, and must not disturb it.
    """
    with ThreadPoolExecutor(max_workers=1) as thread:
        return thread.submit(asyncio.run, work).result()


def ended(process: psutil.Process, patience_s: float = 60) -> bool:
    """Whether the process is over, dead or waiting to be buried, within this patience."""
    give_up = time.monotonic() + patience_s
    while time.monotonic() < give_up:
        try:
            if process.status() == psutil.STATUS_ZOMBIE:
                return True
        except psutil.NoSuchProcess:
            return True
        time.sleep(0.05)
    return False


def session_folder() -> Iterator[Path]:
    """A folder for one test session's servers, outside of what only root may enter."""
    remove_abandoned_folders()
    folder = Path(tempfile.mkdtemp(prefix=_FOLDER_PREFIX))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def remove_abandoned_folders() -> None:
    """End the servers and remove the folders of sessions that were killed hours ago."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_FOLDER_PREFIX}*"):
        server = EmbeddedPostgres(folder / "postgres", durable=False)
        if time.time() - folder.stat().st_mtime < _ABANDONED_AFTER_S or server.is_in_use():
            continue
        if (folder / "postgres" / "cluster" / "postmaster.pid").exists():
            server.start()
            server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def homeserver_settings(
    postgres: EmbeddedPostgres,
    database: str,
    *,
    registrations: Sequence[Registration] = (),
    modules: Sequence[SynapseModule] = (),
) -> HomeserverSettings:
    """The tests' usual homeserver, over a fresh database of this name."""
    postgres.create_database(database)
    return HomeserverSettings(
        server_name=SERVER_NAME,
        database=postgres.address(database),
        registrations=registrations,
        modules=modules,
        rate_limits=SCHOOL_LIMITS,
        bcrypt_rounds=4,
    )


def synapse_modules(
    pool: AppservicePool, config: Mapping[str, object] = MappingProxyType({})
) -> tuple[SynapseModule, ...]:
    """The School Spaces module, open to every bot of the pool, with this configuration, and the
    one that lets the pool grow.
    """
    named: dict[str, object] = {"bot": pool.bots, **config}
    ours = SynapseModule("appservice.synapse_module.SchoolSpacesModule", named)
    return (ours, _LATE_REGISTRATIONS)


@contextmanager
def session_homeserver(
    folder: Path, postgres: EmbeddedPostgres
) -> Iterator[tuple[EmbeddedSynapse, AppservicePool]]:
    """A homeserver with the School Spaces module, and its application services."""
    pool = AppservicePool(1000, synapse_dsn=postgres.dsn("homeserver"))
    settings = homeserver_settings(
        postgres, "homeserver", registrations=pool.registrations, modules=synapse_modules(pool)
    )
    synapse = EmbeddedSynapse(folder / "homeserver", settings)
    with running(synapse):
        yield synapse, pool


@contextmanager
def running(synapse: EmbeddedSynapse) -> Iterator[None]:
    apart(synapse.start())
    try:
        yield
    finally:
        apart(synapse.stop())


@contextmanager
def school_slot(pool: AppservicePool, homeserver: EmbeddedSynapse) -> Iterator[AppserviceSlot]:
    """An application service of a test's own, its bot ready to work."""
    registration, port = pool.take()
    try:
        apart(pool.introduce(homeserver))
        yield AppserviceSlot(
            registration=registration,
            bot_id=apart(homeserver.prepare_bot(registration)),
            port=port,
            homeserver_url=homeserver.url,
            server_name=homeserver.server_name,
            synapse_dsn=pool.synapse_dsn,
        )
    finally:
        pool.registrations.remove(registration)


def migrated_template(postgres: EmbeddedPostgres) -> str:
    """The name of a database that every test's own is copied from: all migrations applied."""
    name = "template_of_tests"
    apart(migrate(postgres.create_database(name, c_locale=False)))
    return name


def copied_database(postgres: EmbeddedPostgres, template: str) -> Iterator[str]:
    """A database of one test's own; yields its DSN and drops it afterwards."""
    name = f"test_{uuid4().hex[:12]}"
    dsn = postgres.create_database(name, template=template)
    try:
        yield dsn
    finally:
        postgres.drop_database(name)
