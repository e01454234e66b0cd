"""The requests of one school's bot, against the session's homeserver."""

from collections.abc import AsyncIterator

import pytest

from appservice.matrix.homeserver import Homeserver
from tests.ground import AppserviceSlot


@pytest.fixture
async def bot(appservice_slot: AppserviceSlot) -> AsyncIterator[Homeserver]:
    """The Homeserver as the bot of this test's own application service."""
    async with Homeserver(
        appservice_slot.homeserver_url,
        appservice_slot.as_token,
        server_name=appservice_slot.server_name,
        bot=appservice_slot.bot_id,
        patience=5.0,
    ) as opened:
        yield opened
