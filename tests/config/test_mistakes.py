"""What a sysadmin reads who has written something wrong: all of it at once, each with its line."""

from pathlib import Path

import pytest

from appservice.config.load import load_config, load_with_secrets
from appservice.config.problem import ConfigRefused
from appservice.errors import Refused
from appservice.language import Language, speaking

WELL = """\
homeserver:
  url: http://localhost:8008
  server_name: school.example
roster:
  path: roster
"""


def mistakes(
    folder: Path, text: str | bytes, environment: dict[str, str] | None = None
) -> list[str]:
    """What is said of a configuration, below its heading."""
    path = folder / "config.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(ConfigRefused) as refused:
        load_config(path, environment or {})
    return [line.strip() for line in refused.value.reasons[1:]]


def test_five_mistakes_are_five_lines(tmp_path: Path) -> None:
    text = """\
homeserver:
  url: localhost:8008
  server_name: school.example
  tokn: 1
appservice:
  port: 8o08
roster:
  path: roster
  format: exel
  tolerate_errors: -1
"""
    assert mistakes(tmp_path, text) == [
        "config.yaml:2:8: homeserver.url: an address like https://matrix.school.example is needed"
        " here.",
        "config.yaml:4:3: homeserver.tokn: There is no such key. Here may stand: url, server_name,"
        " patience.",
        "config.yaml:6:9: appservice.port: “8o08”: a whole number is needed here.",
        "config.yaml:9:11: roster.format: “exel”: one of these is needed here: `auto`, `native`,"
        " `oneroster`, `table`.",
        "config.yaml:10:20: roster.tolerate_errors: “-1”: the number must be at least 0.",
    ]


def test_the_same_mistakes_in_russian(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(WELL.replace("path:", "pth:") + "  tolerate_errors: x\n", encoding="utf-8")
    with speaking("ru"), pytest.raises(ConfigRefused) as refused:
        load_config(path, {})
    assert refused.value.reasons == (
        f"{path}: 2 ошибки",
        "  config.yaml:5:3: roster.pth: Такого ключа нет. Может быть, `path`?",
        "  config.yaml:6:20: roster.tolerate_errors: «x»: здесь нужно целое число.",
    )


def test_a_misspelt_key_is_one_mistake_not_two(tmp_path: Path) -> None:
    assert mistakes(tmp_path, WELL.replace("server_name", "servername")) == [
        "config.yaml:3:3: homeserver.servername: There is no such key. Did you mean `server_name`?"
    ]


def test_a_key_in_the_wrong_section_is_shown_its_place(tmp_path: Path) -> None:
    assert mistakes(tmp_path, WELL + "as_token: 0123456789abcdef\n") == [
        "config.yaml:6:1: as_token: There is no such key here. It belongs to `appservice`."
    ]


def test_a_missing_section_and_a_missing_key(tmp_path: Path) -> None:
    assert mistakes(tmp_path, "homeserver:\n  url: http://localhost:8008\n") == [
        "config.yaml:1:1: homeserver.server_name: This key is missing. Write it.",
        "config.yaml:1:1: roster: This key is missing. Write it.",
    ]


def test_a_key_that_stands_twice_names_both_lines(tmp_path: Path) -> None:
    assert mistakes(tmp_path, WELL + "  format: native\n  path: other\n") == [
        "config.yaml:7:3: roster.path: This key stands here twice (first in line 5). Remove one."
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "homeserver:\n\turl: x\n",
            "config.yaml:2:1: There is a tab here. YAML is indented with spaces alone: replace it.",
        ),
        (
            "homeserver:\n  url: http: x\n",
            "config.yaml:2:12: A colon does not belong here. Either the indentation is not that of"
            " the lines around it, or the text needs quotes.",
        ),
        (
            "roster:\n  path: 'roster\n",
            "config.yaml:2:9: This quote is opened and never closed.",
        ),
        (
            "roster: [a, b\nlogging: c\n",
            "config.yaml:2:8: A bracket is opened and not closed, or a comma is missing.",
        ),
        (
            "roster:\n  path: @roster\n",
            "config.yaml:2:9: No text may begin with this character. Put the text in quotes.",
        ),
        (
            "roster:\n  path: \x07\n",
            "config.yaml:2:9: There is an invisible control character here. Remove it.",
        ),
        (
            WELL + "---\nlogging: {}\n",
            "config.yaml:6:1: A second document begins here (`---`). The file must hold one.",
        ),
        ("", "config.yaml:1:1: The file is empty. Start from config.example.yaml."),
        (
            "- homeserver\n",
            "config.yaml:1:1: The file must hold sections (`homeserver:`, `roster:` …), each with"
            " its keys.",
        ),
        (
            "roster: &r\n  path: *s\n",
            "config.yaml:2:9: A text that begins with `*` refers to an anchor, and there is none."
            " Use quotes.",
        ),
    ],
)
def test_what_is_no_yaml_is_said_in_plain_words(tmp_path: Path, text: str, said: str) -> None:
    assert mistakes(tmp_path, text) == [said]


