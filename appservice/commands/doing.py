"""Carrying out what was asked and allowed."""

from __future__ import annotations

import logging
from collections.abc import Collection
from typing import Final, assert_never

from appservice.commands.authority import SchoolRoom
from appservice.commands.deeds import ApplyPlan, Lift, Resync, SetPin, Take, TurnYear
from appservice.commands.house import CommandHouse
from appservice.commands.paper import Answer, said
from appservice.commands.parsing import Request, step_said
from appservice.commands.registry import COMMANDS
from appservice.commands.resolving import Denied, Meant, Scene
from appservice.commands.told import report_page
from appservice.commands.vocabulary import Step, Verb
from appservice.commands.wording import deed_done, prefix
from appservice.errors import Refused, SchoolSpacesError
from appservice.language import _
from appservice.matrix.values import StateEvent
from appservice.rooms.measures import MeasureKind
from appservice.rooms.observed import InboundMessage
from appservice.storage.audit_log import Entry
from appservice.storage.exclusive import LockTaken
from appservice.storage.rollover import RolloverState
from appservice.upkeep.report import Report
from appservice.upkeep.turn_words import state_said

_REACHED: Final = {
    Step.APPLY: RolloverState.APPLIED,
    Step.BACK: RolloverState.RETURNED,
    Step.CONFIRM: RolloverState.CONFIRMED,
}
PINNED: Final = "m.room.pinned_events"
_MOST_PINS: Final = 100

log = logging.getLogger(__name__)


async def perform(
    meant: Meant, scene: Scene, house: CommandHouse, *, cause: str, asked_by: str = ""
) -> Answer:
    """Do it and note it in the audit log. `cause` is the id of the message or reaction that said
    so; `asked_by` who had asked, where another one confirmed.
    """
    actor = scene.asker.who.user_id
    details: dict[str, object] = {"asked_by": asked_by} if asked_by and asked_by != actor else {}
    match meant.deed:
        case Take(verb, kind, places, user) as deed:
            measures = deed.measures(by=actor, now=scene.now)
            details |= {"rooms": [room or school for school, room in places]}
            if measures[0].until is not None:
                details["until"] = measures[0].until.isoformat()
            entry = _entry(scene, verb, user or places[0][1], details, cause)
            await house.audit.take_measures(measures, entry)
            rooms = _rooms_of(scene, places, user)
            if measures[0].until is not None:
                await house.look_later(rooms, measures[0].until)
            report = await _in_line(house, rooms, account=_account(kind, user))
            return deed_done(meant, report, house.zone)
        case Lift(verb, kind, numbers, places, user):
            details |= {"rooms": [room or school for school, room in places]}
            entry = _entry(scene, verb, user or places[0][1], details, cause)
            await house.audit.lift_measures(numbers, entry)
            rooms = _rooms_of(scene, places, user)
            report = await _in_line(house, rooms, account=_account(kind, user))
            return deed_done(meant, report, house.zone)
        case Resync(rooms, user):
            object_ = user or next(iter(rooms), "")
            await house.audit.note(_entry(scene, Verb.RESYNC, object_, details, cause))
            return report_page(await house.resync(rooms, user))
        case ApplyPlan(digest):
            details["digest"] = digest
            await house.audit.note(_entry(scene, Verb.APPLY, "", details, cause))
            return report_page(await house.apply(digest, by=actor))
        case SetPin(room_id, event_id, pinned):
            verb = Verb.PIN if pinned else Verb.UNPIN
            object_ = scene.place.room.key if isinstance(scene.place, SchoolRoom) else ""
            await _set_pin(house, room_id, event_id, pinned=pinned)
            await house.audit.note(_entry(scene, verb, object_, {"event": event_id}, cause))
            return said(_("Pinned.") if pinned else _("Unpinned."))
        case TurnYear(step, digest):
            details |= {"step": step.value, "digest": digest}
            await house.audit.note(_entry(scene, Verb.ROLLOVER, "", details, cause))
            return await _turn(step, digest, house, by=actor)
        case _:
            assert_never(meant.deed)


