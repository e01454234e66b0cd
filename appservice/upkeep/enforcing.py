"""Holds rooms to the roster while people change them: judges what was kept of a room, undoes it,
writes down what became of it.

A room's events are forgotten in the transaction that records what became of them. A crash before it
means that the room is looked at again, where most is done by then; nothing is lost or recorded
twice. Nobody is locked out: every action may be done by two at once, and an apply that runs
meanwhile works towards the same.
"""

from __future__ import annotations

import asyncio
import logging
import math
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from appservice.accounts.backend import AccountBackend
from appservice.errors import Permanent, Temporary
from appservice.language import _
from appservice.matrix.homeserver import Homeserver
from appservice.rooms.actions import Action, AddMember
from appservice.rooms.enforcement.fights import WINDOW
from appservice.rooms.enforcement.judge import Judgement, judge_room, place_of
from appservice.rooms.observed import InboundEvent, ObservedRoom
from appservice.rooms.planning.scene import Scene
from appservice.rooms.state import StateKey
from appservice.storage import jobs
from appservice.storage.database import Database
from appservice.storage.drift import UNDONE, DriftRecord, DriftStore, Verdict, bans_of
from appservice.storage.inbound import ROOM_JOB, InboundStore, KeptEvent
from appservice.storage.jobs import Entrypoint
from appservice.storage.measures import MeasureStore
from appservice.storage.observed import ObservedStore
from appservice.upkeep.by_api import ByApi
from appservice.upkeep.by_module import ABILITIES, InOneRoom
from appservice.upkeep.execution import Execution, Way
from appservice.upkeep.journal import Journal
from appservice.upkeep.living import Living, LivingWish
from appservice.upkeep.naming import Naming
from appservice.upkeep.neighbourhood import Neighbourhood
from appservice.upkeep.reconcile import Deployment
from appservice.upkeep.regaining import bot_lost, rejoin
from appservice.upkeep.report import AWAY, Failed, Result
from appservice.upkeep.rereading import departing, read_room
from appservice.upkeep.site import Site
from appservice.upkeep.watch import EnforcementWatch

BackendOf = Callable[[Deployment], AccountBackend]

_ABILITIES_KNOWN_S: Final = 600.0
_READ_EVERY_S: Final = 1.0  # a room whose state is taken back again and again
_SLOT_S: Final = 1  # looks put off fall together

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Tools:
    """What enforcement works with. `backend_of` gives the account backend of a deployment;
    `repaired` is told the kind of every drift that was undone.
    """

    database: Database
    homeserver: Homeserver
    store: ObservedStore
    living: LivingWish
    backend_of: BackendOf
    repaired: Callable[[str], None] = lambda _kind: None


