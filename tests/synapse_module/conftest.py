"""Two homeservers with the module in them: one that may go in bulk, one that may not."""

import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest

from appservice.embedded.homeserver_config import SynapseModule
from appservice.embedded.postgres import EmbeddedPostgres
from appservice.embedded.registration import Registration
from appservice.embedded.synapse import EmbeddedSynapse
from tests import ground
from tests.synapse_module.caller import School

_SLOTS = 100

REFUSING = SynapseModule("tests.synapse_module.refusing_module.RefusingModule", {})


@dataclass
class WithModule:
    """A homeserver, and the application services that its module serves.

    `early` was known at the homeserver's start.
    """

    homeserver: EmbeddedSynapse
    pool: ground.AppservicePool
    early: Registration


@contextmanager
def homeserver_with_module(
    name: str,
    folder: Path,
    postgres: EmbeddedPostgres,
    *,
    one_by_one: bool,
    python: str = sys.executable,
    beside: Sequence[SynapseModule] = (REFUSING,),
) -> Iterator[WithModule]:
    """Started, and ended afterwards."""
    pool = ground.AppservicePool(_SLOTS)
    early, _port = pool.take()
    config = {"make_bot_admin": True, "force_one_by_one": one_by_one}
    synapse = EmbeddedSynapse(
        folder / name,
        ground.homeserver_settings(
            postgres,
            name,
            registrations=pool.registrations,
            modules=(*ground.synapse_modules(pool, config), *beside),
        ),
        python=python,
    )
    with ground.running(synapse):
        yield WithModule(synapse, pool, early)


@pytest.fixture(scope="session")
def in_bulk(ground_folder: Path, postgres: EmbeddedPostgres) -> Iterator[WithModule]:
    """The homeserver whose module goes in bulk."""
    with homeserver_with_module("module", ground_folder, postgres, one_by_one=False) as server:
        yield server


@pytest.fixture(scope="session")
def singly(ground_folder: Path, postgres: EmbeddedPostgres) -> Iterator[WithModule]:
    """The homeserver whose module goes by the promised module API alone."""
    with homeserver_with_module("singly", ground_folder, postgres, one_by_one=True) as server:
        yield server


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=120)) as session:
        yield session


@pytest.fixture
def bulk_school(in_bulk: WithModule, session: aiohttp.ClientSession) -> Iterator[School]:
    """A school of the test's own, on the homeserver whose module goes in bulk."""
    with ground.school_slot(in_bulk.pool, in_bulk.homeserver) as slot:
        yield School(slot, session, in_bulk.homeserver, "bulk")


@pytest.fixture
def second_school(in_bulk: WithModule, session: aiohttp.ClientSession) -> Iterator[School]:
    """Another school on the homeserver of `bulk_school`."""
    with ground.school_slot(in_bulk.pool, in_bulk.homeserver) as slot:
        yield School(slot, session, in_bulk.homeserver, "bulk")


@pytest.fixture
def open_school(singly: WithModule, session: aiohttp.ClientSession) -> Iterator[School]:
    """A school on a homeserver that no policy was ever given to."""
    with ground.school_slot(singly.pool, singly.homeserver) as slot:
        yield School(slot, session, singly.homeserver, "one_by_one")


@pytest.fixture(params=["bulk", "one_by_one"])
def school(request: pytest.FixtureRequest, session: aiohttp.ClientSession) -> Iterator[School]:
    """A school of the test's own, on each of the two homeservers in turn."""
    name = "in_bulk" if request.param == "bulk" else "singly"
    server: WithModule = request.getfixturevalue(name)
    with ground.school_slot(server.pool, server.homeserver) as slot:
        yield School(slot, session, server.homeserver, str(request.param))
