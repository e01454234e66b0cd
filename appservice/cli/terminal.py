"""Who sits at the terminal: the options that every command takes, wherever they stand."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final, cast

import typer

from appservice.config.load import load_config, load_with_secrets
from appservice.config.model import Config
from appservice.language import LANGUAGES, Language, language_of_environment, speak

CONFIG_VARIABLE: Final = "SCHOOL_SPACES_CONFIG"
LANGUAGE_VARIABLE: Final = "SCHOOL_SPACES_LANGUAGE"

_WITH_VALUE: Final = frozenset({"-c", "--config", "--lang"})
_WITHOUT_VALUE: Final = frozenset({"--debug"})


def help_text(message: str) -> str:
    """Marks a text of the help for the catalogues; it is translated when the language is known."""
    return message


AsJson = Annotated[
    bool, typer.Option("--json", help=help_text("Print one JSON object, for scripts."))
]


@dataclass(frozen=True, slots=True)
class Terminal:
    """The options in force. `language` is None when the person named none."""

    config_path: Path
    language: Language | None = None
    debug: bool = False

    def config(self, *, secrets: bool = True) -> Config:
        """The configuration, its language spoken from here on. Raises Refused."""
        config = (load_with_secrets if secrets else load_config)(self.config_path)
        if self.language is None and config.language is not None:
            speak(config.language)
        return config


def terminal(context: typer.Context) -> Terminal:
    """The options of the running command."""
    return cast(Terminal, context.find_root().obj)


def brought_forward(arguments: Sequence[str]) -> list[str]:
    """The arguments with the options of every command put before the command.

    So `plan -c other.yaml` means what `-c other.yaml plan` means. Without a command: the help.
    """
    front: list[str] = []
    rest: list[str] = []
    waiting = list(arguments)
    while waiting:
        argument = waiting.pop(0)
        if argument == "--":
            rest += [argument, *waiting]
            break
        if argument in _WITH_VALUE:
            if not waiting:
                return [argument]  # without its value it is refused, whatever else is said
            front += [argument, waiting.pop(0)]
        elif argument in _WITHOUT_VALUE or argument.split("=")[0] in _WITH_VALUE:
            front.append(argument)
        else:
            rest.append(argument)
    return front + (rest or ["--help"])


def language_named(arguments: Sequence[str]) -> Language | None:
    """The language that --lang or SCHOOL_SPACES_LANGUAGE names."""
    named = os.environ.get(LANGUAGE_VARIABLE, "")
    for position, argument in enumerate(arguments):
        if argument == "--lang" and position + 1 < len(arguments):
            named = arguments[position + 1]
        elif argument.startswith("--lang="):
            named = argument.removeprefix("--lang=")
    return next((language for language in LANGUAGES if language == named.lower()), None)


def speak_to(arguments: Sequence[str]) -> Language | None:
    """Speak the language of the person at the terminal; the one they named, if they did."""
    named = language_named(arguments)
    speak(named or language_of_environment())
    return named
