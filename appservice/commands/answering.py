"""A message to the bot: understood, allowed, done, answered.

A message may come here again, after a crash or on another host. Answers are sent under transaction
ids made from the message; a deed is noted in the audit log under the message's id, in the database
transaction that decides it, so it is done once.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Final, cast, get_args

from appservice.commands.authority import AdminRoom, Place, SchoolRoom, asker_of, may_ask
from appservice.commands.choosing import choose, offer
from appservice.commands.confirming import ask, confirm
from appservice.commands.directory import Directory
from appservice.commands.doing import perform, pinning
from appservice.commands.house import CommandHouse
from appservice.commands.looking import look
from appservice.commands.paper import Answer, pages, said
from appservice.commands.parsing import Choice, Parsed, Request, is_command, number_said, parsed
from appservice.commands.registry import COMMANDS
from appservice.commands.resolving import Denied, Meant, Scene, Unclear, measure_meant, resync_meant
from appservice.commands.vocabulary import Verb
from appservice.commands.wording import help_page, help_pages, misunderstood, prefix
from appservice.errors import Permanent, Refused
from appservice.language import Language, _, speaking
from appservice.rooms.observed import InboundMessage, MessageKind

YES_SIGN: Final = "✅"
NO_SIGN: Final = "❌"
_STALE: Final = timedelta(hours=1)
_VARIATION: Final = "\ufe0f"  # emoji presentation, which some clients add

log = logging.getLogger(__name__)


def heeds(message: InboundMessage) -> bool:
    """Whether a message may be for us: quickly, knowing nothing of rooms and people."""
    match message.kind:
        case MessageKind.MESSAGE:
            # A number in reply may choose from a list of ours.
            return is_command(message.body) or (
                bool(message.relates_to) and number_said(message.body) is not None
            )
        case MessageKind.REACTION:
            return message.body.strip(_VARIATION) in (YES_SIGN, NO_SIGN)
        case MessageKind.REDACTION | MessageKind.INVITATION:
            return False


async def answer(message: InboundMessage, house: CommandHouse) -> None:
    """Do what is asked and say so in the same room; nothing where it is not for us.

    Raises Temporary when it must be tried again later.
    """
    if not heeds(message) or message.sender == house.bot:
        return
    directory = await house.directory()
    place = await _place(message.room_id, house, directory)
    if place is None:
        return
    who = directory.by_user(message.sender)
    asker = asker_of(who, directory.desired.admins, house.settings.administrators)
    now = house.now()
    scene = Scene(asker, place, directory, await house.measures.told(now), now, house.zone)
    with speaking(_language(house, directory, who.schools, place)):
        try:
            reply = await _reply(message, scene, house)
        except (Refused, Permanent) as error:
            reply = said(_("This could not be done."), str(error))
        if reply is not None:
            await send(reply, house, message.room_id, cause=message.event_id, to=message)


async def _place(room_id: str, house: CommandHouse, directory: Directory) -> Place | None:
    if room_id == await house.admin.room_id():
        return AdminRoom()
    for key, kept in (await house.observed.room_ids()).items():
        if kept == room_id and key in directory.desired.rooms:
            return SchoolRoom(directory.desired.rooms[key])
    return None


def _language(
    house: CommandHouse, directory: Directory, schools: frozenset[str], place: Place
) -> Language:
    """That of the person's school; in the administrators' room the configured one goes first."""
    if isinstance(place, AdminRoom) and house.language is not None:
        return house.language
    school = directory.language_of(schools)
    if school in get_args(Language):
        return cast(Language, school)
    return house.language or "en"


async def _reply(message: InboundMessage, scene: Scene, house: CommandHouse) -> Answer | None:
    """None: nothing is said."""
    if message.kind is MessageKind.REACTION:
        verb = Verb.YES if message.body.strip(_VARIATION) == YES_SIGN else Verb.NO
        if not may_ask(scene.asker, COMMANDS[verb], scene.place):
            return None
        return await confirm(verb, message, scene, house, prompt=message.relates_to)
    allowed = frozenset(
        verb for verb, command in COMMANDS.items() if may_ask(scene.asker, command, scene.place)
    )
    request: Parsed | Answer | None
    if is_command(message.body):
        if not allowed:
            return said(_("I take no orders from you here."))
        request = parsed(message.body)
        if isinstance(request, Choice):
            request = await choose(request.number, message, scene, house)
            if request is None:
                return said(_("There is no list to choose from."))
    else:
        number = number_said(message.body)
        assert number is not None  # or it would not be heeded
        request = await choose(number, message, scene, house, prompt=message.relates_to)
    if request is None or isinstance(request, Answer):
        return request
    if not isinstance(request, Request):
        return misunderstood(request, allowed)
    if request.verb not in allowed:
        return said(
            _("This is not for you, or not for this room."),
            _("What you can ask here: `{help}`").format(help=f"{prefix()} help"),
        )
    if scene.now - _sent(message) > _STALE:
        return said(_("Your message reached me late; nothing was done. Say it again."))
    return await _asked(request, message, scene, house, allowed)


async def _asked(
    request: Request,
    message: InboundMessage,
    scene: Scene,
    house: CommandHouse,
    allowed: frozenset[Verb],
) -> Answer:
    match request.verb:
        case Verb.HELP:
            topic = parsed(f"{prefix()} {request.text}") if request.text else request
            named = getattr(topic, "verb", Verb.HELP)
            if request.text and isinstance(named, Verb) and named in allowed:
                return help_page(COMMANDS[named])
            return help_pages(COMMANDS[verb] for verb in COMMANDS if verb in allowed)
        case Verb.YES | Verb.NO:
            answered = await confirm(request.verb, message, scene, house, code=request.text)
            return answered or said(_("Nothing waits under this code."))
        case Verb.PIN | Verb.UNPIN:
            return await pinning(request.verb, message, scene, house)
        case (
            Verb.MUTE
            | Verb.UNMUTE
            | Verb.REMOVE
            | Verb.BAN
            | Verb.UNBAN
            | Verb.LOCK
            | Verb.UNLOCK
            | Verb.SUSPEND
            | Verb.UNSUSPEND
        ):
            meant: Meant | Unclear | Denied = measure_meant(scene, request)
        case Verb.RESYNC:
            meant = resync_meant(scene, request)
        case _:
            return await look(request, message, scene, house)
    match meant:
        case Unclear():
            return await offer(request, meant, message, scene, house)
        case Denied(why):
            return said(why)
        case Meant():
            # What reaches into every room of a school is shown first, too.
            if request.command.dangerous or (not meant.rooms and request.verb is Verb.MUTE):
                return await ask(meant, message, scene, house)
            return await perform(meant, scene, house, cause=message.event_id)


async def send(
    reply: Answer,
    house: CommandHouse,
    room_id: str,
    *,
    cause: str,
    to: InboundMessage | None = None,
) -> None:
    """Say it, in as many messages as it needs. `cause` makes the transaction ids; `to` is the
    message that is answered: in its thread, or in a new one when it is long.
    """
    made = pages(reply)
    for number, page in enumerate(made):
        content: dict[str, object] = {
            "msgtype": "m.text" if reply.calls else "m.notice",
            "body": page.plain,
            "format": "org.matrix.custom.html",
            "formatted_body": page.html,
            "m.mentions": {},
        }
        if to is not None and to.kind is MessageKind.MESSAGE:
            replied = {"m.in_reply_to": {"event_id": to.event_id}}
            if to.thread or reply.is_long or len(made) > 1:
                content["m.relates_to"] = {
                    "rel_type": "m.thread",
                    "event_id": to.thread or to.event_id,
                    "is_falling_back": True,
                    **replied,
                }
            else:
                content["m.relates_to"] = replied
        event_id = await house.homeserver.send(
            room_id, "m.room.message", content, txn=transaction_id(cause, number)
        )
        if (reply.calls or reply.waits) and number == len(made) - 1:
            # This is what may be reacted or replied to.
            await house.admin.prompted(cause, event_id)


def transaction_id(cause: str, number: int = 0) -> str:
    """The same for the same answer, whoever sends it."""
    digest = blake2b(f"{cause} {number}".encode(), digest_size=16).hexdigest()
    return f"school-spaces-{digest}"


def _sent(message: InboundMessage) -> datetime:
    return datetime.fromtimestamp(message.timestamp / 1000, UTC)
