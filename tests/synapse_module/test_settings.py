"""The module's part of homeserver.yaml, and what is looked for in Synapse."""

import inspect
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from synapse.module_api.errors import ConfigError

from appservice import synapse_module
from appservice.synapse_module.probe import takes
from appservice.synapse_module.settings import Settings, parse_settings


@pytest.mark.parametrize(
    ("config", "settings"),
    [
        ({"bot": "school"}, Settings(("school",))),
        ({"bot": "@school:school.test"}, Settings(("@school:school.test",))),
        ({"bot": ["school-1", "school-2"]}, Settings(("school-1", "school-2"))),
        (
            {
                "bot": "school",
                "make_bot_admin": True,
                "force_one_by_one": True,
                "language": "ru",
            },
            Settings(("school",), make_bot_admin=True, force_one_by_one=True, language="ru"),
        ),
    ],
)
def test_the_configuration_is_read(config: object, settings: Settings) -> None:
    assert parse_settings(config) == settings


@pytest.mark.parametrize(
    ("config", "problem"),
    [
        (None, "needs a `config`"),
        ({}, "`bot` must be"),
        ({"bot": ""}, "`bot` must be"),
        ({"bot": []}, "`bot` must be"),
        ({"bot": ["school", 5]}, "`bot` must be"),
        ({"bot": "@school"}, "`bot` must be"),
        ({"bot": "school:school.test"}, "`bot` must be"),
        ({"bot": "Директор"}, "`bot` must be"),
        ({"bot": "school", "make_bot_admin": "yes"}, "`make_bot_admin` must be true or false"),
        ({"bot": "school", "language": "xx"}, "`language` must be one of en, ru"),
        ({"bot": "school", "admin": True}, "unknown key admin; known are bot, force_one_by_one"),
    ],
)
def test_a_faulty_configuration_says_what_is_wrong(config: object, problem: str) -> None:
    with pytest.raises(ConfigError, match=problem):
        parse_settings(config)


@pytest.mark.parametrize(
    ("call", "taken"),
    [
        (lambda room, event: None, True),
        (lambda room, event, txn=None: None, True),
        (lambda self, room, event: None, True),
        (lambda room, event, *more, **named: None, True),
        (lambda room: None, False),
        (lambda room, events: None, False),
        (lambda room, event, newly_needed: None, False),
    ],
    ids=lambda value: str(inspect.signature(value)) if callable(value) else None,
)
def test_a_part_of_synapse_with_other_arguments_is_not_used(
    call: Callable[..., object], taken: bool
) -> None:
    assert takes(call, {"room", "event"}) is taken


def test_the_folder_can_be_copied_alone(tmp_path: Path) -> None:
    (source,) = synapse_module.__path__
    shutil.copytree(source, tmp_path / "synapse_module")
    look = (
        "import sys; from synapse_module import SchoolSpacesModule;"
        "print(sorted({name.partition('.')[0] for name in sys.modules}"
        " & {'appservice', 'aiohttp', 'asyncpg', 'mautrix', 'pydantic_settings', 'ruamel'}))"
    )
    done = subprocess.run(
        (sys.executable, "-P", "-c", look),
        env={"PYTHONPATH": str(tmp_path)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout.strip(), done.returncode) == ("[]", 0), done.stderr
