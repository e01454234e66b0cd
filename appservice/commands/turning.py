"""The turn of the year from the administrators' room: shown, drafted; every other step is shown
first and done once it is confirmed.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import tzinfo
from typing import Final

from appservice.commands.confirming import keep
from appservice.commands.doing import turn_meant
from appservice.commands.house import CommandHouse
from appservice.commands.paper import Answer, Block, Bullets, Paragraph, Title, said
from appservice.commands.parsing import Request, step_said
from appservice.commands.registry import COMMANDS
from appservice.commands.resolving import Denied, Scene
from appservice.commands.told import plan_lines
from appservice.commands.vocabulary import STEPS, Step, Verb
from appservice.commands.wording import how_to_confirm, moment, prefix
from appservice.language import _, current_language
from appservice.rooms.observed import InboundMessage
from appservice.rooms.planning.plan import Plan
from appservice.storage.audit_log import Entry
from appservice.storage.rollover import Rollover, RolloverState
from appservice.upkeep.rollover import Draft
from appservice.upkeep.turn_words import fate_said, people_said, state_said
from appservice.year.rollover import ClassTurn

_SHOWN: Final = 20


async def turn_the_year(
    request: Request, message: InboundMessage, scene: Scene, house: CommandHouse
) -> Answer:
    """Raises Refused where it is not the time for the step."""
    step, rest = step_said(request.text) or (Step.SHOW, "")
    match step:
        case Step.SHOW:
            return turn_page(await house.turn.latest(), house.zone)
        case Step.DRAFT:
            made = await house.turn.draft_beside(rest, request.on)
            details = {"step": step.value, "digest": made.digest}
            if made.on is not None:
                details["on"] = made.on.isoformat()
            who = scene.asker.who.user_id
            entry = Entry(scene.now, who, Verb.ROLLOVER.value, "", details, message.event_id)
            await house.audit.note(entry)
            return draft_page(made)
        case Step.APPLY | Step.BACK | Step.CONFIRM | Step.DROP:
            return await _ask(step, request, message, scene, house)


async def _ask(
    step: Step, request: Request, message: InboundMessage, scene: Scene, house: CommandHouse
) -> Answer:
    meant = await turn_meant(request, house)
    if isinstance(meant, Denied):
        return said(meant.why)
    found = await house.turn.latest()
    assert found is not None  # turn_meant found one
    plan: Plan | None = None
    if step in (Step.APPLY, Step.BACK):
        plan = await house.turn.plan(forward=step is Step.APPLY)
    elif found.state is not _CLOSED_FROM[step]:
        return turn_page(found, house.zone)
    code = await keep(meant, message, scene, house)
    blocks: list[Block] = [Title(_("This would be done:")), Paragraph(_step_said(step, found))]
    if plan is not None:
        count = _("As things are now, {count} actions.").format(count=len(plan.actions))
        blocks += [Paragraph(count), Bullets(tuple(plan_lines(plan)))]
        if plan.notes:
            blocks += [Title(_("For your attention:")), Bullets(plan.notes[:_SHOWN])]
    return Answer((*blocks, *how_to_confirm(code, house.settings.confirm_minutes)), calls=True)


_CLOSED_FROM: Final = {
    Step.CONFIRM: RolloverState.APPLIED,
    Step.DROP: RolloverState.DRAFTED,
}


def turn_page(found: Rollover | None, zone: tzinfo) -> Answer:
    """How far it is, and what can be asked next."""
    if found is None:
        return said(_("There is no rollover."), _("To draft one: `{line}`").format(line=_usage()))
    state = _("Rollover {digest}: {state}.").format(digest=found.digest, state=state_said(found))
    since = _("Drafted {drafted}, changed {changed}.").format(
        drafted=moment(found.drafted_at, zone), changed=moment(found.changed_at, zone)
    )
    return said(state, since, *_following(found.state))


def draft_page(made: Draft) -> Answer:
    """What becomes of the classes and the people, and of the rooms as things are now."""
    blocks: list[Block] = [
        Title(_("Rollover {digest}").format(digest=made.digest)),
        Bullets(tuple(_class_line(line) for line in made.turnover.classes)),
    ]
    if people := people_said(made.turnover):
        blocks += [Title(_("People (by their ids in the roster):")), Bullets(tuple(people))]
    if attention := [*(hold.text for hold in made.plan.holds), *made.plan.notes]:
        blocks += [Title(_("For your attention:")), Bullets(tuple(attention[:_SHOWN]))]
    count = _("As things are now, {count} actions.").format(count=len(made.plan.actions))
    blocks.append(Paragraph(count))
    if made.on is not None:
        blocks.append(Paragraph(_("The service begins it on {day}.").format(day=made.on)))
    blocks += [Paragraph(line) for line in _following(RolloverState.DRAFTED)]
    return Answer(tuple(blocks))


def _class_line(line: ClassTurn) -> str:
    numbers = (
        (_("stay {count}"), line.stay),
        (_("come {count}"), line.come),
        (_("go {count}"), line.go),
    )
    counted = ", ".join(text.format(count=number) for text, number in numbers if number)
    labels = " → ".join(label for label in (line.before, line.after) if label)
    return f"{labels}: {fate_said(line)}" + (f" · {counted}" if counted else "")


def _step_said(step: Step, found: Rollover) -> str:
    match step:
        case Step.APPLY:
            text = _("The school is carried over into its next year (rollover {digest}).")
        case Step.BACK:
            text = _("The roster before rollover {digest} stands again, with its rooms.")
        case Step.CONFIRM:
            text = _("Rollover {digest} is kept; then it cannot be taken back.")
        case _:
            text = _("The draft {digest} is forgotten.")
    return text.format(digest=found.digest)


def _following(state: RolloverState) -> Iterator[str]:
    """What can be asked next, a line each."""
    if state in (RolloverState.DRAFTED, RolloverState.APPLYING):
        text = _("To begin it now: `{line}`")
        if state is RolloverState.APPLYING:
            text = _("To finish it: `{line}`")
        yield text.format(line=_line(Step.APPLY))
    if state is RolloverState.DRAFTED:
        yield _("To forget the draft: `{line}`").format(line=_line(Step.DROP))
    if state is RolloverState.APPLIED:
        yield _("To keep it: `{line}`").format(line=_line(Step.CONFIRM))
    if state in (RolloverState.APPLYING, RolloverState.APPLIED, RolloverState.RETURNING):
        yield _("To take it back: `{line}`").format(line=_line(Step.BACK))


def _line(step: Step) -> str:
    return f"{prefix()} {COMMANDS[Verb.ROLLOVER].word} {STEPS[step][current_language() == 'ru']}"


def _usage() -> str:
    name, day = _("NAME"), _("on {day}").format(day="2027-09-01")
    return f"{_line(Step.DRAFT)} {name} {day}"
