"""Fixtures every test may ask for. What they are made of is in tests/ground.py.

`postgres` and `homeserver`: one a session. `database`: a DSN of the test's own.
`appservice_slot`: an application service of the test's own, its bot a server admin.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from appservice.embedded.postgres import EmbeddedPostgres
from appservice.embedded.synapse import EmbeddedSynapse
from tests import ground


@pytest.fixture(scope="session")
def ground_folder() -> Iterator[Path]:
    """Where this session's servers keep their data."""
    yield from ground.session_folder()


@pytest.fixture(scope="session")
def postgres(ground_folder: Path) -> Iterator[EmbeddedPostgres]:
    """The session's PostgreSQL server, which does not wait for the disk."""
    with EmbeddedPostgres(ground_folder / "postgres", durable=False) as server:
        yield server


@pytest.fixture(scope="session")
def homeserver_and_pool(
    ground_folder: Path, postgres: EmbeddedPostgres
) -> Iterator[tuple[EmbeddedSynapse, ground.AppservicePool]]:
    """The session's Synapse, with the application services of the tests that run."""
    with ground.session_homeserver(ground_folder, postgres) as both:
        yield both


@pytest.fixture
def homeserver(
    homeserver_and_pool: tuple[EmbeddedSynapse, ground.AppservicePool],
) -> EmbeddedSynapse:
    """A Synapse with the School Spaces module, open to every slot's bot."""
    return homeserver_and_pool[0]


@pytest.fixture
def appservice_pool(
    homeserver_and_pool: tuple[EmbeddedSynapse, ground.AppservicePool],
) -> ground.AppservicePool:
    """The application services that the homeserver knows."""
    return homeserver_and_pool[1]


@pytest.fixture
def appservice_slot(
    homeserver: EmbeddedSynapse, appservice_pool: ground.AppservicePool
) -> Iterator[ground.AppserviceSlot]:
    """An application service nobody else uses: a bot, aliases and a school of the test's own."""
    with ground.school_slot(appservice_pool, homeserver) as slot:
        yield slot


@pytest.fixture(scope="session")
def database_template(postgres: EmbeddedPostgres) -> str:
    """The database that `database` copies."""
    return ground.migrated_template(postgres)


@pytest.fixture
def database(postgres: EmbeddedPostgres, database_template: str) -> Iterator[str]:
    """The DSN of a migrated, empty database of the test's own."""
    yield from ground.copied_database(postgres, database_template)
