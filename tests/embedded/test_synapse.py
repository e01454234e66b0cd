"""The embedded homeserver: what it keeps from one start to the next, and when it ends."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import aiohttp
import psutil
import pytest
from aiohttp import web

from appservice.embedded.failure import StartFailed
from appservice.embedded.homeserver_config import HomeserverSettings, SynapseModule
from appservice.embedded.homeserver_owner import HomeserverRefused
from appservice.embedded.postgres import EmbeddedPostgres
from appservice.embedded.registration import Registration
from appservice.embedded.synapse import EmbeddedSynapse
from tests import ground

_WAIT_S = 60

_STARTER = """
import asyncio, sys
from pathlib import Path
from appservice.embedded.homeserver_config import HomeserverSettings
from appservice.embedded.homeserver_owner import HomeserverRefused
from appservice.embedded.postgres import PostgresAddress
from appservice.embedded.synapse import EmbeddedSynapse

folder, socket_dir, database = sys.argv[1:]
settings = HomeserverSettings("school.test", PostgresAddress(Path(socket_dir), database))
homeserver = EmbeddedSynapse(Path(folder), settings)
asyncio.run(homeserver.start())
print(homeserver.pid, flush=True)
sys.stdin.read()
"""


@pytest.fixture
def folder(ground_folder: Path) -> Path:
    return ground_folder / uuid4().hex[:8]


@pytest.fixture
def settings(postgres: EmbeddedPostgres, folder: Path) -> HomeserverSettings:
    return ground.homeserver_settings(postgres, f"homeserver_{folder.name}")


async def test_a_second_start_on_the_same_data_finds_the_same_users(
    folder: Path, settings: HomeserverSettings
) -> None:
    async with EmbeddedSynapse(folder, settings) as first:
        made = await first.create_user("mila", "a long pass phrase")
        admin = await first.admin_token()
        first.kill()
    async with EmbeddedSynapse(folder, replace(settings, log_level="INFO")) as second:
        again = await second.sign_in("mila", "a long pass phrase")
        assert again.user_id == made.user_id == "@mila:school.test"
        assert await second.admin_token() != admin
        with pytest.raises(HomeserverRefused) as refused:
            await second.create_user("mila", "another pass phrase")
        assert refused.value.errcode == "M_USER_IN_USE"


def test_the_homeserver_dies_with_its_starter(folder: Path, settings: HomeserverSettings) -> None:
    where = settings.database
    starter = subprocess.Popen(
        (sys.executable, "-c", _STARTER, str(folder), str(where.socket_dir), where.database),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    assert starter.stdout is not None
    homeserver = psutil.Process(int(starter.stdout.readline()))
    assert homeserver.is_running()
    starter.kill()
    starter.communicate(timeout=_WAIT_S)
    assert ground.ended(homeserver)


async def test_a_homeserver_that_cannot_start_says_why(
    folder: Path, settings: HomeserverSettings
) -> None:
    settings = replace(settings, modules=[SynapseModule("no_such_module.Door", {})])
    homeserver = EmbeddedSynapse(folder, settings)
    with pytest.raises(StartFailed, match="No module named 'no_such_module'"):
        await homeserver.start()
    assert homeserver.pid is None


async def test_a_bot_prepared_twice_is_one_server_admin(
    homeserver: EmbeddedSynapse, appservice_slot: ground.AppserviceSlot
) -> None:
    assert await homeserver.prepare_bot(appservice_slot.registration) == appservice_slot.bot_id
    async with (
        aiohttp.ClientSession(
            base_url=appservice_slot.homeserver_url,
            headers={"Authorization": f"Bearer {appservice_slot.as_token}"},
        ) as session,
        session.get(f"/_synapse/admin/v2/users/{appservice_slot.bot_id}") as response,
    ):
        bot = await response.json()
    assert (bot["name"], bot["admin"], bot["appservice_id"]) == (
        appservice_slot.bot_id,
        True,
        appservice_slot.id,
    )


async def test_the_synapse_module_of_the_session_is_open_to_every_school(
    appservice_slot: ground.AppserviceSlot,
) -> None:
    where = "/_synapse/client/school_spaces/v1/abilities"
    async with aiohttp.ClientSession(base_url=appservice_slot.homeserver_url) as session:
        theirs = {"Authorization": f"Bearer {appservice_slot.as_token}"}
        async with session.get(where, headers=theirs) as response:
            abilities = await response.json()
        async with session.get(where, headers={"Authorization": "Bearer nobody's"}) as response:
            refused = await response.json()
    assert (abilities["bot"], abilities["batch"]) == (appservice_slot.bot_id, "bulk")
    assert refused["errcode"] == "M_UNKNOWN_TOKEN"


async def test_the_homeserver_brings_the_events_of_a_school_to_its_own_port(
    appservice_slot: ground.AppserviceSlot,
) -> None:
    tokens: set[str | None] = set()
    rooms: set[str] = set()

    async def take(request: web.Request) -> web.Response:
        tokens.add(request.headers.get("Authorization"))
        rooms.update(event["room_id"] for event in (await request.json())["events"])
        return web.json_response({})

    app = web.Application()
    app.router.add_put("/_matrix/app/v1/transactions/{id}", take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", appservice_slot.port).start()
    async with (
        aiohttp.ClientSession(
            base_url=appservice_slot.homeserver_url,
            headers={"Authorization": f"Bearer {appservice_slot.as_token}"},
        ) as session,
        session.post("/_matrix/client/v3/createRoom", json={}) as response,
    ):
        room = (await response.json())["room_id"]
    await runner.cleanup()
    assert rooms == {room}
    assert tokens == {f"Bearer {appservice_slot.registration.hs_token}"}


def test_a_registration_holds_its_bot_and_its_aliases_and_nobody_else() -> None:
    registration = Registration(
        id="school-7",
        url="http://127.0.0.1:1",
        sender_localpart="school.7",
        alias_prefix="school-7.",
        as_token="a secret",
        hs_token="another secret",
    )
    assert registration.content("school.test") == {
        "id": "school-7",
        "url": "http://127.0.0.1:1",
        "as_token": "a secret",
        "hs_token": "another secret",
        "sender_localpart": "school.7",
        "rate_limited": False,
        "receive_ephemeral": False,
        "namespaces": {
            "users": [{"exclusive": True, "regex": r"@school\.7:school\.test"}],
            "aliases": [{"exclusive": True, "regex": r"#school\-7\..*:school\.test"}],
            "rooms": [],
        },
    }
    assert "secret" not in repr(registration)
