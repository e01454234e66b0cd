"""The module in an older Synapse: the oldest that the documentation promises, or any other.

Where another Python with a Synapse is named: SCHOOL_SPACES_SYNAPSE_PYTHON=/path/to/python pytest
tests/synapse_module/test_oldest.py (docs/synapse-module.md says how to make one).
"""

import os
from collections.abc import Iterator
from pathlib import Path

import aiohttp
import pytest

from appservice.embedded.postgres import EmbeddedPostgres
from appservice.embedded.synapse import EmbeddedSynapse
from tests import ground
from tests.synapse_module.caller import DOOR, School, join, kick, put
from tests.synapse_module.conftest import WithModule
from tests.synapse_module.town import OUTSIDER, PEOPLE, Town, document, why

PYTHON = os.environ.get("SCHOOL_SPACES_SYNAPSE_PYTHON", "")
SEARCHER_TOLD, CREATION_TOLD = (1, 122), (1, 132)

pytestmark = pytest.mark.skipif(not PYTHON, reason="SCHOOL_SPACES_SYNAPSE_PYTHON is not set")


@pytest.fixture(scope="module")
def older(ground_folder: Path, postgres: EmbeddedPostgres) -> Iterator[WithModule]:
    """The named Synapse, with the module."""
    pool = ground.AppservicePool(10)
    registrations = tuple(pool.registrations)
    settings = ground.homeserver_settings(
        postgres,
        "older",
        registrations=registrations,
        modules=ground.synapse_modules(registrations),
    )
    synapse = EmbeddedSynapse(ground_folder / "older", settings, python=PYTHON)
    ground.apart(synapse.start())
    yield WithModule(synapse, pool)
    ground.apart(synapse.stop())
    pool.close()


@pytest.fixture
async def town(older: WithModule, session: aiohttp.ClientSession) -> Town:
    """The little school, closed."""
    slot = ground.apart(ground.hand_out(older.pool, older.homeserver))
    town = await Town.build(School(slot, session, older.homeserver, "older"))
    await town.close()
    return town


async def version(town: Town) -> tuple[int, ...]:
    told = (await town.school.well("GET", f"{DOOR}/abilities"))["synapse_version"]
    return tuple(int(number) for number in told.split(".")[:2])


async def test_a_room_is_made_and_changed(town: Town) -> None:
    school = town.school
    told = await school.well("GET", f"{DOOR}/abilities")
    assert told["abilities"] == ["rooms.batch", "rooms.create", "policy"]
    ann, ben = town.ids["ann"], town.ids["ben"]
    room_id = await school.room("11", members=[ann])
    items = [join(ben), join(ann), put("m.room.name", {"name": "5Б"}), kick(ann)]
    assert await school.outcomes(room_id, items) == ["done", "unchanged", "done", "done"]
    assert await school.members(room_id) == {school.bot: "join", ann: "leave", ben: "join"}
    state = await school.state(room_id)
    assert state["m.room.name", ""] == {"name": "5Б"}
    assert (await school.create(school.wanted("11"))).status == 409


async def test_the_community_is_closed(town: Town) -> None:
    room_id = await town.room("ann", "ben")
    told = {
        "invite": await town.invite("ann", room_id, "leo"),
        "third": await town.invite("ann", room_id, "mia"),
        "encrypt": await town.set_state(
            "ann", room_id, "m.room.encryption", {"algorithm": "m.megolm.v1.aes-sha2"}
        ),
        "make": await town.make("ann", "leo"),
        "outsider": await town.make(OUTSIDER, "ann"),
    }
    assert {what: why(answer) for what, answer in told.items()} == {
        "invite": "not_a_contact",
        "third": "only_two",
        "encrypt": "no_encryption",
        "make": "not_a_contact",
        "outsider": "outsider",
    }
    assert await town.put(document(1, {})) == await town.school.ask("GET", f"{DOOR}/policy")
    left = (await town.act("ann", "GET", "/_matrix/client/v3/joined_rooms")).body["joined_rooms"]
    # A Synapse that does not tell what is wanted makes the room before it refuses the invitation.
    assert len(left) == (1 if await version(town) >= CREATION_TOLD else 2)


async def test_nobody_is_found_by_who_may_not_write_to_them(town: Town) -> None:
    await town.school.room("11", members=[town.ids[name] for name in PEOPLE])
    shown = await town.found("ann", town.school.slot.id) - {town.school.bot}
    known = await version(town) >= SEARCHER_TOLD
    assert shown <= ({"ben", "mia", "mother", "teacher"} if known else {OUTSIDER})
