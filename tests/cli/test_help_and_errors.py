"""Help, mistakes on the command line and errors: readable, in the language of the person."""

import subprocess
import sys
from pathlib import Path

import pytest

from appservice.cli import main
from appservice.cli.terminal import brought_forward

COMMANDS = (
    "plan",
    "apply",
    "audit",
    "drift",
    "status",
    "contacts",
    "blocked",
    "doctor",
    "registration",
    "run",
    "demo",
    "roster",
    "rollover",
)


@pytest.fixture(autouse=True)
def narrow_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("SCHOOL_SPACES_LANGUAGE", "en")
    monkeypatch.delenv("SCHOOL_SPACES_CONFIG", raising=False)


def test_without_a_command_the_help_names_every_command(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main([]) == 0
    out = capsys.readouterr().out
    assert [command for command in COMMANDS if f"│ {command} " not in out] == []
    assert max(map(len, out.splitlines())) <= 80


@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_of_each_command_is_in_russian(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([command, "--help", "--lang", "ru"]) == 0
    out = capsys.readouterr().out
    assert "Показать эту справку." in out
    assert "Show" not in out
    assert "Print" not in out


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("plam", "There is no command “plam”. Did you mean 'plan'?\nHelp: school-spaces --help\n"),
        ("xyz", "There is no command “xyz”.\nHelp: school-spaces --help\n"),
        (
            "plan --jsn",
            "There is no option --jsn. Did you mean --json?\nHelp: school-spaces plan --help\n",
        ),
        ("roster check", "path is missing.\nHelp: school-spaces roster check --help\n"),
        ("plan now", "This is too much: now.\nHelp: school-spaces plan --help\n"),
        (
            "demo --port x",
            "--port: a whole number is needed.\nHelp: school-spaces demo --help\n",
        ),
        (
            "demo --port 0",
            "--port: the number must be at least 1.\nHelp: school-spaces demo --help\n",
        ),
        (
            "demo --language de",
            "--language: one of these is needed: 'ru', 'en'.\nHelp: school-spaces demo --help\n",
        ),
        (
            "--lang de plan",
            "The value of --lang does not fit: ru or en is needed.\nHelp: school-spaces --help\n",
        ),
        ("plan --config", "The option --config needs a value.\nHelp: school-spaces --help\n"),
        ("plan --json=1", "The option --json takes no value.\nHelp: school-spaces --help\n"),
    ],
)
def test_a_mistake_on_the_command_line_is_said_and_ends_with_2(
    line: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(line.split()) == 2
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", said)


def test_a_mistake_on_the_command_line_in_russian(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--lang", "ru", "plan", "--jsno"]) == 2
    assert capsys.readouterr().err.startswith("Параметра --jsno нет.")


@pytest.mark.parametrize(
    "line",
    [
        "-c x.yaml --lang ru plan --json",
        "plan -c x.yaml --json --lang ru",
        "plan --json --config=x.yaml --lang=ru",
    ],
)
def test_options_of_every_command_may_stand_anywhere(
    line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(line.split()) == 2
    assert capsys.readouterr().err.startswith("Файла настроек x.yaml нет.")


def test_what_stands_behind_two_dashes_is_no_option() -> None:
    assert brought_forward(["roster", "check", "--", "-c", "x"]) == [
        "roster", "check", "--", "-c", "x",
    ]  # fmt: skip


def test_an_error_for_a_script_is_one_json_object(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "config.yaml"
    path.write_text("roster: {}\n", encoding="utf-8")
    assert main(["status", "--json", "-c", str(path)]) == 2
    captured = capsys.readouterr()
    assert captured.out == (
        '{\n  "error": {\n    "kind": "refused",\n    "reasons": [\n'
        f'      "{path}: 2 mistakes",\n'
        '      "  config.yaml:1:1: homeserver: This key is missing. Write it.",\n'
        '      "  config.yaml:1:1: roster.path: This key is missing. Write it."\n'
        "    ]\n  }\n}\n"
    )


def test_a_database_that_is_away_is_said_in_words(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(
        "homeserver: {url: 'http://127.0.0.1:9', server_name: school.test}\n"
        "roster: {path: roster}\n"
        "database: {url: 'postgresql://school:sesame@127.0.0.1:9/school'}\n",
        encoding="utf-8",
    )
    assert main(["registration", "-g", "-c", str(path)]) == 0
    capsys.readouterr()
    assert main(["status", "-c", str(path)]) == 1
    said = capsys.readouterr().err
    assert said.startswith(
        "The database cannot be reached or does not answer (school @ 127.0.0.1): "
    )
    assert "sesame" not in said
    assert "Traceback" not in said


def test_the_version_is_printed() -> None:
    done = subprocess.run(
        (sys.executable, "-m", "appservice", "--version"),
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
    )
    name, _blank, number = done.stdout.strip().partition(" ")
    assert name == "school-spaces"
    assert number[0].isdigit()
