"""Commands that look, and those that work on the whole deployment."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Final

from appservice.commands.choosing import offer
from appservice.commands.confirming import ask_for_plan
from appservice.commands.deeds import ApplyPlan
from appservice.commands.directory import Directory
from appservice.commands.doing import perform
from appservice.commands.drifted import LOOKED_BACK, drift_lines, drift_page, users_in
from appservice.commands.house import CommandHouse
from appservice.commands.paper import Answer, listing, said
from appservice.commands.parsing import Request
from appservice.commands.registry import COMMANDS
from appservice.commands.resolving import Meant, Scene, Unclear, one_person, one_room
from appservice.commands.told import (
    audit_page,
    doctor_page,
    entry_line,
    errors_page,
    person_page,
    plan_page,
    report_page,
    room_page,
    status_page,
)
from appservice.commands.turning import turn_the_year
from appservice.commands.vocabulary import Verb
from appservice.commands.wording import prefix
from appservice.language import _, n_
from appservice.rooms.observed import InboundMessage
from appservice.storage.audit_log import REPAIR, Entry

_ENTRIES: Final = 20
_CHANGES: Final = 5
_LATELY: Final = timedelta(days=7)


async def look(
    request: Request, message: InboundMessage, scene: Scene, house: CommandHouse
) -> Answer:
    """Everything that needs no person or room to be done something to."""
    match request.verb:
        case Verb.STATUS:
            status = await house.status()
            names = _called(scene.directory, [status.syncs.paused_by])
            return status_page(status, names, house.zone)
        case Verb.PLAN:
            return plan_page(await house.plan())
        case Verb.APPLY:
            if request.text:
                meant = Meant(ApplyPlan(request.text.lower()), request)
                return await perform(meant, scene, house, cause=message.event_id)
            return await ask_for_plan(await house.plan(), message, scene, house)
        case Verb.SYNC:
            return await _sync(message, scene, house)
        case Verb.ROLLOVER:
            return await turn_the_year(request, message, scene, house)
        case Verb.PAUSE | Verb.RESUME:
            return await _pause(request.verb, message, scene, house)
        case Verb.WHO:
            return await _who(request, message, scene, house)
        case Verb.ROOM:
            return await _room(request, message, scene, house)
        case Verb.DRIFT:
            return await _drift(request, message, scene, house)
        case Verb.DIARY:  # whoever may read one was given a link before it came here
            return said(_("There is no diary that you may read here."))
        case Verb.RETRY:
            return await _retry(message, scene, house)
        case Verb.ACCEPT:
            return await _accept(request.text, message, scene, house)
        case Verb.ERRORS:
            return errors_page((await house.status()).runs, await house.unsent(), house.zone)
        case Verb.AUDIT:
            entries = await house.audit.latest(_ENTRIES)
            return audit_page(entries, _names(scene.directory, entries), house.zone)
        case Verb.DOCTOR:
            return doctor_page(await house.doctor())
        case _:
            raise ValueError(f"not a command that looks: {request.verb}")


async def _sync(message: InboundMessage, scene: Scene, house: CommandHouse) -> Answer:
    actor = scene.asker.who.user_id
    await house.audit.note(Entry(scene.now, actor, Verb.SYNC.value, cause=message.event_id))
    plan, report = await house.sync(by=actor)
    if report is not None:
        return report_page(report)
    return plan_page(plan)


async def _retry(message: InboundMessage, scene: Scene, house: CommandHouse) -> Answer:
    actor = scene.asker.who.user_id
    await house.audit.note(Entry(scene.now, actor, Verb.RETRY.value, cause=message.event_id))
    count = await house.retry()
    if not count:
        return said(_("Nothing of the diary waits for that."))
    return said(
        n_(
            "{count} message of the diary is tried again.",
            "{count} messages of the diary are tried again.",
            count,
        ).format(count=count)
    )


async def _accept(
    source: str, message: InboundMessage, scene: Scene, house: CommandHouse
) -> Answer:
    stopped = await house.stopped_sources()
    if source in stopped:
        actor, details = scene.asker.who.user_id, {"source": source}
        await house.audit.note(
            Entry(scene.now, actor, Verb.ACCEPT.value, details=details, cause=message.event_id)
        )
        await house.accept_gone(source)
        return said(
            _("Accepted. {name} is read again within a minute, and people are told.").format(
                name=source
            )
        )
    if not stopped:
        return said(_("No source of the diary waits for that."))
    line = f"`{prefix()} {COMMANDS[Verb.ACCEPT].word} {{}}`"
    return listing(
        _("Much is missing at once from the files of these sources"),
        [line.format(one) for one in stopped],
        _("Say so only if it is gone indeed: people are told that it is."),
    )


async def _pause(verb: Verb, message: InboundMessage, scene: Scene, house: CommandHouse) -> Answer:
    actor = scene.asker.who.user_id
    await house.set_paused(paused=verb is Verb.PAUSE, by=actor)
    await house.audit.note(Entry(scene.now, actor, verb.value, cause=message.event_id))
    if verb is Verb.PAUSE:
        return said(_("Paused: nothing is brought in line by itself until you resume."))
    return said(_("Resumed: the school is brought in line by itself again."))


async def _who(
    request: Request, message: InboundMessage, scene: Scene, house: CommandHouse
) -> Answer:
    who = one_person(scene, request.person)
    if isinstance(who, Unclear):
        return await offer(request, who, message, scene, house)
    entries = await house.audit.latest(_CHANGES, about=[who.user_id]) if who.user_id else ()
    names = _names(scene.directory, entries)
    return person_page(
        who,
        [
            room
            for room in scene.directory.rooms_of(who.user_id)
            if scene.asker.administers(room.school_id)
        ],
        [
            one
            for one in scene.measures
            if who.user_id and one.user_id == who.user_id and one.in_force(scene.now)
        ],
        [entry_line(entry, names, house.zone) for entry in entries],
        house.zone,
    )


async def _room(
    request: Request, message: InboundMessage, scene: Scene, house: CommandHouse
) -> Answer:
    room = one_room(scene, request.room)
    if isinstance(room, Unclear):
        return await offer(request, room, message, scene, house)
    seen = (await house.observed.rooms([room.key])).get(room.key)
    entries = await house.audit.latest(_CHANGES, about=[room.key], without=REPAIR)
    drifts = await house.drift.since(scene.now - _LATELY, room=room.key, limit=_CHANGES)
    people = _called(scene.directory, (*room.members, *users_in(drifts)))
    names = {**people, **_names(scene.directory, entries)}
    return room_page(
        room,
        names,
        None if seen is None else seen.members,
        [one for one in scene.measures if one.room == room.key and one.in_force(scene.now)],
        [entry_line(entry, names, house.zone) for entry in entries],
        drift_lines(drifts, names, house.zone),
        house.zone,
    )


async def _drift(
    request: Request, message: InboundMessage, scene: Scene, house: CommandHouse
) -> Answer:
    since = scene.now - (request.length or LOOKED_BACK)
    room = one_room(scene, request.room) if request.room else None
    if isinstance(room, Unclear):
        return await offer(request, room, message, scene, house)
    found = await house.drift.since(since, room=room.key if room else None)
    rooms = scene.directory.desired.rooms
    found = [
        one
        for one in found
        if scene.asker.schools is None
        or (one.drift.room in rooms and scene.asker.administers(rooms[one.drift.room].school_id))
    ]
    people = _called(scene.directory, users_in(found))
    return drift_page(found, people, {key: one.name for key, one in rooms.items()}, house.zone)


def _called(directory: Directory, users: Iterable[str]) -> Mapping[str, str]:
    return {user: directory.by_user(user).name for user in users if user.startswith("@")}


def _names(directory: Directory, entries: Iterable[Entry]) -> Mapping[str, str]:
    return _called(directory, {user for entry in entries for user in (entry.actor, entry.object)})
