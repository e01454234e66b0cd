"""The order of the work: phase after phase, side by side within one, whatever depends on a failure
skipped and named.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from appservice.errors import Permanent, SchoolSpacesError, Temporary
from appservice.language import _
from appservice.rooms.actions import (
    PHASES,
    Action,
    AddMember,
    CreateAccount,
    CreateRoom,
    Link,
    Phase,
    RestoreAccount,
    SetParent,
)
from appservice.side_by_side import side_by_side
from appservice.upkeep.report import AWAY, Done, Failed, Result, Skipped
from appservice.upkeep.site import Site, Trouble

Progress = Callable[[Phase, int, int], None]
"""Called with a phase, how many of its actions are over (done, failed or skipped), and how many it
has.
"""

Step = tuple[Action, ...]


class Way(Protocol):
    """How actions become requests: one by one, or in batches."""

    def at_once(self, phase: Phase) -> int:
        """How many requests may be under way together."""
        ...

    def arrange(self, actions: Sequence[Action]) -> Mapping[Phase, Sequence[Step]]:
        """The actions grouped into requests, in the order in which to begin them."""
        ...

    async def carry_out(self, step: Step) -> Sequence[Trouble | None]:
        """What went wrong with each action. Raises when all of the step went wrong the same way."""
        ...


class Execution:
    """One run over the actions of a plan. `results` grow as the work goes on."""

    def __init__(self, site: Site, way: Way, progress: Progress) -> None:
        self.results: list[Result] = []
        self._site = site
        self._way = way
        self._progress = progress
        self._being_made: dict[str, asyncio.Event] = {}
        self._not_made: set[str] = set()  # room keys and user ids
        self._away = ""  # why the homeserver is given up
        self._away_in_a_row = 0
        self._at_once = 1

    async def run(self, actions: Sequence[Action]) -> None:
        """Everything noted in the journal is on record before the next phase begins."""
        for action in actions:
            if isinstance(action, CreateRoom):
                self._being_made[action.room] = asyncio.Event()
        steps = self._way.arrange(actions)
        for phase in PHASES:
            await self._run_phase(phase, steps.get(phase, ()))
            await self._site.journal.flush()

    async def _run_phase(self, phase: Phase, steps: Sequence[Step]) -> None:
        total, over = sum(map(len, steps)), 0
        if not total:
            return
        self._progress(phase, 0, total)

        async def work(step: Step) -> None:
            nonlocal over
            await self._work(step)
            over += len(step)
            self._progress(phase, over, total)

        self._at_once = self._way.at_once(phase)
        await side_by_side(steps, work, at_once=self._at_once)

    async def _work(self, step: Step) -> None:
        try:
            await self._wait_for_rooms(step)
            ready = []
            for action in step:
                if because := self._away or self._missing(action):
                    self._over(Skipped(action, because))
                elif self._site.stands_already(action):
                    self._over(Done(action))
                else:
                    ready.append(action)
            if ready:
                for action, trouble in zip(ready, await self._try(tuple(ready)), strict=True):
                    if trouble is None:
                        self._over(Done(action))
                    elif because := self._missing(action):  # the room it would have come with
                        self._over(Skipped(action, because))
                    else:
                        self._over(Failed(action, trouble.code, trouble.text))
        finally:
            for action in step:
                if isinstance(action, CreateRoom):
                    self._being_made[action.room].set()

    async def _try(self, step: Step) -> Sequence[Trouble | None]:
        try:
            troubles = await self._way.carry_out(step)
        except Temporary as error:
            self._count_away(str(error))
            return [Trouble(AWAY, str(error))] * len(step)
        except Permanent as error:
            troubles = [Trouble(error.code, str(error))] * len(step)
        except SchoolSpacesError as error:
            troubles = [Trouble("refused", str(error))] * len(step)
        self._away_in_a_row = 0
        return troubles

    def _count_away(self, why: str) -> None:
        """When everybody who works has waited in vain, the rest is not tried: it would take
        hours.
        """
        self._away_in_a_row += 1
        if self._away_in_a_row >= self._at_once:
            self._away = why

    async def _wait_for_rooms(self, step: Step) -> None:
        """Until every room that the step needs has been tried."""
        own = {action.room for action in step if isinstance(action, CreateRoom)}
        for name in {name for action in step for name in self._needed(action)} - own:
            if name in self._being_made:
                await self._being_made[name].wait()

    def _needed(self, action: Action) -> tuple[str, ...]:
        """The rooms (keys) and accounts (user ids) that must be there before."""
        match action:
            case CreateRoom(key):
                return (self._site.desired.rooms[key].parent,)
            case Link(parent, child):
                return (parent, child)
            case SetParent(key, parent):
                return (parent, key)
            case AddMember(key, user):
                return (key, user)
            case _:
                return ()  # what it concerns stood before this run

    def _missing(self, action: Action) -> str:
        """What an action needs and this run could not make; empty when nothing is in its way."""
        for name in self._needed(action):
            if name in self._not_made:
                text = (
                    _("The account {name} could not be made.")
                    if name.startswith("@")
                    else _("The room {name} could not be made.")
                )
                return text.format(name=name)
        return ""

    def _over(self, result: Result) -> None:
        self.results.append(result)
        if not isinstance(result, Done):
            match result.action:
                case CreateRoom(name) | CreateAccount(name) | RestoreAccount(name):
                    self._not_made.add(name)
                case _:
                    pass  # nothing depends on it
