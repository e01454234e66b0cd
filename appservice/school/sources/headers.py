"""What the first row of a table must say."""

from __future__ import annotations

from collections.abc import Sequence

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
