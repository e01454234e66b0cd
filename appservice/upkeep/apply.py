"""Carries a plan out, alone: makes it afresh under the deployment's lock, checks that it is the one
approved, does it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from appservice.accounts.backend import AccountBackend
from appservice.errors import Refused, Temporary
from appservice.language import _
from appservice.matrix.homeserver import Homeserver
from appservice.rooms.actions import Phase
from appservice.rooms.identity import admin_alias
from appservice.rooms.planning.plan import Plan
from appservice.storage.audit_log import TERMINAL, AuditLog, Entry
from appservice.storage.database import Database
from appservice.storage.observed import ObservedStore
from appservice.storage.runs import Outcome, RunLog
from appservice.storage.standing import StandingStore
from appservice.upkeep.audit import AuditProgress, AuditReport, RoomRead, audit, read_silently
from appservice.upkeep.by_api import ByApi
from appservice.upkeep.by_module import ABILITIES, ByModule
from appservice.upkeep.execution import Execution, Progress, Way
from appservice.upkeep.journal import Journal
from appservice.upkeep.kept_turn import recall_turn
from appservice.upkeep.laid import laid_over
from appservice.upkeep.reconcile import Deployment, Outlook, Wish, reconcile
from appservice.upkeep.report import AWAY, Report
from appservice.upkeep.site import Site
from appservice.year.blackout import blackout_on

LOCK: Final = "apply"
"""The name of the lock that applies and audits of one deployment hold, each alone."""


def no_progress(_phase: Phase, _over: int, _total: int) -> None:
    """For those who do not wait for it."""


@dataclass(frozen=True, slots=True)
class Workplace:
    """All that an apply or audit works with. `use_module` False keeps to the client and admin
    APIs.
    """

    deployment: Deployment
    homeserver: Homeserver
    backend: AccountBackend
    store: ObservedStore
    database: Database
    use_module: bool = True


async def plan_of(wish: Wish, workplace: Workplace) -> Outlook:
    """The plan as it is now, without the lock and without a request: to be looked at."""
    return await reconcile(
        await laid_over(wish, workplace.deployment, workplace.database, now=_now()),
        workplace.store,
        workplace.deployment.safety,
        first_run=await _is_first_run(RunLog(workplace.database)),
    )


async def apply(
    wish: Wish,
    workplace: Workplace,
    *,
    digest: str | None = None,
    progress: Progress = no_progress,
    auditing: AuditProgress = lambda _what, _over, _total: None,
    planned: Callable[[Plan], None] = lambda _plan: None,
    approved: bool = False,
    anyway: bool = False,
    by: str = TERMINAL,
) -> Report:
    """Bring the homeserver in line with the roster. `planned` is told the plan before anything is
    done.

    From then on its roster is the accepted one, which every process holds the school to. `digest`
    is that of the plan a person approved; `approved` says that a person approved what leads to the
    plan, whatever it is. Raises Refused when the plan is another one by now, when it needs an
    approval and none was given, when another apply is under way, or in a blackout (but `anyway`).
    What failed is in the report, not raised. `by` is who has it done, for the audit log.
    """
    if not anyway:
        _refuse_in_blackout(wish, workplace.deployment)
    runs = RunLog(workplace.database)
    async with workplace.database.exclusive(LOCK):
        if await _is_emptied(workplace):
            await _audit(wish, workplace, auditing)
            await _refuse_other_turn(workplace)
        outlook = await plan_of(wish, workplace)
        plan = outlook.plan
        _refuse_unapproved(plan, plan.digest if approved else digest)
        planned(plan)
        if wish.delivery is not None:
            await StandingStore(workplace.database).accept(
                wish.delivery, namespace=workplace.deployment.namespace, at=_now()
            )
        number = await runs.began("apply", _now(), digest=plan.digest, planned=plan.counts)
        outcome: Outcome = "failed"
        left: dict[str, int] = {}
        try:
            report = await carry_out(outlook, workplace, progress)
            await workplace.store.remember_roles(outlook.desired)
            left = {"failed": len(report.failed), "skipped": len(report.skipped)}
            outcome = _outcome(report)
        finally:
            await runs.ended(number, _now(), outcome, left_over=left)
            if plan.actions:
                done = {"digest": plan.digest, "outcome": outcome, "counts": dict(plan.counts)}
                await AuditLog(workplace.database).note(
                    Entry(_now(), by, "plan_applied", details=done)
                )
    return report


async def run_audit(
    wish: Wish,
    workplace: Workplace,
    progress: AuditProgress = lambda _what, _over, _total: None,
    room_read: RoomRead = read_silently,
) -> AuditReport:
    """Read the homeserver in full and correct the observed state, while nobody applies."""
    async with workplace.database.exclusive(LOCK):
        report = await _audit(wish, workplace, progress, room_read)
        namespace = workplace.deployment.namespace
        await recall_turn(workplace.database, workplace.homeserver, namespace=namespace)
    return report


async def carry_out(
    outlook: Outlook, workplace: Workplace, progress: Progress = no_progress
) -> Report:
    """Do all that a plan says; the caller holds the lock. An empty plan costs no request."""
    plan = outlook.plan
    if not plan.actions:
        return Report(plan.digest)
    async with Journal(workplace.store) as journal:
        site = Site(
            desired=outlook.desired,
            homeserver=workplace.homeserver,
            backend=workplace.backend,
            journal=journal,
            room_ids=dict(outlook.room_ids),
        )
        execution = Execution(site, await _way(workplace, site), progress)
        await execution.run(plan.actions)
    return Report(plan.digest, tuple(execution.results), adopted=tuple(sorted(site.adopted)))


async def _way(workplace: Workplace, site: Site) -> Way:
    if workplace.use_module and await workplace.homeserver.abilities() >= ABILITIES:
        return ByModule(site)
    return ByApi(site)


def _outcome(report: Report) -> Outcome:
    if report.exit_status == 0:
        return "done"
    away = any(result.code == AWAY for result in report.failed)
    return "failed" if away else "incomplete"


def _refuse_unapproved(plan: Plan, digest: str | None) -> None:
    if digest is not None and digest != plan.digest:
        raise Refused(
            _(
                "The plan has changed since it was approved: it is {new} now, not {old}. Nothing"
                " was done. Look at `school-spaces plan` and approve anew."
            ).format(new=plan.digest, old=digest)
        )
    if plan.holds and digest is None:
        raise Refused(
            *(hold.text for hold in plan.holds),
            _(
                "A person has to approve this. Look at `school-spaces plan`; if it is right, run"
                " `school-spaces apply {digest}`."
            ).format(digest=plan.digest),
        )


def _refuse_in_blackout(wish: Wish, deployment: Deployment) -> None:
    blackout = blackout_on(wish.today, deployment.calendar)
    if blackout is not None:
        raise Refused(
            _(
                "Nothing is synced from {begin} to {end} (calendar.blackout). Nothing was done."
                " Wait, or run `school-spaces apply --anyway`."
            ).format(begin=blackout.begin, end=blackout.end)
        )


async def _refuse_other_turn(workplace: Workplace) -> None:
    """Over a lost database the wish was made without knowing which class has which rooms."""
    namespace = workplace.deployment.namespace
    if await recall_turn(workplace.database, workplace.homeserver, namespace=namespace):
        raise Temporary(
            _(
                "The database was empty. Which class has which rooms since the last rollover was"
                " found again on the homeserver. Start again."
            )
        )


async def _is_first_run(runs: RunLog) -> bool:
    """Until an apply has come to its end, going on with it is no surprise to anybody."""
    return not await runs.has_completed("apply")


async def _is_emptied(workplace: Workplace) -> bool:
    """Whether the database knows nothing although the homeserver has rooms of ours."""
    return await workplace.store.knows_nothing() and await has_school_rooms(workplace)


async def has_school_rooms(workplace: Workplace) -> bool:
    """Whether we are in any room but that of the administrators."""
    rooms = await workplace.homeserver.joined_rooms()
    if len(rooms) != 1:
        return bool(rooms)
    deployment = workplace.deployment
    alias = admin_alias(deployment.rooms.alias_prefix, deployment.server_name)
    return rooms[0] != await workplace.homeserver.resolve_alias(alias)


async def _audit(
    wish: Wish,
    workplace: Workplace,
    progress: AuditProgress,
    room_read: RoomRead = read_silently,
) -> AuditReport:
    runs = RunLog(workplace.database)
    number = await runs.began("audit", _now())
    outcome: Outcome = "failed"
    try:
        report = await audit(
            workplace.homeserver,
            workplace.backend,
            workplace.store,
            bot=workplace.deployment.bot,
            expected=wish.desired.accounts.keys(),
            today=wish.today,
            progress=progress,
            room_read=room_read,
        )
        outcome = "done"
    finally:
        await runs.ended(number, _now(), outcome)
    return report


def _now() -> datetime:
    return datetime.now(UTC)
