"""Folders that hold what no roster holds: a clear fatal problem, and nothing else."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest

from tests.school.sources.tiny_deliveries import (
    NATIVE,
    laid_out,
    read,
    refused,
    tiny,
    told,
)


def test_a_path_that_leads_nowhere_is_told(tmp_path: Path) -> None:
    assert refused(read(tmp_path / "nothing")) == [
        ("missing_file", "nothing", 0, "", "There is no such file or folder. Check the path.")
    ]


def test_an_empty_folder_is_no_roster(tmp_path: Path) -> None:
    assert refused(read(laid_out({}, tmp_path / "empty"))) == [
        (
            "missing_file",
            "empty",
            0,
            "",
            "This is no roster we know: neither school.yaml nor manifest.csv is at its root, and"
            " the configuration has no roster: tables.",
        )
    ]


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    message = (
        "The file cannot be read (neither a file nor a folder). Check that it is a file we may"
        " read."
    )
    assert refused(read(tmp_path / "pipe")) == [("unreadable_file", "pipe", 0, "", message)]


def test_a_pipe_in_the_folder_is_not_waited_for(tmp_path: Path) -> None:
    files = tiny("native")
    del files["people.csv"]
    folder = laid_out(files, tmp_path / "school")
    os.mkfifo(folder / "people.csv")
    message = (
        "The file cannot be read (it is not a regular file). Check that it is a file we may read."
    )
    assert refused(read(folder)) == [("unreadable_file", "people.csv", 0, "", message)]


def test_a_folder_where_a_file_is_expected_is_told(tmp_path: Path) -> None:
    files = tiny("native")
    del files["people.csv"]
    folder = laid_out(files, tmp_path / "school")
    (folder / "people.csv").mkdir()
    message = "The file cannot be read (it is a folder). Check that it is a file we may read."
    assert refused(read(folder)) == [("unreadable_file", "people.csv", 0, "", message)]


def test_a_link_that_leads_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    folder = laid_out(NATIVE, tmp_path / "school")
    (folder / "people.csv").rename(tmp_path / "elsewhere.csv")
    (folder / "people.csv").symlink_to(tmp_path / "elsewhere.csv")
    message = "This is a link that leads out of the folder. Put the file itself here."
    assert refused(read(folder)) == [("unsafe_path", "people.csv", 0, "", message)]


def test_a_link_inside_the_folder_is_followed(tmp_path: Path) -> None:
    folder = laid_out(NATIVE, tmp_path / "school")
    (folder / "people.csv").rename(folder / "people-of-today.csv")
    (folder / "people.csv").symlink_to("people-of-today.csv")
    assert told(read(folder)) == []


def test_names_that_differ_in_capital_letters_alone_are_refused_in_folders(tmp_path: Path) -> None:
    folder = laid_out({**NATIVE, "PEOPLE.csv": "x"}, tmp_path / "school")
    message = "Two files differ in small and capital letters alone. Keep one of them."
    assert refused(read(folder)) == [("duplicate_file", "people.csv", 0, "", message)]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody who may not read")
def test_a_file_that_we_may_not_read_is_told() -> None:
    with tempfile.TemporaryDirectory() as place:
        Path(place).chmod(0o755)
        folder = laid_out(NATIVE, Path(place) / "school")
        folder.chmod(0o755)
        (folder / "people.csv").chmod(0)
        os.seteuid(65534)
        try:
            delivery = read(folder)
        finally:
            os.seteuid(0)
    message = "The file cannot be read (Permission denied). Check that it is a file we may read."
    assert refused(delivery) == [("unreadable_file", "people.csv", 0, "", message)]
