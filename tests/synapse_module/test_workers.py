"""Synapse with a worker: the policy that the main process takes holds in the other one too."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import aiohttp
import pytest

from appservice.embedded.postgres import EmbeddedPostgres
from tests import ground
from tests.synapse_module.caller import DOOR, School
from tests.synapse_module.town import PEOPLE, Town, document, entry, why
from tests.synapse_module.with_worker import REDIS, WithWorker, homeserver_with_worker

pytestmark = pytest.mark.skipif(REDIS is None, reason="redis-server is not installed")


@pytest.fixture(scope="module")
def with_worker(ground_folder: Path, postgres: EmbeddedPostgres) -> Iterator[WithWorker]:
    """A homeserver with a generic worker."""
    with homeserver_with_worker(ground_folder / "with_worker", postgres) as server:
        yield server


@pytest.fixture
async def town(with_worker: WithWorker, session: aiohttp.ClientSession) -> AsyncIterator[Town]:
    """The little school, whose service asks the main process."""
    with ground.school_slot(with_worker.pool, with_worker.homeserver) as slot:
        yield await Town.build(School(slot, session, with_worker.homeserver, "bulk"))


@pytest.fixture
def at_the_worker(town: Town, with_worker: WithWorker) -> Town:
    """The same school, whose people's clients ask the worker."""
    slot = replace(town.school.slot, homeserver_url=with_worker.worker_url)
    return replace(town, school=replace(town.school, slot=slot))


async def test_a_new_policy_holds_at_the_worker_from_the_next_request_on(
    town: Town, at_the_worker: Town
) -> None:
    assert why(await at_the_worker.make("ann", "leo")) == "yes"
    await town.close()
    told = {name: why(await at_the_worker.make("ann", name)) for name in ("leo", "ben")}
    assert told == {"leo": "not_a_contact", "ben": "yes"}
    moved = {
        town.ids["leo"]: entry("student", "class:1/5a student"),
        town.ids["ben"]: entry("student", "class:1/5b student"),
    }
    for version in (2, 3):
        await town.put(document(version, moved, base=version - 1))
        told = {name: why(await at_the_worker.make("ann", name)) for name in ("leo", "ben")}
        assert told == {"leo": "yes", "ben": "not_a_contact"}


async def test_people_at_the_worker_join_search_and_are_counted_by_the_same_rules(
    town: Town, at_the_worker: Town
) -> None:
    await town.close()
    await town.school.room(members=[town.ids[name] for name in PEOPLE])
    room_id = (await town.make("head", "leo", preset="public_chat")).body["room_id"]
    assert why(await at_the_worker.join("leo", room_id)) == "yes"
    assert why(await at_the_worker.join("ann", room_id)) == "group"
    encryption = {"algorithm": "m.megolm.v1.aes-sha2"}
    mine = (await at_the_worker.make("ann", "ben")).body["room_id"]
    refused = await at_the_worker.set_state("ann", mine, "m.room.encryption", encryption)
    assert why(refused) == "no_encryption"
    shown = await at_the_worker.found("ann", town.school.slot.id)
    assert shown - {town.school.bot} <= {"ben", "mia", "mother", "teacher"}
    assert (await town.blocked())["counts"] == {"join": 1, "encrypt": 1}


async def test_the_service_asks_the_main_process(at_the_worker: Town) -> None:
    school = at_the_worker.school
    for method, path in (("PUT", "policy"), ("GET", "policy"), ("GET", "policy/blocked")):
        assert (await school.ask(method, f"{DOOR}/{path}", {})).status == 421
