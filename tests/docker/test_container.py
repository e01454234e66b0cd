"""The container: what its first starts do, and that its files speak of things that exist."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import cast

import pytest
from ruamel.yaml import YAML

_ROOT = Path(__file__).parents[2]
_DOCKER = _ROOT / "docker"

# The real command, except that `run` would need the homeserver: that one only says so.
_COMMAND = f"""#!/bin/sh
case "$1" in run) echo "runs with $SCHOOL_SPACES_CONFIG" ;;
*) exec "{sys.executable}" -m appservice "$@" ;; esac
"""


class Container:
    """A folder that stands for the container's own, and what starting it says."""

    def __init__(self, root: Path) -> None:
        self.data = root / "data"
        self.data.mkdir()
        self._programs = root / "bin"
        self._programs.mkdir()
        command = self._programs / "school-spaces"
        command.write_text(_COMMAND)
        command.chmod(0o755)

    def start(self, *arguments: str) -> str:
        done = subprocess.run(
            (str(_DOCKER / "entrypoint.sh"), *arguments),
            env={
                "PATH": f"{self._programs}:{os.environ['PATH']}",
                "PYTHONPATH": str(_ROOT),
                "SCHOOL_SPACES_DATA": str(self.data),
                "SCHOOL_SPACES_EXAMPLE": str(_DOCKER / "config.compose.yaml"),
                "SCHOOL_SPACES_LANGUAGE": "en",
            },
            cwd=self.data,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=True,
        )
        return done.stdout

    def files(self) -> dict[str, str]:
        return {path.name: oct(path.stat().st_mode & 0o777) for path in self.data.iterdir()}


@pytest.fixture
def container(tmp_path: Path) -> Container:
    return Container(tmp_path)


def test_the_first_start_leaves_an_example_the_second_a_registration_the_third_runs(
    container: Container,
) -> None:
    first = container.start()
    assert container.files() == {"config.yaml": "0o600"}
    assert "Fill it in, and start this container again" in first
    second = container.start()
    assert container.files() == {"config.yaml": "0o600", "registration.yaml": "0o600"}
    assert "Then start this container again: it will run." in second
    registration = YAML(typ="safe").load(container.data / "registration.yaml")
    assert (registration["url"], registration["sender_localpart"]) == (
        "http://school-spaces:29380",
        "school",
    )
    assert container.start() == f"runs with {container.data / 'config.yaml'}\n"


def test_a_registration_is_made_again_when_asked_for(container: Container) -> None:
    shutil.copy(_DOCKER / "config.compose.yaml", container.data / "config.yaml")
    container.start("-g")
    first = (container.data / "registration.yaml").read_text()
    container.start("-g")
    assert (container.data / "registration.yaml").read_text() == first


def test_other_commands_reach_the_program(container: Container) -> None:
    assert container.start("--version").startswith("school-spaces ")
    assert container.files() == {}


def test_the_example_registration_is_what_the_example_configuration_gives(
    container: Container,
) -> None:
    shutil.copy(_DOCKER / "config.compose.yaml", container.data / "config.yaml")
    container.start("-g")
    yaml = YAML(typ="safe")
    made = yaml.load(container.data / "registration.yaml")
    example = yaml.load(_ROOT / "registration.yaml.example")
    differs_by_design = {"url", "as_token", "hs_token"}
    assert example.keys() == made.keys()
    assert {key for key in example if example[key] != made[key]} == differs_by_design


def test_the_composition_mounts_only_what_exists() -> None:
    compose = YAML(typ="safe").load(_DOCKER / "compose.yaml")
    assert set(compose["services"]) == {"postgres", "synapse", "school-spaces", "element"}
    mounted = {
        cast(str, volume).split(":")[0]
        for service in compose["services"].values()
        for volume in service["volumes"]
    }
    volumes, paths = (
        {path for path in mounted if not path.startswith(".")},
        {path for path in mounted if path.startswith(".")},
    )
    assert volumes == set(compose["volumes"])
    made_by_the_school = {"./roster"}
    assert {path for path in paths if not (_DOCKER / path).exists()} == made_by_the_school
