"""What people in charge of a room may do to its members by themselves: ban somebody with a reason,
and take such a ban back.
"""

from __future__ import annotations

from dataclasses import dataclass

from appservice.rooms.desired import POWER_LEVELS, DesiredRoom
from appservice.rooms.enforcement.departs import membership_in
from appservice.rooms.kinds.power import scalar
from appservice.rooms.observed import InboundEvent


@dataclass(frozen=True, slots=True)
class BanGiven:
    """To be kept as a measure without an end."""

    user: str
    by: str
    reason: str
    event_id: str


@dataclass(frozen=True, slots=True)
class BanLifted:
    """The measures that ban this person from the room end."""

    user: str
    by: str
    event_id: str


Decision = BanGiven | BanLifted


def decided(room: DesiredRoom, event: InboundEvent, membership_now: str) -> Decision | None:
    """The decision that a member event tells, where its sender may take it.

    `membership_now` is what the member is by now ("" for out): what was undone since is no decision
    any more. The levels are those that the roster gives, not those that somebody took.
    """
    user, by = event.state_key, event.sender
    may_ban = scalar(room.state[POWER_LEVELS], "ban")
    level = room.members.get(by)
    if user == by or level is None or level < may_ban:
        return None
    match membership_in(event.content):
        case "ban" if membership_now == "ban" and user in room.members:
            reason = event.content.get("reason")
            if level <= room.members[user] or not isinstance(reason, str) or not reason.strip():
                return None
            return BanGiven(user, by, reason.strip(), event.event_id)
        case "leave" if membership_now != "ban" and user in room.banned:
            return BanLifted(user, by, event.event_id)
        case _:
            return None
