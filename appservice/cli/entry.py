"""The command itself: parses, speaks the right language, turns errors into text and exit codes."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Annotated

import typer

from appservice.cli.apply import apply
from appservice.cli.audit import audit
from appservice.cli.audit_log import audit_log
from appservice.cli.blocked import blocked
from appservice.cli.contacts import contacts
from appservice.cli.demo import demo
from appservice.cli.diary import diary_app
from appservice.cli.doctor import doctor
from appservice.cli.drift import drift
from appservice.cli.help_pages import HELP_OPTIONS, command_tree, usage_error
from appservice.cli.plan import plan
from appservice.cli.registration import registration
from appservice.cli.render import error_block, error_object, margin, print_json, unexpected_block
from appservice.cli.rollover import rollover_app
from appservice.cli.roster import roster_app
from appservice.cli.run import run
from appservice.cli.status import status
from appservice.cli.terminal import (
    CONFIG_VARIABLE,
    Terminal,
    brought_forward,
    help_text,
    language_named,
    speak_to,
)
from appservice.errors import Refused, SchoolSpacesError
from appservice.language import _

SOMETHING_WRONG = 1
PERSON_NEEDED = 2
INTERRUPTED = 130

app = typer.Typer(
    name="school-spaces",
    help=help_text("Keeps a school's Matrix spaces, rooms and members as its roster says."),
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": HELP_OPTIONS},
)


def _print_version(wanted: bool) -> None:
    if not wanted:
        return
    try:
        number = version("school-spaces")
    except PackageNotFoundError:
        number = "0"
    sys.stdout.write(f"school-spaces {number}\n")
    raise typer.Exit


@app.callback()
def options_of_every_command(
    context: typer.Context,
    config: Annotated[
        Path,
        typer.Option(
            "--config",
            "-c",
            envvar=CONFIG_VARIABLE,
            help=help_text("The configuration file."),
        ),
    ] = Path("config.yaml"),
    lang: Annotated[
        str, typer.Option("--lang", metavar="ru|en", help=help_text("The language to speak."))
    ] = "",
    debug: Annotated[
        bool, typer.Option("--debug", help=help_text("Show tracebacks of errors."))
    ] = False,
    _version: Annotated[
        bool,
        typer.Option(
            "--version",
            is_eager=True,
            callback=_print_version,
            help=help_text("Print the version."),
        ),
    ] = False,
) -> None:
    """These may stand before the command or behind it."""
    if lang and language_named(["--lang", lang]) is None:
        raise typer.BadParameter(_("ru or en is needed."), param_hint="--lang")
    context.obj = Terminal(config, language_named(["--lang", lang]), debug)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command line; its exit code."""
    line = brought_forward(sys.argv[1:] if arguments is None else arguments)
    speak_to(line)
    as_json = "--json" in line
    try:
        with _termination_as_ctrl_c():
            answer: object = command_tree(app).main(
                args=line, prog_name="school-spaces", standalone_mode=False
            )
    except typer.TyperException as error:
        if said := usage_error(error):
            margin().print(said)
        return PERSON_NEEDED
    except (SchoolSpacesError, Exception) as error:
        if "--debug" in line:
            raise
        if not isinstance(error, SchoolSpacesError):
            unexpected_block(error)
            return SOMETHING_WRONG
        if as_json:
            print_json(error_object(error))
        error_block(error)
        return PERSON_NEEDED if isinstance(error, Refused) else SOMETHING_WRONG
    return answer if isinstance(answer, int) else 0


@contextmanager
def _termination_as_ctrl_c() -> Iterator[None]:
    """SIGTERM ends a command as Ctrl-C does: what it started is ended, what it noted is kept."""
    before = signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


app.command("plan", help=help_text("Show what would be done to bring Synapse in line."))(plan)
app.command("apply", help=help_text("Do it; with DIGEST, exactly the plan you have seen."))(apply)
audit_app = typer.Typer(
    help=help_text("Read Synapse in full and put right what departs."),
    context_settings={"help_option_names": HELP_OPTIONS},
)
audit_app.callback(invoke_without_command=True)(audit)
audit_app.command("log", help=help_text("Show who did what: commands, plans, repairs."))(audit_log)
app.command("drift", help=help_text("Show what people changed against the roster lately."))(drift)
app.command("status", help=help_text("Show what was done lately, and how much is kept."))(status)
app.command("contacts", help=help_text("Say whether one person may write to another, and why."))(
    contacts
)
app.command("blocked", help=help_text("List what the contact rules did not let people do."))(
    blocked
)
app.command("doctor", help=help_text("Look whether all is in place, and say what to do if not."))(
    doctor
)
app.command(
    "registration",
    help=help_text("Print the registration for Synapse; with -g, make the secrets and write it."),
)(registration)
app.command("run", help=help_text("Run the service."))(run)
app.command("demo", help=help_text("Let a sample school live on this machine, to look at."))(demo)
app.add_typer(roster_app, name="roster")
app.add_typer(audit_app, name="audit")
app.add_typer(diary_app, name="diary")
app.add_typer(rollover_app, name="rollover")
