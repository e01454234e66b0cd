"""Dangerous commands: shown first, done when a person who may says yes, within minutes, once."""

from __future__ import annotations

from datetime import timedelta
from typing import assert_never

from appservice.commands.authority import may_ask
from appservice.commands.deeds import ApplyPlan, deed_digest
from appservice.commands.doing import perform, turn_meant
from appservice.commands.house import CommandHouse
from appservice.commands.paper import Answer, Title, said
from appservice.commands.parsing import Request
from appservice.commands.pending import code_of, read, written
from appservice.commands.registry import COMMANDS
from appservice.commands.resolving import Denied, Meant, Scene, Unclear, measure_meant, resync_meant
from appservice.commands.told import plan_page
from appservice.commands.vocabulary import Verb
from appservice.commands.wording import deed_question, how_to_confirm
from appservice.language import _
from appservice.rooms.observed import InboundMessage
from appservice.rooms.planning.plan import Plan
from appservice.storage.admin_room import Waiting


async def ask(meant: Meant, message: InboundMessage, scene: Scene, house: CommandHouse) -> Answer:
    """Keep what is meant and show it."""
    code = await keep(meant, message, scene, house)
    return deed_question(meant, code, house.settings.confirm_minutes, house.zone)


async def ask_for_plan(
    plan: Plan, message: InboundMessage, scene: Scene, house: CommandHouse
) -> Answer:
    """The same for a whole plan."""
    if not plan.actions:
        return plan_page(plan)
    meant = Meant(ApplyPlan(plan.digest), Request(Verb.APPLY))
    code = await keep(meant, message, scene, house)
    shown = plan_page(plan, approve=False)
    how = how_to_confirm(code, house.settings.confirm_minutes)
    return Answer((*shown.blocks, *how), calls=True)


async def keep(meant: Meant, message: InboundMessage, scene: Scene, house: CommandHouse) -> str:
    """Keep what is meant until it is confirmed; the code to confirm it by."""
    code = code_of(message.event_id)
    await house.admin.wait(
        Waiting(
            code=code,
            asked_event=message.event_id,
            room_id=message.room_id,
            asker=message.sender,
            request=written(meant.request),
            digest=deed_digest(meant.deed),
            expires_at=scene.now + timedelta(minutes=house.settings.confirm_minutes),
        )
    )
    return code


async def confirm(
    verb: Verb,
    message: InboundMessage,
    scene: Scene,
    house: CommandHouse,
    *,
    code: str = "",
    prompt: str = "",
) -> Answer | None:
    """A yes or a no, by code or by a reaction; None when nothing waits there."""
    waiting = await house.admin.waiting(message.room_id, code=code.lower(), prompt=prompt)
    if waiting is None:
        return None
    request = read(waiting.request)
    if not may_ask(scene.asker, COMMANDS[request.verb], scene.place):
        return said(_("You may not confirm this."))
    if waiting.used_by not in ("", message.event_id):
        return said(_("This was answered already."))
    # Looked up by the confirming person's own rights.
    meant = await _meant_now(request, scene, house, waiting)
    if isinstance(meant, Answer) and verb is Verb.YES:
        return meant
    if not await house.admin.use(waiting.code, message.event_id, now=scene.now):
        return said(_("It waited too long. Nothing was done; ask again."))
    if verb is Verb.NO:
        return said(_("Dropped. Nothing was done."))
    assert isinstance(meant, Meant)
    return await perform(meant, scene, house, cause=message.event_id, asked_by=waiting.asker)


async def _meant_now(
    request: Request, scene: Scene, house: CommandHouse, waiting: Waiting
) -> Meant | Answer:
    """What the request comes to now, if that is what was shown."""
    meant: Meant | Unclear | Denied
    match request.verb:
        case Verb.APPLY:
            # The apply itself refuses when the plan is another one by now.
            return Meant(ApplyPlan(waiting.digest), request)
        case Verb.RESYNC:
            meant = resync_meant(scene, request)
        case Verb.ROLLOVER:
            meant = await turn_meant(request, house)
        case _:
            meant = measure_meant(scene, request)
    match meant:
        case Meant(deed) if deed_digest(deed) == waiting.digest:
            return meant
        case Meant() | Unclear():
            return Answer((Title(_("It has changed since it was shown. Ask again.")),))
        case Denied(why):
            return said(why)
        case _:
            assert_never(meant)
