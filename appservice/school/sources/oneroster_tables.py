"""The tables of a OneRoster delivery: bulk files with the deltas laid over them, read as a stream.

Deltas are small and held in memory; a bulk file is read past them: a row that a delta speaks of
gives way.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from appservice.language import _
from appservice.school.sources.findings import Findings
from appservice.school.sources.headers import report_duplicates, report_lacking
from appservice.school.sources.layers import fold
from appservice.school.sources.oneroster_layers import Layer
from appservice.school.sources.oneroster_layout import (
    COLUMNS,
    NEEDED,
    TableName,
    Version,
    delta_columns,
    headers_of,
)
from appservice.school.sources.rows import Column, Row, Table, chained, checked

_START = 3  # sourcedId, status, dateLastModified


class LayeredTable:
    """One table of all the deliveries together."""

    def __init__(self, name: TableName, version: Version) -> None:
        self.name = name
        self.version = version
        self.file = f"{name}.csv"
        self._base: Iterator[Row] = iter(())
        self._header: list[str] = []
        self._over: dict[str, tuple[int, list[str]] | None] = {}  # id → the row, None: deleted

    @property
    def present(self) -> bool:
        return bool(self._header)

    def lay(self, layer: Layer, encoding: str, findings: Findings) -> None:
        """Lays the table of one delivery over what is there. Raises UnreadableTable."""
        mode = layer.manifest.modes[self.name]
        if mode == "absent":
            return
        file = layer.place + self.file
        rows = layer.rows(self.name, encoding)
        header = next(rows, (1, []))[1]
        if not _header_in_order(self.name, self.version, file, header, findings):
            return
        first = next(rows, None)
        if mode == "bulk":
            if first is None and self.name in NEEDED[self.version]:
                findings.add(
                    "empty_table",
                    file,
                    0,
                    "",
                    _(
                        "The file holds no rows after its header. An empty delivery is never"
                        " applied."
                    ),
                )
            self._header = header
            self._base = _folded(layer.number, chained(first, rows))
            self._over.clear()
        else:
            self._header = self._header or header
            self._lay_changes(layer, header, chained(first, rows), findings)

    def read(self, findings: Findings) -> Iterator[tuple[int, list[Any]]]:
        """(row number, values as COLUMNS orders them) of every row in force."""
        columns = _placed(COLUMNS[self.version][self.name], self._header)
        table = Table(self.file, tuple(self._header), self._rows(), self.file)
        filled = first = 0
        what = ""
        for number, values in checked(table, columns, findings):
            if values[1] or values[2]:
                filled += 1
                if not first:
                    first, what = number, "status" if values[1] else "dateLastModified"
                if values[1] in ("tobedeleted", "inactive"):
                    continue
            yield number, values
        if filled:
            findings.add(
                "filled_status_in_bulk",
                self.file,
                first,
                what,
                _(
                    "In a bulk file status and dateLastModified stay empty (rows where they are"
                    " filled: {count}). Rows marked as deleted or inactive were left out."
                ).format(count=filled),
            )

    def _rows(self) -> Iterator[Row]:
        over = self._over
        if not over:
            yield from self._base
            return
        for number, cells in self._base:
            if cells[0].strip() not in over:
                yield number, cells
        for change in over.values():
            if change is not None:
                yield change

    def _lay_changes(
        self, layer: Layer, header: list[str], rows: Iterator[Row], findings: Findings
    ) -> None:
        columns = _placed(delta_columns(self.name, self.version), header)
        order = [header.index(column) if column in header else -1 for column in self._header]
        whole: list[str] = []

        def remembered() -> Iterator[Row]:
            nonlocal whole
            for number, cells in rows:
                whole = cells
                yield fold(layer.number, number), cells

        table = Table(self.file, tuple(header), remembered(), self.file)
        for number, (own, status, *_others) in checked(table, columns, findings):
            self._over.pop(own, None)
            if status == "active":
                cells = [whole[place] if place >= 0 else "" for place in order]
                cells[:_START] = [own, "", ""]
                self._over[own] = (number, cells)
            else:
                self._over[own] = None


def _folded(layer: int, rows: Iterator[Row]) -> Iterator[Row]:
    if not layer:
        return rows
    return ((fold(layer, number), cells) for number, cells in rows)


def _placed(columns: Sequence[Column], header: Sequence[str]) -> list[Column]:
    """The columns under the names they have in this header."""
    return [
        column if column.name in header else column._replace(name=_ALSO_CALLED[column.name])
        for column in columns
    ]


_ALSO_CALLED = {"sourcedId": "userSourcedId", "birthDate": "birthdate"}  # demographics, in the wild


def _header_in_order(
    table: TableName, version: Version, file: str, header: list[str], findings: Findings
) -> bool:
    if not header:
        findings.add("empty_table", file, 0, "", _("The file is empty. Write its header at least."))
        return False
    if len(header) == 1 and ";" in header[0]:
        findings.add(
            "missing_header",
            file,
            1,
            "",
            _("The columns are separated by semicolons. OneRoster separates them by commas."),
        )
        return False
    if not report_duplicates(file, header, findings):
        return False
    if table == "demographics":
        return _demographics_in_order(version, file, header, findings)
    accepted = headers_of(table, version)
    if not report_lacking(file, header, accepted[0], findings):
        return False
    width = next((len(one) for one in accepted if header[: len(one)] == one), 0)
    if not width:
        expected = accepted[0]
        wrong = next(
            found for found, wanted in zip(header, [*expected, ""], strict=False) if found != wanted
        )
        findings.add(
            "header_order",
            file,
            1,
            wrong,
            _("The columns must stand in the order of the standard: {order}.").format(
                order=",".join(expected)
            ),
        )
        return False
    sound = True
    for column in header[width:]:
        if column.startswith("metadata."):
            findings.add(
                "unknown_metadata",
                file,
                1,
                column,
                _("We do not know this column and leave it out."),
            )
        else:
            sound = False
            findings.add(
                "header_order",
                file,
                1,
                column,
                _("After the standard's columns only metadata.* may follow. Remove this one."),
            )
    return sound


def _demographics_in_order(
    version: Version, file: str, header: list[str], findings: Findings
) -> bool:
    """Either spelling of the id and of the birth date; what follows is dropped, whatever it is."""
    standard, wild = headers_of("demographics", version)
    columns = [
        other if other in header and column not in header else column
        for column, other in zip(standard, wild, strict=True)
    ]
    if not report_lacking(file, header, columns, findings):
        return False
    if header[: len(columns)] == columns:
        return True
    findings.add(
        "header_order",
        file,
        1,
        header[0],
        _("The columns must stand in the order of the standard: {order}.").format(
            order=",".join([*columns, "..."])
        ),
    )
    return False
