"""The pages that commands answer with: from what was found to blocks of text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import tzinfo
from typing import Final

from appservice.commands.directory import Someone
from appservice.commands.house import Check, HouseStatus
from appservice.commands.paper import Answer, Block, Bullets, Paragraph, Title, listing, said
from appservice.commands.registry import COMMANDS
from appservice.commands.unsent import unsent_blocks
from appservice.commands.vocabulary import Verb
from appservice.commands.wording import left_over, moment, prefix, role_name
from appservice.language import _, n_
from appservice.rooms.desired import DesiredRoom
from appservice.rooms.measures import Measure, MeasureKind
from appservice.rooms.planning.plan import Plan
from appservice.rooms.planning.table import plan_rows
from appservice.storage.audit_log import Entry
from appservice.storage.outbox import DeadLetter
from appservice.storage.runs import Run
from appservice.upkeep.report import Report

_SHOWN: Final = 20


def plan_page(plan: Plan, *, approve: bool = True) -> Answer:
    """A plan, and the one line to approve it with."""
    if not plan.actions:
        return said(_("Nothing to do: everything is as the roster says."), *plan.notes[:_SHOWN])
    count = len(plan.actions)
    blocks: list[Block] = [
        Title(
            n_("Plan {digest}: {count} action", "Plan {digest}: {count} actions", count).format(
                digest=plan.digest, count=count
            )
        ),
        Bullets(tuple(plan_lines(plan))),
    ]
    if plan.notes:
        blocks += [Title(_("For your attention:")), Bullets(plan.notes[:_SHOWN])]
    if plan.holds:
        blocks += [
            Title(_("A person has to approve this plan:")),
            Bullets(tuple(hold.text for hold in plan.holds)),
        ]
    if approve:
        line = f"{prefix()} {COMMANDS[Verb.APPLY].word} {plan.digest}"
        blocks.append(Paragraph(_("To carry it out: `{line}`").format(line=line)))
    return Answer(tuple(blocks))


def plan_lines(plan: Plan) -> Iterator[str]:
    """A line for each kind of action."""
    for row in plan_rows(plan):
        yield f"{row.action}{f' · {row.room_kind}' if row.room_kind else ''}: {row.number}"


def report_page(report: Report) -> Answer:
    """What became of a plan."""
    done = sum(tally.done for tally in report.tallies.values())
    if not report.results:
        return said(_("Nothing to do: everything is as the roster says."))
    text = n_("{count} action done.", "{count} actions done.", done).format(count=done)
    if report.exit_status == 0:
        return said(text, _("Done: everything is as the roster says."))
    return Answer((Paragraph(text), *left_over(report)))


def status_page(status: HouseStatus, names: Mapping[str, str], zone: tzinfo) -> Answer:
    """`names` of the people by user id."""
    totals, by = status.totals, status.syncs.paused_by
    paused = (
        (
            _("Paused since {when} by {who}").format(
                when=moment(status.syncs.paused_at, zone), who=names.get(by, by)
            ),
        )
        if status.syncs.paused_at
        else ()
    )
    accepted = moment(status.accepted_at, zone) if status.accepted_at else _("not yet")
    return Answer(
        (
            Title(_("What is kept")),
            Bullets(
                (
                    _("Rooms: {count}").format(count=totals.rooms),
                    _("Accounts: {count}").format(count=totals.accounts),
                    _("Memberships: {count}").format(count=totals.memberships),
                    _("Roster accepted: {when}").format(when=accepted),
                    *paused,
                )
            ),
            Title(_("What was done lately")),
            Bullets(tuple(run_line(one, zone) for one in status.runs[:5])),
        )
    )


def run_line(run: Run, zone: tzinfo) -> str:
    left = sum(run.left_over.values())
    line = f"{moment(run.started_at, zone)} · {run.kind} · {_outcome(run)}"
    return f"{line} · " + _("{count} left").format(count=left) if left else line


def _outcome(run: Run) -> str:
    match run.outcome:
        case "done":
            return _("done")
        case "incomplete":
            return _("not all done")
        case "refused":
            return _("refused")
        case "failed":
            return _("failed")
        case _:
            return _("under way, or killed")


def errors_page(runs: Iterable[Run], unsent: Iterable[DeadLetter], zone: tzinfo) -> Answer:
    """`unsent`: what was given up of the diary."""
    wrong = tuple(run_line(one, zone) for one in runs if one.outcome != "done")
    blocks: list[Block] = list(unsent_blocks(unsent))
    if wrong:
        blocks += [Title(_("What did not come to a good end")), Bullets(wrong)]
    return Answer(tuple(blocks)) if blocks else said(_("Nothing went wrong lately."))


def doctor_page(checks: Sequence[Check]) -> Answer:
    lines = tuple(
        f"{check.sign} {check.title}: {check.text}"
        + (f"\n→ {check.advice}" if check.advice else "")
        for check in checks
    )
    return Answer((Title(_("What the doctor sees")), Bullets(lines)))


def audit_page(entries: Iterable[Entry], names: Mapping[str, str], zone: tzinfo) -> Answer:
    """`names` of the people by user id."""
    lines = [entry_line(entry, names, zone) for entry in entries]
    if not lines:
        return said(_("Nothing was done yet."))
    return listing(_("Who did what, the latest first"), lines)


def entry_line(entry: Entry, names: Mapping[str, str], zone: tzinfo) -> str:
    about = f" · {names.get(entry.object, entry.object)}" if entry.object else ""
    return (
        f"{moment(entry.at, zone)} · {names.get(entry.actor, entry.actor)} · {entry.action}{about}"
    )


def person_page(
    who: Someone,
    rooms: Sequence[DesiredRoom],
    measures: Iterable[Measure],
    entries: Iterable[str],
    zone: tzinfo,
) -> Answer:
    """Roles, rooms with levels, measures in force, last changes."""
    about = [f"`{who.user_id}`" if who.user_id else _("has no account")]
    if who.roles:
        about.append(", ".join(role_name(role) for role in who.roles))
    if who.classes:
        about.append(_("Class: {labels}").format(labels=", ".join(who.classes)))
    blocks: list[Block] = [Title(who.name), Bullets(tuple(about))]
    if rooms:
        blocks += [
            Title(_("Rooms and power levels")),
            Bullets(tuple(f"{room.name}: {room.members[who.user_id]}" for room in rooms)),
        ]
    blocks += _measure_blocks(measures, zone)
    if lines := tuple(entries):
        blocks += [Title(_("Last changes")), Bullets(lines)]
    return Answer(tuple(blocks))


def room_page(
    room: DesiredRoom,
    names: Mapping[str, str],
    present: Mapping[str, str] | None,
    measures: Iterable[Measure],
    entries: Iterable[str],
    drifts: Iterable[str],
    zone: tzinfo,
) -> Answer:
    """`present` are the memberships as seen; None while the room does not exist."""
    blocks: list[Block] = [Title(room.name), Bullets((f"`{room.key}`", f"`{room.alias}`"))]
    if present is None:
        blocks.append(Paragraph(_("The room does not exist yet.")))
    members = sorted(room.members.items(), key=lambda one: (-one[1], names.get(one[0], one[0])))
    blocks += [
        Title(n_("{count} member", "{count} members", len(members)).format(count=len(members))),
        Bullets(
            tuple(
                f"{names.get(user, user)}: {level}" + _absent(user, present)
                for user, level in members
            )
        ),
    ]
    strangers = sorted(user for user in present or () if user not in room.members)
    if strangers:
        blocks += [
            Title(_("Here, though the roster does not say so")),
            Bullets(tuple(f"`{user}`: {(present or {})[user]}" for user in strangers)),
        ]
    blocks += _measure_blocks(measures, zone)
    if lines := tuple(entries):
        blocks += [Title(_("Last changes")), Bullets(lines)]
    if lines := tuple(drifts):
        blocks += [Title(_("What people changed lately")), Bullets(lines)]
    return Answer(tuple(blocks))


def _absent(user: str, present: Mapping[str, str] | None) -> str:
    if present is None or present.get(user) == "join":
        return ""
    return " — " + _("is not there")


def _measure_blocks(measures: Iterable[Measure], zone: tzinfo) -> tuple[Block, ...]:
    lines = tuple(
        f"{_kind_name(one.kind)} · {one.room or _('every room of the school')} · "
        + (
            _("Until {time}").format(time=moment(one.until, zone))
            if one.until
            else _("Until somebody lifts it")
        )
        for one in measures
    )
    return (Title(_("In force")), Bullets(lines)) if lines else ()


def _kind_name(kind: MeasureKind) -> str:
    match kind:
        case MeasureKind.MUTE:
            return _("mute")
        case MeasureKind.BAN:
            return _("kept out")
        case MeasureKind.LOCK:
            return _("locked")
        case MeasureKind.SUSPEND:
            return _("suspended")
