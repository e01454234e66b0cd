"""Archives damaged by accident or on purpose: a clear fatal problem, and nothing else."""

from __future__ import annotations

import io
import stat
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from appservice.school.sources.zip_limits import MAX_DIRECTORY, directory_size
from tests.school.sources.tiny_deliveries import (
    NATIVE,
    Files,
    laid_out,
    read,
    refused,
    tiny,
    told,
    zipped,
)

UNPACKS_TO_TOO_MUCH = (
    "The archive would unpack to more than we accept (4 GiB, 2000 files, 200 times its size)."
    " Deliver a folder, or check where the archive comes from."
)
NO_ZIP = "This is no zip archive, or a part of it is missing. Make it or copy it anew."
LEADS_OUT = "A file in the archive has a path that leads out of it. Make the archive anew."


def test_a_native_folder_may_come_as_a_zip_archive(tmp_path: Path) -> None:
    delivery = read(zipped(NATIVE, tmp_path / "school.zip"))
    assert told(delivery) == []
    assert delivery.roster == read(laid_out(NATIVE, tmp_path / "school")).roster


def test_what_a_mac_adds_to_an_archive_is_overlooked(tmp_path: Path) -> None:
    junk: Files = {"__MACOSX/._people.csv": "x", ".DS_Store": b"\0\0"}
    assert told(read(zipped({**NATIVE, **junk}, tmp_path / "school.zip"))) == []


def _changed_archive(
    change: Callable[[zipfile.ZipFile], None], path: Path, files: Files | None = None
) -> Path:
    zipped(tiny("native") if files is None else files, path)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        change(archive)
    return path


def _linked(archive: zipfile.ZipFile) -> None:
    link = zipfile.ZipInfo("extra.csv")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    archive.writestr(link, "/etc/passwd")


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize(
    ("change", "problem"),
    [
        pytest.param(
            lambda archive: archive.writestr("more.zip", b"PK"),
            (
                "nested_zip",
                "more.zip: An archive lies inside the archive. Pack the files themselves, at the"
                " root.",
            ),
            id="an archive inside the archive",
        ),
        pytest.param(
            lambda archive: archive.writestr("deep/more.TAR", b"x"),
            (
                "nested_zip",
                "deep/more.TAR: An archive lies inside the archive. Pack the files themselves, at"
                " the root.",
            ),
            id="an archive of another kind, in a folder",
        ),
        pytest.param(
            lambda archive: archive.writestr("../people.csv", b"x"),
            ("unsafe_path", f"../people.csv: {LEADS_OUT}"),
            id="a path upwards",
        ),
        pytest.param(
            lambda archive: archive.writestr("/etc/passwd", b"x"),
            ("unsafe_path", f"/etc/passwd: {LEADS_OUT}"),
            id="a path from the root",
        ),
        pytest.param(
            lambda archive: archive.writestr("C:\\people.csv", b"x"),
            ("unsafe_path", f"C:\\people.csv: {LEADS_OUT}"),
            id="a path of another system",
        ),
        pytest.param(
            _linked,
            ("unsafe_path", "extra.csv: A file in the archive is a link. Pack the file itself."),
            id="a link",
        ),
        pytest.param(
            lambda archive: archive.writestr("people.csv", b"x"),
            (
                "duplicate_file",
                "people.csv: Two files in the archive have one name. Keep one of them.",
            ),
            id="two files of one name",
        ),
        pytest.param(
            lambda archive: archive.writestr("zeros.csv", b"0" * 3_000_000),
            ("zip_limits", UNPACKS_TO_TOO_MUCH),
            id="a file that unpacks to a thousand times its size",
        ),
        pytest.param(
            lambda archive: [archive.writestr(f"{i}.csv", b"") for i in range(2000)],
            ("zip_limits", UNPACKS_TO_TOO_MUCH),
            id="thousands of files",
        ),
        pytest.param(
            lambda archive: archive.writestr("a" * 60_000 + ".csv", b""),
            None,
            id="a very long name",
        ),
        pytest.param(
            lambda archive: [archive.writestr(f"{i}{'a' * 60_000}", b"") for i in range(18)],
            ("zip_limits", UNPACKS_TO_TOO_MUCH),
            id="a table of contents that fills the memory",
        ),
        pytest.param(
            lambda archive: archive.writestr("x.csv", b"x", compress_type=zipfile.ZIP_LZMA),
            (
                "bad_zip",
                "x.csv: The archive is packed in a rare way. Pack it as an ordinary zip (deflate).",
            ),
            id="a rare kind of packing",
        ),
    ],
)
def test_an_archive_that_could_do_harm_is_not_opened(
    change: Callable[[zipfile.ZipFile], None], problem: tuple[str, str] | None, tmp_path: Path
) -> None:
    delivery = read(_changed_archive(change, tmp_path / "school.zip"))
    if problem is None:
        assert told(delivery) == []
    else:
        code, message = problem
        assert refused(delivery) == [(code, "school.zip", 0, "", message)]


