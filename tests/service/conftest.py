"""A deployment of the test's own on the session's homeserver."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.ground import AppserviceSlot
from tests.service.deployment import DeploymentOnTrial


@pytest.fixture
async def deployment(
    tmp_path: Path, appservice_slot: AppserviceSlot, database: str
) -> AsyncIterator[DeploymentOnTrial]:
    trial = DeploymentOnTrial(tmp_path, appservice_slot, database)
    yield trial
    await trial.end()
