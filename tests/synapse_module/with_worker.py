"""A homeserver of two processes: Synapse's main one and a generic worker, joined by Redis."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from ruamel.yaml import YAML

from appservice.embedded.homeserver_config import free_port, log_config
from appservice.embedded.postgres import EmbeddedPostgres
from appservice.embedded.synapse import EmbeddedSynapse
from tests import ground

REDIS = shutil.which("redis-server")

_START_LIMIT_S = 60.0
_SLOTS = 5


@dataclass
class WithWorker:
    """The homeserver, its application services, and where the worker answers."""

    homeserver: EmbeddedSynapse
    pool: ground.AppservicePool
    worker_url: str


@contextmanager
def homeserver_with_worker(folder: Path, postgres: EmbeddedPostgres) -> Iterator[WithWorker]:
    """Started, and ended afterwards."""
    folder.mkdir()
    pool = ground.AppservicePool(_SLOTS)
    port, replication, redis, worker = (free_port() for _ in range(4))
    usual = ground.homeserver_settings(
        postgres,
        "with_worker",
        registrations=pool.registrations,
        modules=ground.synapse_modules(pool),
    )
    settings = replace(
        usual,
        port=port,
        extra={
            "listeners": [_listener(port, "client"), _listener(replication, "replication")],
            "instance_map": {"main": {"host": "127.0.0.1", "port": replication}},
            "redis": {"enabled": True, "host": "127.0.0.1", "port": redis},
        },
    )
    synapse = EmbeddedSynapse(folder / "homeserver", settings)
    assert REDIS is not None, "the fixture skips without it"
    options = ("--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", str(folder))
    processes = [_spawn((REDIS, "--port", str(redis), *options), folder / "redis.log")]
    try:
        ground.apart(synapse.start())
        _write(
            folder / "log.yaml",
            log_config(settings, folder / "worker.log"),
        )
        _write(
            folder / "worker.yaml",
            {
                "worker_app": "synapse.app.generic_worker",
                "worker_name": "worker",
                "worker_listeners": [_listener(worker, "client")],
                "worker_log_config": str(folder / "log.yaml"),
            },
        )
        configs = ("-c", str(folder / "homeserver" / "homeserver.yaml"))
        more = ("-c", str(folder / "worker.yaml"))
        leash = (sys.executable, "-P", "-m", "appservice.embedded.leash")
        processes.append(
            _spawn((*leash, "synapse.app.generic_worker", *configs, *more), folder / "console.log")
        )
        url = f"http://127.0.0.1:{worker}"
        _wait_until_healthy(url, processes[-1], folder)
        yield WithWorker(synapse, pool, url)
    finally:
        for process in reversed(processes):
            process.kill()
            process.wait()
            if process.stdin is not None:
                process.stdin.close()
        ground.apart(synapse.stop())


def _listener(port: int, resource: str) -> dict[str, object]:
    return {
        "port": port,
        "type": "http",
        "bind_addresses": ["127.0.0.1"],
        "resources": [{"names": [resource]}],
    }


def _spawn(command: Sequence[str], output: Path) -> subprocess.Popen[bytes]:
    with output.open("wb") as file:
        return subprocess.Popen(
            command,
            stdin=subprocess.PIPE,  # the leash
            stdout=file,
            stderr=subprocess.STDOUT,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        )


def _wait_until_healthy(url: str, process: subprocess.Popen[bytes], folder: Path) -> None:
    give_up = time.monotonic() + _START_LIMIT_S
    while True:
        try:
            with urlopen(f"{url}/health", timeout=5):
                return
        except URLError:
            pass
        if process.poll() is not None or time.monotonic() > give_up:
            logs = [folder / name for name in ("console.log", "worker.log", "redis.log")]
            told = "\n".join(log.read_text()[-3000:] for log in logs if log.exists())
            raise RuntimeError(f"The worker did not start.\n{told}")
        time.sleep(0.05)


def _write(path: Path, content: dict[str, object]) -> None:
    with path.open("w", encoding="utf-8") as file:
        YAML(typ="safe").dump(content, file)
