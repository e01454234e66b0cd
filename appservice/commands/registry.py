"""Every command: what it takes, who may use it where, whether it waits for a confirmation, its
help. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from appservice.commands.command import Command, Reach, Slot, help_text
from appservice.commands.vocabulary import Verb

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
        Verb.DIARY,
        help_text("A link to your diary as a page; it is sent to your own room with the bot."),
        Reach.ROOM,
    ),
    Command(
        Verb.RETRY,
        help_text("Tries to send again what could not be sent of the diary."),
        Reach.WHOLE,
    ),
    Command(
        Verb.ACCEPT,
        help_text(
            "Much was missing at once from the files of the diary, and nobody was told: says that"
            " it is gone indeed. Without a source: which of them wait for that."
        ),
        Reach.WHOLE,
        Slot.SOURCE,
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
