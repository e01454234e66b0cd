"""Results and line items of a OneRoster delivery (1.1 and 1.2, CSV, folder or zip) as grades.

Columns are found by their names: exporters differ in what they leave out of these tables.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from appservice.diary.pull.comparing import Row, compared
from appservice.diary.pull.reading import Asked, Memory, Reading
from appservice.diary.pull.tables import FAMILIES
from appservice.language import _
from appservice.school.sources.csv_rows import UnreadableTable, csv_rows
from appservice.school.sources.findings import Findings
from appservice.school.sources.headers import report_duplicates, report_lacking
from appservice.school.sources.oneroster_manifest import read_manifest
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
class _Cell:
    number: int
    cells: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")


_NONE: Final = _Cell(0, {})


class GradebookSource:
    """A delivery that says "bulk" of its results holds all of them; changes come as "delta"."""

    def __init__(self, encoding: str) -> None:
        self._encoding = encoding

    def read(self, files: RosterFiles, memory: Memory, asked: Asked) -> Reading:
        """Of a delivery without results nothing is told, and nothing forgotten."""
        findings = Findings()
        manifest = read_manifest(files, findings, whole=False)
        if manifest is None or findings.stopped():
            return Reading(problems=tuple(findings.problems), memory=memory)
        modes = manifest.modes
        if modes.get(RESULTS, "absent") == "absent":
            return Reading(problems=tuple(findings.problems), memory=memory)
        try:
            rows = tuple(self._rows(files, modes, findings))
        except UnreadableTable as error:
            error.report(findings)
            rows = ()
        if findings.stopped():
            return Reading(problems=tuple(findings.problems), memory=memory)
        one = compared(rows, memory, asked, whole=modes[RESULTS] == "bulk" and not findings.errors)
        return Reading(
            found=one.found, problems=(*findings.problems, *one.problems), memory=one.memory
        )

    def _rows(
        self, files: RosterFiles, modes: Mapping[str, str], findings: Findings
    ) -> Iterator[Row]:
        def table(name: str, *needed: str) -> Iterator[_Cell]:
            if modes.get(name, "absent") == "absent":
                return iter(())
            return _table(files, f"{name}.csv", needed, self._encoding, findings)

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
            is_gone = one["status"].lower() in _GONE or one["scoreStatus"].lower() not in _GRADED
            item = items.get(one["lineItemSourcedId"], _NONE if is_gone else None)
            if item is None:
                findings.add(
                    "dangling_ref",
                    f"{RESULTS}.csv",
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
                file=f"{RESULTS}.csv",
                number=one.number,
                columns=_COLUMNS,
                is_gone=is_gone,
            )


def _table(
    files: RosterFiles, name: str, needed: tuple[str, ...], encoding: str, findings: Findings
) -> Iterator[_Cell]:
    if name not in files.names:
        findings.add("missing_file", name, 0, "", _("The manifest names this file. Add it."))
        return
    rows = csv_rows(files, name, encoding=encoding)
    header = next(rows, (1, []))[1]
    if not report_duplicates(name, header, findings):
        return
    if not report_lacking(name, header, needed, findings):
        return
    for number, cells in rows:
        if len(cells) != len(header):
            findings.add(
                "row_width",
                name,
                number,
                "",
                _(
                    "This row has {cells} cells and the header {columns}. Look for a comma or a"
                    " quote too many or too few."
                ).format(cells=len(cells), columns=len(header)),
            )
            continue
        yield _Cell(number, dict(zip(header, (cell.strip() for cell in cells), strict=True)))


def _subject(school_class: _Cell | None, courses: Mapping[str, str]) -> str:
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
