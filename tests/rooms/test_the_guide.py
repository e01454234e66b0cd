"""The guides say what the built-in kinds are."""

from pathlib import Path

import pytest
from ruamel.yaml import YAML

from appservice.rooms.kinds.settings import RoomsSettings
from appservice.rooms.kinds.template import Audience, RoomKind
from appservice.rooms.planning.safety import SafetySettings

DOCS = Path(__file__).parents[2] / "docs"
COLUMNS = ("school_admin", "class_teacher", "teacher", "staff", "guardian", "student", "observer")


def row(name: str, kind: RoomKind) -> str:
    cells = []
    for column in COLUMNS:
        level = kind.members.get(Audience(column))
        cells.append("–" if level is None else str(level))
    extra = [
        f"{audience} {kind.members[audience]}"
        for audience in (Audience.GUARDIAN_MEMBER, Audience.MODERATOR)
        if audience in kind.members
    ]
    if extra:
        guardians = [cell for cell in (cells[4],) if cell != "–"]
        cells[4] = ", ".join((*guardians, *extra))
    return f"| {name} | {' | '.join(cells)} |"


@pytest.mark.parametrize("guide", ["rooms.md", "ru/rooms.md"])
def test_the_guide_shows_the_levels_of_every_kind(guide: str) -> None:
    text = (DOCS / guide).read_text(encoding="utf-8")
    for name, kind in RoomsSettings().kinds.items():
        assert row(name, kind) in text


@pytest.mark.parametrize("guide", ["rooms.md", "ru/rooms.md"])
def test_the_guide_explains_every_key(guide: str) -> None:
    text = (DOCS / guide).read_text(encoding="utf-8")
    keys = {field.alias or name for name, field in RoomKind.model_fields.items()}
    missing = [key for key in (*keys, *SafetySettings.model_fields) if f"`{key}`" not in text]
    assert missing == []


@pytest.mark.parametrize("guide", ["rooms.md", "ru/rooms.md"])
def test_the_example_in_the_guide_is_a_configuration(guide: str) -> None:
    text = (DOCS / guide).read_text(encoding="utf-8")
    example = text.split("```yaml\n")[1].split("```")[0]
    settings = RoomsSettings.model_validate(YAML(typ="safe").load(example)["rooms"])
    assert "guardians_only" not in settings.kinds
    assert settings.kinds["club"].parent == "clubs"
    assert settings.kinds["projects"].topic_editable == 50
