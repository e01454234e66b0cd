"""Connecting, migrating, and what a person is told when the database is not as it should be."""

import asyncio
import re
from collections.abc import Iterator
from uuid import uuid4

import asyncpg
import pytest

from appservice.embedded.postgres import EmbeddedPostgres
from appservice.errors import Permanent, Refused, Temporary
from appservice.storage.database import Database, migrate
from appservice.storage.migration import bring_up_to_date, migrations
from appservice.storage.opening import place
from appservice.storage.statements import SQL_DIR, statements


@pytest.fixture
def empty_database(postgres: EmbeddedPostgres) -> Iterator[str]:
    """A database that no migration has seen."""
    name = f"empty_{uuid4().hex[:12]}"
    yield postgres.create_database(name, c_locale=False)
    postgres.drop_database(name)


async def applied(dsn: str) -> list[tuple[int, str]]:
    connection = await asyncpg.connect(dsn)
    try:
        rows = await connection.fetch("SELECT version, name FROM schema_version ORDER BY version")
        return [tuple(row) for row in rows]
    finally:
        await connection.close()


ALL = [(step.version, step.name) for step in migrations()]


async def test_an_empty_database_is_brought_to_the_newest_version(empty_database: str) -> None:
    await migrate(empty_database)
    await migrate(empty_database)

    assert await applied(empty_database) == ALL


async def test_many_processes_may_start_at_once_on_an_empty_database(empty_database: str) -> None:
    await asyncio.gather(*(migrate(empty_database) for _ in range(8)))

    assert await applied(empty_database) == ALL


async def test_an_older_database_gets_what_it_lacks(empty_database: str) -> None:
    connection = await asyncpg.connect(empty_database)
    await bring_up_to_date(connection, migrations()[:1])
    await connection.close()

    await migrate(empty_database)

    assert await applied(empty_database) == ALL


async def test_a_step_that_was_finished_late_is_applied_after_its_followers(
    empty_database: str,
) -> None:
    first = migrations()[0]
    late = first.__class__(2, "late", "CREATE TABLE late (a integer)")
    third = first.__class__(3, "third", "CREATE TABLE third (a integer)")
    connection = await asyncpg.connect(empty_database)
    try:
        assert await bring_up_to_date(connection, [first, third]) == 3
        assert await bring_up_to_date(connection, [first, late, third]) == 3
        assert await connection.fetchval("SELECT to_regclass('late')") == "late"
    finally:
        await connection.close()

    assert [version for version, _name in await applied(empty_database)] == [1, 2, 3]


async def test_a_step_that_fails_leaves_the_version_before_it(empty_database: str) -> None:
    good = migrations()[0]
    bad = good.__class__(2, "bad", "CREATE TABLE half_done (a integer); SELECT nothing;")
    connection = await asyncpg.connect(empty_database)
    try:
        with pytest.raises(asyncpg.PostgresError):
            await bring_up_to_date(connection, [good, bad])
        assert await connection.fetchval("SELECT to_regclass('half_done')") is None
    finally:
        await connection.close()

    assert await applied(empty_database) == ALL[:1]


async def test_the_database_of_a_newer_version_is_refused(database: str) -> None:
    connection = await asyncpg.connect(database)
    await connection.execute("INSERT INTO schema_version (version, name) VALUES (999, 'future')")
    await connection.close()

    with pytest.raises(Refused, match="version 999, this program knows versions up to"):
        async with Database.connect(database):
            pass


async def test_a_database_that_is_not_there_is_named(postgres: EmbeddedPostgres) -> None:
    with pytest.raises(Permanent, match="no_such_school") as refused:
        async with Database.connect(postgres.dsn("no_such_school")):
            pass

    assert refused.value.code == "3D000"


@pytest.mark.parametrize(
    "dsn",
    [
        "postgresql://bot:secret-word@127.0.0.1:1/school",
        "postgresql://bot:secret-word@/school?host=/no/such/folder",
        "postgresql://bot:secret-word@no-such-host.invalid/school",
    ],
)
async def test_a_server_that_is_away_is_temporary_and_its_password_is_not_shown(dsn: str) -> None:
    with pytest.raises(Temporary) as away:
        async with Database.connect(dsn):
            pass

    assert place(dsn) in str(away.value)
    assert "secret-word" not in str(away.value)


@pytest.mark.parametrize("dsn", ["school", "postgresql://[half", "host=x dbname=y", "mysql://x/y"])
async def test_an_address_that_is_none_is_refused(dsn: str) -> None:
    with pytest.raises(Refused, match="cannot be read"):
        async with Database.connect(dsn):
            pass


async def test_a_broken_connection_is_temporary_and_the_next_use_works(memory: Database) -> None:
    with pytest.raises(Temporary):
        async with memory.transaction() as connection:
            await connection.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    async with memory.connection() as connection:
        assert await connection.fetchval("SELECT 1") == 1


async def test_connections_that_broke_while_nobody_used_them_are_replaced(
    memory: Database, postgres: EmbeddedPostgres
) -> None:
    async with memory.connection() as connection:
        await connection.fetchval("SELECT 1")
    other = await asyncpg.connect(postgres.dsn("postgres"))
    name = re.sub(r" @.*", "", memory.where)
    await other.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", name
    )
    await other.close()
    await asyncio.sleep(0.1)

    async with memory.connection() as connection:
        assert await connection.fetchval("SELECT 1") == 1


async def test_what_was_to_be_stored_is_not_quoted_in_an_error(memory: Database) -> None:
    with pytest.raises(Permanent) as refused:
        async with memory.connection() as connection:
            await connection.execute("SELECT 'Петрова Анна'::integer")

    assert refused.value.code == "22P02"
    assert "Петрова" not in str(refused.value)


@pytest.mark.parametrize("file", sorted(path.stem for path in SQL_DIR.glob("*.sql")))
async def test_every_statement_fits_the_schema(memory: Database, file: str) -> None:
    async with memory.connection() as connection:
        for name, statement in statements(file).items():
            assert await connection.prepare(statement), name