def test_a_file_in_cp1251_is_told_where_it_stops_being_utf8(tmp_path: Path) -> None:
    text = WELL.replace("path: roster", "path: школа").encode("cp1251")
    assert mistakes(tmp_path, text) == [
        "config.yaml:5:9: The file is not written in UTF-8 (byte 0xF8). Save it as UTF-8."
    ]


def test_an_alias_inside_itself_does_not_go_round_for_ever(tmp_path: Path) -> None:
    said = mistakes(tmp_path, WELL + "rooms: &r\n  kinds: *r\n")
    assert said[0] == (
        "config.yaml:6:8: rooms.kinds.kinds: This is nested too deep (an alias inside itself?)."
    )


def test_a_secret_comes_from_the_environment(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    url = "database:\n  url: postgresql://school:${PASSWORD}@db/school\n"
    path.write_text(WELL + url, encoding="utf-8")
    config = load_config(path, {"PASSWORD": "sesame"})
    assert config.database.url is not None
    assert config.database.url.get_secret_value() == "postgresql://school:sesame@db/school"
    assert mistakes(tmp_path, WELL + url) == [
        "config.yaml:7:8: database.url: The environment variable PASSWORD is not set. Set it before"
        " the start, or write the value here."
    ]


def test_a_wrong_secret_is_never_repeated(tmp_path: Path) -> None:
    text = WELL + "appservice:\n  as_token: [hush]\n  hs_token: hush\ndatabase:\n  url: hush://x\n"
    said = "\n".join(mistakes(tmp_path, text))
    assert "hush" not in said
    assert said.count("config.yaml:") == 3


def test_secrets_still_to_be_made_are_named_with_their_lines(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(WELL + "appservice:\n  as_token: generate\n", encoding="utf-8")
    with pytest.raises(ConfigRefused) as refused:
        load_with_secrets(path, {})
    made = "This secret is still to be made: run `school-spaces registration -g`."
    assert refused.value.reasons == (
        f"{path}: 3 mistakes",
        f"  config.yaml:1:1: accounts.localpart_secret: {made}",
        f"  config.yaml:6:1: appservice.hs_token: {made}",
        f"  config.yaml:7:3: appservice.as_token: {made}",
    )


def test_a_room_kind_that_hangs_nowhere_is_told_with_its_line(tmp_path: Path) -> None:
    text = WELL + "rooms:\n  kinds:\n    staff_room:\n      parent: staf_space\n"
    assert mistakes(tmp_path, text) == [
        'config.yaml:9:15: rooms.kinds.staff_room.parent: there is no kind "staf_space": name'
        ' another parent, or null, or drop "staff_room" too'
    ]


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "There is no configuration at {path}. Name it with --config, or begin with a copy"
               " of config.example.yaml."),
        ("ru", "Файла настроек {path} нет. Укажите его: --config, или начните с копии"
               " config.example.yaml."),
    ],
)  # fmt: skip
def test_a_configuration_that_is_not_there(tmp_path: Path, language: Language, said: str) -> None:
    path = tmp_path / "nowhere.yaml"
    with speaking(language), pytest.raises(Refused) as refused:
        load_config(path, {})
    assert str(refused.value) == said.format(path=path)
