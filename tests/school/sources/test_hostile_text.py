"""Text that cannot be read, and text that only looks so."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.school.sources.tiny_deliveries import (
    NATIVE,
    laid_out,
    read,
    refused,
    tiny,
    told,
    whole,
    zipped,
)

LONE_QUOTE = (
    'A quote stands alone in this row. A cell that holds a quote is written "so ""here""": in'
    " quotes, with every quote inside doubled."
)
TOO_LONG = (
    "This row or one of its cells is longer than any roster needs: a quote that is never closed,"
    " or a file that is no table. Correct the row."
)
NUL = "A NUL byte stands in this row: the file is damaged, or no text. Export it anew."


CYRILLIC = "The file is not in UTF-8; it looks like {0}. Export it in UTF-8, or declare it in the"
CYRILLIC += " configuration, under roster: `encoding: {0}`."


@pytest.mark.parametrize(
    ("file", "content", "problem"),
    [
        pytest.param(
            "people.csv",
            NATIVE["people.csv"].encode("cp1251"),
            ("not_utf8", 2, CYRILLIC.format("cp1251")),
            id="a file as Windows writes it in Russia",
        ),
        pytest.param(
            "people.csv",
            NATIVE["people.csv"].encode("utf-16"),
            ("not_utf8", 1, CYRILLIC.format("utf-16")),
            id="a file in UTF-16",
        ),
        pytest.param(
            "groups.csv",
            b"group_id,class_ids,subject,title\nalg,5a,\x98\xff\xfe,\n",
            (
                "not_utf8",
                2,
                "The file is not in UTF-8. Export it in UTF-8, or declare its encoding in the"
                " configuration, under roster: `encoding: ...`.",
            ),
            id="a file in no encoding at all",
        ),
        pytest.param(
            "roles.csv",
            NATIVE["roles.csv"] + "s1,student\0,,\n",
            ("nul_byte", 5, NUL),
            id="a NUL byte",
        ),
        pytest.param(
            "groups.csv",
            NATIVE["groups.csv"] + 'club,,"Шахматы,\n',
            ("bad_quotes", 3, LONE_QUOTE),
            id="a quote that is never closed",
        ),
        pytest.param(
            "groups.csv",
            NATIVE["groups.csv"] + 'club,,"Клуб "Ладья"",\n',
            ("bad_quotes", 3, LONE_QUOTE),
            id="quotes inside quotes",
        ),
        pytest.param(
            "groups.csv",
            NATIVE["groups.csv"] + "club,," + "a" * 140_000 + ",\n",
            ("row_too_long", 3, TOO_LONG),
            id="a cell without end",
        ),
    ],
)
def test_text_that_cannot_be_read_is_told_with_its_row(
    file: str, content: str | bytes, problem: tuple[str, int, str], tmp_path: Path
) -> None:
    files = tiny("native")
    whole(file, content)(files)
    code, row, message = problem
    for path in (laid_out(files, tmp_path / "school"), zipped(files, tmp_path / "school.zip")):
        assert refused(read(path)) == [(code, file, row, "", message)]


def test_a_row_of_millions_of_lines_does_not_fill_the_memory(tmp_path: Path) -> None:
    files = tiny("native")
    whole("groups.csv", NATIVE["groups.csv"] + '"\n",' * 2_000_000)(files)
    assert refused(read(laid_out(files, tmp_path / "school"))) == [
        ("row_too_long", "groups.csv", 3, "", TOO_LONG)
    ]


def test_a_row_of_a_hundred_megabytes_does_not_fill_the_memory(tmp_path: Path) -> None:
    folder = laid_out(NATIVE, tmp_path / "school")
    with (folder / "people.csv").open("a") as file:
        for _million in range(100):
            file.write("a" * 1_000_000)
    tracemalloc.start()
    try:
        delivery = read(folder)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert refused(delivery) == [("row_too_long", "people.csv", 5, "", TOO_LONG)]
    assert peak < 16 << 20


def test_a_declared_encoding_is_read(tmp_path: Path) -> None:
    files = {
        name: content.encode("utf-8" if name == "school.yaml" else "cp1251")
        for name, content in NATIVE.items()
    }
    delivery = read(laid_out(files, tmp_path / "school"), encoding="cp1251")
    assert told(delivery) == []
    assert delivery.roster == read(laid_out(NATIVE, tmp_path / "same")).roster


def test_a_declared_encoding_that_does_not_fit_is_told(tmp_path: Path) -> None:
    files = {name: content.encode("cp1251") for name, content in NATIVE.items()}
    files["groups.csv"] = b"group_id,class_ids,subject,title\nalg,5a,\x98,\n"
    message = (
        "The file is not in the declared encoding cp1251. Correct roster: encoding, or export the"
        " file in UTF-8."
    )
    assert refused(read(laid_out(files, tmp_path / "school"), encoding="cp1251")) == [
        ("not_utf8", "groups.csv", 2, "", message)
    ]


@pytest.mark.parametrize(
    "written",
    [
        pytest.param(lambda text: "\ufeff" + text, id="with a byte order mark"),
        pytest.param(lambda text: text.replace(",", ";"), id="with semicolons"),
        pytest.param(lambda text: text.replace("\n", "\r\n"), id="with the line ends of Windows"),
        pytest.param(lambda text: text.replace("\n", "\r"), id="with the line ends of an old Mac"),
        pytest.param(lambda text: text.rstrip("\n"), id="without a last line end"),
        pytest.param(lambda text: text + "\n\n", id="with empty lines at its end"),
    ],
)
def test_however_the_tables_are_written_the_roster_is_the_same(
    written: Callable[[str], str], tmp_path: Path
) -> None:
    files = {
        name: content if name == "school.yaml" else written(content)
        for name, content in NATIVE.items()
    }
    delivery = read(laid_out(files, tmp_path / "school"))
    assert told(delivery) == []
    assert delivery.roster == read(laid_out(NATIVE, tmp_path / "same")).roster
