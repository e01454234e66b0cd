"""What is plugged into the service: who does which job, who watches what arrives, who is told.

A capability joins here with a line.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Final

from appservice.service.office import Office
from appservice.service.talking import (
    Hearing,
    RoomReporter,
    ask_for_room,
    talking_entrypoints,
    talking_house,
    talking_regularly,
)
from appservice.storage.inbound import Watch
from appservice.storage.jobs import Entrypoint, Regularly
from appservice.upkeep.community import CommunityKeeper
from appservice.upkeep.syncing import LogReporter, Reporter

_EVERY_MINUTE: Final = "* * * * *"


@dataclass(frozen=True, slots=True)
class Parts:
    """`watch` None: nothing that arrives is looked at beyond the observed state."""

    entrypoints: Sequence[Entrypoint] = ()
    regularly: Sequence[Regularly] = ()
    watch: Watch | None = None
    reporter: Reporter = field(default_factory=LogReporter)


PartsOf = Callable[[Office, AsyncExitStack], Awaitable[Parts]]
"""Puts the parts together; what they must close at the end goes onto the stack."""


async def parts_of(office: Office, _stack: AsyncExitStack) -> Parts:
    """All that there is."""
    contacts = CommunityKeeper(office.living, office.homeserver, office.database)
    house = talking_house(office)
    await ask_for_room(office)
    return Parts(
        entrypoints=talking_entrypoints(house),
        regularly=(
            *talking_regularly(house),
            Regularly("contacts", _EVERY_MINUTE, contacts.look),
        ),
        watch=Hearing(),
        reporter=RoomReporter(office),
    )