async def turn_meant(request: Request, house: CommandHouse) -> Meant | Denied:
    """The step that is asked for, of the rollover that there is now."""
    said_step, found = step_said(request.text), await house.turn.latest()
    if said_step is None or found is None:
        return Denied(_("There is no rollover."))
    step, digest = said_step
    if digest and digest.lower() != found.digest:
        return Denied(
            _("The rollover is {new} now, not {old}.").format(new=found.digest, old=digest[:40])
        )
    return Meant(TurnYear(step, found.digest), request)


async def _turn(step: Step, digest: str, house: CommandHouse, *, by: str) -> Answer:
    found = await house.turn.latest()
    if found is not None and (found.digest, found.state) == (digest, _REACHED.get(step)):
        # We are asked again after a crash, and somebody finished it meanwhile.
        state = state_said(found)
        return said(_("Rollover {digest}: {state}.").format(digest=digest, state=state))
    try:
        return await _stepped(step, digest, house, by=by)
    except LockTaken:
        return said(
            _("The rollover is under way, and is finished by itself."),
            _("How far it is: `{line}`").format(line=f"{prefix()} {COMMANDS[Verb.ROLLOVER].word}"),
        )


async def _stepped(step: Step, digest: str, house: CommandHouse, *, by: str) -> Answer:
    match step:
        case Step.APPLY:
            return report_page(await house.turn.begin(digest, by=by))
        case Step.BACK:
            return report_page(await house.turn.take_back(digest, by=by))
        case Step.CONFIRM:
            await house.turn.confirm(digest)
            return said(_("Confirmed."))
        case Step.DROP:
            await house.turn.drop()
            return said(_("The draft is forgotten."))
        case Step.SHOW | Step.DRAFT:
            raise ValueError(f"nothing that is confirmed: {step}")


async def pinning(verb: Verb, message: InboundMessage, scene: Scene, house: CommandHouse) -> Answer:
    """Pin or unpin the message that is replied to."""
    target = message.relates_to
    if not target or not await house.homeserver.has_event(message.room_id, target):
        return said(_("Reply with this command to the message you mean."))
    deed = SetPin(message.room_id, target, verb is Verb.PIN)
    return await perform(Meant(deed, Request(verb)), scene, house, cause=message.event_id)


async def _set_pin(house: CommandHouse, room_id: str, event_id: str, *, pinned: bool) -> None:
    before = await house.homeserver.pinned(room_id)
    after = [one for one in before if one != event_id]
    if pinned:
        after = [*after, event_id][-_MOST_PINS:]
    if after != before:
        await house.homeserver.put_state(room_id, StateEvent(PINNED, "", {"pinned": after}))


def _account(kind: MeasureKind, user: str) -> str:
    """Whose account the measure is about, "" where it is about rooms."""
    return user if kind is MeasureKind.SUSPEND else ""


def _rooms_of(scene: Scene, places: Collection[tuple[str, str]], user: str) -> tuple[str, ...]:
    """The rooms that a measure reaches."""
    whole = {school for school, room in places if not room}
    named = {room for _school, room in places if room}
    rooms = scene.directory.desired.rooms
    in_school = {
        key
        for key, room in rooms.items()
        if room.school_id in whole and (user in room.members or user in room.banned)
    }
    return tuple(sorted(named | in_school))


async def _in_line(house: CommandHouse, rooms: Collection[str], *, account: str) -> Report | None:
    """Bring the rooms in line at once; None while another run keeps us from it.

    The decision stands already: what cannot be done now is done by whoever looks next.
    """
    await house.look_later(rooms, None)
    try:
        return await house.resync(rooms, account)
    except Refused:
        return None
    except SchoolSpacesError as error:
        log.warning("A decision is not carried out yet: %s", error)
        return None


def _entry(scene: Scene, verb: Verb, object_: str, details: dict[str, object], cause: str) -> Entry:
    return Entry(
        at=scene.now,
        actor=scene.asker.who.user_id,
        action=verb.value,
        object=object_,
        details=details,
        cause=cause,
    )
