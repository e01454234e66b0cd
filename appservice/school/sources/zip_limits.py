"""What an archive may be: small enough, flat, plain, and leading nowhere else."""

from __future__ import annotations

import stat
import struct
import zipfile
from pathlib import Path
from typing import BinaryIO

from appservice.language import _
from appservice.school.sources.findings import Findings

MAX_TOTAL = 4 << 30  # bytes unpacked: the roster of a region takes 1 GiB
MAX_MEMBERS = 2000
MAX_RATIO = 200  # unpacked to packed; CSV packs 5 to 30 times
FREE_OF_RATIO = 1 << 20  # bytes unpacked that nobody need worry about
MAX_DIRECTORY = 1 << 20  # bytes of the archive's own table of contents

_ARCHIVES = (".zip", ".7z", ".rar", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".zst")
_PLAIN = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ENCRYPTED = 0x1


def check_archive(path: Path, label: str, findings: Findings) -> zipfile.ZipFile | None:
    """The archive, opened, when everything about it is in order; else None with fatal problems.

    Sizes are those its directory states; Python never unpacks more of a member than that.
    """
    try:
        with path.open("rb") as file:
            if directory_size(file) > MAX_DIRECTORY:
                _too_large(label, findings)
                return None
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, NotImplementedError, ValueError, struct.error, EOFError):
        findings.add(
            "bad_zip",
            label,
            0,
            "",
            _("This is no zip archive, or a part of it is missing. Make it or copy it anew."),
        )
        return None
    sound = _sizes_in_order(archive, label, findings)
    seen: set[str] = set()
    for info in archive.infolist() if sound else ():
        sound = _member_in_order(info, label, seen, findings) and sound
    if not sound:
        archive.close()
        return None
    return archive


def directory_size(file: BinaryIO) -> int:
    file.seek(0, 2)
    length = file.tell()
    start = max(0, length - (1 << 16) - 22 - 20 - 56)
    file.seek(start)
    tail = file.read()
    end = tail.rfind(b"PK\5\6")
    if end < 0 or len(tail) < end + 22:
        raise zipfile.BadZipFile
    size = int(struct.unpack_from("<L", tail, end + 12)[0])
    if end >= 76 and tail[end - 20 : end - 16] == b"PK\6\7":
        return int(struct.unpack_from("<Q", tail, end - 76 + 40)[0])
    return size


def _sizes_in_order(archive: zipfile.ZipFile, label: str, findings: Findings) -> bool:
    members = archive.infolist()
    unpacked = sum(info.file_size for info in members)
    packed = sum(info.compress_size for info in members)
    if (
        len(members) > MAX_MEMBERS
        or unpacked > MAX_TOTAL
        or (unpacked > FREE_OF_RATIO and unpacked > MAX_RATIO * max(1, packed))
        or any(
            info.file_size > FREE_OF_RATIO
            and info.file_size > MAX_RATIO * max(1, info.compress_size)
            for info in members
        )
    ):
        _too_large(label, findings)
        return False
    return True


def _too_large(label: str, findings: Findings) -> None:
    findings.add(
        "zip_limits",
        label,
        0,
        "",
        _(
            "The archive would unpack to more than we accept ({gib} GiB, {members} files, {ratio}"
            " times its size). Deliver a folder, or check where the archive comes from."
        ).format(gib=MAX_TOTAL >> 30, members=MAX_MEMBERS, ratio=MAX_RATIO),
    )


def _member_in_order(info: zipfile.ZipInfo, label: str, seen: set[str], findings: Findings) -> bool:
    name = info.orig_filename
    mode = info.external_attr >> 16
    if name.startswith("/") or ".." in name.split("/") or any(char in name for char in "\\:\0"):
        code = "unsafe_path"
        message = _("A file in the archive has a path that leads out of it. Make the archive anew.")
    elif stat.S_ISLNK(mode):
        code = "unsafe_path"
        message = _("A file in the archive is a link. Pack the file itself.")
    elif name.lower().endswith(_ARCHIVES):
        code = "nested_zip"
        message = _("An archive lies inside the archive. Pack the files themselves, at the root.")
    elif info.flag_bits & _ENCRYPTED:
        code = "bad_zip"
        message = _("The archive is encrypted. Deliver it without a password.")
    elif info.compress_type not in _PLAIN:
        code = "bad_zip"
        message = _("The archive is packed in a rare way. Pack it as an ordinary zip (deflate).")
    elif name in seen:
        code = "duplicate_file"
        message = _("Two files in the archive have one name. Keep one of them.")
    else:
        seen.add(name)
        return True
    shown = "".join(char if char.isprintable() else "?" for char in name[-80:])
    findings.add(code, label, 0, "", f"{shown}: {message}")
    return False
