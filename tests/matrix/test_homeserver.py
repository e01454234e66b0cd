"""What the homeserver tells about itself, and how a wrong configuration is told to a person."""

import pytest
from synapse.util import SYNAPSE_VERSION

from appservice.errors import Permanent, Temporary
from appservice.matrix.homeserver import Homeserver
from tests.ground import AppserviceSlot


async def test_the_bot_knows_itself_and_its_homeserver(
    bot: Homeserver, appservice_slot: AppserviceSlot
) -> None:
    assert await bot.whoami() == appservice_slot.bot_id
    assert await bot.synapse_version() == SYNAPSE_VERSION
    versions = await bot.get("/_matrix/client/versions")
    assert "v1.12" in str(versions["versions"])
    assert bot.requests == 3


async def test_an_as_token_the_homeserver_does_not_know_is_explained(
    appservice_slot: AppserviceSlot,
) -> None:
    async with Homeserver(
        appservice_slot.homeserver_url, "wrong", server_name="school.test", bot="@bot:school.test"
    ) as stranger:
        with pytest.raises(Permanent, match="app_service_config_files") as refused:
            await stranger.whoami()

    assert refused.value.code == "M_UNKNOWN_TOKEN"


async def test_an_address_where_nobody_listens_is_temporary_and_named(
    appservice_slot: AppserviceSlot,
) -> None:
    nowhere = f"http://127.0.0.1:{appservice_slot.port}"
    async with Homeserver(
        nowhere, "any", server_name="school.test", bot="@bot:school.test", patience=0.0
    ) as bot:
        with pytest.raises(Temporary, match=nowhere):
            await bot.whoami()

    assert bot.requests == 1
