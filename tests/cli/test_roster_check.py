"""`school-spaces roster check`: every problem at once, for people and for scripts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from appservice.cli import main
from appservice.school.sample import demo_school, write_native, write_oneroster

WITHOUT_CONSENTS = (
    "The delivery holds no consents at all, so no rule about consents was applied."
    " Deliver them, or set rules: consent_needed: off."
)
MIXED = (
    "The name И*** mixes characters of two alphabets that look alike. Write it again in one"
    " alphabet."
)


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCHOOL_SPACES_LANGUAGE", "en")
    monkeypatch.delenv("SCHOOL_SPACES_CONFIG", raising=False)


@pytest.fixture
def school(tmp_path: Path) -> Path:
    write_native(demo_school(), tmp_path / "school")
    return tmp_path / "school"


def change(path: Path, row: int, column: str, value: str) -> None:
    """One cell of a CSV file whose cells need no quotes."""
    lines = path.read_text(encoding="utf-8").splitlines()
    cells = lines[row - 1].split(",")
    cells[lines[0].split(",").index(column)] = value
    lines[row - 1] = ",".join(cells)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def check(*arguments: str | Path) -> int:
    return main(["roster", "check", *map(str, arguments), "--today", "2026-11-23"])


def tidy(text: str) -> list[list[str]]:
    """The words of a printed table, column by column."""
    return [
        [cell for cell in line.strip().split("   ") if cell.strip()]
        for line in text.splitlines()
        if line.strip() and not line.strip().startswith("─")
    ]


def test_a_clean_school_is_called_so(school: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert check(school) == 0
    assert capsys.readouterr() == ("Nothing is wrong: 74 people, 3 classes, 20 groups.\n", "")


def test_a_clean_school_for_scripts(school: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert check(school, "--json") == 0
    said = capsys.readouterr()
    assert json.loads(said.out) == {"ok": True, "counts": {}, "problems": []}
    assert said.err == ""


def test_warnings_alone_are_no_failure(school: Path, capsys: pytest.CaptureFixture[str]) -> None:
    change(school / "people.csv", 3, "family_name", "Ивaнова")
    assert check(school, "--json") == 0
    assert json.loads(capsys.readouterr().out) == {
        "ok": True,
        "counts": {"name_homoglyph": 1},
        "problems": [
            {
                "code": "name_homoglyph",
                "severity": "warning",
                "file": "people.csv",
                "row": 3,
                "column": "family_name",
                "message": MIXED,
            }
        ],
    }


def test_errors_fail_and_stand_beside_the_warnings(
    school: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    change(school / "people.csv", 3, "family_name", "Ивaнова")
    change(school / "people.csv", 4, "birth_date", "01.09.1985")
    assert check(school, "--json") == 1
    found = json.loads(capsys.readouterr().out)
    assert (found["ok"], found["counts"]) == (False, {"bad_date": 1, "name_homoglyph": 1})
    assert [(one["severity"], one["row"], one["column"]) for one in found["problems"]] == [
        ("warning", 3, "family_name"),
        ("error", 4, "birth_date"),
    ]


def test_the_table_says_what_is_wrong_where_and_what_to_do(
    school: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    change(school / "people.csv", 3, "family_name", "Ивaнова")
    change(school / "guardians.csv", 2, "legal", "perhaps")
    assert check(school) == 1
    said = capsys.readouterr()
    wrong_word = "p*** is not one of: true, false. Mind small and capital letters."
    assert [[cell.strip() for cell in line] for line in tidy(said.out)] == [
        ["Severity", "Code", "File", "Row", "Column", "Message"],
        ["warning", "name_homoglyph", "people.csv", "3", "family_name", MIXED],
        ["error", "bad_enum", "guardians.csv", "2", "legal", wrong_word],
        ["Severity", "Code", "Listed", "In all"],
        ["error", "bad_enum", "1", "1"],
        ["warning", "name_homoglyph", "1", "1"],
        ["1 error, 1 warning. Nothing is applied until the errors are corrected."],
    ]
    assert said.err == ""


def test_what_cannot_be_read_is_another_exit_code(
    tmp_path: Path, school: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert check(tmp_path / "nowhere", "--json") == 2
    assert json.loads(capsys.readouterr().out)["counts"] == {"missing_file": 1}
    (school / "people.csv").unlink()
    assert check(school) == 2
    assert capsys.readouterr().out.splitlines()[-1] == (
        "The delivery cannot be read. Nothing of it will be applied."
    )


def test_it_speaks_russian(school: Path, capsys: pytest.CaptureFixture[str]) -> None:
    change(school / "people.csv", 3, "family_name", "Ивaнова")
    assert check(school, "--lang", "ru") == 0
    assert [[cell.strip() for cell in line] for line in tidy(capsys.readouterr().out)] == [
        ["Важность", "Код", "Файл", "Строка", "Столбец", "Что не так и что делать"],
        [
            "замечание",
            "name_homoglyph",
            "people.csv",
            "3",
            "family_name",
            "В имени И*** смешаны похожие буквы двух алфавитов. Наберите его заново буквами одного"
            " алфавита.",
        ],
        ["Важность", "Код", "Показано", "Всего"],
        ["замечание", "name_homoglyph", "1", "1"],
        ["Ошибок нет, 1 замечание. Выгрузку можно применять: 74 человека, 3 класса, 20 групп."],
    ]


def test_of_many_problems_of_a_kind_two_hundred_are_listed_and_all_are_counted(
    tmp_path: Path, school: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = (school / "memberships.csv").read_text(encoding="utf-8").splitlines()
    more = [f"nobody{number},c,student,," for number in range(250)]
    (school / "memberships.csv").write_text("\n".join(lines + more) + "\n", encoding="utf-8")
    assert check(school, "--json") == 1
    found = json.loads(capsys.readouterr().out)
    assert found["counts"] == {"dangling_ref": 500}
    assert len(found["problems"]) == 200


def test_the_day_decides_who_has_turned_fourteen(
    school: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["roster", "check", str(school), "--today", "2029-11-23", "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["counts"].keys() == {"consent_missing"}


def test_oneroster_is_told_from_native_by_itself(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_oneroster(demo_school(), tmp_path, "1.2")
    assert check(tmp_path, "--json") == 0
    assert json.loads(capsys.readouterr().out) == {
        "ok": True,
        "counts": {"consent_missing": 1},
        "problems": [
            {
                "code": "consent_missing",
                "severity": "warning",
                "file": "",
                "row": 0,
                "column": "",
                "message": WITHOUT_CONSENTS,
            }
        ],
    }
    assert check(tmp_path, "--format", "native") == 2


def test_the_configuration_says_how_strict_to_be(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_oneroster(demo_school(), tmp_path / "delivery", "1.1")
    config = tmp_path / "school.yaml"
    config.write_text(
        "homeserver: {url: 'http://localhost:8008', server_name: school.example}\n"
        "roster: {path: elsewhere, rules: {consent_needed: 'off'}}\n",
        encoding="utf-8",
    )
    assert check(tmp_path / "delivery", "--config", config, "--json") == 0
    assert json.loads(capsys.readouterr().out)["problems"] == []


def test_a_configuration_with_a_mistake_is_a_mistake(
    tmp_path: Path, school: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "school.yaml"
    config.write_text("roster: {path: elsewhere, rules: {consents: 'off'}}\n", encoding="utf-8")
    assert check(school, "--config", config) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert "consents" in said.err


def test_a_file_in_another_encoding_is_read_when_it_is_named(
    school: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for path in school.glob("*.csv"):
        path.write_bytes(path.read_text(encoding="utf-8").encode("cp1251"))
    assert check(school, "--json") == 2
    assert "not_utf8" in json.loads(capsys.readouterr().out)["counts"]
    assert check(school, "--encoding", "cp1251") == 0
    capsys.readouterr()
    assert check(school, "--encoding", "klingon") == 2
    assert capsys.readouterr() == (
        "",
        "The value of --encoding does not fit: We do not know the encoding klingon. Write utf-8 or"
        " cp1251.\nHelp: school-spaces roster check --help\n",
    )
