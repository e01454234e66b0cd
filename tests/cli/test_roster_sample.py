"""`school-spaces roster sample`: a school to try things on."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from appservice.cli import main
from appservice.school.sample import sample_school, write_native, write_oneroster


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCHOOL_SPACES_LANGUAGE", "en")
    monkeypatch.delenv("SCHOOL_SPACES_CONFIG", raising=False)


def bytes_of(directory: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in directory.iterdir()}


def test_a_school_is_written_and_its_size_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "school"
    assert main(["roster", "sample", str(folder), "--classes", "2", "--students", "10"]) == 0
    assert capsys.readouterr() == (
        f"Written to {folder}: 30 people, 2 classes, 26 groups. To check it: school-spaces roster"
        f" check {folder}\n",
        "",
    )
    write_native(sample_school(classes=2, students=10), tmp_path / "expected")
    assert bytes_of(folder) == bytes_of(tmp_path / "expected")


@pytest.mark.parametrize(("name", "version"), [("oneroster11", "1.1"), ("oneroster12", "1.2")])
def test_every_wish_is_met(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, version: str
) -> None:
    folder = tmp_path / "school"
    wishes = "--classes 3 --students 31 --subjects 4 --seed 9 --language en --year 2030 --json"
    assert main(["roster", "sample", str(folder), "--format", name, *wishes.split()]) == 0
    school = sample_school(classes=3, students=31, subjects=4, seed=9, language="en", year=2030)
    assert json.loads(capsys.readouterr().out) == {
        "directory": str(folder),
        "format": name,
        "people": len(school.people),
        "classes": 3,
        "groups": 14,
        "memberships": len(school.memberships),
        "guardianships": len(school.guardianships),
    }
    write_oneroster(school, tmp_path / "expected", "1.1" if version == "1.1" else "1.2")
    assert bytes_of(folder) == bytes_of(tmp_path / "expected")


@pytest.mark.parametrize("name", ["native", "oneroster11", "oneroster12"])
@pytest.mark.parametrize("language", ["ru", "en"])
def test_what_is_written_passes_the_check(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, language: str
) -> None:
    folder = str(tmp_path / "school")
    shape = ["--format", name, "--language", language, "--classes", "5", "--json"]
    assert main(["roster", "sample", folder, *shape]) == 0
    capsys.readouterr()
    assert main(["roster", "check", folder, "--today", "2026-11-23", "--json"]) == 0
    counts = json.loads(capsys.readouterr().out)["counts"]
    assert counts == ({} if name == "native" else {"consent_missing": 1})


def test_nothing_of_somebody_elses_is_overwritten(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "notes.txt").write_text("keep me")
    assert main(["roster", "sample", str(tmp_path)]) == 2
    assert capsys.readouterr() == (
        "",
        f"{tmp_path} holds other files already: notes.txt. Name an empty folder or one that does"
        " not exist yet.\n",
    )
    assert bytes_of(tmp_path) == {"notes.txt": b"keep me"}


def test_a_place_that_cannot_be_written_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    assert main(["roster", "sample", str(tmp_path / "file" / "school")]) == 2
    assert capsys.readouterr() == (
        "",
        f"{tmp_path}/file/school cannot be written: Not a directory. Name another folder.\n",
    )


@pytest.mark.parametrize(
    ("wish", "answer"),
    [
        (
            ["--classes", "9", "--students", "8"],
            "The value of --students does not fit: from 9 to 75000",
        ),
        (["--classes", "0"], "The value of --classes does not fit: from 1 to 3000"),
        (["--subjects", "99"], "The value of --subjects does not fit: from 1 to 15"),
        (["--year", "26"], "The value of --year does not fit: from 1950 to 2100"),
    ],
)
def test_a_wish_that_cannot_be_met_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], wish: list[str], answer: str
) -> None:
    assert main(["roster", "sample", str(tmp_path / "school"), *wish]) == 2
    said = capsys.readouterr()
    assert said == ("", f"{answer}\nHelp: school-spaces roster sample --help\n")
    assert not (tmp_path / "school").exists()


def test_ctrl_c_ends_it_in_one_line(tmp_path: Path) -> None:
    """In the middle of a file: it is a pipe that we do not empty before."""
    folder = tmp_path / "school"
    folder.mkdir()
    os.mkfifo(folder / "people.csv")
    pipe = os.open(folder / "people.csv", os.O_RDONLY | os.O_NONBLOCK)
    command = subprocess.Popen(
        [sys.executable, "-m", "appservice", "roster", "sample", str(folder)],
        cwd=Path(__file__).parents[2],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert select.select([pipe], [], [], 60)[0], command.poll()
    command.send_signal(signal.SIGINT)
    os.set_blocking(pipe, True)
    with os.fdopen(pipe, "rb") as people:
        people.read()
    said = command.communicate(timeout=60)
    assert (*said, command.returncode) == (
        "",
        f"Interrupted: the files in {folder} are not complete.\n",
        130,
    )
