"""`school-spaces diary`: what is kept of one person, that it is kept no more, and what to believe
of the files of a source.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated

import typer

from appservice.app import database_address
from appservice.cli.help_pages import HELP_OPTIONS
from appservice.cli.render import paper, print_json
from appservice.cli.terminal import help_text, terminal
from appservice.commands.vocabulary import Verb
from appservice.config.model import Config
from appservice.delivery.farewell import erase as erase_people
from appservice.delivery.farewell import kept_of
from appservice.errors import Refused
from appservice.language import _, n_
from appservice.storage.audit_log import TERMINAL, AuditLog, Entry
from appservice.storage.database import Database
from appservice.storage.diary_pull import PullStore

diary_app = typer.Typer(
    help=help_text("What is kept of the diary of one person; files that wait for a word."),
    context_settings={"help_option_names": HELP_OPTIONS},
    no_args_is_help=True,
)

Person = Annotated[
    str, typer.Argument(metavar="PERSON", help=help_text("A person's id in the roster."))
]


Source = Annotated[
    str, typer.Argument(metavar="SOURCE", help=help_text("A name below diary: pull:."))
]


@diary_app.command("export", help=help_text("Print all that is kept of one person, as JSON."))
def export(context: typer.Context, person: Person) -> None:
    """From the database alone: {"person", "entries", "rooms", "messages", "unsent", "preferences",
    "sessions", "files"}.
    """
    kept = asyncio.run(_export(terminal(context).config(), person))
    print_json({"person": person, **kept})


@diary_app.command("erase", help=help_text("Delete all that is kept of one person."))
def erase(
    context: typer.Context,
    person: Person,
    is_sure: Annotated[
        bool, typer.Option("--yes", help=help_text("Do not ask whether that is meant."))
    ] = False,
) -> None:
    """From the database. Messages that were sent stay in their rooms."""
    config = terminal(context).config()
    kept = asyncio.run(_export(config, person))
    entries = kept["entries"]
    count = len(entries) if isinstance(entries, list) else 0
    found = n_(
        "{count} entry is kept of this person.", "{count} entries are kept of this person.", count
    ).format(count=count)
    paper().print(found)
    if not is_sure and not typer.confirm(_("Delete it for good?")):
        raise Refused(_("Nothing was deleted."))
    asyncio.run(_erase(config, person))
    paper().print(
        _("Deleted. The diary itself must forget the person too, or it sends the same again.")
    )


@diary_app.command(
    "accept",
    help=help_text("Say that what is missing from the files of a source is gone indeed."),
)
def accept(context: typer.Context, source: Source) -> None:
    """Noted in the audit log; the service reads the source again within a minute."""
    config = terminal(context).config()
    stopped = asyncio.run(_accept(config, source))
    if source not in stopped:
        names = ", ".join(stopped) or "–"
        raise Refused(
            _("{name} does not wait for that. There wait: {names}.").format(
                name=source, names=names
            )
        )
    paper().print(
        _("Accepted. {name} is read again within a minute, and people are told.").format(
            name=source
        )
    )


async def _accept(config: Config, source: str) -> Sequence[str]:
    """The sources that waited."""
    async with database_address(config) as dsn, Database.connect(dsn, connections=2) as database:
        store = PullStore(database)
        stopped = await store.stopped()
        if source in stopped:
            details = {"source": source}
            entry = Entry(datetime.now(UTC), TERMINAL, Verb.ACCEPT.value, details=details)
            await AuditLog(database).note(entry)
            await store.accept(source)
        return stopped


async def _export(config: Config, person: str) -> Mapping[str, object]:
    async with database_address(config) as dsn, Database.connect(dsn, connections=2) as database:
        return await kept_of(database, person)


async def _erase(config: Config, person: str) -> None:
    async with database_address(config) as dsn, Database.connect(dsn, connections=2) as database:
        await erase_people(database, [person])
