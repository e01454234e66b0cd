"""How the bot puts what it understood, what it asks and what it did."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, tzinfo
from typing import Final

from appservice.commands.command import Command
from appservice.commands.deeds import Lift, Take
from appservice.commands.directory import MOST, Someone
from appservice.commands.paper import Answer, Block, Bullets, Paragraph, Title, listing, said
from appservice.commands.parsing import BadTime, Incomplete, UnknownWord
from appservice.commands.registry import COMMANDS
from appservice.commands.resolving import Meant, Unclear
from appservice.commands.vocabulary import PREFIXES, Verb
from appservice.language import _, current_language, n_
from appservice.school.model import Role
from appservice.upkeep.report import Report

_SHOWN: Final = 20


def prefix() -> str:
    """How the bot is spoken to in the language spoken."""
    return PREFIXES[current_language() == "ru"]


def help_pages(commands: Iterable[Command]) -> Answer:
    """What somebody may ask here."""
    return listing(
        _("What you can ask"),
        (f"`{command.usage()}` — {_(command.help)}" for command in commands),
        _("Names may be shortened. Put quotes around what could be misread."),
    )


def help_page(command: Command) -> Answer:
    blocks: list[Block] = [Paragraph(f"`{command.usage()}`"), Paragraph(_(command.help))]
    if command.dangerous:
        blocks.append(Paragraph(_("Shows what it will do, and waits for a confirmation.")))
    return Answer(tuple(blocks))


def misunderstood(what: UnknownWord | Incomplete | BadTime, allowed: Iterable[Verb]) -> Answer:
    match what:
        case UnknownWord(word, nearest):
            text = _("I do not know “{word}”.").format(word=word[:40])
            near = [f"`{prefix()} {COMMANDS[verb].word}`" for verb in nearest if verb in allowed]
            if near:
                return said(text, _("Did you mean {words}?").format(words=", ".join(near)))
            return said(text, _("All that I know: `{help}`").format(help=f"{prefix()} help"))
        case Incomplete(verb):
            return said(_("Something is missing: `{usage}`").format(usage=COMMANDS[verb].usage()))
        case BadTime(verb):
            return said(
                _("I do not understand the time: `{usage}`").format(usage=COMMANDS[verb].usage())
            )


def unclear(what: Unclear) -> Answer:
    """A numbered list to choose from."""
    text = what.said[:60]
    found = [_described(one) for one in what.people]
    whose = what.whose or ("",) * len(what.rooms)
    found += [
        f"{room.name} — {name} — `{room.key}`" if name else f"{room.name} — `{room.key}`"
        for room, name in zip(what.rooms, whose, strict=True)
    ]
    if what.diaries and not found:
        name = _("FAMILY NAME")
        line = f"{prefix()} {COMMANDS[Verb.ROOM].word} {text} {name}"
        return said(
            n_(
                "{count} diary room is called so. Say whose: `{line}`.",
                "{count} diary rooms are called so. Say whose: `{line}`.",
                what.diaries,
            ).format(count=what.diaries, line=line)
        )
    if not found:
        return said(_("I find nobody and nothing called “{said}”.").format(said=text))
    shown = tuple(found[:MOST])
    more = len(found) - len(shown)
    after = _(
        "Reply with the number of the one you mean, or say `{line}`; or say it again with the id."
    ).format(line=f"{prefix()} 1")
    if more:
        after = n_("{count} more is not shown.", "{count} more are not shown.", more).format(
            count=more
        )
        after += " " + _("Say more of the name.")
    title = _("“{said}” may be:").format(said=text)
    return Answer((Title(title), Bullets(shown, numbered=True), Paragraph(after)))


def _described(one: Someone) -> str:
    about = ", ".join((*(role_name(role) for role in one.roles), *one.classes))
    return f"{one.name} ({about}) — `{one.user_id or one.person_id}`" if about else one.name


def role_name(role: Role) -> str:
    match role:
        case Role.STUDENT:
            return _("student")
        case Role.GUARDIAN:
            return _("guardian")
        case Role.TEACHER:
            return _("teacher")
        case Role.CLASS_TEACHER:
            return _("class teacher")
        case Role.SCHOOL_ADMIN:
            return _("school administrator")
        case Role.STAFF:
            return _("staff")
        case Role.OBSERVER:
            return _("observer")


def deed_question(meant: Meant, code: str, minutes: int, zone: tzinfo) -> Answer:
    """What a dangerous command will do, and how to confirm it."""
    return Answer(
        (
            Title(_("This would be done:")),
            Bullets(deed_lines(meant, zone)),
            *how_to_confirm(code, minutes),
        ),
        calls=True,
    )


def how_to_confirm(code: str, minutes: int) -> tuple[Block, ...]:
    return (
        Paragraph(
            _("To do it: ✅ on this message, or `{yes}`. To drop it: `{no}`.").format(
                yes=f"{prefix()} {COMMANDS[Verb.YES].word} {code}",
                no=f"{prefix()} {COMMANDS[Verb.NO].word} {code}",
            )
        ),
        Paragraph(
            n_("It waits for {count} minute.", "It waits for {count} minutes.", minutes).format(
                count=minutes
            )
        ),
    )


def deed_lines(meant: Meant, zone: tzinfo) -> tuple[str, ...]:
    """A deed in a few short lines."""
    where = meant.rooms[0].name if meant.rooms else _("every room of the school")
    lines = [COMMANDS[meant.request.verb].word]
    if meant.who is not None:
        lines[0] += f": {meant.who.name}"
    lines.append(_("Where: {where}").format(where=where))
    if isinstance(meant.deed, Take):
        if meant.deed.length is not None:
            lines.append(
                _("For {length}").format(length=_length(meant.deed.length.total_seconds()))
            )
        elif meant.deed.until is not None:
            lines.append(_("Until {time}").format(time=moment(meant.deed.until, zone)))
        else:
            lines.append(_("Until somebody lifts it"))
    return tuple(lines)


def deed_done(meant: Meant, report: Report | None, zone: tzinfo) -> Answer:
    """`report` None: it will be carried out by the run that is under way."""
    blocks: list[Block] = [Title(_("Done.")), Bullets(deed_lines(meant, zone))]
    if isinstance(meant.deed, Lift):
        blocks = [Title(_("Lifted.")), Bullets(deed_lines(meant, zone)[:2])]
    if report is None:
        blocks.append(Paragraph(_("It takes effect as soon as the run under way has ended.")))
    elif report.exit_status:
        blocks.extend(left_over(report))
    return Answer(tuple(blocks))


def _length(seconds: float) -> str:
    minutes = int(seconds // 60)
    if minutes % (24 * 60) == 0:
        days = minutes // (24 * 60)
        return n_("{count} day", "{count} days", days).format(count=days)
    if minutes % 60 == 0:
        hours = minutes // 60
        return n_("{count} hour", "{count} hours", hours).format(count=hours)
    return n_("{count} minute", "{count} minutes", minutes).format(count=minutes)


def moment(when: datetime, zone: tzinfo) -> str:
    """A time as it is on the clock of the school."""
    return when.astimezone(zone).strftime("%d.%m.%Y %H:%M")


def left_over(report: Report) -> tuple[Block, ...]:
    """What could not be done."""
    left = len(report.failed) + len(report.skipped)
    return (
        Title(_("Failed:")),
        Bullets(tuple(f"{one.text} ({one.code})" for one in report.failed[:_SHOWN])),
        Paragraph(
            n_("{count} action is left.", "{count} actions are left.", left).format(count=left)
        ),
    )
