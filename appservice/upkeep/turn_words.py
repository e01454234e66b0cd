"""How the turn of the year is put into words: the fate of classes, who goes and comes, how far it
is.
"""

from __future__ import annotations

from typing import Final

from appservice.language import _
from appservice.storage.rollover import Rollover, RolloverState
from appservice.year.rollover import ClassTurn, Fate, Turnover

_LISTED: Final = 10


def fate_said(line: ClassTurn) -> str:
    """What becomes of a class."""
    said = _fate_alone(line.fate)
    if line.origins:
        said += _("; joined by {labels}").format(labels=", ".join(line.origins))
    if line.heirs:
        said += _("; part goes to {labels}").format(labels=", ".join(line.heirs))
    return said


def _fate_alone(fate: Fate) -> str:
    match fate:
        case Fate.CONTINUES:
            return _("goes on")
        case Fate.BEGINS:
            return _("begins")
        case Fate.GRADUATES:
            return _("graduates")
        case Fate.ENDS:
            return _("ends")


def people_said(turnover: Turnover) -> list[str]:
    """A line for each group, by their ids in the roster."""
    groups = (
        (_("repeat a year"), turnover.repeaters),
        (_("graduate"), turnover.graduates),
        (_("leave"), turnover.leavers),
        (_("are new"), turnover.newcomers),
    )
    return [
        f"{what}: {len(people)} ({', '.join(people[:_LISTED])}{' …' * (len(people) > _LISTED)})"
        for what, people in groups
        if people
    ]


def state_said(found: Rollover) -> str:
    """How far it is."""
    match found.state:
        case RolloverState.DRAFTED if found.on is not None:
            return _("drafted, to begin on {day}").format(day=found.on)
        case RolloverState.DRAFTED:
            return _("drafted")
        case RolloverState.APPLYING:
            return _("begun and not finished")
        case RolloverState.APPLIED:
            return _("applied, waiting for a confirmation")
        case RolloverState.RETURNING:
            return _("being taken back")
        case RolloverState.RETURNED:
            return _("taken back")
        case RolloverState.CONFIRMED:
            return _("confirmed")
