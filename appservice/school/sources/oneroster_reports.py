"""Problems that several OneRoster tables share: ids that stand twice, references that lead nowhere,
days the wrong way.
"""

from __future__ import annotations

from datetime import date

from appservice.language import _
from appservice.school.masking import masked
from appservice.school.sources.findings import Findings


def report_duplicate(
    findings: Findings, file: str, row: int, own_id: str, *, holds: tuple[str, ...] = ()
) -> None:
    findings.add(
        "duplicate_id",
        file,
        row,
        "sourcedId",
        _("{value} stands in another row already. Every id may stand once.").format(
            value=masked(own_id)
        ),
        holds=holds,
    )


def report_dangling(
    findings: Findings,
    file: str,
    row: int,
    column: str,
    reference: str,
    target: str,
    *,
    holds: tuple[str, ...] = (),
    touches: tuple[str, ...] = (),
) -> None:
    """Unless what it refers to stands there and could not be read: that has been said."""
    if reference in findings.unread:
        findings.held.update(holds)
        findings.touched.update(touches)
        return
    findings.add(
        "dangling_ref",
        file,
        row,
        column,
        _("{value} stands in no row of {file}. Correct the id, or add the row.").format(
            value=masked(reference), file=target
        ),
        holds=holds,
        touches=touches,
    )


def report_backwards(
    findings: Findings,
    file: str,
    row: int,
    begin: date | None,
    end: date | None,
    *,
    holds: tuple[str, ...] = (),
) -> None:
    """When a period ends before it begins."""
    if begin is not None and end is not None and end < begin:
        findings.add(
            "end_before_begin",
            file,
            row,
            "endDate",
            _("This day lies before the first one. Correct one of them."),
            holds=holds,
        )
