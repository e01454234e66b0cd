"""What the first row of a table must say, and the rows below it must hold to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from appservice.language import _
from appservice.school.sources.findings import Findings

HEADER_ROW = 1


def report_duplicates(
    file: str, header: Sequence[str], findings: Findings, row: int = HEADER_ROW
) -> bool:
    """Whether every column stands once."""
    twice = {column for column in header if column and header.count(column) > 1}
    for column in sorted(twice):
        findings.add(
            "duplicate_header",
            file,
            row,
            column,
            _("Two columns have this name. Remove or rename one of them."),
        )
    return not twice


def report_lacking(
    file: str,
    header: Sequence[str],
    needed: Sequence[str],
    findings: Findings,
    row: int = HEADER_ROW,
) -> bool:
    """Whether every needed column is there."""
    lacking = [column for column in needed if column not in header]
    for column in lacking:
        twin = next((other for other in header if other.lower() == column.lower()), "")
        findings.add(
            "missing_header",
            file,
            row,
            column,
            (
                _("The column is called {twin}. Small and capital letters matter: rename it.")
                if twin
                else _("This column is missing. Add it; it may be empty where no value is needed.")
            ).format(twin=twin),
        )
    return not lacking


def rows_as_wide(
    rows: Iterable[tuple[int, list[str]]], header: Sequence[str], file: str, findings: Findings
) -> Iterator[tuple[int, list[str]]]:
    """Those that have as many cells as the header; the others are reported."""
    for number, cells in rows:
        if len(cells) == len(header):
            yield number, cells
        else:
            findings.add(
                "row_width",
                file,
                number,
                "",
                _(
                    "This row has {cells} cells and the header {columns}. Look for a comma or a"
                    " quote too many or too few."
                ).format(cells=len(cells), columns=len(header)),
            )
