"""Rows of a spreadsheet (XLSX, XLSB, XLS, ODS), read by calamine."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from tempfile import SpooledTemporaryFile
from typing import IO

from python_calamine import CalamineError, load_workbook

from appservice.language import _
from appservice.school.sources.csv_rows import UnreadableTable
from appservice.school.sources.opening import RosterFiles

SUFFIXES = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")
MAX_PACKED = 64 << 20  # bytes of the file
MAX_UNPACKED = 256 << 20  # bytes of all its parts; a sheet is held in memory whole
_IN_MEMORY = 16 << 20


def sheet_rows(files: RosterFiles, name: str, sheet: str) -> Iterator[tuple[int, list[str]]]:
    """(row number from 1, cells as text) of every row that is not empty. Raises UnreadableTable.

    Dates become YYYY-MM-DD, truths true and false, whole numbers lose their ".0".
    """
    try:
        with files.open(name) as stream:
            packed = stream.read(MAX_PACKED + 1)
        if len(packed) > MAX_PACKED:
            raise _too_large(name)
        with _bounded(packed, name) as content:
            workbook = load_workbook(content)
            names = workbook.sheet_names
            wanted = sheet or (names[0] if names else "")
            if wanted not in names:
                raise UnreadableTable(
                    "missing_header",
                    name,
                    0,
                    _("The file has no sheet {sheet}. It has: {names}.").format(
                        sheet=wanted, names=", ".join(names)
                    ),
                )
            rows = workbook.get_sheet_by_name(wanted).to_python(skip_empty_area=False)
    except OSError as error:
        raise UnreadableTable(
            "unreadable_file",
            name,
            0,
            _("The file cannot be read ({reason}). Check that it is a file we may read.").format(
                reason=error.strerror or type(error).__name__
            ),
        ) from None
    except (CalamineError, zipfile.BadZipFile, ValueError, RuntimeError, EOFError):
        raise UnreadableTable(
            "bad_zip",
            name,
            0,
            _(
                "This is no spreadsheet we can read: damaged, protected by a password, or of"
                " another format. Save it as XLSX or CSV."
            ),
        ) from None
    for number, row in enumerate(rows, 1):
        cells = [_text(cell) for cell in row]
        if any(cells):
            yield number, cells


def _bounded(packed: bytes, name: str) -> IO[bytes]:
    """The same file, its parts unpacked here, where no more of them than they declare is ever
    unpacked.
    """
    if not packed.startswith(b"PK"):
        return io.BytesIO(packed)
    plain = SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115  # the caller closes it
    with zipfile.ZipFile(io.BytesIO(packed)) as archive, zipfile.ZipFile(plain, "w") as copy:
        if sum(info.file_size for info in archive.infolist()) > MAX_UNPACKED:
            raise _too_large(name)
        for info in archive.infolist():
            copy.writestr(info.filename, archive.read(info))
    plain.seek(0)
    return plain


def _too_large(name: str) -> UnreadableTable:
    return UnreadableTable(
        "zip_limits",
        name,
        0,
        _("The spreadsheet is larger than we accept. Export the sheet as CSV."),
    )


def _text(cell: object) -> str:
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else repr(cell)
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    return str(cell)
