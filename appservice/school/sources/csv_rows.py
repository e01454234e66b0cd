"""Reading CSV (RFC 4180) in bounded memory, whatever the file does."""

from __future__ import annotations

import codecs
import csv
import io
import zipfile
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from appservice.language import _
from appservice.school.sources.findings import Findings
from appservice.school.sources.opening import RosterFiles

MAX_LINE = 1 << 20  # characters between two line ends
MAX_RECORD = 4 << 20  # characters of one row, with the line ends inside its quotes
# One cell may have 131,072 characters: the csv module's own limit.

UTF8 = "utf-8"


class UnreadableTable(Exception):
    def __init__(self, code: str, file: str, row: int, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.file = file
        self.row = row
        self.message = message

    def report(self, findings: Findings) -> None:
        findings.add(self.code, self.file, self.row, "", self.message)


def csv_rows(
    files: RosterFiles, name: str, *, encoding: str = UTF8, delimiters: str = ",", place: str = ""
) -> Iterator[tuple[int, list[str]]]:
    """(row number from 1, cells) of every row that is not empty, the header first.

    Raises UnreadableTable, which names the file with `place` before it. The separator is the one of
    `delimiters` that the first line holds most of.
    """
    number = 0
    spent = [0]  # characters of the row being read
    try:
        with files.open(name) as stream:
            text = io.TextIOWrapper(stream, encoding=_with_mark(encoding), newline="")
            lines = _lines(text, spent)
            first = next(lines, "")
            delimiter = max(delimiters, key=first.count)
            reader = csv.reader(_again(first, lines), delimiter=delimiter, strict=True)
            for number, cells in enumerate(reader, 1):
                spent[0] = 0
                if cells:
                    yield number, cells
    except UnicodeError:
        raise _undecodable(files, name, encoding, place) from None
    except csv.Error as error:
        if "field limit" in str(error):
            raise _too_long(place + name, number + 1) from None
        raise _malformed(place + name, number + 1) from None
    except _TooLong:
        raise _too_long(place + name, number + 1) from None
    except _Nul:
        raise UnreadableTable(
            "nul_byte",
            place + name,
            number + 1,
            _("A NUL byte stands in this row: the file is damaged, or no text. Export it anew."),
        ) from None
    except (zipfile.BadZipFile, zlib.error, EOFError):
        raise UnreadableTable(
            "bad_zip",
            place + name,
            0,
            _("The file is damaged inside the archive. Make the archive anew."),
        ) from None
    except OSError as error:
        raise UnreadableTable(
            "unreadable_file",
            place + name,
            0,
            _("The file cannot be read ({reason}). Check that it is a file we may read.").format(
                reason=error.strerror or type(error).__name__
            ),
        ) from None


class _TooLong(Exception):
    pass


class _Nul(Exception):
    pass


def _lines(text: io.TextIOWrapper, spent: list[int]) -> Iterator[str]:
    readline = text.readline
    while line := readline(MAX_LINE):
        spent[0] += len(line)
        if spent[0] > MAX_RECORD or (len(line) == MAX_LINE and line[-1] not in "\r\n"):
            raise _TooLong
        if "\0" in line:
            raise _Nul
        yield line


def _again(first: str, rest: Iterator[str]) -> Iterator[str]:
    if first:
        yield first
    yield from rest


def _with_mark(encoding: str) -> str:
    """UTF-8 may begin with a byte order mark."""
    return "utf-8-sig" if codecs.lookup(encoding).name == UTF8 else encoding


def _too_long(file: str, row: int) -> UnreadableTable:
    return UnreadableTable(
        "row_too_long",
        file,
        row,
        _(
            "This row or one of its cells is longer than any roster needs: a quote that is never"
            " closed, or a file that is no table. Correct the row."
        ),
    )


def _malformed(file: str, row: int) -> UnreadableTable:
    return UnreadableTable(
        "bad_quotes",
        file,
        row,
        _(
            'A quote stands alone in this row. A cell that holds a quote is written "so ""here""":'
            " in quotes, with every quote inside doubled."
        ),
    )


def _undecodable(files: RosterFiles, name: str, encoding: str, place: str) -> UnreadableTable:
    """Says where, and what the file looks like instead."""
    with files.open(name) as stream:
        row, line, start = _first_bad_line(stream, encoding)
    guess = "utf-16" if start[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) else ""
    if not guess and _looks_cyrillic(line):
        guess = "cp1251"
    if codecs.lookup(encoding).name != UTF8:
        message = _(
            "The file is not in the declared encoding {encoding}. Correct roster: encoding, or"
            " export the file in UTF-8."
        ).format(encoding=encoding)
    elif guess:
        message = _(
            "The file is not in UTF-8; it looks like {guess}. Export it in UTF-8, or declare it in"
            " the configuration, under roster: `encoding: {guess}`."
        ).format(guess=guess)
    else:
        message = _(
            "The file is not in UTF-8. Export it in UTF-8, or declare its encoding in the"
            " configuration, under roster: `encoding: ...`."
        )
    return UnreadableTable("not_utf8", place + name, row, message)


def _first_bad_line(stream: BinaryIO, encoding: str) -> tuple[int, bytes, bytes]:
    """(number of the first line that cannot be decoded, that line or a part of it, the file's first
    bytes).
    """
    start = b""
    decoder = codecs.getincrementaldecoder(encoding)()
    number = 1
    while line := stream.readline(MAX_LINE):
        start = start or line[:4]
        try:
            decoder.decode(line)
        except UnicodeError:
            return number, line, start
        number += line.endswith(b"\n")
    return number, b"", start


def _looks_cyrillic(line: bytes) -> bool:
    high = bytes(byte for byte in line if byte >= 0x80)
    text = high.decode("cp1251", errors="replace").lower()
    letters = sum("а" <= char <= "я" or char in "ё№" for char in text)
    return bool(high) and letters >= 0.9 * len(high)
