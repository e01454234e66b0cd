"""`registration -g` makes secrets and leaves everything else in the file as it was written."""

import re
from pathlib import Path

import pytest

from appservice.config.load import load_with_secrets
from appservice.config.problem import ConfigRefused
from appservice.config.registration import read_registration, registration_of
from appservice.config.secret_keys import generate_secrets

HEX = re.compile(r"\b[0-9a-f]{64}\b")


def generated(path: Path, text: str) -> str:
    """The file afterwards, every secret shown as <secret>."""
    path.write_text(text, encoding="utf-8")
    generate_secrets(path, {})
    return HEX.sub("<secret>", path.read_text(encoding="utf-8"))


def test_comments_order_quotes_and_indentation_stay(tmp_path: Path) -> None:
    text = """\
# Школа № 17
homeserver: {url: 'http://localhost:8008',   server_name: "school.example"}  # beside us
appservice:
    hs_token: generate   # do not share
    bot: school

    as_token:   "generate"
roster:
    path: roster
    tables: []
accounts:
  localpart_secret: generate
"""
    assert generated(tmp_path / "config.yaml", text) == text.replace(
        '"generate"', "<secret>"
    ).replace("generate", "<secret>")


def test_secrets_that_are_nowhere_get_a_place(tmp_path: Path) -> None:
    text = """\
homeserver:
  url: http://localhost:8008
  server_name: school.example
appservice:
  # Where we listen.
  port: 1234
roster:
  path: roster"""
    assert (
        generated(tmp_path / "config.yaml", text)
        == """\
homeserver:
  url: http://localhost:8008
  server_name: school.example
appservice:
  # Where we listen.
  hs_token: <secret>
  as_token: <secret>
  port: 1234
roster:
  path: roster

accounts:
  localpart_secret: <secret>
"""
    )


def test_a_second_time_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    generated(path, "homeserver: {url: http://h, server_name: s}\nroster: {path: r}\n")
    before = path.read_bytes()
    assert generate_secrets(path, {}) == []
    assert path.read_bytes() == before


def test_others_may_no_longer_read_the_file(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.touch(mode=0o644)
    path.chmod(0o644)
    generated(path, "homeserver: {url: http://h, server_name: s}\nroster: {path: r}\n")
    assert path.stat().st_mode & 0o777 == 0o640


def test_a_file_with_mistakes_is_not_written_to(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text("homeserver: {}\nroster: {path: r}\n", encoding="utf-8")
    with pytest.raises(ConfigRefused):
        generate_secrets(path, {})
    assert path.read_text(encoding="utf-8") == "homeserver: {}\nroster: {path: r}\n"


def test_the_registration_holds_the_bot_and_the_aliases_and_nobody_else(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    generated(path, "homeserver: {url: http://h, server_name: s.example}\nroster: {path: r}\n")
    config = load_with_secrets(path, {})
    registered = registration_of(config)
    registered.write(config.appservice.registration, "s.example")
    assert read_registration(tmp_path / "registration.yaml") == {
        "id": "school-spaces",
        "url": "http://localhost:29380",
        "as_token": config.appservice.as_token.get_secret_value(),
        "hs_token": config.appservice.hs_token.get_secret_value(),
        "sender_localpart": "school",
        "rate_limited": False,
        "receive_ephemeral": False,
        "namespaces": {
            "users": [{"exclusive": True, "regex": r"@school:s\.example"}],
            "aliases": [{"exclusive": True, "regex": r"#school\..*:s\.example"}],
            "rooms": [],
        },
    }
    assert config.appservice.registration.stat().st_mode & 0o777 == 0o600
