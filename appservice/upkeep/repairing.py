"""The homeserver read in full, and what in it departs from the accepted roster put right: what
events did not show, because nobody sent them or nobody was there to take them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from appservice.errors import Refused
from appservice.language import _
from appservice.matrix.values import StateEvent
from appservice.rooms.observed import ObservedRoom
from appservice.side_by_side import side_by_side
from appservice.storage.drift import DriftStore
from appservice.storage.inbound import InboundStore
from appservice.upkeep.apply import Workplace, apply, plan_of, run_audit
from appservice.upkeep.audit import AuditProgress, AuditReport
from appservice.upkeep.enforcing import Enforcer, Tools
from appservice.upkeep.living import LivingWish
from appservice.upkeep.neighbourhood import Neighbourhood
from appservice.upkeep.reconcile import Wish
from appservice.upkeep.report import Report
from appservice.upkeep.rereading import departing
from appservice.upkeep.watch import EnforcementWatch

_ROOMS_AT_ONCE: Final = 8


@dataclass(frozen=True, slots=True)
class Repair:
    """`audit`: what was read and believed wrongly. `departed`: how many things people had changed
    that are put right. `report`: the plan that was carried out for the rest, None without one;
    `waiting` says why a plan was not.
    """

    audit: AuditReport
    departed: int = 0
    report: Report | None = None
    waiting: tuple[str, ...] = ()


async def audit_and_repair(
    wish: Wish,
    workplace: Workplace,
    living: LivingWish,
    progress: AuditProgress = lambda _what, _over, _total: None,
    *,
    plan_the_rest: bool = True,
    repaired: Callable[[str], None] = lambda _kind: None,
) -> Repair:
    """`wish` only says whose accounts to look for; what is put right is what the accepted roster
    gives. Raises Refused when an apply or another audit is under way, Temporary when the homeserver
    is away: what was found by then is put right by the service, or by the next audit. Without
    `plan_the_rest` only what people changed is put right. `repaired`: see enforcing.Tools.
    """
    standing = await living.now()
    if standing is None:
        audit = await run_audit(wish, workplace, progress)
        note = _("No roster was applied yet: nothing is put right.")
        return Repair(replace(audit, notes=(*audit.notes, note)))
    inbound = InboundStore(workplace.database)
    neighbours = Neighbourhood(DriftStore(workplace.database))
    touched: list[str] = []
    departed = 0

    async def look(room: ObservedRoom, events: Sequence[StateEvent]) -> None:
        nonlocal departed
        scene = await neighbours.scene(standing, room, ())
        if found := departing(scene, room.room_id, events):
            await inbound.hand_in(found)
            departed += len(found)
            touched.append(room.room_id)

    audit = await run_audit(wish, workplace, progress, look)
    tools = Tools(
        database=workplace.database,
        homeserver=workplace.homeserver,
        store=workplace.store,
        living=living,
        backend_of=lambda _deployment: workplace.backend,
        repaired=repaired,
    )
    enforcer = Enforcer(tools, EnforcementWatch(living))
    await side_by_side(touched, enforcer.look, at_once=_ROOMS_AT_ONCE)
    rest = replace(standing.wish, delivery=None)
    if not plan_the_rest or not (await plan_of(rest, workplace)).plan.actions:
        return Repair(audit, departed)
    try:
        report = await apply(rest, workplace)
    except Refused as refused:
        return Repair(audit, departed, waiting=refused.reasons)
    return Repair(audit, departed, report)
