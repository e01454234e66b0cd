"""config.example.yaml is what newcomers copy: it must load, and leave nothing unexplained."""

import re
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from appservice.config.keys import ANY, key_paths
from appservice.config.load import load_config
from appservice.config.model import Config
from appservice.config.problem import KeyPath

EXAMPLE = Path(__file__).parents[2] / "config.example.yaml"
SHOWN = re.compile(r"^( *)#(?=[a-z_]+:|- )", re.MULTILINE)


def in_full(without: str) -> str:
    """The example with everything that it only shows switched on, but for one line."""
    lines = SHOWN.sub(r"\1", EXAMPLE.read_text(encoding="utf-8")).splitlines()
    return "\n".join(line for line in lines if not line.strip().startswith(without))


def paths_in(content: object, prefix: KeyPath = ()) -> set[KeyPath]:
    found: set[KeyPath] = set()
    if isinstance(content, dict):
        for key, value in content.items():
            found |= {(*prefix, str(key)), (*prefix, ANY)}
            found |= paths_in(value, (*prefix, str(key))) | paths_in(value, (*prefix, ANY))
    elif isinstance(content, list):
        for item in content:
            found |= paths_in(item, (*prefix, ANY))
    return found


def test_the_example_loads_as_it_stands(tmp_path: Path) -> None:
    config = load_config(EXAMPLE, {})
    assert config.bot == "@school:school.example"
    assert config.roster.path == EXAMPLE.parent / "roster"


def test_the_defaults_that_the_example_shows_are_the_defaults(tmp_path: Path) -> None:
    full = tmp_path / "config.yaml"
    full.write_text(in_full(without="url: postgresql"), encoding="utf-8")
    shown, plain = load_config(full, {}), load_config(EXAMPLE, {})
    assert (shown.appservice.id, shown.appservice.bot) == ("school-spaces", "school")
    assert shown.homeserver == plain.homeserver
    assert shown.accounts.badges == plain.accounts.badges
    assert shown.accounts.display_name == plain.accounts.display_name
    assert shown.safety == plain.safety
    assert shown.contacts == plain.contacts
    assert shown.roster.rules == plain.roster.rules
    assert shown.logging == plain.logging
    assert (shown.rooms.version, shown.rooms.federate, shown.rooms.alias_prefix) == (
        plain.rooms.version,
        plain.rooms.federate,
        plain.rooms.alias_prefix,
    )
    assert shown.rooms.kinds.keys() - plain.rooms.kinds.keys() == {"project_room"}


@pytest.mark.parametrize("without", ["url: postgresql", "folder: postgres"])
def test_everything_that_the_example_shows_can_be_switched_on(tmp_path: Path, without: str) -> None:
    full = tmp_path / "config.yaml"
    full.write_text(in_full(without), encoding="utf-8")
    config = load_config(full, {"DATABASE_PASSWORD": "p"})
    assert (config.database.url is None) == (without == "url: postgresql")


def test_the_example_explains_every_key() -> None:
    shown = paths_in(YAML(typ="safe").load(in_full(without="nothing")))
    assert [path for path in key_paths(Config) if path not in shown] == []


def test_paths_of_a_diarys_sources_begin_at_the_configuration(tmp_path: Path) -> None:
    full = tmp_path / "config.yaml"
    text = in_full(without="url: postgresql").replace("/srv/diary/timetable", "timetable")
    full.write_text(text, encoding="utf-8")
    assert load_config(full, {}).diary.pull["lessons"].path == tmp_path / "timetable"
