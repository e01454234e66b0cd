"""Results and line items of OneRoster deliveries (1.1 and 1.2, CSV, folder or zip) as grades.

Columns are found by their names: exporters differ in what they leave out of these tables.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from itertools import chain
from pathlib import Path
from typing import Final

from appservice.diary.pull.comparing import Row, compared
from appservice.diary.pull.reading import Asked, Memory, Reading
from appservice.diary.pull.tables import FAMILIES
from appservice.language import _
from appservice.school.sources.csv_rows import UnreadableTable
from appservice.school.sources.findings import Findings
from appservice.school.sources.headers import report_duplicates, report_lacking, rows_as_wide
from appservice.school.sources.oneroster_layers import Layer, layers_of
from appservice.school.sources.opening import RosterFiles

RESULTS, LINE_ITEMS, CLASSES, COURSES = "results", "lineItems", "classes", "courses"

_COLUMNS: Final = {
    "student": "studentSourcedId",
    "value": "score",
    "day": "scoreDate",
    "work": "lineItemSourcedId",
    "subject": "lineItemSourcedId",
    "comment": "comment",
    "external_id": "sourcedId",
}
_GRADED: Final = frozenset({"fully graded", "partially graded", "earned_fully", "earned_partially"})
_GONE: Final = frozenset({"tobedeleted", "inactive"})
_WHOLE: Final = re.compile(r"(-?[0-9]+)\.0+").fullmatch


@dataclass(frozen=True, slots=True)
class _Line:
    """A row by its columns; those that the file has not are ""."""

    file: str
    number: int
    cells: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")

    @property
    def is_gone(self) -> bool:
        return self["status"].lower() in _GONE


_NONE: Final = _Line("", 0, {})


class GradebookSource:
    """`deltas`: a folder of deliveries that are laid over the first one, in the order of their
    names.
    """

    def __init__(self, encoding: str, deltas: Path | None = None) -> None:
        self._encoding = encoding
        self._deltas = deltas

    def read(self, files: RosterFiles, memory: Memory, asked: Asked) -> Reading:
        """Where a delivery says "bulk" of its results, they and the deltas behind it hold all there
        are; "delta" holds changes alone. Without results nothing is told, and nothing forgotten.
        """
        findings = Findings()
        rows: tuple[Row, ...] = ()
        modes: set[str] = set()
        with ExitStack() as opened:
            try:
                layers = layers_of(files, self._deltas, opened, [""], findings, whole=False)
                modes = {layer.manifest.modes.get(RESULTS, "absent") for layer in layers}
                if modes - {"absent"} and not findings.stopped():
                    rows = tuple(self._rows(layers, findings))
            except UnreadableTable as error:
                error.report(findings)
        if not modes - {"absent"} or findings.stopped():
            return Reading(problems=tuple(findings.problems), memory=memory)
        one = compared(rows, memory, asked, whole="bulk" in modes and not findings.errors)
        return Reading(
            found=one.found, problems=(*findings.problems, *one.problems), memory=one.memory
        )

    def _rows(self, layers: Sequence[Layer], findings: Findings) -> Iterator[Row]:
        def table(name: str, *needed: str) -> Iterator[_Line]:
            return _laid(layers, name, needed, self._encoding, findings)

        items = {
            one["sourcedId"]: one
            for one in table(LINE_ITEMS, "sourcedId", "title", "classSourcedId")
        }
        classes = {one["sourcedId"]: one for one in table(CLASSES, "sourcedId", "title")}
        courses = {one["sourcedId"]: one["title"] for one in table(COURSES, "sourcedId", "title")}
        shape = FAMILIES["grade"]
        for one in table(
            RESULTS, "sourcedId", "lineItemSourcedId", "studentSourcedId", "scoreStatus", "score"
        ):
            is_gone = one.is_gone or one["scoreStatus"].lower() not in _GRADED
            item = items.get(one["lineItemSourcedId"], _NONE if is_gone else None)
            if item is None:
                findings.add(
                    "dangling_ref",
                    one.file,
                    one.number,
                    "lineItemSourcedId",
                    _("No such line item stands in lineItems.csv. Add it, or correct the id."),
                )
                continue
            payload = {
                "student": one["studentSourcedId"],
                "subject": _subject(classes.get(item["classSourcedId"]), courses) or item["title"],
                "value": _score(one["score"] or one["textScore"]),
                "day": (one["scoreDate"] or item["dueDate"])[:10],
                "work": item["title"],
                "comment": one["comment"],
            }
            said = {key: value for key, value in payload.items() if value}
            yield Row(
                external_id=one["sourcedId"],
                types=shape.types,
                payload=said,
                goes={key: said[key] for key in shape.goes if key in said},
                day=_day(payload["day"]),
                file=one.file,
                number=one.number,
                columns=_COLUMNS,
                is_gone=is_gone or item.is_gone,
            )


def _laid(
    layers: Sequence[Layer], name: str, needed: tuple[str, ...], encoding: str, findings: Findings
) -> Iterator[_Line]:
    """The rows in force of one table. What a later delivery says of an id goes over all that
    earlier ones said of it; an id that one delivery has twice comes twice.
    """
    found: dict[str, list[_Line]] = {}
    for layer in layers:
        mode = layer.manifest.modes.get(name, "absent")
        if mode == "absent":
            continue
        own: dict[str, list[_Line]] = {}
        for line in _table(layer, f"{name}.csv", needed, encoding, findings):
            own.setdefault(line["sourcedId"], []).append(line)
        found = own if mode == "bulk" else {**found, **own}
    return chain.from_iterable(found.values())


def _table(
    layer: Layer, name: str, needed: tuple[str, ...], encoding: str, findings: Findings
) -> Iterator[_Line]:
    file = layer.place + name
    if name not in layer.files.names:
        findings.add("missing_file", file, 0, "", _("The manifest names this file. Add it."))
        return
    rows = layer.rows(name.removesuffix(".csv"), encoding)
    header = next(rows, (1, []))[1]
    if not report_duplicates(file, header, findings):
        return
    if not report_lacking(file, header, needed, findings):
        return
    for number, cells in rows_as_wide(rows, header, file, findings):
        yield _Line(file, number, dict(zip(header, (cell.strip() for cell in cells), strict=True)))


def _subject(school_class: _Line | None, courses: Mapping[str, str]) -> str:
    """The subject of the class, else the title of its course, else its own."""
    if school_class is None:
        return ""
    first = school_class["subjects"].split(",")[0].strip()
    return first or courses.get(school_class["courseSourcedId"], "") or school_class["title"]


def _score(score: str) -> str:
    whole = _WHOLE(score)
    return whole[1] if whole else score


def _day(said: str) -> date | None:
    try:
        return date.fromisoformat(said)
    except ValueError:
        return None
