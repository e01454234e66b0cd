"""A plan in words: rows of a table grouped by kind, and one line for one action. No look: that is
the terminal's.
"""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple, assert_never

from appservice.language import _
from appservice.rooms.actions import (
    PHASE_OF,
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
    Phase,
    RemoveMember,
    RestoreAccount,
    RevokePower,
    SetParent,
    SetState,
    SuspendAccount,
    Unlink,
    UpdateAccount,
)
from appservice.rooms.identity import key_parts
from appservice.rooms.planning.plan import Plan


class PlanRow(NamedTuple):
    """`room_kind` is "" for accounts."""

    phase: str
    action: str
    room_kind: str
    number: int


def plan_rows(plan: Plan) -> tuple[PlanRow, ...]:
    """How many actions of each kind in each kind of room, in the order of the plan."""
    counted = Counter((type(action), _room_kind(action)) for action in plan.actions)
    return tuple(
        PlanRow(phase_label(PHASE_OF[action]), action_label(action), room_kind, count)
        for (action, room_kind), count in counted.items()
    )


def phase_label(phase: Phase) -> str:
    """What a phase is called."""
    match phase:
        case Phase.REVOCATIONS:
            return _("Take away")
        case Phase.ACCOUNTS:
            return _("Accounts")
        case Phase.ROOMS:
            return _("Rooms")
        case Phase.LINKS:
            return _("Spaces")
        case Phase.MEMBERSHIPS:
            return _("Members")
        case Phase.GRANTS:
            return _("Give")
        case _:
            assert_never(phase)


def action_label(kind: type[Action]) -> str:
    """What a kind of action is called."""
    labels: dict[type[Action], str] = {
        RemoveMember: _("take out of the room"),
        BanMember: _("ban from the room"),
        LiftBan: _("lift a ban"),
        RevokePower: _("lower power levels"),
        Unlink: _("take the room out of its space"),
        ArchiveRoom: _("archive a room that has ended"),
        DeleteRoom: _("delete an archived room"),
        SuspendAccount: _("suspend the account of a leaver"),
        DeactivateAccount: _("deactivate the account of a leaver"),
        CreateAccount: _("create an account"),
        RestoreAccount: _("open an account again"),
        UpdateAccount: _("change an account"),
        CreateRoom: _("create a room"),
        SetState: _("change the room"),
        Link: _("put the room into its space"),
        SetParent: _("tell the room its space"),
        AddMember: _("bring into the room"),
        GrantPower: _("raise power levels"),
    }
    return labels[kind]


def described(action: Action) -> str:
    """One action in one line. User ids and room keys only: nothing personal."""
    match action:
        case (
            RemoveMember(room, user)
            | BanMember(room, user)
            | LiftBan(room, user)
            | AddMember(room, user)
        ):
            what = f"{user} · {room}"
        case RevokePower(room, moves, _content) | GrantPower(room, moves, _content):
            levels = ", ".join(f"{user} {before} → {after}" for user, before, after in moves)
            levels = levels or _("what things need")
            what = f"{room} · {levels}"
        case Unlink(parent, child):
            what = f"{child} · {parent}"
        case CreateAccount(user) | SuspendAccount(user) | DeactivateAccount(user):
            what = user
        case RestoreAccount(user, standing):
            what = f"{user} · {standing}"
        case UpdateAccount(user, changed):
            what = f"{user} · {', '.join(changed)}"
        case ArchiveRoom(room, year, _changes):
            what = f"{room} · {year}"
        case DeleteRoom(room, _room_id):
            what = room
        case CreateRoom(room, _kind, name):
            what = f"{room} · {name}"
        case SetState(room, event_type, _state_key, _before, _after):
            what = f"{room} · {event_type}"
        case Link(parent, child, _order, _suggested):
            what = f"{child} · {parent}"
        case SetParent(room, parent):
            what = f"{room} · {parent}"
        case _:
            assert_never(action)
    return f"{action_label(type(action))}: {what}"


def _room_kind(action: Action) -> str:
    match action:
        case (
            CreateAccount()
            | UpdateAccount()
            | SuspendAccount()
            | RestoreAccount()
            | DeactivateAccount()
        ):
            return ""
        case CreateRoom():
            return action.kind
        case Link():
            return key_parts(action.child).kind
        case Unlink():
            return key_parts(action.parent).kind
        case (
            RemoveMember()
            | BanMember()
            | LiftBan()
            | RevokePower()
            | SetState()
            | SetParent()
            | AddMember()
            | GrantPower()
            | ArchiveRoom()
            | DeleteRoom()
        ):
            return key_parts(action.room).kind
        case _:
            assert_never(action)
