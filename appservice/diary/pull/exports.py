"""CSV files and spreadsheets that a diary leaves in a folder, read through column maps."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from fnmatch import fnmatchcase
from typing import Final

from appservice.diary.pull.comparing import Row, compared
from appservice.diary.pull.reading import Asked, Found, Memory, Reading, digest
from appservice.diary.pull.settings import ExportSettings
from appservice.diary.pull.tables import DAYS, FAMILIES, WHOLE_NUMBERS, EventTable
from appservice.language import _
from appservice.school.problem import Problem
from appservice.school.sources.column_map import DELIMITERS
from appservice.school.sources.csv_rows import UnreadableTable, csv_rows
from appservice.school.sources.findings import Findings
from appservice.school.sources.headers import report_duplicates, report_lacking, rows_as_wide
from appservice.school.sources.opening import RosterFiles
from appservice.school.sources.spreadsheet import SUFFIXES, sheet_rows

_RUSSIAN_DAY: Final = re.compile(
    r"([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{4})(?: 0?0:00(?::00)?)?"
).fullmatch
_MOST_ROWS: Final = 1_000_000


class ExportSource:
    """A watched folder."""

    def __init__(self, tables: Sequence[ExportSettings], encoding: str) -> None:
        self._tables = tables
        self._encoding = encoding

    def read(self, files: RosterFiles, memory: Memory, asked: Asked) -> Reading:
        """Each column map remembers for itself, so that one broken file stops no other."""
        found: list[Found] = []
        problems: list[Problem] = []
        after: dict[str, object] = {}
        for place, table in enumerate(self._tables):
            name = f"{place} {table.into}"
            findings = Findings()
            rows = list(self._rows(files, table, findings))
            wrong = list(findings.problems)
            # Of files that cannot be read whole nothing can be called gone.
            one = compared(
                rows, memory.get(name, {}), asked, whole=table.whole and not wrong and bool(rows)
            )
            found += one.found
            problems += wrong + list(one.problems)
            after[name] = one.memory
        return Reading(found=tuple(found), problems=tuple(problems), memory=after)

    def _rows(self, files: RosterFiles, table: ExportSettings, findings: Findings) -> Iterator[Row]:
        names = sorted(name for name in files.names if fnmatchcase(name, table.file))
        if not names and "*" not in table.file:
            findings.add(
                "missing_file", table.file, 0, "", _("A column map reads this file. Add it.")
            )
        count = Counter[str]()
        for name in names:
            rows = (
                sheet_rows(files, name, table.sheet)
                if name.lower().endswith(SUFFIXES)
                else csv_rows(files, name, encoding=self._encoding, delimiters=DELIMITERS)
            )
            try:
                yield from _mapped(rows, name, table, count, findings)
            except UnreadableTable as error:
                error.report(findings)


def _mapped(
    rows: Iterator[tuple[int, list[str]]],
    name: str,
    table: ExportSettings,
    count: Counter[str],
    findings: Findings,
) -> Iterator[Row]:
    number, header = next(((n, cells) for n, cells in rows if n >= table.header_row), (0, []))
    if not header:
        findings.add("empty_table", name, 0, "", _("The file is empty. Write its header at least."))
        return
    present = [" ".join(column.split()) for column in header]
    wanted = {field: " ".join(column.split()) for field, column in table.columns.items()}
    sound = report_lacking(name, present, sorted(set(wanted.values())), findings, number)
    used = [column for column in present if column in wanted.values()]
    if not report_duplicates(name, used, findings, number) or not sound:
        return
    places = {field: present.index(column) for field, column in wanted.items()}
    shape = FAMILIES[table.into]
    for number, cells in rows_as_wide(_filled(rows, name, findings), header, name, findings):
        said = dict(table.constants)
        for field, place in places.items():
            said[field] = _meant(cells[place], table.values.get(field, {}))
        yield _row(said, shape, table, name, number, wanted, count)


def _filled(
    rows: Iterator[tuple[int, list[str]]], name: str, findings: Findings
) -> Iterator[tuple[int, list[str]]]:
    for number, cells in rows:
        if number > _MOST_ROWS:
            findings.add("row_too_long", name, number, "", _("The file has too many rows."))
            return
        if any(cell.strip() for cell in cells):
            yield number, cells


def _row(
    said: Mapping[str, str],
    shape: EventTable,
    table: ExportSettings,
    name: str,
    number: int,
    columns: Mapping[str, str],
    count: Counter[str],
) -> Row:
    payload = {field: value(field, said[field]) for field in shape.fields if said.get(field)}
    external_id = said.get("external_id", "")
    if not external_id:
        external_id = digest(table.into, *(said.get(field, "") for field in shape.same))
        count[external_id] += 1
        if count[external_id] > 1:  # two marks of one day
            external_id = f"{external_id}-{count[external_id]}"
    revision = value("revision", said.get("revision", "") or "-")
    return Row(
        external_id=external_id,
        types=shape.types,
        payload=payload,
        goes={field: payload[field] for field in shape.goes if field in payload},
        day=_day_of(payload.get(shape.day)),
        file=name,
        number=number,
        columns=columns,
        revision=revision if isinstance(revision, int) else None,
    )


def _meant(cell: str, meanings: Mapping[str, str]) -> str:
    tidy = " ".join(cell.split())
    return meanings.get(tidy, meanings.get(tidy.lower(), tidy))


def value(field: str, cell: str) -> object:
    """What a cell says, as events write it. What does not fit is refused when it is read."""
    if field in WHOLE_NUMBERS:
        return int(cell) if cell.isdecimal() and cell.isascii() and len(cell) < 16 else cell
    if field == "lessons":
        return [value("lesson", part) for part in re.split(r"[\s,;]+", cell) if part]
    if field in DAYS and (russian := _RUSSIAN_DAY(cell)):
        return f"{russian[3]}-{russian[2]:0>2}-{russian[1]:0>2}"
    if field == "begins" and len(cell) == 4:
        return f"0{cell}"
    return cell


def _day_of(said: object) -> date | None:
    try:
        return date.fromisoformat(str(said))
    except ValueError:
        return None
