"""CSV files that a spreadsheet may open: what a name column holds never runs as a formula."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path

from appservice.errors import Refused
from appservice.language import _

Cells = Sequence[object]  # None is an empty cell

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def write_table(path: Path, header: Sequence[str], rows: Iterable[Cells]) -> None:
    """UTF-8 without a byte order mark, commas, one line feed a row."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def text(value: str) -> str:
    """A text that somebody typed. Phones and ids are none: how they begin is laid down."""
    if value.startswith(_FORMULA_STARTS):
        raise Refused(
            _("A name begins with {sign}, which a spreadsheet takes for a formula.").format(
                sign=repr(value[0])
            )
        )
    return value


def empty_folder(directory: Path, files: Iterable[str]) -> None:
    """Makes the folder. Raises Refused when it holds anything but `files`, which are replaced."""
    directory.mkdir(parents=True, exist_ok=True)
    others = sorted(entry.name for entry in directory.iterdir() if entry.name not in set(files))
    if others:
        raise Refused(
            _(
                "{folder} holds other files already: {files}. Name an empty folder or one that does"
                " not exist yet."
            ).format(folder=directory, files=", ".join(others[:3]) + (" …" * (len(others) > 3)))
        )