class Enforcer:
    """One a process. `watch` is told of every room that is met."""

    def __init__(self, tools: Tools, watch: EnforcementWatch) -> None:
        self._tools = tools
        self._watch = watch
        self._inbound = InboundStore(tools.database)
        self._drift = DriftStore(tools.database)
        self._measures = MeasureStore(tools.database)
        self._naming = Naming(tools.homeserver, tools.store)
        self._at_work: set[str] = set()
        self._again: set[str] = set()
        self._read_at: dict[str, float] = {}
        self._neighbours = Neighbourhood(self._drift)
        self._by_module: tuple[float, bool] | None = None

    async def start(self) -> None:
        """Know what must be true, and every room, before the first event comes."""
        await self._tools.living.now()
        self._watch.learn(await self._tools.store.room_ids())

    async def room(self, payload: bytes) -> None:
        """The job: look at a room. What comes meanwhile is looked at by the same job."""
        room_id = payload.decode().partition(" ")[0]
        if room_id in self._at_work:
            self._again.add(room_id)
            return
        self._at_work.add(room_id)
        try:
            while True:
                self._again.discard(room_id)
                await self.look(room_id)
                if room_id not in self._again:
                    return
        finally:
            self._at_work.discard(room_id)

    async def look(self, room_id: str) -> None:
        """Judge what was kept of a room and bring the room in line.

        Raises Temporary when it could not be done for now; then nothing is forgotten.
        """
        living = await self._tools.living.now()
        kept = await self._inbound.events(room_id)
        key = await self._drift.room_of(room_id)
        if living is None or key is None:
            await self._inbound.judged([one.number for one in kept])
            return
        self._watch.learn({key: room_id})
        case = _Case(living, key, room_id, kept)
        observed = (await self._tools.store.rooms([key])).get(key)
        if observed is None or observed.room_id != room_id:
            observed = await self._come_back(case)
            if observed is None:
                return
        await self._bring_in_line(case, observed)

    async def _bring_in_line(self, case: _Case, observed: ObservedRoom) -> None:
        now = datetime.now(UTC)
        undone = await self._drift.undone(case.key, now - WINDOW)
        scene = await self._neighbours.scene(case.living, observed, case.events)
        judgement = judge_room(scene, observed, case.events, now=now, undone=undone)
        if judgement.redacted and await self._took_state_back(case, judgement.redacted):
            observed = await self._read_anew(case, observed)
            scene = await self._neighbours.scene(case.living, observed, case.events)
            judgement = judge_room(scene, observed, case.events, now=now, undone=undone)
        results = await self._carry_out(case.living, scene, judgement.actions)
        wrong = {place_of(scene, one.action): one.code for one in results}
        await self._naming.put_right(
            self._tools.backend_of(case.living.deployment),
            scene.desired,
            case.room_id,
            judgement.misnamed,
        )
        await self._settle(case, judgement, wrong)

    async def _settle(
        self, case: _Case, judgement: Judgement, wrong: Mapping[StateKey, str]
    ) -> None:
        """Write down what became of it, and look again at what was put off."""
        now = datetime.now(UTC)
        numbers = [one.number for one in case.kept if one.event.event_id not in judgement.waiting]
        bans: Mapping[str, Sequence[int]] = {}
        if judgement.decisions:
            bans = bans_of(await self._measures.told(now), case.key, now)
        if judgement.after is not None:
            # First: what is put twice is looked at twice, what is forgotten is not.
            await self._look_later(case.room_id, judgement.after)
        if numbers:
            room = case.living.wish.desired.rooms.get(case.key)
            verdict = Verdict(
                numbers=numbers,
                records=[
                    DriftRecord(drift, wrong.get(drift.place, UNDONE), now)
                    for drift in judgement.drifts
                ],
                decisions=judgement.decisions,
                room_id=case.room_id,
                room=case.key,
                school_id=room.school_id if room else "",
            )
            for one in await self._drift.settle(verdict, bans, at=now):
                if one.outcome == UNDONE:
                    self._tools.repaired(one.drift.kind.value)
        for drift in judgement.drifts:
            outcome = wrong.get(drift.place, UNDONE)
            level = logging.INFO if outcome == UNDONE else logging.WARNING
            log.log(level, "Drift in %s: %s, %s", drift.room, drift.kind, outcome)

    async def _look_later(self, room_id: str, after: timedelta) -> None:
        due = math.ceil((time.time() + after.total_seconds()) / _SLOT_S) * _SLOT_S
        wait = timedelta(seconds=due - time.time())
        async with self._tools.database.transaction() as connection:
            await jobs.put(connection, ROOM_JOB, [f"{room_id} {due}"], after=wait, once=True)

    async def _carry_out(
        self, living: Living, scene: Scene, actions: Sequence[Action]
    ) -> Iterable[Failed]:
        """What failed for good. Raises Temporary when another try may do it."""
        if not actions:
            return ()
        tools = self._tools
        async with Journal(tools.store) as journal:
            site = Site(
                desired=scene.desired,
                homeserver=tools.homeserver,
                backend=tools.backend_of(living.deployment),
                journal=journal,
                room_ids=dict(scene.room_ids),
            )
            execution = Execution(site, await self._way(site, actions), lambda *_: None)
            await execution.run(actions)
        return _failed(execution.results)

    async def _way(self, site: Site, actions: Sequence[Action]) -> Way:
        if len(actions) == 1 and not isinstance(actions[0], AddMember):
            return ByApi(site)  # the module saves nothing here; a join is one event there, not two
        now = time.monotonic()
        if self._by_module is None or now - self._by_module[0] > _ABILITIES_KNOWN_S:
            self._by_module = (now, await self._tools.homeserver.abilities() >= ABILITIES)
        return InOneRoom(site) if self._by_module[1] else ByApi(site)

    async def _took_state_back(self, case: _Case, redacted: Sequence[str]) -> bool:
        """Whether one of these events was state: mostly people take back what they said."""
        for event_id in redacted:
            if await self._tools.homeserver.is_state(case.room_id, event_id):
                return True
        return False

    async def _read_anew(self, case: _Case, observed: ObservedRoom) -> ObservedRoom:
        """The whole room, with what departs in it among the events of the case."""
        wait = self._read_at.get(case.room_id, 0) + _READ_EVERY_S - time.monotonic()
        if wait > 0:
            await asyncio.sleep(wait)
        self._read_at[case.room_id] = time.monotonic()
        found, events = await read_room(self._tools.homeserver, self._tools.store, case.room_id)
        if found is None:
            return observed
        scene = await self._neighbours.scene(case.living, found, case.events)
        fresh = departing(scene, case.room_id, events, redactions=case.events)
        await self._inbound.hand_in(fresh)
        case.kept = await self._inbound.events(case.room_id)
        return found

    async def _come_back(self, case: _Case) -> ObservedRoom | None:
        """A room that is not kept any more: because our bot is out, or because another bears its
        key. None when nothing can be done in it.
        """
        bot = case.living.wish.desired.bot
        out = [one for one in case.events if (one.type, one.state_key) == ("m.room.member", bot)]
        try:
            if out:
                await rejoin(self._tools.homeserver, case.room_id, bot)
                found, _events = await read_room(
                    self._tools.homeserver, self._tools.store, case.room_id
                )
                if found is not None:
                    return found
        except Permanent as error:
            log.warning("Our bot is out of %s and cannot come back: %s", case.key, error.code)
        records = [
            DriftRecord(bot_lost(case.key, event), "lost", datetime.now(UTC)) for event in out
        ]
        verdict = Verdict([one.number for one in case.kept], records)
        await self._drift.settle(verdict, {}, at=datetime.now(UTC))
        return None


@dataclass
class _Case:
    """One look at one room."""

    living: Living
    key: str
    room_id: str
    kept: Sequence[KeptEvent]

    @property
    def events(self) -> Sequence[InboundEvent]:
        return [one.event for one in self.kept]


def enforcement_entrypoints(enforcer: Enforcer) -> list[Entrypoint]:
    """The jobs that hold rooms to the roster."""
    return [Entrypoint(ROOM_JOB, enforcer.room)]


async def schedule_look(
    database: Database, room_ids: Sequence[str], after: timedelta = jobs.NO_WAIT
) -> None:
    """Have these rooms looked at: a measure was given, has ended, or is about to."""
    async with database.transaction() as connection:
        await jobs.put(connection, ROOM_JOB, room_ids, after=after)


def _failed(results: Iterable[Result]) -> Sequence[Failed]:
    failed = [one for one in results if isinstance(one, Failed)]
    if any(one.code == AWAY for one in failed):
        raise Temporary(_("The homeserver is away; what was changed is put back later."))
    return failed