def test_names_that_differ_in_capital_letters_alone_are_refused_in_archives(tmp_path: Path) -> None:
    path = zipped({**NATIVE, "People.csv": "x"}, tmp_path / "school.zip")
    message = "Two files differ in small and capital letters alone. Keep one of them."
    assert refused(read(path)) == [("duplicate_file", "people.csv", 0, "", message)]


def test_an_archive_whose_files_lie_in_a_folder_is_told_to_lay_them_at_the_root(
    tmp_path: Path,
) -> None:
    files = {f"export/{name}": content for name, content in NATIVE.items()}
    assert refused(read(zipped(files, tmp_path / "school.zip"))) == [
        (
            "missing_file",
            "school.zip",
            0,
            "",
            "This is no roster we know: neither school.yaml nor manifest.csv is at its root, and"
            " the configuration has no roster: tables. The file lies in export. Put the files at"
            " the root, in no folder.",
        )
    ]


def test_an_encrypted_archive_is_refused(tmp_path: Path) -> None:
    path = zipped({"people.csv": "x"}, tmp_path / "school.zip")
    content = bytearray(path.read_bytes())
    content[6] |= 1  # the flags of the member
    content[content.index(b"PK\1\2") + 8] |= 1  # and of its entry in the table of contents
    path.write_bytes(content)
    message = "people.csv: The archive is encrypted. Deliver it without a password."
    assert refused(read(path)) == [("bad_zip", "school.zip", 0, "", message)]


@pytest.mark.parametrize("kept", [0, 10, 1000, -1, -30])
def test_an_archive_that_breaks_off_is_refused(kept: int, tmp_path: Path) -> None:
    path = zipped(NATIVE, tmp_path / "school.zip")
    path.write_bytes(path.read_bytes()[:kept])
    assert refused(read(path)) == [("bad_zip", "school.zip", 0, "", NO_ZIP)]


def test_a_file_damaged_inside_the_archive_is_named(tmp_path: Path) -> None:
    path = tmp_path / "school.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for name, text in NATIVE.items():
            archive.writestr(name, text)
    path.write_bytes(path.read_bytes().replace("Анна".encode(), "Инна".encode()))
    message = "The file is damaged inside the archive. Make the archive anew."
    assert refused(read(path)) == [("bad_zip", "people.csv", 0, "", message)]


@pytest.mark.parametrize(
    "tail",
    [
        struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 1, 1, MAX_DIRECTORY + 1, 0, 0),
        # What an archive with 64-bit sizes says counts, whatever its old ending says.
        struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, 1, 1, MAX_DIRECTORY + 1, 0)
        + struct.pack("<4sLQL", b"PK\6\7", 0, 0, 1)
        + struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 1, 1, 46, 0, 0),
    ],
)
def test_the_size_of_the_table_of_contents_is_known_before_it_is_read(tail: bytes) -> None:
    assert directory_size(io.BytesIO(b"data" * 100 + tail)) == MAX_DIRECTORY + 1
