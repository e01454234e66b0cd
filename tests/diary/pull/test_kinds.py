"""Kinds of source that other packages bring."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from importlib import invalidate_caches
from pathlib import Path

import pytest

from appservice.diary.pull.kinds import source_of
from appservice.diary.pull.settings import PullSettings
from appservice.errors import Refused
from tests.diary.pull.delivered import read, said

PLUGIN = """
from appservice.diary.pull.reading import Asked, Found, Memory, Reading, document


class Canteen:
    def __init__(self, options):
        if set(options) != {"place"}:
            raise ValueError("options: place is needed")
        self.place = options["place"]

    def read(self, files, memory, asked):
        found = []
        for name in sorted(files.names - set(memory)):
            payload = {"to": [{"kind": "place", "id": self.place}], "title": name}
            event = document(asked, "announcement", payload, external_id=name, revision=0)
            found.append(Found(event, name, 1))
        return Reading(found=tuple(found), memory=dict.fromkeys(files.names, True))
"""
PYPROJECT = """
[build-system]
requires = ["setuptools"]
build-backend = "setuptools.build_meta"

[project]
name = "school-canteen"
version = "1.0"

[project.entry-points."school_spaces.diary_sources"]
canteen = "school_canteen:Canteen"
broken = "school_canteen:Nowhere"

[tool.setuptools]
py-modules = ["school_canteen"]
"""


@pytest.fixture
def installed(tmp_path: Path) -> Iterator[None]:
    """A package with a kind of its own, built and installed by pip into a folder on the path."""
    project, target = tmp_path / "project", tmp_path / "site"
    project.mkdir()
    (project / "school_canteen.py").write_text(PLUGIN)
    (project / "pyproject.toml").write_text(PYPROJECT)
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index"]
    subprocess.run(
        [*pip, "--no-build-isolation", "--target", str(target), str(project)], check=True
    )
    sys.path.insert(0, str(target))
    invalidate_caches()
    yield
    sys.path.remove(str(target))
    sys.modules.pop("school_canteen", None)


@pytest.mark.usefixtures("installed")
def test_an_installed_kind_is_a_source_like_any_other(tmp_path: Path) -> None:
    settings = PullSettings(kind="canteen", path=tmp_path, options={"place": "5a"})
    folder = tmp_path / "menus"
    folder.mkdir()
    source = source_of("food", settings)
    first = read(source, folder, {"monday.txt": "soup"})
    assert said(first) == [
        ("announcement", 0, {"to": [{"kind": "place", "id": "5a"}], "title": "monday.txt"})
    ]
    assert said(read(source, folder, {"monday.txt": "soup"}, first.memory)) == []


@pytest.mark.usefixtures("installed")
def test_a_kind_that_is_not_there_or_not_sound_is_refused(tmp_path: Path) -> None:
    for kind, text in (
        ("canteen", "diary: pull: food: options: place is needed"),
        ("broken", "diary: pull: food: the kind broken cannot be loaded (AttributeError)."),
        (
            "kitchen",
            "diary: pull: food: no kind kitchen is installed. There are: icalendar, csv,"
            " oneroster, broken, canteen.",
        ),
    ):
        with pytest.raises(Refused) as refused:
            source_of("food", PullSettings(kind=kind, path=tmp_path))
        assert str(refused.value) == text
