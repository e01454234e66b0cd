"""The file of initial passwords."""

import csv
import re
from pathlib import Path

import pytest

from appservice.accounts.initial_passwords import PasswordFile, readable_password
from appservice.errors import Refused


def rows(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def test_a_password_can_be_read_aloud() -> None:
    passwords = {readable_password() for _ in range(200)}
    assert len(passwords) == 200
    assert all(
        re.fullmatch(r"([bdfghkmnprstvz][aeiou]){2}-(..){2}-(..){2}-[1-9][0-9]", password)
        for password in passwords
    )


def test_each_new_account_has_one_row_that_only_the_owner_can_read(tmp_path: Path) -> None:
    path = tmp_path / "passwords.csv"
    file = PasswordFile(path)
    anna = file.issue("@u1:school.example", "Иванова Анна, мл.")
    oleg = file.issue("@u2:school.example", "Гусев Олег")
    assert rows(path) == [
        ["user_id", "name", "password"],
        ["@u1:school.example", "Иванова Анна, мл.", anna],
        ["@u2:school.example", "Гусев Олег", oleg],
    ]
    assert path.stat().st_mode & 0o777 == 0o600


def test_an_interrupted_run_goes_on_with_the_password_that_was_written(tmp_path: Path) -> None:
    path = tmp_path / "passwords.csv"
    before = PasswordFile(path).issue("@u1:school.example", "Анна")
    with path.open("a", encoding="utf-8") as file:
        file.write("@u2:school.example,Олег,romi-ta")  # torn by a crash
    again = PasswordFile(path)
    assert again.issue("@u1:school.example", "Анна") == before
    oleg = again.issue("@u2:school.example", "Олег")
    assert rows(path)[1:] == [
        ["@u1:school.example", "Анна", before],
        ["@u2:school.example", "Олег", "romi-ta"],
        ["@u2:school.example", "Олег", oleg],
    ]
    assert PasswordFile(path).issue("@u2:school.example", "Олег") == oleg


def test_a_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "passwords.csv"
    path.touch(mode=0o644)
    path.chmod(0o644)
    with pytest.raises(Refused, match="chmod 600"):
        PasswordFile(path).issue("@u1:school.example", "Анна")


def test_a_file_that_cannot_be_kept_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="cannot be kept in"):
        PasswordFile(tmp_path / "nowhere" / "passwords.csv").issue("@u1:school.example", "Анна")
