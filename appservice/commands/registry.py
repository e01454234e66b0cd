"""Every command: what it takes, who may use it where, whether it waits for a confirmation, its
help. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto
from types import MappingProxyType
from typing import Final

from appservice.commands.vocabulary import PREFIXES, WORDS, Verb
from appservice.language import _, current_language


class Slot(Enum):
    """What a command takes. TARGET is a room or a person; SPAN a time that is over; STEP a step of
    the turn of the year.
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


_PERSON_DEED: Final = (Slot.ROOM, Slot.LENGTH, Slot.REASON)

_ALL: Final = (
    Command(
        Verb.HELP,
        help_text("What can be asked; with a word, more about it."),
        Reach.ROOM,
        Slot.TOPIC,
    ),
    Command(Verb.STATUS, help_text("What is kept, and what was done lately."), Reach.WHOLE),
    Command(
        Verb.PLAN,
        help_text("Reads the roster and shows what would be done. Changes nothing."),
        Reach.WHOLE,
    ),
    Command(
        Verb.APPLY,
        help_text(
            "Does what the plan says. With the digest of a plan you have seen: exactly that one."
            " Without it, the plan is shown and waits for your confirmation."
        ),
        Reach.WHOLE,
        Slot.DIGEST,
    ),
    Command(
        Verb.SYNC,
        help_text("Reads the roster and does what it asks for, unless a person has to approve it."),
        Reach.WHOLE,
    ),
    Command(
        Verb.ROLLOVER,
        help_text(
            "The turn of the year: how far it is. Drafts it from a roster that lies beside the"
            " configured one, for a day or not; begins it, takes it back, confirms it, forgets the"
            " draft: all but the draft waits for your confirmation."
        ),
        Reach.WHOLE,
        Slot.STEP,
        more=(Slot.DAY,),
    ),
    Command(
        Verb.PAUSE,
        help_text("Nothing is brought in line by itself until you resume."),
        Reach.WHOLE,
    ),
    Command(Verb.RESUME, help_text("The school is brought in line by itself again."), Reach.WHOLE),
    Command(
        Verb.WHO,
        help_text("A person's roles, rooms, power levels and last changes."),
        Reach.SCHOOL,
        Slot.PERSON,
        needed=True,
    ),
    Command(
        Verb.ROOM,
        help_text("Who is in a room, with which power, and what was decided about it."),
        Reach.SCHOOL,
        Slot.ROOM,
        needed=True,
    ),
    Command(
        Verb.DRIFT,
        help_text(
            "What people changed against the roster, and what became of it: in a room or in all,"
            " over a day or as long as you say."
        ),
        Reach.SCHOOL,
        Slot.ROOM,
        more=(Slot.SPAN,),
    ),
    Command(
        Verb.RESYNC,
        help_text("Brings one room, or all rooms of one person, in line with the roster now."),
        Reach.SCHOOL,
        Slot.TARGET,
        needed=True,
    ),
    Command(
        Verb.MUTE,
        help_text(
            "The person may read, but not write. For a day unless you say how long; without a room"
            " in every room of the school."
        ),
        Reach.ROOM,
        Slot.PERSON,
        needed=True,
        more=_PERSON_DEED,
    ),
    Command(
        Verb.UNMUTE,
        help_text("Ends a mute before its time."),
        Reach.ROOM,
        Slot.PERSON,
        needed=True,
        more=(Slot.ROOM,),
    ),
    Command(
        Verb.REMOVE,
        help_text(
            "Takes the person out of the room for a day, or for as long as you say. Whom the roster"
            " wants there is brought back afterwards."
        ),
        Reach.ROOM,
        Slot.PERSON,
        needed=True,
        more=_PERSON_DEED,
        dangerous=True,
    ),
    Command(
        Verb.BAN,
        help_text("Keeps the person out until you lift the ban, or for as long as you say."),
        Reach.SCHOOL,
        Slot.PERSON,
        needed=True,
        more=_PERSON_DEED,
        dangerous=True,
    ),
    Command(
        Verb.UNBAN,
        help_text("Lifts a ban or ends a removal; whom the roster wants there is brought back."),
        Reach.SCHOOL,
        Slot.PERSON,
        needed=True,
        more=(Slot.ROOM,),
    ),
    Command(
        Verb.LOCK,
        help_text("Only staff may write in the room, until you unlock it or for as long as said."),
        Reach.ROOM,
        Slot.ROOM,
        more=(Slot.LENGTH, Slot.REASON),
    ),
    Command(Verb.UNLOCK, help_text("Everyone may write again."), Reach.ROOM, Slot.ROOM),
    Command(
        Verb.SUSPEND,
        help_text(
            "The account may sign in and read, and nothing else, until you lift it. The rooms stay."
        ),
        Reach.SCHOOL,
        Slot.PERSON,
        needed=True,
        more=(Slot.REASON,),
        dangerous=True,
    ),
    Command(
        Verb.UNSUSPEND,
        help_text("Lifts a suspension."),
        Reach.SCHOOL,
        Slot.PERSON,
        needed=True,
    ),
    Command(
        Verb.PIN, help_text("Pins the message that you reply to with this command."), Reach.ROOM
    ),
    Command(
        Verb.UNPIN, help_text("Unpins the message that you reply to with this command."), Reach.ROOM
    ),
    Command(
        Verb.RETRY,
        help_text("Tries to send again what could not be sent of the diary."),
        Reach.WHOLE,
    ),
    Command(Verb.ERRORS, help_text("What went wrong lately and still waits."), Reach.WHOLE),
    Command(Verb.AUDIT, help_text("Who did what: the latest entries of the log."), Reach.WHOLE),
    Command(
        Verb.DOCTOR, help_text("Looks whether all is in place, and says what to do."), Reach.WHOLE
    ),
    Command(
        Verb.YES,
        help_text("Confirms what waits under this code. A ✅ on the message does the same."),
        Reach.ROOM,
        Slot.CODE,
        needed=True,
    ),
    Command(
        Verb.NO,
        help_text("Drops what waits under this code."),
        Reach.ROOM,
        Slot.CODE,
        needed=True,
    ),
)

COMMANDS: Final[Mapping[Verb, Command]] = MappingProxyType(
    {command.verb: command for command in _ALL}
)


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
