"""Opening a delivery that anybody may have packed: a folder, a zip archive or a single file.

Only files at the root are offered. What could lead elsewhere (links, "..", two files of one name)
or fill the disk and the memory (archives inside archives, bombs) is refused before anything is
read.
"""

from __future__ import annotations

import io
import stat
import zipfile
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Protocol, cast

from appservice.language import _
from appservice.school.sources.findings import Findings
from appservice.school.sources.zip_limits import check_archive

_JUNK = ("__MACOSX", ".DS_Store", "Thumbs.db", "desktop.ini")


class RosterFiles(Protocol):
    """The files of one delivery. `names`: those at the root; `deeper`: name → where it lies
    instead.
    """

    @property
    def label(self) -> str: ...
    @property
    def names(self) -> frozenset[str]: ...
    @property
    def deeper(self) -> Mapping[str, str]: ...
    def open(self, name: str) -> BinaryIO: ...
    def close(self) -> None: ...


def open_delivery(path: Path, findings: Findings) -> RosterFiles | None:
    """The files at `path`; None with a fatal problem when there is no way in."""
    label = path.name or str(path)
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            return _open_folder(path, label, findings)
        if stat.S_ISREG(mode):
            if path.suffix.lower() == ".zip":
                return _open_archive(path, label, findings)
            return _Folder(path.parent, label, frozenset({path.name}), {})
    except (FileNotFoundError, NotADirectoryError):
        findings.add(
            "missing_file",
            label,
            0,
            "",
            _("There is no such file or folder. Check the path."),
        )
        return None
    except OSError as error:
        _unreadable(label, error.strerror or type(error).__name__, findings)
        return None
    _unreadable(label, _("neither a file nor a folder"), findings)
    return None


def report_missing(
    files: RosterFiles, name: str, message: str, findings: Findings, *, place: str = ""
) -> None:
    twin = next((other for other in files.names if other.lower() == name.lower()), "")
    if twin:
        message = _(
            "The file is called {twin}. Rename it to {name}: small and capital letters matter."
        ).format(twin=twin, name=name)
    elif name in files.deeper:
        message = _("The file lies in {place}. Put the files at the root, in no folder.").format(
            place=files.deeper[name]
        )
    findings.add("missing_file", place + name, 0, "", message)


class _Folder:
    def __init__(
        self, path: Path, label: str, names: frozenset[str], deeper: Mapping[str, str]
    ) -> None:
        self._path = path
        self.label = label
        self.names = names
        self.deeper = deeper

    def open(self, name: str) -> BinaryIO:
        return (self._path / name).open("rb")

    def close(self) -> None:
        pass


class _Archive:
    def __init__(
        self,
        archive: zipfile.ZipFile,
        label: str,
        members: Mapping[str, zipfile.ZipInfo],
        deeper: Mapping[str, str],
    ) -> None:
        self._archive = archive
        self._members = members
        self.label = label
        self.names = frozenset(members)
        self.deeper = deeper

    def open(self, name: str) -> BinaryIO:
        try:
            member = self._archive.open(self._members[name])
        except RuntimeError as error:  # what the directory says and the member itself disagree
            raise zipfile.BadZipFile(name) from error
        return cast(BinaryIO, io.BufferedReader(cast(io.RawIOBase, member), 1 << 16))

    def close(self) -> None:
        self._archive.close()


def _open_folder(path: Path, label: str, findings: Findings) -> RosterFiles | None:
    root = path.resolve()
    names: set[str] = set()
    deeper: dict[str, str] = {}
    safe = True
    for entry in sorted(path.iterdir()):
        name = entry.name
        if name in _JUNK or name.startswith("."):
            continue
        if entry.is_symlink() and not entry.resolve().is_relative_to(root):
            safe = False
            findings.add(
                "unsafe_path",
                name,
                0,
                "",
                _("This is a link that leads out of the folder. Put the file itself here."),
            )
        elif entry.is_dir():
            for below in sorted(entry.glob("*.csv"))[:100]:
                deeper.setdefault(below.name, name)
            if entry.suffix.lower() == ".csv":
                safe = False
                _unreadable(name, _("it is a folder"), findings)
        elif not entry.is_file():
            safe = False
            _unreadable(name, _("it is not a regular file"), findings)
        else:
            names.add(name)
    safe = _no_twins(sorted(names), findings) and safe
    return _Folder(path, label, frozenset(names), deeper) if safe else None


def _open_archive(path: Path, label: str, findings: Findings) -> RosterFiles | None:
    archive = check_archive(path, label, findings)
    if archive is None:
        return None
    members: dict[str, zipfile.ZipInfo] = {}
    deeper: dict[str, str] = {}
    for info in archive.infolist():
        place = PurePosixPath(info.filename)
        if info.is_dir() or place.parts[0] in _JUNK or place.name in _JUNK:
            continue
        if len(place.parts) == 1:
            members[place.name] = info
        else:
            deeper.setdefault(place.name, str(place.parent))
    if not _no_twins(sorted(members), findings):
        archive.close()
        return None
    return _Archive(archive, label, members, deeper)


def _no_twins(names: list[str], findings: Findings) -> bool:
    seen: dict[str, str] = {}
    for name in names:
        twin = seen.setdefault(name.lower(), name)
        if twin != name:
            findings.add(
                "duplicate_file",
                name,
                0,
                "",
                _("Two files differ in small and capital letters alone. Keep one of them."),
            )
    return len(seen) == len(names)


def _unreadable(label: str, reason: str, findings: Findings) -> None:
    findings.add(
        "unreadable_file",
        label,
        0,
        "",
        _("The file cannot be read ({reason}). Check that it is a file we may read.").format(
            reason=reason
        ),
    )
