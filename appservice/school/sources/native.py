"""The native layout: a folder (or zip) with school.yaml and a CSV file for each table."""

from __future__ import annotations

from appservice.language import _
from appservice.school.model import Roster
from appservice.school.settings import RosterSettings
from appservice.school.sources.csv_rows import UnreadableTable, csv_rows
from appservice.school.sources.findings import Findings
from appservice.school.sources.headers import report_duplicates, report_lacking
from appservice.school.sources.native_build import build_native
from appservice.school.sources.native_layout import (
    LAYOUT,
    NATIVE_NAMES,
    SCHOOL_FILE,
    NativeName,
    NativeTable,
)
from appservice.school.sources.opening import RosterFiles, report_missing
from appservice.school.sources.rows import Table, chained
from appservice.school.sources.school_file import read_school

DELIMITERS = ",;"


def read_native(files: RosterFiles, settings: RosterSettings, findings: Findings) -> Roster | None:
    """The roster of a native folder; None with fatal problems when it cannot be read."""
    school = None
    if SCHOOL_FILE in files.names:
        school = read_school(files, findings)
    else:
        report_missing(files, SCHOOL_FILE, _("Every roster needs this file. Add it."), findings)
    tables: dict[NativeName, Table] = {}
    for name in NATIVE_NAMES:
        table = _open_table(files, name, settings.encoding, findings)
        if table is not None:
            tables[name] = table
    if findings.stopped() or school is None:
        return None
    return build_native(tables, school, findings)


def _open_table(
    files: RosterFiles, name: NativeName, encoding: str, findings: Findings
) -> Table | None:
    native = LAYOUT[name]
    if native.file not in files.names:
        twin = any(other.lower() == native.file for other in files.names)
        if not native.optional or twin or native.file in files.deeper:
            report_missing(
                files,
                native.file,
                _("Every roster needs this file, with its header at least. Add it."),
                findings,
            )
        return None
    rows = csv_rows(files, native.file, encoding=encoding, delimiters=DELIMITERS)
    try:
        _number, header = next(rows, (1, []))
        if not _header_in_order(native, header, findings):
            return None
        first = next(rows, None)
        if first is None and not native.may_be_empty:
            findings.add(
                "empty_table",
                native.file,
                0,
                "",
                _("The file holds no rows after its header. An empty delivery is never applied."),
            )
            return None
    except UnreadableTable as error:
        error.report(findings)
        return None
    tidy = tuple(column.strip() for column in header)
    return Table(native.file, tidy, chained(first, rows), native.file)


def _header_in_order(native: NativeTable, header: list[str], findings: Findings) -> bool:
    if not header:
        findings.add(
            "empty_table",
            native.file,
            0,
            "",
            _("The file is empty. Write its header at least."),
        )
        return False
    present = [column.strip() for column in header]
    needed = [column.name for column in native.columns]
    sound = report_duplicates(native.file, present, findings)
    sound = report_lacking(native.file, present, needed, findings) and sound
    for column in present:
        if column.lower() not in needed:
            findings.add(
                "unknown_metadata",
                native.file,
                1,
                column,
                _("We do not know this column and leave it out."),
            )
    return sound
