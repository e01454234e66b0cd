"""An embedded Synapse, from the matrix-synapse wheel, as a process of its own.

The process has its own session, so that Ctrl-C in a terminal reaches its starter alone, and it is
on a leash (see leash.py), so that it never outlives its starter.
"""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Self

import aiohttp
from ruamel.yaml import YAML

from appservice.embedded.failure import StartFailed, log_tail
from appservice.embedded.homeserver_config import (
    HomeserverSecrets,
    HomeserverSettings,
    free_port,
    homeserver_config,
    log_config,
)
from appservice.embedded.homeserver_owner import HomeserverOwner, SignedUp
from appservice.embedded.registration import Registration
from appservice.language import _

_START_LIMIT_S = 120.0
_STOP_LIMIT_S = 20.0
_LOOK_EVERY_S = 0.05
_LOOK_TIMEOUT = aiohttp.ClientTimeout(total=10)
_SOURCE_ROOT = Path(__file__).parents[2]


class EmbeddedSynapse:
    """One Synapse over one folder, which keeps its configuration, secrets, media and log.

    `python` is the one that has Synapse, if it is not the one that runs this.
    """

    def __init__(
        self, folder: Path, settings: HomeserverSettings, *, python: str = sys.executable
    ) -> None:
        self._folder = folder.expanduser().resolve()
        self._python = python
        self._settings = settings
        self._port = settings.port
        self._process: subprocess.Popen[bytes] | None = None
        self._secrets: HomeserverSecrets | None = None
        self._owner: HomeserverOwner | None = None
        self.start_seconds: float | None = None
        """How long the last start took until /health answered."""

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_exception: object) -> None:
        await self.stop()

    @property
    def server_name(self) -> str:
        """The domain of this homeserver's user and alias ids."""
        return self._settings.server_name

    @property
    def url(self) -> str:
        """The address of its client API, without a slash at the end; known once it started."""
        if self._port == 0:
            raise RuntimeError("The homeserver has no address before its first start.")
        return f"http://127.0.0.1:{self._port}"

    @property
    def log(self) -> Path:
        """Its log file."""
        return self._folder / "homeserver.log"

    @property
    def pid(self) -> int | None:
        """The process id while it runs."""
        running = self._process is not None and self._process.poll() is None
        return self._process.pid if self._process is not None and running else None

    async def start(self) -> float:
        """Start it and wait until it answers. Returns how many seconds that took.

        Raises StartFailed, with the end of its log, when it dies or stays silent.
        """
        if self.pid is not None:
            return self.start_seconds or 0.0
        if self._port == 0:
            self._port = free_port()
        loop = asyncio.get_running_loop()
        began = loop.time()
        console = self._folder / "console.log"
        self._process = self._spawn(self._write_configuration(), console)
        try:
            await self._wait_until_healthy(began + _START_LIMIT_S, console)
        except BaseException:
            self.kill()
            raise
        self.start_seconds = loop.time() - began
        return self.start_seconds

    async def stop(self) -> None:
        """End it in order; after 20 s, by force. Safe to call twice."""
        if self._process is None:
            return
        self._process.terminate()
        loop = asyncio.get_running_loop()
        deadline = loop.time() + _STOP_LIMIT_S
        while self._process.poll() is None and loop.time() < deadline:  # noqa: ASYNC110
            await asyncio.sleep(_LOOK_EVERY_S)
        self.kill()

    def kill(self) -> None:
        """End it at once, as a crash would."""
        if self._process is None:
            return
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        if self._process.stdin is not None:
            self._process.stdin.close()
        self._process = None

    async def restart(self) -> float:
        """Stop and start on the same data and the same port. Returns the start's seconds."""
        await self.stop()
        return await self.start()

    async def create_user(self, localpart: str, password: str, *, admin: bool = False) -> SignedUp:
        """See HomeserverOwner.create_user."""
        return await self._as_owner().create_user(localpart, password, admin=admin)

    async def sign_in(self, localpart: str, password: str) -> SignedUp:
        """See HomeserverOwner.sign_in."""
        return await self._as_owner().sign_in(localpart, password)

    async def admin_token(self) -> str:
        """See HomeserverOwner.admin_token."""
        return await self._as_owner().admin_token()

    async def prepare_bot(self, registration: Registration) -> str:
        """See HomeserverOwner.prepare_bot."""
        return await self._as_owner().prepare_bot(registration)

    def _as_owner(self) -> HomeserverOwner:
        if self._owner is None:
            self._owner = HomeserverOwner(self.url, self.server_name, self._kept_secrets())
        return self._owner

    def _spawn(self, config: Path, console: Path) -> subprocess.Popen[bytes]:
        # Not asyncio's subprocess: that one is killed when the loop that made it closes, and a
        # homeserver may serve several loops in turn.
        with console.open("wb") as output:
            return subprocess.Popen(
                (
                    *(self._python, "-P", "-m", "appservice.embedded.leash"),
                    *("synapse.app.homeserver", "-c", str(config)),
                ),
                stdin=subprocess.PIPE,  # the leash
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=self._folder,
                env={**os.environ, "PYTHONPATH": _python_path()},
                start_new_session=True,
            )

    async def _wait_until_healthy(self, deadline: float, console: Path) -> None:
        loop = asyncio.get_running_loop()
        async with aiohttp.ClientSession(timeout=_LOOK_TIMEOUT) as session:
            while loop.time() < deadline:
                try:
                    async with session.get(f"{self.url}/health") as response:
                        if response.status == 200:
                            return
                except aiohttp.ClientConnectionError:
                    pass
                if self._process is None or self._process.poll() is not None:
                    raise StartFailed(
                        _("The homeserver ended before it answered.")
                        + f"\n{log_tail(self.log)}\n{log_tail(console)}"
                    )
                await asyncio.sleep(_LOOK_EVERY_S)
        raise StartFailed(
            _("The homeserver did not answer within {seconds} s.").format(
                seconds=round(_START_LIMIT_S)
            )
            + f"\n{log_tail(self.log)}\n{log_tail(console)}"
        )

    def _write_configuration(self) -> Path:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        kept = self._kept_secrets()
        _write_private(self._folder / "signing.key", kept.signing_key + "\n")
        registrations = []
        for registration in self._settings.registrations:
            path = self._folder / "registrations" / f"{registration.id}.yaml"
            path.parent.mkdir(exist_ok=True)
            registration.write(path, self.server_name)
            registrations.append(path)
        _write_yaml(self._folder / "log.yaml", log_config(self._settings, self.log))
        config = self._folder / "homeserver.yaml"
        _write_yaml(
            config,
            homeserver_config(
                self._settings,
                kept,
                port=self._port,
                folder=self._folder,
                registration_files=registrations,
            ),
        )
        return config

    def _kept_secrets(self) -> HomeserverSecrets:
        if self._secrets is None:
            path = self._folder / "secrets.json"
            if path.exists():
                self._secrets = HomeserverSecrets(**json.loads(path.read_text(encoding="utf-8")))
            else:
                self._secrets = HomeserverSecrets.new()
                _write_private(path, json.dumps(asdict(self._secrets), indent=1))
        return self._secrets


def _python_path() -> str:
    """Where the started Python finds this package, also when it is not installed."""
    inherited = os.environ.get("PYTHONPATH")
    return os.pathsep.join((str(_SOURCE_ROOT), *([inherited] if inherited else [])))


def _write_private(path: Path, text: str) -> None:
    path.touch(mode=0o600)
    path.write_text(text, encoding="utf-8")


def _write_yaml(path: Path, content: Mapping[str, object]) -> None:
    path.touch(mode=0o600)
    with path.open("w", encoding="utf-8") as file:
        YAML(typ="safe").dump(dict(content), file)
