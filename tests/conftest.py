"""Fixtures every test may ask for. What they are made of is in tests/ground.py.

`postgres`: one a session. `homeserver`: one for many tests. `database`: a DSN of the test's own.
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
def homeservers(ground_folder: Path, postgres: EmbeddedPostgres) -> Iterator[ground.Homeservers]:
    """The session's Synapse, exchanged for a fresh one when all its slots are taken."""
    with ground.Homeservers(ground_folder, postgres) as homeservers:
        yield homeservers


@pytest.fixture
def homeserver(homeservers: ground.Homeservers) -> EmbeddedSynapse:
    """A Synapse with the School Spaces module, open to every slot's bot."""
    return homeservers.ready()


@pytest.fixture
def appservice_pool(
    homeserver: EmbeddedSynapse, homeservers: ground.Homeservers
) -> ground.AppservicePool:
    """The application services that the homeserver knows from its start."""
    return homeservers.pool


@pytest.fixture
def appservice_slot(
    homeserver: EmbeddedSynapse, appservice_pool: ground.AppservicePool
) -> ground.AppserviceSlot:
    """An application service nobody else uses: a bot, aliases and a school of the test's own."""
    return ground.apart(ground.hand_out(appservice_pool, homeserver))


@pytest.fixture(scope="session")
def database_template(postgres: EmbeddedPostgres) -> str:
    """The database that `database` copies."""
    return ground.migrated_template(postgres)


@pytest.fixture
def database(postgres: EmbeddedPostgres, database_template: str) -> Iterator[str]:
    """The DSN of a migrated, empty database of the test's own."""
    yield from ground.copied_database(postgres, database_template)
