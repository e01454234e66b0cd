"""What the tests stand on: one PostgreSQL a session, a Synapse for many tests, and a school of its
own for each test.

The homeserver reads its application services once, at its start. So a pool of registrations is
made up front, each with a bot, an alias namespace and a port of its own, and every test that asks
for one takes the next.
"""

import asyncio
import shutil
import socket
import tempfile
import time
from collections.abc import Coroutine, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Self, TypeVar
from uuid import uuid4

import psutil

from appservice.embedded.homeserver_config import (
    SCHOOL_LIMITS,
    HomeserverSettings,
    SynapseModule,
)
from appservice.embedded.postgres import EmbeddedPostgres
from appservice.embedded.registration import Registration
from appservice.embedded.synapse import EmbeddedSynapse
from appservice.storage.database import migrate

T = TypeVar("T")

SERVER_NAME = "school.test"
SLOTS = 50
"""Of one homeserver. Synapse asks each application service's registration about every event, so a
fresh homeserver now and then is faster than one with all the slots of a session.
"""

_SPARE = 5  # the most that one test takes

_FOLDER_PREFIX = "school-spaces-test-"
_ABANDONED_AFTER_S = 3 * 3600


@dataclass(frozen=True, slots=True)
class AppserviceSlot:
    """One application service of the session's homeserver, used by one test.

    Its bot is registered and a server admin. `id` ("school-007") is unique in the session: begin
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
    """Registrations made before the homeserver starts, with their ports held until handed out."""

    def __init__(self, size: int = SLOTS, *, synapse_dsn: str = "") -> None:
        self.synapse_dsn = synapse_dsn
        self._held: list[socket.socket] = []
        self.registrations: list[Registration] = []
        for number in range(size):
            held = socket.socket()
            held.bind(("127.0.0.1", 0))  # bound, not listening: it refuses connections
            self._held.append(held)
            self.registrations.append(
                Registration.with_new_tokens(
                    id=f"school-{number:03}",
                    url=f"http://127.0.0.1:{held.getsockname()[1]}",
                    sender_localpart=f"school-bot-{number:03}",
                    alias_prefix=f"school-{number:03}.",
                )
            )
        self._next = 0

    def take(self) -> tuple[Registration, int]:
        """The next unused registration, and its port, free from now on."""
        if self._next == len(self.registrations):
            raise RuntimeError(f"All {self._next} schools of this session are taken: raise SLOTS.")
        registration, held = self.registrations[self._next], self._held[self._next]
        self._next += 1
        port: int = held.getsockname()[1]
        held.close()
        return registration, port

    @property
    def left(self) -> int:
        return len(self.registrations) - self._next

    def close(self) -> None:
        for held in self._held:
            held.close()


class Homeservers:
    """One homeserver after another; `pool` is that of the one `ready` gave last."""

    def __init__(self, folder: Path, postgres: EmbeddedPostgres) -> None:
        self.pool = AppservicePool(0)
        self._folder = folder
        self._postgres = postgres
        self._running: EmbeddedSynapse | None = None
        self._number = 0

    def ready(self) -> EmbeddedSynapse:
        """A homeserver with enough slots for one more test."""
        if self._running is None or self.pool.left < _SPARE:
            self._stop()
            self._running = self._started()
        return self._running

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stop()

    def _started(self) -> EmbeddedSynapse:
        self._number += 1
        name = f"homeserver_{self._number}"
        self.pool = AppservicePool(synapse_dsn=self._postgres.dsn(name))
        synapse = EmbeddedSynapse(
            self._folder / name,
            homeserver_settings(
                self._postgres,
                name,
                registrations=self.pool.registrations,
                modules=synapse_modules(self.pool.registrations),
            ),
        )
        apart(synapse.start())
        return synapse

    def _stop(self) -> None:
        if self._running is not None:
            apart(self._running.stop())
            self._running = None
            self.pool.close()


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


def synapse_modules(registrations: Sequence[Registration]) -> tuple[SynapseModule, ...]:
    """The School Spaces module, open to every one of these bots."""
    bots = [registration.sender_localpart for registration in registrations]
    return (SynapseModule("appservice.synapse_module.SchoolSpacesModule", {"bot": bots}),)


async def hand_out(pool: AppservicePool, homeserver: EmbeddedSynapse) -> AppserviceSlot:
    """The next school of the pool, with its bot ready to work."""
    registration, port = pool.take()
    return AppserviceSlot(
        registration=registration,
        bot_id=await homeserver.prepare_bot(registration),
        port=port,
        homeserver_url=homeserver.url,
        server_name=homeserver.server_name,
        synapse_dsn=pool.synapse_dsn,
    )


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
