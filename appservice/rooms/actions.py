"""What can be done to a homeserver: a closed union. A new kind must break the type check until
every place has decided.

Phases run in the order of `PHASES`: what takes power or access away comes first, what gives it
comes last.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from appservice.rooms.state import JsonObject


class Phase(StrEnum):
    REVOCATIONS = "revocations"
    ACCOUNTS = "accounts"
    ROOMS = "rooms"
    LINKS = "links"
    MEMBERSHIPS = "memberships"
    GRANTS = "grants"


PHASES = tuple(Phase)


@dataclass(frozen=True, slots=True)
class RemoveMember:
    """Kick, or withdraw the invite of, a managed person."""

    room: str  # key
    user: str


@dataclass(frozen=True, slots=True)
class BanMember:
    """Remove a person and keep them out."""

    room: str
    user: str


@dataclass(frozen=True, slots=True)
class LiftBan:
    """Let a person in again; whether they come in is AddMember's affair."""

    room: str
    user: str


@dataclass(frozen=True, slots=True)
class RevokePower:
    """Take power away (m.room.power_levels).

    `content` is the whole event: the lower of old and new for every user, the higher of old and new
    for what an event or a deed needs. `lowered` may be empty when only the latter change.
    """

    room: str
    lowered: tuple[tuple[str, int, int], ...]  # (user id, from, to), sorted
    content: JsonObject


@dataclass(frozen=True, slots=True)
class Unlink:
    """Take a room out of a space (empty m.space.child). `child` is a room id: the room may not be
    ours any more.
    """

    parent: str
    child: str


@dataclass(frozen=True, slots=True)
class ArchiveRoom:
    """Make a room that has ended an archive: to be read by its members, written in by nobody.

    `changes` are the state events to be sent (type, state key, content), in this order: the last
    one marks it as archived.
    """

    room: str
    year: str  # that it is marked with
    changes: tuple[tuple[str, str, JsonObject], ...]


@dataclass(frozen=True, slots=True)
class DeleteRoom:
    """For ever, with everything that was said in it: an archive that was kept long enough."""

    room: str
    room_id: str


@dataclass(frozen=True, slots=True)
class SuspendAccount:
    """Of somebody whom the roster gives nothing any more: they may read and leave, not write."""

    user: str


@dataclass(frozen=True, slots=True)
class DeactivateAccount:
    """Of somebody whose grace after the suspension is over. What they wrote stays."""

    user: str


@dataclass(frozen=True, slots=True)
class CreateAccount:
    user: str


@dataclass(frozen=True, slots=True)
class RestoreAccount:
    """Of somebody whom the roster gives something again: to be used as before, called and bound as
    the roster says.
    """

    user: str
    standing: str  # as it is: "suspended" or "deactivated"


@dataclass(frozen=True, slots=True)
class UpdateAccount:
    user: str
    changed: tuple[str, ...]  # "display_name", "external_ids"


@dataclass(frozen=True, slots=True)
class CreateRoom:
    """With its whole initial state (`initial_state`), power levels included.

    Its place in the parent space follows as Link, its children as Link, its members as AddMember.
    """

    room: str
    kind: str
    name: str


@dataclass(frozen=True, slots=True)
class SetState:
    """Any governed state but power levels and m.space.child; an empty `after` takes it away.

    Whoever sends m.room.canonical_alias makes sure first that the alias points to the room (the
    server checks it).
    """

    room: str
    type: str
    state_key: str
    before: JsonObject
    after: JsonObject


@dataclass(frozen=True, slots=True)
class Link:
    """Put a room into its space (m.space.child)."""

    parent: str
    child: str  # key
    order: str
    suggested: bool


@dataclass(frozen=True, slots=True)
class SetParent:
    """Tell a room that stands already of a parent that this plan creates, so its id is not known
    yet.

    To be sent: `parent_state(room, room_ids)`, once the parent exists.
    """

    room: str
    parent: str  # key


@dataclass(frozen=True, slots=True)
class AddMember:
    room: str
    user: str


@dataclass(frozen=True, slots=True)
class GrantPower:
    """The final power levels of a room; `raised` may be empty when only event levels change."""

    room: str
    raised: tuple[tuple[str, int, int], ...]
    content: JsonObject


Action = (
    RemoveMember
    | BanMember
    | RevokePower
    | Unlink
    | ArchiveRoom
    | DeleteRoom
    | SuspendAccount
    | DeactivateAccount
    | CreateAccount
    | RestoreAccount
    | UpdateAccount
    | CreateRoom
    | SetState
    | Link
    | SetParent
    | LiftBan
    | AddMember
    | GrantPower
)

PHASE_OF: Mapping[type[Action], Phase] = {
    RemoveMember: Phase.REVOCATIONS,
    BanMember: Phase.REVOCATIONS,
    RevokePower: Phase.REVOCATIONS,
    Unlink: Phase.REVOCATIONS,
    ArchiveRoom: Phase.REVOCATIONS,
    DeleteRoom: Phase.REVOCATIONS,
    SuspendAccount: Phase.REVOCATIONS,
    DeactivateAccount: Phase.REVOCATIONS,
    CreateAccount: Phase.ACCOUNTS,
    RestoreAccount: Phase.ACCOUNTS,
    UpdateAccount: Phase.ACCOUNTS,
    CreateRoom: Phase.ROOMS,
    SetState: Phase.ROOMS,
    Link: Phase.LINKS,
    SetParent: Phase.LINKS,
    LiftBan: Phase.LINKS,
    AddMember: Phase.MEMBERSHIPS,
    GrantPower: Phase.GRANTS,
}
