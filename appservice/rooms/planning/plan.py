"""The work between what is and what must be: a sorted, printable, digestible value that can refuse
itself.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from hashlib import blake2b
from operator import attrgetter
from typing import assert_never

from appservice.rooms.actions import (
    PHASE_OF,
    PHASES,
    Action,
    AddMember,
    ArchiveRoom,
    BanMember,
    CreateAccount,
    CreateRoom,
    DeactivateAccount,
    DeleteRoom,
    GrantPower,
    LiftBan,
    Link,
    RemoveMember,
    RestoreAccount,
    RevokePower,
    SetParent,
    SetState,
    SuspendAccount,
    Unlink,
    UpdateAccount,
)
from appservice.rooms.state import canonical

DIGEST_LENGTH = 12
_WORD = re.compile(r"(?<!^)(?=[A-Z])")


@dataclass(frozen=True, slots=True)
class Totals:
    """How much there is before the plan, for the safety thresholds; 0 accounts and rooms mean a
    first run.
    """

    accounts: int = 0
    rooms: int = 0
    memberships: int = 0
    links: int = 0


@dataclass(frozen=True, slots=True)
class Hold:
    """Why a plan waits for a person's approval. `code` is stable, `text` is for the reader."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Plan:
    """Actions sorted by phase and then by what they concern; the same work always has the same
    digest.

    `notes` are facts to show that need no action (strangers in kept rooms, unknown accounts).
    `contents` is a digest of what stands behind the actions that name it only (the state of rooms
    to be created, the fields of accounts).
    """

    actions: tuple[Action, ...]
    totals: Totals = field(default_factory=Totals)
    holds: tuple[Hold, ...] = ()
    notes: tuple[str, ...] = ()
    contents: bytes = b""

    @property
    def counts(self) -> Mapping[str, int]:
        """How many actions of each kind ("create_room": 5), in the order of the phases, kinds
        without work left out.
        """
        return counts_of(self.actions)

    @property
    def digest(self) -> str:
        """12 hexadecimal digits over all actions and what stands behind them: what a person
        approves.

        Worked out anew at each call.
        """
        return digest_of(self.actions, self.contents)


KIND_NAMES: Mapping[type[Action], str] = {
    kind: _WORD.sub("_", kind.__name__).lower() for kind in PHASE_OF
}
"""The name of each kind of action as scripts see it ("create_room")."""


def kind_of(action: Action) -> str:
    """The name of its kind, as in `Plan.counts` ("create_room")."""
    return KIND_NAMES[type(action)]


_RANK: Mapping[type[Action], tuple[int, int]] = {
    kind: (PHASES.index(phase), rank) for rank, (kind, phase) in enumerate(PHASE_OF.items())
}


def counts_of(actions: Iterable[Action]) -> Mapping[str, int]:
    """How many there are of each kind, in the order of the phases."""
    counted = Counter(map(type, actions))
    return {KIND_NAMES[kind]: counted[kind] for kind in PHASE_OF if counted[kind]}


def sorted_actions(
    actions: Iterable[Action], *, depths: Mapping[str, int] | None = None
) -> tuple[Action, ...]:
    """By phase, by kind, then by what they concern. Rooms are created from the top down: `depths`
    by room key.
    """
    by_kind: dict[type[Action], list[Action]] = {}
    for action in actions:
        by_kind.setdefault(type(action), []).append(action)
    result: list[Action] = []
    for kind in sorted(by_kind, key=_RANK.__getitem__):
        if kind in (AddMember, RemoveMember):
            # By far the most: compared by their two names without a call for each.
            result += sorted(by_kind[kind], key=attrgetter("room", "user"))
        else:
            result += sorted(by_kind[kind], key=lambda action: _place(action, depths or {}))
    return tuple(result)


def _place(action: Action, depths: Mapping[str, int]) -> tuple[int, str, str, str]:
    match action:
        case RemoveMember() | BanMember() | LiftBan() | AddMember():
            return 0, action.room, action.user, ""
        case RevokePower() | GrantPower() | SetParent() | ArchiveRoom() | DeleteRoom():
            return 0, action.room, "", ""
        case Unlink() | Link():
            return 0, action.parent, action.child, ""
        case (
            CreateAccount()
            | UpdateAccount()
            | SuspendAccount()
            | RestoreAccount()
            | DeactivateAccount()
        ):
            return 0, action.user, "", ""
        case CreateRoom():
            return depths.get(action.room, 0), action.room, "", ""
        case SetState():
            return 0, action.room, action.type, action.state_key
        case _:
            assert_never(action)


def digest_of(actions: Iterable[Action], contents: bytes = b"") -> str:
    """The digest of a plan with these actions, in this order."""
    whole = blake2b(contents, digest_size=DIGEST_LENGTH // 2)
    for action in actions:
        name = kind_of(action)
        if isinstance(action, AddMember | RemoveMember):
            # By far the most: written plainly. Neither ids nor keys hold control characters.
            line = f"{name}\x1f{action.room}\x1f{action.user}".encode()
        else:
            values = [getattr(action, each.name) for each in fields(action)]
            line = canonical([name, *values])
        whole.update(line + b"\n")
    return whole.hexdigest()
