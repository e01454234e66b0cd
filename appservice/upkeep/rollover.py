"""Carries a school over into its next year: drafted, begun on its day or by a person, finished
after any interruption, and taken back until it is confirmed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from hashlib import blake2b
from typing import Final, Literal

from appservice.errors import Refused
from appservice.language import _
from appservice.rooms.planning.plan import Plan
from appservice.school.problem import Delivery
from appservice.storage.audit_log import SERVICE, TERMINAL
from appservice.storage.database import Database
from appservice.storage.rollover import Rollover, RolloverState, RolloverStore
from appservice.storage.standing import StandingStore, packed
from appservice.upkeep.apply import Workplace, apply, no_progress, plan_of
from appservice.upkeep.execution import Progress
from appservice.upkeep.kept_turn import note_turn
from appservice.upkeep.reconcile import Wish, accepted, wish_of
from appservice.upkeep.report import AWAY, Report
from appservice.year.blackout import may_sync
from appservice.year.cohorts import has_begun
from appservice.year.rollover import Turnover, turn_between, turned

LOCK: Final = "rollover"

WorkplaceOf = Callable[[str], Workplace]
"""The workplace of a namespace of person ids."""


@dataclass(frozen=True, slots=True)
class Draft:
    """`plan` is what applying it would do, as things are now. `on`: the day it is set for; None: a
    person begins it.
    """

    digest: str
    on: date | None
    turnover: Turnover
    plan: Plan


async def draft(
    delivery: Delivery, workplace: Workplace, *, today: date, on: date | None = None
) -> Draft:
    """Keep the next year's roster to be applied; a draft before it is dropped.

    Raises Refused when it cannot be used, when there is no year to turn from, or while the last
    rollover is neither confirmed nor taken back.
    """
    database, namespace = workplace.database, workplace.deployment.namespace
    store = RolloverStore(database)
    standing = await StandingStore(database).latest()
    if standing is None:
        raise Refused(
            _("No roster was applied yet, so there is no year to turn from. Run `apply` first.")
        )
    if standing.namespace != namespace:
        raise Refused(
            _(
                "The next roster belongs to {new}, the accepted one to {old}. Write"
                " `roster.namespace` into the configuration."
            ).format(new=namespace, old=standing.namespace)
        )
    turn, turnover = turn_between(
        accepted(standing.delivery),
        accepted(delivery),
        today=today,
        on=on or today,
        last=await store.turn(),
    )
    following = turned(delivery, turn)
    wish = wish_of(following, workplace.deployment, today=max(today, on or today))
    plan = (await plan_of(wish, workplace)).plan
    digest = _digest(following, on)
    await store.draft(following, turn, digest=digest, namespace=namespace, on=on, at=_now())
    return Draft(digest, on, turnover, plan)


async def begin(
    database: Database,
    workplace_of: WorkplaceOf,
    *,
    today: date,
    digest: str | None = None,
    progress: Progress = no_progress,
    by: str = TERMINAL,
) -> Report:
    """Apply the draft, or finish what was begun. A person approved it: nothing holds its plan. `by`
    is who has it done, for the audit log.

    Raises Refused when there is no draft, when it is not the one of `digest`, when the next year
    has not begun, and in a blackout.
    """
    store = RolloverStore(database)
    async with database.exclusive(LOCK):
        found = await _in(store, RolloverState.DRAFTED, RolloverState.APPLYING)
        _refuse_another(found, digest)
        if found.state is RolloverState.DRAFTED:
            following = await _kept(store, found, "next")
            _refuse_today(following, workplace_of(found.namespace), today)
            await store.begin(found.number, _now())
        return await _finish(store, found, workplace_of, today, progress, by=by, forward=True)


async def take_back(
    database: Database,
    workplace_of: WorkplaceOf,
    *,
    today: date,
    digest: str | None = None,
    progress: Progress = no_progress,
    by: str = TERMINAL,
) -> Report:
    """Make the roster that stood before the accepted one again, or finish doing so.

    Raises Refused when there is nothing to take back, or another rollover than that of `digest`.
    """
    store = RolloverStore(database)
    async with database.exclusive(LOCK):
        found = await _in(
            store, RolloverState.APPLYING, RolloverState.APPLIED, RolloverState.RETURNING
        )
        _refuse_another(found, digest)
        await store.step(found.number, found.state, RolloverState.RETURNING, _now())
        return await _finish(store, found, workplace_of, today, progress, by=by, forward=False)


async def preview(
    database: Database, workplace_of: WorkplaceOf, *, today: date, forward: bool
) -> Plan:
    """What `begin` (forward) or `take_back` would do, as things are now. Raises Refused as they do;
    changes nothing.
    """
    store = RolloverStore(database)
    begun = RolloverState.APPLYING
    found = await _in(
        store,
        *(
            (RolloverState.DRAFTED, begun)
            if forward
            else (begun, RolloverState.APPLIED, RolloverState.RETURNING)
        ),
    )
    delivery = await _kept(store, found, "next" if forward else "before")
    workplace = workplace_of(found.namespace)
    if found.state is RolloverState.DRAFTED:
        _refuse_today(delivery, workplace, today)
    return (await plan_of(_wish(found, delivery, workplace, today, forward), workplace)).plan


async def confirm(database: Database, digest: str | None = None) -> None:
    """The roster that stood before is forgotten. Raises Refused when nothing is to be confirmed, or
    another rollover than that of `digest`.
    """
    store = RolloverStore(database)
    async with database.exclusive(LOCK):
        found = await _in(store, RolloverState.APPLIED)
        _refuse_another(found, digest)
        await store.step(found.number, found.state, RolloverState.CONFIRMED, _now())


async def drop(database: Database) -> None:
    """Forget the draft. Raises Refused when there is none."""
    if not await RolloverStore(database).drop_draft(_now()):
        raise _nothing_to_do()


async def due_rollover(
    database: Database, workplace_of: WorkplaceOf, *, today: date
) -> Report | None:
    """Do what is due; None when nothing is, or on a blackout day. For the running service: to be
    called daily and at its start. Raises Refused when another process is at it.
    """
    found = await RolloverStore(database).latest()
    if found is None or not _is_due(found, today):
        return None
    if found.state is RolloverState.RETURNING:
        return await take_back(database, workplace_of, today=today, by=SERVICE)
    calendar = workplace_of(found.namespace).deployment.calendar
    if found.state is RolloverState.DRAFTED and not may_sync(today, calendar):
        return None
    return await begin(database, workplace_of, today=today, by=SERVICE)


async def is_unfinished(database: Database) -> bool:
    """Whether a rollover, or its way back, was begun and is not over."""
    found = await RolloverStore(database).latest()
    return found is not None and found.state in (RolloverState.APPLYING, RolloverState.RETURNING)


def _is_due(found: Rollover | None, today: date) -> bool:
    match found:
        case Rollover(state=RolloverState.DRAFTED, on=on):
            return on is not None and on <= today
        case Rollover(state=RolloverState.APPLYING | RolloverState.RETURNING):
            return True
        case _:
            return False


async def _finish(
    store: RolloverStore,
    found: Rollover,
    workplace_of: WorkplaceOf,
    today: date,
    progress: Progress,
    *,
    by: str,
    forward: bool,
) -> Report:
    """The roster of the direction applied. What failed for good is left to the next sync."""
    delivery = await _kept(store, found, "next" if forward else "before")
    workplace = workplace_of(found.namespace)
    wish = _wish(found, delivery, workplace, today, forward)
    report = await apply(wish, workplace, approved=True, anyway=True, progress=progress, by=by)
    if not any(failed.code == AWAY for failed in report.failed):
        await note_turn(workplace.database, workplace.homeserver)
        came_from = RolloverState.APPLYING if forward else RolloverState.RETURNING
        to = RolloverState.APPLIED if forward else RolloverState.RETURNED
        await store.step(found.number, came_from, to, _now())
    return report


def _wish(
    found: Rollover, delivery: Delivery, workplace: Workplace, today: date, forward: bool
) -> Wish:
    ended = found.turn.before if forward else found.turn.after
    return _marking(wish_of(delivery, workplace.deployment, today=today), ended or {})


def _marking(wish: Wish, years: Mapping[str, str]) -> Wish:
    """The rooms that end belonged to these school years, whatever the day."""
    archive = wish.desired.archive
    if archive is None:
        return wish
    archive = replace(archive, years={**archive.years, **years})
    return replace(wish, desired=replace(wish.desired, archive=archive))


async def _in(store: RolloverStore, *states: RolloverState) -> Rollover:
    found = await store.latest()
    if found is None or found.state not in states:
        raise _nothing_to_do()
    return found


async def _kept(
    store: RolloverStore, found: Rollover, which: Literal["next", "before"]
) -> Delivery:
    delivery = await store.delivery(found.number, which)
    if delivery is None:
        raise _nothing_to_do()
    return delivery


def _refuse_another(found: Rollover, digest: str | None) -> None:
    if digest is not None and digest != found.digest:
        raise Refused(
            _(
                "The draft is {new} now, not {old}. Nothing was done. Look at `school-spaces"
                " rollover show`."
            ).format(new=found.digest, old=digest)
        )


def _refuse_today(following: Delivery, workplace: Workplace, today: date) -> None:
    if not has_begun(accepted(following), today):
        raise Refused(
            _(
                "In the next roster most students are in no class on {today}: everybody"
                " would lose their rooms. Wait for the year to begin, or draft it anew for its"
                " first day."
            ).format(today=today)
        )
    if not may_sync(today, workplace.deployment.calendar):
        raise Refused(_("Nothing is synced today (calendar.blackout). Nothing was done."))


def _nothing_to_do() -> Refused:
    return Refused(
        _("No rollover is in a state for this. `school-spaces rollover show` says which there is.")
    )


def _digest(delivery: Delivery, on: date | None) -> str:
    return blake2b(packed(delivery) + str(on).encode(), digest_size=6).hexdigest()


def _now() -> datetime:
    return datetime.now(UTC)
