"""Two homeservers with the module in them: one that may go in bulk, one that may not."""

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest

from appservice.embedded.homeserver_config import SynapseModule
from appservice.embedded.postgres import EmbeddedPostgres
from appservice.embedded.synapse import EmbeddedSynapse
from tests import ground
from tests.synapse_module.caller import School

_SLOTS = 100


@dataclass
class WithModule:
    """A homeserver, and the application services that its module serves.

    The last registration of the pool is a stranger: the module was not told of its bot.
    """

    homeserver: EmbeddedSynapse
    pool: ground.AppservicePool


@contextmanager
def _homeserver_with_module(
    name: str, folder: Path, postgres: EmbeddedPostgres, *, one_by_one: bool
) -> Iterator[WithModule]:
    pool = ground.AppservicePool(_SLOTS)
    bots = [registration.sender_localpart for registration in pool.registrations[:-1]]
    config = {"bot": bots, "make_bot_admin": True, "force_one_by_one": one_by_one}
    modules = (
        SynapseModule("appservice.synapse_module.SchoolSpacesModule", config),
        SynapseModule("tests.synapse_module.refusing_module.RefusingModule", {}),
    )
    synapse = EmbeddedSynapse(
        folder / name,
        ground.homeserver_settings(
            postgres, name, registrations=tuple(pool.registrations), modules=modules
        ),
    )
    ground.apart(synapse.start())
    try:
        yield WithModule(synapse, pool)
    finally:
        ground.apart(synapse.stop())
        pool.close()


@pytest.fixture(scope="session")
def in_bulk(ground_folder: Path, postgres: EmbeddedPostgres) -> Iterator[WithModule]:
    """The homeserver whose module goes in bulk."""
    with _homeserver_with_module("module", ground_folder, postgres, one_by_one=False) as server:
        yield server


@pytest.fixture(scope="session")
def singly(ground_folder: Path, postgres: EmbeddedPostgres) -> Iterator[WithModule]:
    """The homeserver whose module goes by the promised module API alone."""
    with _homeserver_with_module("singly", ground_folder, postgres, one_by_one=True) as server:
        yield server


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=120)) as session:
        yield session


@pytest.fixture
def bulk_school(in_bulk: WithModule, session: aiohttp.ClientSession) -> School:
    """A school of the test's own, on the homeserver whose module goes in bulk."""
    slot = ground.apart(ground.hand_out(in_bulk.pool, in_bulk.homeserver))
    return School(slot, session, in_bulk.homeserver, "bulk")


@pytest.fixture
def second_school(in_bulk: WithModule, session: aiohttp.ClientSession) -> School:
    """Another school on the homeserver of `bulk_school`."""
    slot = ground.apart(ground.hand_out(in_bulk.pool, in_bulk.homeserver))
    return School(slot, session, in_bulk.homeserver, "bulk")


@pytest.fixture
def open_school(singly: WithModule, session: aiohttp.ClientSession) -> School:
    """A school on a homeserver that no policy was ever given to."""
    slot = ground.apart(ground.hand_out(singly.pool, singly.homeserver))
    return School(slot, session, singly.homeserver, "one_by_one")


@pytest.fixture(params=["bulk", "one_by_one"])
def school(request: pytest.FixtureRequest, session: aiohttp.ClientSession) -> School:
    """A school of the test's own, on each of the two homeservers in turn."""
    name = "in_bulk" if request.param == "bulk" else "singly"
    server: WithModule = request.getfixturevalue(name)
    slot = ground.apart(ground.hand_out(server.pool, server.homeserver))
    return School(slot, session, server.homeserver, str(request.param))
