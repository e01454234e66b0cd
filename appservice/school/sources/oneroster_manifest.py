"""manifest.csv: which files a OneRoster delivery has, and whether each is whole (bulk) or changes
only (delta).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from appservice.language import _
from appservice.school.masking import masked
from appservice.school.sources.csv_rows import UnreadableTable, csv_rows
from appservice.school.sources.findings import Findings
from appservice.school.sources.oneroster_layout import FILES, NEEDED, VERSIONS, Version
from appservice.school.sources.opening import RosterFiles, report_missing

MANIFEST = "manifest.csv"
_HEADER = ["propertyName", "value"]

Mode = Literal["absent", "bulk", "delta"]
_MODES: tuple[Mode, ...] = get_args(Mode)


@dataclass(frozen=True, slots=True)
class Manifest:
    version: Version
    modes: Mapping[str, Mode]  # table → how it comes


def read_manifest(
    files: RosterFiles, findings: Findings, *, place: str = "", whole: bool = True
) -> Manifest | None:
    """The manifest, None when it cannot be read. `place` goes before file names in problems.

    A whole delivery holds every needed file in full; one that is laid over another may be any part
    of it.
    """
    if MANIFEST not in files.names:
        report_missing(
            files,
            MANIFEST,
            _("A OneRoster delivery begins with this file. Add it."),
            findings,
            place=place,
        )
        return None
    properties = _properties(files, place, findings)
    if properties is None:
        return None
    version = _version(properties, place, findings)
    if version is None:
        return None
    modes: dict[str, Mode] = {}
    lines: dict[str, int] = {}
    for name in FILES[version]:
        row, value = properties.pop(f"file.{name}", (0, ""))
        if value in _MODES:
            modes[name] = value
            lines[name] = row
        elif row:
            _bad(
                place,
                row,
                "value",
                _("{value} is not one of: {options}. Mind small and capital letters.").format(
                    value=masked(value), options=", ".join(_MODES)
                ),
                findings,
            )
        else:
            _bad(
                place,
                0,
                "propertyName",
                _("The line file.{name} is missing. Write bulk, delta or absent for it.").format(
                    name=name
                ),
                findings,
            )
    for key, (row, _value) in properties.items():
        if key.startswith("file."):
            _bad(
                place,
                row,
                "propertyName",
                _("OneRoster {version} has no file {name}. Remove the line.").format(
                    version=version, name=masked(key[5:])
                ),
                findings,
            )
    manifest = Manifest(version, modes)
    if whole:
        _must_be_whole(manifest, lines, place, findings)
    _compare_with_files(files, manifest, place, findings)
    return manifest


def _properties(
    files: RosterFiles, place: str, findings: Findings
) -> dict[str, tuple[int, str]] | None:
    """Property → (row, value)."""
    found: dict[str, tuple[int, str]] = {}
    try:
        rows = csv_rows(files, MANIFEST)
        row, header = next(rows, (1, []))
        if header != _HEADER:
            _bad(
                place,
                row,
                "",
                _("The first row must be {header}.").format(header=",".join(_HEADER)),
                findings,
            )
            return None
        for row, cells in rows:
            if len(cells) != len(_HEADER):
                _bad(place, row, "", _("Every row has a property and its value."), findings)
            elif cells[0] in found:
                _bad(place, row, "propertyName", _("This line stands twice."), findings)
            else:
                found[cells[0]] = (row, cells[1])
    except UnreadableTable as error:
        findings.add(error.code, place + error.file, error.row, "", error.message)
        return None
    return found


def _version(
    properties: dict[str, tuple[int, str]], place: str, findings: Findings
) -> Version | None:
    row, value = properties.get("manifest.version", (0, ""))
    if value != "1.0":
        findings.add(
            "bad_version",
            place + MANIFEST,
            row,
            "manifest.version",
            _("The version of the manifest must be 1.0. Correct the line or add it."),
        )
        return None
    row, value = properties.get("oneroster.version", (0, ""))
    for version in VERSIONS:
        if value in (version, f"{version}.0"):
            return version
    findings.add(
        "bad_version",
        place + MANIFEST,
        row,
        "oneroster.version",
        _("We read OneRoster {versions}. Export one of them, or correct the line.").format(
            versions=", ".join(VERSIONS)
        ),
    )
    return None


def _must_be_whole(
    manifest: Manifest, lines: Mapping[str, int], place: str, findings: Findings
) -> None:
    for name, mode in manifest.modes.items():
        if mode == "delta":
            _bad(
                place,
                lines[name],
                "value",
                _(
                    "{name}.csv holds changes only. Give the whole delivery here, and put changes"
                    " into the folder named under roster: deltas."
                ).format(name=name),
                findings,
            )
        elif mode == "absent" and name in NEEDED[manifest.version]:
            findings.add(
                "missing_file",
                f"{place}{name}.csv",
                0,
                "",
                _("The manifest says that this file is absent, but no roster is whole without it."),
            )


def _compare_with_files(
    files: RosterFiles, manifest: Manifest, place: str, findings: Findings
) -> None:
    for name, mode in manifest.modes.items():
        file = f"{name}.csv"
        if mode != "absent" and file not in files.names:
            report_missing(
                files, file, _("The manifest promises this file. Add it."), findings, place=place
            )
        elif mode == "absent" and file in files.names:
            _undeclared(place + file, findings)
    declared = {f"{name}.csv" for name in FILES[manifest.version]} | {MANIFEST}
    for file in sorted(files.names - declared):
        if file.lower().endswith(".csv") and file.lower() not in {one.lower() for one in declared}:
            _undeclared(place + file, findings)


def _undeclared(file: str, findings: Findings) -> None:
    findings.add(
        "undeclared_file",
        file,
        0,
        "",
        _("The manifest does not announce this file. Announce it there, or remove it."),
    )


def _bad(place: str, row: int, column: str, message: str, findings: Findings) -> None:
    findings.add("bad_manifest", place + MANIFEST, row, column, message)
