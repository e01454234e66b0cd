"""The messages of the diary that were given up, for those who can see to their cause."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Final

from appservice.commands.paper import Block, Bullets, Paragraph, Title
from appservice.commands.registry import COMMANDS
from appservice.commands.vocabulary import Verb
from appservice.commands.wording import prefix
from appservice.language import _, n_
from appservice.storage.outbox import DeadLetter

_SHOWN: Final = 30  # rooms


def unsent_blocks(letters: Iterable[DeadLetter]) -> tuple[Block, ...]:
    """By room (key) and cause, how many; nothing where none was given up."""
    counts = Counter((letter.room, letter.trouble) for letter in letters)
    if not counts:
        return ()
    lines = [
        f"`{room}` · {_cause(trouble)}: {number}"
        for (room, trouble), number in sorted(counts.items())
    ]
    below = []
    if (more := len(lines) - _SHOWN) > 0:
        below.append(n_("and {count} room more", "and {count} rooms more", more).format(count=more))
    line = f"{prefix()} {COMMANDS[Verb.RETRY].word}"
    below.append(_("When the cause is gone: `{line}`").format(line=line))
    return (
        Title(_("Messages of the diary that could not be sent")),
        Bullets(tuple(lines[:_SHOWN])),
        *(Paragraph(text) for text in below),
    )


def _cause(trouble: str) -> str:
    """In words where it is a code of ours; those of the homeserver are known by their name."""
    match trouble:
        case "away":
            return _("the homeserver was away for days")
        case "no_room":
            return _("there is no such room")
        case "fault":
            return _("a fault of ours, see the log")
        case _:
            return trouble
