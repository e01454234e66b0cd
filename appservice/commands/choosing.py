"""Where several people or rooms fit, they are listed, and the asker chooses one by its number."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from appservice.commands.command import Slot
from appservice.commands.directory import MOST
from appservice.commands.house import CommandHouse
from appservice.commands.paper import Answer, said
from appservice.commands.parsing import Request
from appservice.commands.pending import code_of, read_choices, written_choices
from appservice.commands.resolving import Scene, Unclear
from appservice.commands.wording import unclear
from appservice.language import _
from appservice.rooms.observed import InboundMessage
from appservice.storage.admin_room import Waiting


async def offer(
    request: Request, what: Unclear, message: InboundMessage, scene: Scene, house: CommandHouse
) -> Answer:
    """List who or what may be meant, and keep the list for the asker's answer."""
    requests = choices(request, what)
    if not requests:
        return unclear(what)
    await house.admin.wait(
        Waiting(
            code=code_of(message.event_id),
            asked_event=message.event_id,
            room_id=message.room_id,
            asker=message.sender,
            request=written_choices(requests),
            digest="",
            expires_at=scene.now + timedelta(minutes=house.settings.confirm_minutes),
        )
    )
    return replace(unclear(what), waits=True)


def choices(request: Request, what: Unclear) -> tuple[Request, ...]:
    """What each line of the list would have meant, in their order. Pure."""
    meant = [replace(request, person=one.user_id or one.person_id) for one in what.people]
    if request.command.first is Slot.TARGET:
        meant += [replace(request, person=room.key) for room in what.rooms]
    else:
        meant += [replace(request, room=room.key) for room in what.rooms]
    return tuple(meant[:MOST])


async def choose(
    number: int, message: InboundMessage, scene: Scene, house: CommandHouse, *, prompt: str = ""
) -> Request | Answer | None:
    """What is meant by this number: of the list in our message `prompt`, else of the last list that
    the sender was shown here. None where there is no such list.
    """
    waiting = await house.admin.choice(message.room_id, asker=message.sender, prompt=prompt)
    if waiting is None:
        return None
    if waiting.asker != message.sender:
        return said(_("Only the one who asked may choose."))
    if waiting.expires_at <= scene.now:
        return said(_("It waited too long. Nothing was done; ask again."))
    meant = read_choices(waiting.request)
    if not 1 <= number <= len(meant):
        return said(_("The list has no number {number}.").format(number=number))
    return meant[number - 1]
