"""`school-spaces contacts`: whether one person may write to another, and why."""

from __future__ import annotations

from typing import Annotated

import typer

from appservice.app import deployment_of, namespace_of, read_delivery, today_at
from appservice.cli.render import paper, print_json
from appservice.cli.terminal import AsJson, help_text, terminal
from appservice.contacts.policy import Side
from appservice.contacts.question import Answer, Reason
from appservice.language import _
from appservice.upkeep.reconcile import accepted
from appservice.upkeep.wanted_policy import questions


def contacts(
    context: typer.Context,
    writer: Annotated[
        str, typer.Argument(metavar="PERSON_A", help=help_text("A person's id in the roster."))
    ],
    reader: Annotated[
        str, typer.Argument(metavar="PERSON_B", help=help_text("Another person's id."))
    ],
    as_json: AsJson = False,
) -> None:
    """From the roster and the configuration; Synapse is not asked. Exit code 1: neither may."""
    config = terminal(context).config()
    delivery = read_delivery(config)
    deployment = deployment_of(config, namespace_of(config, accepted(delivery)))
    asked = questions(delivery, deployment, today=today_at(config))
    answers = (asked.ask(writer, reader), asked.ask(reader, writer))
    if as_json:
        print_json({"answers": [_object(answer) for answer in answers]})
    else:
        for answer in answers:
            _show(answer)
    if not any(answer.allowed for answer in answers):
        raise typer.Exit(1)


def _object(answer: Answer) -> dict[str, object]:
    return {
        "from": answer.writer,
        "to": answer.reader,
        "from_is": [side.value for side in answer.writer_is],
        "to_is": [side.value for side in answer.reader_is],
        "allowed": answer.allowed,
        "because": [
            {
                "circle": reason.circle,
                "kind": reason.kind.value,
                "writer": reason.writer.value,
                "reader": reason.reader.value,
                "key": reason.key,
                "words": list(reason.words),
            }
            for reason in answer.reasons
        ],
    }


def _show(answer: Answer) -> None:
    console = paper()
    pair = f"{answer.writer} → {answer.reader}: "
    if answer.allowed:
        console.print(pair + _("may write first"), style="green")
        for reason in answer.reasons:
            console.print(f"  • {_reason(reason)}")
    else:
        console.print(pair + _("may not write first"), style="yellow")
        console.print(
            "  • "
            + _(
                "no word of {key} lets {writers} write to {readers} in a place that both are in"
            ).format(
                key=" / ".join(f"contacts.may_write_to.{side.value}" for side in answer.writer_is)
                or "contacts.may_write_to",
                writers=_sides(answer.writer_is),
                readers=_sides(answer.reader_is),
            )
        )


def _reason(reason: Reason) -> str:
    return _("{circle}: {writer} → {reader} ({key}: {words})").format(
        circle=reason.circle,
        writer=side_name(reason.writer),
        reader=side_name(reason.reader),
        key=reason.key,
        words=", ".join(reason.words),
    )


def _sides(sides: tuple[Side, ...]) -> str:
    return ", ".join(map(side_name, sides)) or _("nobody in particular")


def side_name(side: Side) -> str:
    """What somebody is, in words."""
    match side:
        case Side.STUDENT:
            return _("student")
        case Side.GUARDIAN:
            return _("guardian")
        case Side.TEACHER:
            return _("teacher")
        case Side.STAFF:
            return _("employee")
        case Side.SCHOOL_ADMIN:
            return _("school administrator")
        case Side.OBSERVER:
            return _("observer")
