"""`school-spaces roster`: judge a delivery before anybody depends on it; make up a school."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError

from appservice.cli.render import margin, paper, print_json
from appservice.cli.terminal import AsJson, help_text, terminal
from appservice.cli.verdict import print_verdict, size_of, verdict_code, verdict_object
from appservice.errors import Refused
from appservice.language import Language, _
from appservice.school.model import Roster
from appservice.school.read import read_roster
from appservice.school.sample import (
    MOST_SUBJECTS,
    YEAR,
    sample_school,
    write_native,
    write_oneroster,
)
from appservice.school.settings import RosterSettings

INTERRUPTED = 130
MOST_CLASSES, MOST_STUDENTS = 3000, 75_000  # of a sample

roster_app = typer.Typer(
    help=help_text("Check a roster, or write a sample one."), no_args_is_help=True
)


class SourceFormat(StrEnum):
    AUTO = "auto"
    NATIVE = "native"
    ONEROSTER = "oneroster"
    TABLE = "table"


class SampleFormat(StrEnum):
    NATIVE = "native"
    ONEROSTER11 = "oneroster11"
    ONEROSTER12 = "oneroster12"


class SampleLanguage(StrEnum):
    RU = "ru"
    EN = "en"


@roster_app.command("check", help=help_text("Say everything that is wrong with a roster."))
def check(
    context: typer.Context,
    path: Annotated[Path, typer.Argument(help=help_text("A folder, a zip archive or a file."))],
    source_format: Annotated[
        SourceFormat | None,
        typer.Option("--format", help=help_text("What it is; found out if not named.")),
    ] = None,
    encoding: Annotated[
        str, typer.Option(help=help_text("Of CSV files that are not in UTF-8, e.g. cp1251."))
    ] = "",
    today: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help=help_text("The day to judge for.")),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """With --config, the `roster:` section says how strict to be and what the columns mean."""
    settings = _settings(context, path, source_format, encoding)
    reading = _("Reading {path}").format(path=path.name)
    with _under_way(reading, interrupted=_("Interrupted: nothing was judged.")):
        delivery = read_roster(settings, today=today.date() if today else date.today())
    if as_json:
        print_json(verdict_object(delivery))
    else:
        print_verdict(delivery)
    raise typer.Exit(verdict_code(delivery))


def _settings(
    context: typer.Context, path: Path, source_format: SourceFormat | None, encoding: str
) -> RosterSettings:
    """The `roster:` section of the configuration, if one was named, with what the line says."""
    said: dict[str, object] = {"path": path}
    if source_format is not None:
        said["format"] = source_format.value
    if encoding:
        said["encoding"] = encoding
    try:
        settings = RosterSettings.model_validate(said)
    except ValidationError as error:
        reasons = (str(one["msg"]).removeprefix("Value error, ") for one in error.errors())
        raise typer.BadParameter("; ".join(reasons), param_hint="--encoding") from error
    source = context.find_root().get_parameter_source("config")
    if source is None or source.name not in {"COMMANDLINE", "ENVIRONMENT"}:
        return settings
    section = terminal(context).config(secrets=False).roster
    if section.path != path:
        said["deltas"] = None  # they belong to the other delivery
    return section.model_copy(update=said)


@contextmanager
def _under_way(what: str, *, interrupted: str) -> Iterator[None]:
    """Shows that something is going on, to whoever sits at a terminal. Ctrl-C ends it in a line."""
    console = margin()
    with console.status(what) if console.is_terminal else nullcontext():
        try:
            yield
        except KeyboardInterrupt:
            console.print(interrupted)
            raise typer.Exit(INTERRUPTED) from None


@roster_app.command("sample", help=help_text("Write an invented school, to try things on."))
def sample(
    directory: Annotated[
        Path, typer.Argument(metavar="DIR", help=help_text("A folder, empty or not there yet."))
    ],
    sample_format: Annotated[
        SampleFormat, typer.Option("--format", help=help_text("The format of the files."))
    ] = SampleFormat.NATIVE,
    classes: Annotated[int, typer.Option(help=help_text("How many classes."))] = 40,
    students: Annotated[
        int | None, typer.Option(help=help_text("In all; 25 a class if not named."))
    ] = None,
    subjects: Annotated[int, typer.Option(help=help_text("In each class."))] = 12,
    seed: Annotated[int, typer.Option(help=help_text("Another number, other people."))] = 1,
    language: Annotated[
        SampleLanguage, typer.Option(help=help_text("The language of the school."))
    ] = SampleLanguage.RU,
    year: Annotated[int, typer.Option(help=help_text("In which the school year begins."))] = YEAR,
    as_json: AsJson = False,
) -> None:
    """The same options give the same bytes, always."""
    for option, value, least, most in (
        ("--classes", classes, 1, MOST_CLASSES),
        ("--students", students, classes, MOST_STUDENTS),
        ("--subjects", subjects, 1, MOST_SUBJECTS),
        ("--year", year, 1950, 2100),
    ):
        if value is not None and not least <= value <= most:
            raise typer.BadParameter(
                _("from {least} to {most}").format(least=least, most=most), param_hint=option
            )
    spoken: Language = "ru" if language is SampleLanguage.RU else "en"
    unfinished = _("Interrupted: the files in {folder} are not complete.").format(folder=directory)
    with _under_way(_("Making up a school"), interrupted=unfinished):
        roster = sample_school(
            classes=classes,
            students=students,
            subjects=subjects,
            seed=seed,
            language=spoken,
            year=year,
        )
        _write(roster, directory, sample_format)
    if as_json:
        print_json(
            {
                "directory": str(directory),
                "format": sample_format.value,
                "people": len(roster.people),
                "classes": len(roster.classes),
                "groups": len(roster.groups),
                "memberships": len(roster.memberships),
                "guardianships": len(roster.guardianships),
            }
        )
        return
    paper().print(
        _("Written to {folder}: {size}. To check it: school-spaces roster check {folder}").format(
            folder=directory, size=size_of(roster)
        )
    )


def _write(roster: Roster, directory: Path, sample_format: SampleFormat) -> None:
    try:
        match sample_format:
            case SampleFormat.NATIVE:
                write_native(roster, directory)
            case SampleFormat.ONEROSTER11:
                write_oneroster(roster, directory, "1.1")
            case SampleFormat.ONEROSTER12:
                write_oneroster(roster, directory, "1.2")
    except OSError as error:
        raise Refused(
            _("{folder} cannot be written: {reason}. Name another folder.").format(
                folder=directory, reason=error.strerror
            )
        ) from error
