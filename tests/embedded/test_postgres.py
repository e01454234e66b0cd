"""The embedded database: who may share it, what it survives, and what it never writes down."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import asyncpg
import psutil
import pytest

from appservice.embedded.cluster import CommandFailed
from appservice.embedded.failure import StartFailed
from appservice.embedded.postgres import EmbeddedPostgres
from tests.ground import ended

_WAIT_S = 60

_OWNER = """
import sys
from pathlib import Path
from appservice.embedded.postgres import EmbeddedPostgres

server = EmbeddedPostgres(Path(sys.argv[1]))
server.start()
print(server.dsn("postgres"), flush=True)
sys.stdin.read()
server.stop()
"""


@pytest.fixture
def folder(ground_folder: Path) -> Path:
    return ground_folder / uuid4().hex[:8]


@pytest.fixture
def server(folder: Path) -> Iterator[EmbeddedPostgres]:
    with EmbeddedPostgres(folder) as running:
        yield running


def _another_process(folder: Path) -> subprocess.Popen[str]:
    """A process that started the server of this folder, and holds it until its input ends."""
    owner = subprocess.Popen(
        (sys.executable, "-c", _OWNER, str(folder)),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    assert owner.stdout is not None
    assert owner.stdout.readline().startswith("postgresql://")
    return owner


def _postmaster(folder: Path) -> psutil.Process:
    pid_file = folder / "cluster" / "postmaster.pid"
    return psutil.Process(int(pid_file.read_text().splitlines()[0]))


async def _write_down(dsn: str, name: str) -> None:
    connection = await asyncpg.connect(dsn)
    await connection.execute("CREATE TABLE IF NOT EXISTS pupil (name text PRIMARY KEY)")
    await connection.execute("INSERT INTO pupil VALUES ($1)", name)
    await connection.close()


async def _all_names(dsn: str) -> list[str]:
    connection = await asyncpg.connect(dsn)
    names = [str(row["name"]) for row in await connection.fetch("SELECT name FROM pupil")]
    await connection.close()
    return names


async def test_the_embedded_database_outlives_a_killed_owner(folder: Path) -> None:
    owner = _another_process(folder)
    before = _postmaster(folder)
    owner.kill()
    owner.communicate(timeout=_WAIT_S)
    with EmbeddedPostgres(folder) as server:
        await _write_down(server.dsn("postgres"), "Мила")
        assert _postmaster(folder) == before
        assert await _all_names(server.dsn("postgres")) == ["Мила"]
    assert ended(before)


async def test_a_killed_server_starts_again_on_the_same_data(folder: Path) -> None:
    first = EmbeddedPostgres(folder)
    await _write_down(first.start(), "Мила")
    killed = _postmaster(folder)
    killed.send_signal(signal.SIGKILL)
    assert ended(killed)
    with EmbeddedPostgres(folder) as second:
        assert await _all_names(second.dsn("postgres")) == ["Мила"]
        assert _postmaster(folder) != killed
        first.stop()
        assert await _all_names(second.dsn("postgres")) == ["Мила"]


async def test_two_processes_share_one_server_and_the_last_to_leave_stops_it(
    folder: Path,
) -> None:
    other = _another_process(folder)
    postmaster = _postmaster(folder)
    with EmbeddedPostgres(folder) as server:
        await _write_down(server.dsn("postgres"), "Мила")
        other.communicate(timeout=_WAIT_S)
        assert await _all_names(server.dsn("postgres")) == ["Мила"]
        assert server.is_in_use()
    assert not server.is_in_use()
    assert ended(postmaster)


async def test_a_pid_file_that_names_another_program_is_no_running_server(folder: Path) -> None:
    with EmbeddedPostgres(folder):
        described = (folder / "cluster" / "postmaster.pid").read_text().splitlines()
    stale = "\n".join([str(os.getpid()), *described[1:]])
    (folder / "cluster" / "postmaster.pid").write_text(stale)
    with EmbeddedPostgres(folder) as server:
        await _write_down(server.dsn("postgres"), "Мила")
        assert _postmaster(folder).name() == "postgres"


async def test_a_first_start_that_was_killed_half_way_is_made_again(folder: Path) -> None:
    (folder / "cluster.unfinished").mkdir(parents=True)
    (folder / "cluster.unfinished" / "PG_VERSION").write_text("18\n")
    with EmbeddedPostgres(folder) as server:
        await _write_down(server.dsn("postgres"), "Мила")
        assert await _all_names(server.dsn("postgres")) == ["Мила"]


async def test_a_folder_too_deep_for_a_socket_has_its_socket_elsewhere(folder: Path) -> None:
    deep = folder / ("a-school-with-a-long-name-" * 4) / "database"
    with EmbeddedPostgres(deep) as server:
        await _write_down(server.dsn("postgres"), "Мила")
        socket_dir = server.address("postgres").socket_dir
        assert deep not in socket_dir.parents
        assert socket_dir.stat().st_mode & 0o077 == 0
    socket_dir.rmdir()


async def test_a_folder_may_have_blanks_and_signs_in_its_name(folder: Path) -> None:
    with EmbeddedPostgres(folder / "my school + 100%") as server:
        connection = await asyncpg.connect(server.create_database("ours"))
        try:
            assert await connection.fetchval("SELECT current_database()") == "ours"
        finally:
            await connection.close()


async def test_a_database_sorts_by_code_point_and_only_synapses_lacks_letter_case(
    server: EmbeddedPostgres,
) -> None:
    found = {}
    dsns = {
        "synapse": server.create_database("synapse"),
        "school": server.create_database("school", c_locale=False),
        "copy": server.create_database("copy", template="school"),
    }
    for name, dsn in dsns.items():
        connection = await asyncpg.connect(dsn)
        found[name] = await connection.fetchrow(
            "SELECT pg_encoding_to_char(encoding), datcollate, lower('Ё'), 'Я' < 'а'"
            " FROM pg_database WHERE datname = $1",
            name,
        )
        await connection.close()
    assert {name: tuple(row) for name, row in found.items()} == {
        "synapse": ("UTF8", "C", "Ё", True),
        "school": ("UTF8", "C", "ё", True),
        "copy": ("UTF8", "C", "ё", True),
    }


async def test_a_dropped_database_is_gone_even_while_somebody_is_in_it(
    server: EmbeddedPostgres,
) -> None:
    inside = await asyncpg.connect(server.create_database("5А; DROP TABLE"))
    server.drop_database("5А; DROP TABLE")
    assert not server.has_database("5А; DROP TABLE")
    inside.terminate()


def test_a_database_that_exists_is_not_made_twice(server: EmbeddedPostgres) -> None:
    server.create_database("school")
    with pytest.raises(CommandFailed, match='database "school" already exists'):
        server.create_database("school")


async def test_the_servers_log_does_not_quote_the_people_of_a_failed_statement(
    server: EmbeddedPostgres, folder: Path
) -> None:
    await _write_down(server.dsn("postgres"), "Мила Воронцова")
    with pytest.raises(asyncpg.UniqueViolationError):
        await _write_down(server.dsn("postgres"), "Мила Воронцова")
    log = (folder / "cluster" / "server.log").read_text()
    assert "duplicate key value violates unique constraint" in log
    assert "Воронцова" not in log


def test_a_server_that_cannot_start_says_why(folder: Path) -> None:
    with EmbeddedPostgres(folder):
        pass
    (folder / "cluster" / "global" / "pg_control").unlink()
    with pytest.raises(StartFailed, match="pg_control") as refused:
        EmbeddedPostgres(folder).start()
    assert str(folder) in str(refused.value)
    assert not EmbeddedPostgres(folder).is_in_use()
