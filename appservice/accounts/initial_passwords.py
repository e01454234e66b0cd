"""The first passwords of new accounts: easy to read aloud and to type, kept in a file that only its
owner can read.
"""

from __future__ import annotations

import csv
import os
import secrets
from io import StringIO
from pathlib import Path
from typing import Final

from appservice.errors import Refused
from appservice.language import _

# No letter that is mistaken for another one in print, or that lies elsewhere on common keyboards.
CONSONANTS: Final = "bdfghkmnprstvz"
VOWELS: Final = "aeiou"
COLUMNS: Final = ("user_id", "name", "password")


def readable_password() -> str:
    """Such as "romi-taku-bezo-73": six syllables and two digits, about 43 bits, safe against
    guessing at a sign-in page.
    """
    syllables = [secrets.choice(CONSONANTS) + secrets.choice(VOWELS) for _syllable in range(6)]
    words = ("".join(syllables[at : at + 2]) for at in (0, 2, 4))
    return "-".join((*words, f"{secrets.randbelow(90) + 10}"))


class PasswordFile:
    """One row a person, appended and on disk before the account gets the password.

    Who has a row keeps that password: a run that was interrupted neither loses one nor writes a
    second.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._passwords: dict[str, str] | None = None

    def issue(self, user_id: str, name: str) -> str:
        """The initial password of this account, new or as written before. Raises Refused when the
        file cannot be kept.
        """
        try:
            written = self._written()
            if user_id not in written:
                password = readable_password()
                self._append(_row((user_id, name, password)))
                written[user_id] = password
        except OSError as error:
            raise Refused(
                _("The initial passwords cannot be kept in {file}: {error}").format(
                    file=self._path, error=error.strerror or error
                )
            ) from error
        return written[user_id]

    def _written(self) -> dict[str, str]:
        if self._passwords is None:
            if not self._path.exists():
                self._append(_row(COLUMNS))
            self._refuse_open_doors()
            text = self._path.read_bytes().decode()
            whole, _line_end, torn = text.rpartition("\n")
            if torn:  # by a crash, before anybody got that password
                self._append("\n")
            self._passwords = {
                row["user_id"]: row["password"]
                for row in csv.DictReader(whole.splitlines())
                if row.get("user_id") and row.get("password")
            }
        return self._passwords

    def _refuse_open_doors(self) -> None:
        if self._path.stat().st_mode & 0o077:
            raise Refused(
                _("Others may read {file}, which holds passwords. Run: chmod 600 {file}").format(
                    file=self._path
                )
            )

    def _append(self, text: str) -> None:
        descriptor = os.open(
            self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600
        )
        try:
            os.write(descriptor, text.encode())
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _row(values: tuple[str, ...]) -> str:
    line = StringIO()
    csv.writer(line, lineterminator="\n").writerow(values)
    return line.getvalue()
