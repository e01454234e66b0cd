"""One entry of `tables:`: rows of an export become rows of a native table."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from appservice.language import _
from appservice.school.settings import TableSettings
from appservice.school.sources.cells import DAY
from appservice.school.sources.csv_rows import UnreadableTable, csv_rows
from appservice.school.sources.findings import Findings
from appservice.school.sources.headers import report_duplicates, report_lacking
from appservice.school.sources.layers import fold
from appservice.school.sources.native_layout import LAYOUT, TRUTHS
from appservice.school.sources.opening import RosterFiles
from appservice.school.sources.rows import Row
from appservice.school.sources.spreadsheet import SUFFIXES, sheet_rows

DELIMITERS = ",;\t"

_RUSSIAN_DAY = re.compile(r"([0-9]{2})\.([0-9]{2})\.([0-9]{4})(?: 0?0:00(?::00)?)?").fullmatch
_TRUTH = {"да": "true", "yes": "true", "1": "true", "нет": "false", "no": "false", "0": "false"}


class _Source(NamedTuple):
    """Where one native column comes from: a place in the row (-1: a constant), and what its words
    mean.
    """

    place: int
    constant: str
    meanings: Mapping[str, str]


def mapped_rows(
    files: RosterFiles, entry: TableSettings, layer: int, encoding: str, findings: Findings
) -> Iterator[Row] | None:
    rows = (
        sheet_rows(files, entry.file, entry.sheet)
        if entry.file.lower().endswith(SUFFIXES)
        else csv_rows(files, entry.file, encoding=encoding, delimiters=DELIMITERS)
    )
    try:
        number, header = next(((n, cells) for n, cells in rows if n >= entry.header_row), (0, []))
    except UnreadableTable as error:
        error.report(findings)
        return None
    if not header:
        findings.add(
            "empty_table", entry.file, 0, "", _("The file is empty. Write its header at least.")
        )
        return None
    present = [" ".join(column.split()) for column in header]
    wanted = {native: " ".join(column.split()) for native, column in entry.columns.items()}
    sound = report_lacking(entry.file, present, sorted(set(wanted.values())), findings, number)
    used = [column for column in present if column in wanted.values()]
    if not report_duplicates(entry.file, used, findings, number) or not sound:
        return None
    sources = [
        _Source(
            present.index(wanted[column.name]) if column.name in wanted else -1,
            entry.constants.get(column.name, ""),
            entry.values.get(column.name, {}) | (_TRUTH if column.kind is TRUTHS else {}),
        )
        for column in LAYOUT[entry.into].columns
    ]
    return _native_rows(rows, entry, layer, len(header), sources, findings)


def _native_rows(
    rows: Iterable[Row],
    entry: TableSettings,
    layer: int,
    width: int,
    sources: list[_Source],
    findings: Findings,
) -> Iterator[Row]:
    native = LAYOUT[entry.into]
    days = [place for place, column in enumerate(native.columns) if column.kind is DAY]
    names = [column.name for column in native.columns]
    only_with = names.index(entry.only_with) if entry.only_with else -1
    mapped = [place for place, source in enumerate(sources) if source.place >= 0]
    for number, cells in rows:
        made = [_cell(source, cells) for source in sources]
        if not any(made[place] for place in mapped) or (only_with >= 0 and not made[only_with]):
            continue
        if len(cells) != width:
            _report_width(entry, fold(layer, number), len(cells), width, made, findings)
            continue
        for place in days:
            made[place] = _iso(made[place])
        yield fold(layer, number), made


def _cell(source: _Source, cells: list[str]) -> str:
    if source.place < 0:
        return source.constant
    # Exports pad their cells as they please: no reason to warn about each.
    cell = " ".join(cells[source.place].split()) if source.place < len(cells) else ""
    return source.meanings.get(cell) or source.meanings.get(cell.lower(), cell)


def _iso(cell: str) -> str:
    """A day as Russian exports write it, as the native tables do."""
    found = _RUSSIAN_DAY(cell)
    return f"{found[3]}-{found[2]}-{found[1]}" if found else cell


def _report_width(
    entry: TableSettings, number: int, found: int, width: int, made: list[str], findings: Findings
) -> None:
    native = LAYOUT[entry.into]
    pairs = list(zip(made, native.columns, strict=True))
    findings.add(
        "row_width",
        native.file,
        number,
        "",
        _(
            "This row has {cells} cells and the header {columns}. Look for a comma or a quote"
            " too many or too few."
        ).format(cells=found, columns=width),
        holds=[cell for cell, column in pairs if column.holds],
        touches=[cell for cell, column in pairs if column.touches],
    )
    findings.unread.update(cell for cell, column in pairs if column.own and cell)
