"""What a command is: what it takes, where it is understood, the line to be copied. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from appservice.commands.vocabulary import PREFIXES, WORDS, Verb
from appservice.language import _, current_language


class Slot(Enum):
    """What a command takes. TARGET is a room or a person; SPAN a time that is over; STEP a step of
    the turn of the year; SOURCE a source of the diary.
    """

    PERSON = auto()
    ROOM = auto()
    TARGET = auto()
    DIGEST = auto()
    CODE = auto()
    TOPIC = auto()
    LENGTH = auto()
    SPAN = auto()
    STEP = auto()
    DAY = auto()
    REASON = auto()
    SOURCE = auto()


class Reach(Enum):
    """Where a command is understood, and who may give it.

    WHOLE: in the admin room, by those who administer every school. SCHOOL: there too, by those who
    administer the school concerned. ROOM: also in a school's room, by those who teach in it.
    """

    WHOLE = auto()
    SCHOOL = auto()
    ROOM = auto()


@dataclass(frozen=True, slots=True)
class Command:
    """`first` is what stands right behind the word; `needed`: it may not be left out. `more` are
    introduced by keywords. `dangerous`: shows what it will do and waits for a confirmation.
    """

    verb: Verb
    help: str
    reach: Reach = Reach.SCHOOL
    first: Slot | None = None
    needed: bool = False
    more: tuple[Slot, ...] = ()
    dangerous: bool = False

    @property
    def word(self) -> str:
        """Its name in the language spoken."""
        return WORDS[self.verb][current_language() == "ru"]

    def usage(self) -> str:
        """One line to be copied."""
        parts = [PREFIXES[current_language() == "ru"], self.word]
        if self.first is not None:
            name = _slot_name(self.first)
            parts.append(name if self.needed else f"[{name}]")
        parts += [f"[{_introduced(slot)}]" for slot in self.more]
        return " ".join(parts)


def help_text(message: str) -> str:
    """Marks a text for the catalogues; it is translated when it is said."""
    return message


def _slot_name(slot: Slot) -> str:
    match slot:
        case Slot.PERSON:
            return _("PERSON")
        case Slot.ROOM:
            return _("ROOM")
        case Slot.TARGET:
            return _("ROOM or PERSON")
        case Slot.DIGEST:
            return _("DIGEST")
        case Slot.CODE:
            return _("CODE")
        case Slot.TOPIC:
            return _("COMMAND")
        case Slot.LENGTH:
            return _("2 hours")
        case Slot.SPAN:
            return _("3 days")
        case Slot.STEP:
            return _("draft NAME, apply, back, confirm, drop")
        case Slot.DAY:
            return "2027-09-01"
        case Slot.REASON:
            return _("WHY")
        case Slot.SOURCE:
            return _("SOURCE")


def _introduced(slot: Slot) -> str:
    name = _slot_name(slot)
    match slot:
        case Slot.ROOM:
            return _("in {room}").format(room=name)
        case Slot.LENGTH:
            return _("for {length}").format(length=name)
        case Slot.DAY:
            return _("on {day}").format(day=name)
        case Slot.SPAN:
            return _("over {length}").format(length=name)
        case Slot.REASON:
            return _("because {why}").format(why=name)
        case _:
            return name
