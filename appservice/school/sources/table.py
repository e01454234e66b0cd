"""Any other export: the configuration says which of its columns becomes which column of a native
table.

Each entry of `tables:` makes rows of one native table; several may read the same file. To the
native building these rows look like any others; only in the problems the real file and column stand
(`layers.py`).
"""

from __future__ import annotations

from collections.abc import Iterator

from appservice.language import _
from appservice.school.model import Roster
from appservice.school.settings import RosterSettings
from appservice.school.sources.column_map import mapped_rows
from appservice.school.sources.csv_rows import UnreadableTable
from appservice.school.sources.findings import Findings
from appservice.school.sources.layers import Place
from appservice.school.sources.native_build import build_native
from appservice.school.sources.native_layout import LAYOUT, NATIVE_NAMES, SCHOOL_FILE, NativeName
from appservice.school.sources.opening import RosterFiles, report_missing
from appservice.school.sources.rows import Row, Table, chained
from appservice.school.sources.school_file import read_school, school_of_settings

_ENTITIES: tuple[NativeName, ...] = ("people", "classes", "groups")


def read_table(files: RosterFiles, settings: RosterSettings, findings: Findings) -> Roster | None:
    """The roster that the column maps give; None with fatal problems when a file cannot be read."""
    school = None
    if SCHOOL_FILE in files.names:
        school = read_school(files, findings)
    elif settings.school.id:
        school = school_of_settings(settings.school)
    else:
        report_missing(
            files,
            SCHOOL_FILE,
            _("Nothing says which school this is. Add the file, or roster: school: id and name."),
            findings,
        )
    tables: dict[NativeName, Table] = {}
    for name in NATIVE_NAMES:
        table = _open_table(files, name, settings, findings)
        if table is not None:
            tables[name] = table
    if findings.stopped() or school is None:
        return None
    return build_native(tables, school, findings)


def table_place(settings: RosterSettings, label: str) -> Place:
    """Names the file and the header of the export in place of the native ones."""
    kinds = {native.file: name for name, native in LAYOUT.items()}

    def place(file: str, layer: int, column: str) -> tuple[str, str] | None:
        if layer > len(settings.tables):
            return None
        name = kinds.get(file)
        if name is None or not any(entry.into == name for entry in settings.tables):
            return (file, column) if name is None and file else (label, "")
        if not layer:
            return _label(name, settings), column
        entry = settings.tables[layer - 1]
        return entry.file, entry.columns.get(column, column)

    return place


def _open_table(
    files: RosterFiles, name: NativeName, settings: RosterSettings, findings: Findings
) -> Table | None:
    native = LAYOUT[name]
    entries = [
        (layer, entry) for layer, entry in enumerate(settings.tables, 1) if entry.into == name
    ]
    if not entries:
        if not native.may_be_empty:
            findings.add(
                "missing_file",
                native.file,
                0,
                "",
                _("No column map makes rows of {name}. Add one under roster: tables.").format(
                    name=name
                ),
            )
        return None
    parts: list[Iterator[Row]] = []
    for layer, entry in entries:
        if entry.file not in files.names:
            report_missing(files, entry.file, _("A column map reads this file. Add it."), findings)
            continue
        rows = mapped_rows(files, entry, layer, settings.encoding, findings)
        if rows is not None:
            parts.append(rows)
    if len(parts) < len(entries):
        return None
    label = _label(name, settings)
    joined = (row for part in parts for row in part)
    rows = _once(joined) if name in _ENTITIES else joined
    try:
        first = next(rows, None)
    except UnreadableTable as error:
        error.report(findings)
        return None
    if first is None and not native.may_be_empty and not findings.errors:
        findings.add(
            "empty_table",
            label,
            0,
            "",
            _("The file holds no rows after its header. An empty delivery is never applied."),
        )
        return None
    header = tuple(column.name for column in native.columns)
    return Table(native.file, header, chained(first, rows), label)


def _label(name: NativeName, settings: RosterSettings) -> str:
    return ", ".join(dict.fromkeys(entry.file for entry in settings.tables if entry.into == name))


def _once(rows: Iterator[Row]) -> Iterator[Row]:
    """A class stands in the row of each of its students, a parent in those of all their children:
    told once.
    """
    told: dict[str, list[str]] = {}
    for number, cells in rows:
        if told.setdefault(cells[0], cells) is cells or told[cells[0]] != cells:
            yield number, cells
