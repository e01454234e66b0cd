"""The help and the usage errors in the language of the person at the terminal.

Typer makes its commands before the language is known, and nobody ships translations of its own
texts: both are put right on the finished command tree.
"""

from __future__ import annotations

import re
from typing import Final

import typer
from typer import rich_utils
from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption
from typer.main import get_command

from appservice.language import _

HELP_OPTIONS: Final = ["-h", "--help"]

_USAGE: Final = (
    (r"No such command '(.+?)'\.", "no_command"),
    (r"No such command '(.+?)'\. Did you mean (.+)\?", "no_command_but"),
    (r"No such option: (\S+)", "no_option"),
    (r"No such option: (\S+) \(Possible options: (.+)\)", "no_option_but"),
    (r"Missing argument '(.+?)'\.", "missing"),
    (r"Missing option '(.+?)'\.", "missing"),
    (r"Missing command\.", "missing_command"),
    (r"Option '(.+?)' requires an argument\.", "needs_value"),
    (r"Option '(.+?)' does not take a value\.", "takes_no_value"),
    (r"Got unexpected extra argument\(s\) \((.+)\)", "too_many"),
    (r"Invalid value for '?(.+?)'?: Input should be a valid integer.*", "no_number"),
    (r"Invalid value for '?(.+?)'?: Input should be greater than or equal to (.+)", "too_small"),
    (r"Invalid value for '?(.+?)'?: Input should be less than or equal to (.+)", "too_large"),
    (r"Invalid value for '?(.+?)'?: Value error, .+ is not one of (.+)\.", "none_of"),
    (r"Invalid value for '?(.+?)'?: Value error, '(.+)' does not match the formats .+", "no_date"),
    (r"Invalid value for '?(.+?)'?: (.+)", "bad_value"),
)
"""Typer's own words, and what they are about; what it says otherwise is passed on as it is."""


def command_tree(app: typer.Typer) -> TyperGroup:
    """The finished commands, their help translated."""
    tree = get_command(app)
    if not isinstance(tree, TyperGroup):
        raise TypeError("one command is no tree")
    _translate(tree)
    rich_utils.ARGUMENTS_PANEL_TITLE = _("Arguments")
    rich_utils.OPTIONS_PANEL_TITLE = _("Options")
    rich_utils.COMMANDS_PANEL_TITLE = _("Commands")
    rich_utils.DEFAULT_STRING = _("[default: {}]")
    rich_utils.REQUIRED_LONG_STRING = _("[required]")
    rich_utils.ENVVAR_STRING = _("[env var: {}]")
    return tree


def usage_error(error: typer.TyperException) -> str:
    """What is wrong with the command line, and where help is; "" when the help was shown."""
    said = error.format_message()
    if not said:
        return ""
    command = getattr(getattr(error, "ctx", None), "command_path", "school-spaces")
    return f"{_usage(said)}\n" + _("Help: {command} --help").format(command=command)


def _usage(said: str) -> str:
    for pattern, kind in _USAGE:
        if found := re.fullmatch(pattern, said.strip(), re.DOTALL):
            return _usage_text(kind).format(*found.groups())
    return said


def _usage_text(kind: str) -> str:
    texts = {
        "no_command": _("There is no command “{0}”."),
        "no_command_but": _("There is no command “{0}”. Did you mean {1}?"),
        "no_option": _("There is no option {0}."),
        "no_option_but": _("There is no option {0}. Did you mean {1}?"),
        "missing": _("{0} is missing."),
        "missing_command": _("A command is missing."),
        "needs_value": _("The option {0} needs a value."),
        "takes_no_value": _("The option {0} takes no value."),
        "too_many": _("This is too much: {0}."),
        "no_number": _("{0}: a whole number is needed."),
        "too_small": _("{0}: the number must be at least {1}."),
        "too_large": _("{0}: the number must be at most {1}."),
        "none_of": _("{0}: one of these is needed: {1}."),
        "no_date": _("{0}: a date like 2026-09-01 is needed."),
        "bad_value": _("The value of {0} does not fit: {1}"),
    }
    return texts[kind]


def _translate(command: TyperCommand | TyperGroup) -> None:
    for name in ("help", "short_help", "epilog"):
        if text := getattr(command, name):
            setattr(command, name, _(text))
    for parameter in command.params:
        if isinstance(parameter, TyperOption | TyperArgument) and parameter.help:
            parameter.help = _(parameter.help)
    asks_for_help = command.get_help_option(typer.Context(command, help_option_names=HELP_OPTIONS))
    if asks_for_help is not None:
        asks_for_help.help = _("Show this help.")
    if isinstance(command, TyperGroup):
        for inner in command.commands.values():
            if isinstance(inner, TyperCommand | TyperGroup):
                _translate(inner)
