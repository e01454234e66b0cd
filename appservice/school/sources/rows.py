"""Rows of a table with every cell checked.

A row whose own id can be read is always handed on, with neutral values in place of wrong ones, so
that one mistake is reported once and not again by everything that refers to the row. A relation
that lacks one of its ends, or its meaning, is not.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from appservice.language import _
from appservice.school.sources.cells import BadValue, Kind
from appservice.school.sources.findings import Findings

Row = tuple[int, list[str]]  # (row number, cells)


class Column(NamedTuple):
    """`essential`: without it the row means nothing. `own`: the id of what the row describes; of
    people, classes and groups alone, for only these are referred to. `holds`, `touches`: see
    Findings.
    """

    name: str
    kind: Kind
    needed: bool = False
    essential: bool = False
    own: bool = False
    holds: bool = False
    touches: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A table as it lies there: `header` in the order of its columns, `rows` after the header,
    empty ones left out.

    `label` is what people call the file; `file` names it in problems.
    """

    file: str
    header: tuple[str, ...]
    rows: Iterable[Row]
    label: str


def checked(
    table: Table, columns: Sequence[Column], findings: Findings
) -> Iterator[tuple[int, list[Any]]]:
    header, file = table.header, table.file
    width = len(header)
    places = [header.index(column.name) for column in columns]
    plan = [
        (column.kind.reader(needed=column.needed), place)
        for column, place in zip(columns, places, strict=True)
    ]
    for number, cells in table.rows:
        try:
            if len(cells) == width:
                yield number, [read(cells[place]) for read, place in plan]
                continue
        except BadValue:
            pass
        values = _second_look(file, number, cells, width, columns, places, findings)
        if values is not None:
            yield number, values


def _second_look(
    file: str,
    number: int,
    cells: list[str],
    width: int,
    columns: Sequence[Column],
    places: list[int],
    findings: Findings,
) -> list[Any] | None:
    """Every problem of a row that has one, and its values with the wrong ones left blank."""
    here = [cells[place].strip() if place < len(cells) else "" for place in places]
    holds = [cell for cell, column in zip(here, columns, strict=True) if column.holds]
    touches = [cell for cell, column in zip(here, columns, strict=True) if column.touches]
    if len(cells) != width:
        findings.add(
            "row_width",
            file,
            number,
            "",
            _(
                "This row has {cells} cells and the header {columns}. Look for a comma or a quote"
                " too many or too few."
            ).format(cells=len(cells), columns=width),
            holds=holds,
            touches=touches,
        )
        _remember_unread(here, columns, findings)
        return None
    values: list[Any] = []
    usable = True
    for column, place in zip(columns, places, strict=True):
        cell = cells[place]
        tidy = cell.replace("\xa0", " ").strip()
        if tidy != cell.replace("\xa0", " "):
            findings.add(
                "trailing_space",
                file,
                number,
                column.name,
                _("A space stands before or after the value. It was left out; remove it."),
            )
        try:
            values.append(column.kind.reader(needed=column.needed)(tidy))
        except BadValue as bad:
            findings.add(
                bad.code, file, number, column.name, bad.message, holds=holds, touches=touches
            )
            values.append(column.kind.blank)
            usable = usable and not column.essential
    if usable:
        return values
    _remember_unread(here, columns, findings)
    return None


def _remember_unread(here: list[str], columns: Sequence[Column], findings: Findings) -> None:
    findings.unread.update(
        cell for cell, column in zip(here, columns, strict=True) if column.own and cell
    )


def chained(first: Row | None, rest: Iterator[Row]) -> Iterator[Row]:
    """The rows again after a look at the first of them."""
    if first is not None:
        yield first
        yield from rest
