"""Who sits at the terminal in these tests."""

from pathlib import Path

import pytest

from tests.cli.administrator import Administrator
from tests.ground import AppserviceSlot


@pytest.fixture
def at_the_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Administrator:
    """An English-speaking administrator who has nothing yet."""
    monkeypatch.setenv("SCHOOL_SPACES_LANGUAGE", "en")
    monkeypatch.setenv("COLUMNS", "80")
    return Administrator(tmp_path, capsys)


@pytest.fixture
def administrator(
    at_the_terminal: Administrator, appservice_slot: AppserviceSlot, database: str
) -> Administrator:
    """One with a Synapse that knows us, a database, a configuration and a small school."""
    at_the_terminal.has_configured(appservice_slot, database)
    at_the_terminal.has_a_roster()
    assert at_the_terminal.types("registration", "-g").code == 0
    return at_the_terminal
