"""The deliveries that one reading of OneRoster is of: a whole one, and the deltas laid over it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

from appservice.language import _
from appservice.school.sources.csv_rows import csv_rows
from appservice.school.sources.findings import Findings
from appservice.school.sources.oneroster_manifest import Manifest, read_manifest
from appservice.school.sources.opening import RosterFiles, open_delivery
from appservice.school.sources.rows import Row


class Layer:
    """One delivery. `place` goes before file names in problems: "" for the whole one, then that of
    each delta.
    """

    def __init__(self, files: RosterFiles, manifest: Manifest, number: int, place: str) -> None:
        self.files = files
        self.manifest = manifest
        self.number = number
        self.place = place

    def rows(self, table: str, encoding: str) -> Iterator[Row]:
        return csv_rows(self.files, f"{table}.csv", encoding=encoding, place=self.place)


def layers_of(
    files: RosterFiles,
    deltas: Path | None,
    opened: ExitStack,
    places: list[str],
    findings: Findings,
    *,
    whole: bool = True,
) -> list[Layer]:
    """`files` first, then what lies in the folder `deltas`, by name; empty where the first cannot
    be read. `places` says of each what goes before its file names; `whole` as in `read_manifest`.
    """
    manifest = read_manifest(files, findings, whole=whole)
    if manifest is None:
        return []
    paths = _delta_paths(deltas, findings)
    if paths:
        places.append("")  # so that no row number is without the delivery it stands in
    layers = [Layer(files, manifest, len(places) - 1, "")]
    for path in paths:
        delta = open_delivery(path, findings)
        if delta is None:
            continue
        opened.enter_context(closing(delta))
        place = f"{path.name}/"
        places.append(place)
        changes = read_manifest(delta, findings, place=place, whole=False)
        if changes is None:
            continue
        if changes.version != manifest.version:
            findings.add(
                "bad_version",
                place + "manifest.csv",
                0,
                "oneroster.version",
                _("The changes are of another version than the whole delivery ({version}).").format(
                    version=manifest.version
                ),
            )
        layers.append(Layer(delta, changes, len(places) - 1, place))
    return layers


def _delta_paths(folder: Path | None, findings: Findings) -> list[Path]:
    """The folders and archives among the deltas, in the order of their names."""
    if folder is None:
        return []
    try:
        paths = sorted(path for path in folder.iterdir() if not path.name.startswith("."))
        return [path for path in paths if path.is_dir() or path.suffix.lower() == ".zip"]
    except OSError as error:
        findings.add(
            "missing_file" if isinstance(error, FileNotFoundError) else "unreadable_file",
            folder.name,
            0,
            "",
            _("The folder of deltas cannot be read. Correct roster: deltas, or remove it."),
        )
        return []
