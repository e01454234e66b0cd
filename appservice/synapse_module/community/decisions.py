"""What an attempt comes to: let pass (None), or Blocked with the reason.

Pure: the people, the policies and the room go in as values.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

from .policy import Community, Reason, Rights, Rooms

Kind = Literal[
    "invite",
    "federated_invite",
    "invite_by_3pid",
    "join",
    "create_room",
    "create_alias",
    "publish_room",
    "encrypt",
]

_OPEN = "public"


@dataclass(frozen=True)
class Blocked:
    """An attempt that is refused. `other` is a user id, a room id or empty, never what a person
    typed.
    """

    kind: Kind
    user_id: str
    other: str
    reason: Reason


@dataclass(frozen=True)
class Room:
    """A room as it stands. `kept`: a bot created it. `inviter`: who invited the person at issue.

    Of a kept room the members are not read.
    """

    room_id: str
    kept: bool = False
    joined: frozenset[str] = frozenset()
    invited: frozenset[str] = frozenset()
    inviter: str | None = None


@dataclass(frozen=True)
class Wanted:
    """What a createRoom asks for, as far as it is judged. `inviting_3pid`: by mail or telephone."""

    invited: Sequence[str] = ()
    alias: bool = False
    public: bool = False
    encrypted: bool = False
    inviting_3pid: bool = False


def judge_invite(community: Community, inviter: str, invitee: str, room: Room) -> Blocked | None:
    """A person invites another. Their contact is judged, and the circle that the room becomes."""

    def blocked(reason: Reason) -> Blocked:
        return Blocked("invite", inviter, invitee, reason)

    if community.is_free(inviter) or invitee in community.bots:
        return None
    why = community.why_not(inviter, invitee)
    if why is not None:
        return blocked(why)
    if room.kept:  # who else is in it the school knows
        return None
    rights = community.rights(inviter)
    if rights.rooms is Rooms.NO:
        return blocked(Reason.NO_ROOMS)
    others = (room.joined | room.invited) - community.bots - {inviter, invitee}
    if rights.rooms is Rooms.DIRECT and others:
        return blocked(Reason.ONLY_TWO)
    return blocked(Reason.GROUP) if _stranger_among(community, invitee, others) else None


def judge_federated_invite(community: Community, inviter: str, invitee: str) -> Blocked | None:
    """A person of another homeserver invites one of this. Who else is there cannot be known."""
    why = community.why_not(inviter, invitee)
    return None if why is None else Blocked("federated_invite", inviter, invitee, why)


def judge_join(community: Community, user_id: str, room: Room) -> Blocked | None:
    """A person joins a room, invited or not.

    Judged again at the join: two invitations may have been made at once, and the policy may have
    changed since.
    """
    if room.kept or community.is_free(user_id):
        return None
    if room.inviter is not None:
        if community.is_free(room.inviter):
            return None
        why = community.why_not(room.inviter, user_id)
        if why is not None:
            return Blocked("join", user_id, room.room_id, why)
    elif not room.joined and not community.may_federate(user_id):
        # Nobody of this homeserver is in it: it is a room of another one.
        return Blocked("join", user_id, room.room_id, Reason.FEDERATION)
    if _stranger_among(community, user_id, room.joined - {user_id}):
        return Blocked("join", user_id, room.room_id, Reason.GROUP)
    return None


def judge_creation(community: Community, user_id: str, wanted: Wanted | None) -> Blocked | None:
    """A person makes a room. `wanted` is None where Synapse does not tell what it will be."""

    def blocked(reason: Reason, other: str = "") -> Blocked:
        return Blocked("create_room", user_id, other, reason)

    rights = community.rights(user_id)
    if rights.rooms is Rooms.NO:
        return blocked(Reason.NO_ROOMS)
    if wanted is None:
        return None
    lacking = _lacking(rights, wanted)
    if lacking is not None:
        return blocked(lacking)
    invited = [one for one in wanted.invited if one != user_id and one not in community.bots]
    for one in invited:
        why = community.why_not(user_id, one)
        if why is not None:
            return blocked(why, one)
    if rights.rooms is Rooms.DIRECT and len(set(invited)) > 1:
        return blocked(Reason.ONLY_TWO)
    for one, other in combinations(invited, 2):
        if not (community.is_free(user_id) or community.may_be_together(one, other)):
            return blocked(Reason.GROUP, other)
    return None


def judge_state(
    rights: Rights, type_: str, content: Mapping[str, object]
) -> tuple[Kind, Reason] | None:
    """A person sets a piece of state in a room where their power suffices for it."""
    if type_ == "m.room.encryption" and not rights.encrypt:
        return "encrypt", Reason.NO_ENCRYPTION
    if type_ == "m.room.third_party_invite" and not rights.invite_by_3pid:
        return "invite_by_3pid", Reason.NO_3PID
    opens = type_ == "m.room.join_rules" and content.get("join_rule") == _OPEN
    return ("publish_room", Reason.NO_PUBLIC_ROOMS) if opens and not rights.publish else None


JUDGED_STATE = frozenset({"m.room.encryption", "m.room.third_party_invite", "m.room.join_rules"})


def parse_wanted(config: Mapping[str, object]) -> Wanted:
    """The body of a createRoom. What has another shape than it should is passed over: Synapse
    refuses it by itself.
    """
    initial = config.get("initial_state")
    state = [one for one in initial if isinstance(one, dict)] if isinstance(initial, list) else []
    # An invitation can also be written as a piece of state.
    keys = (one.get("state_key") for one in state if one.get("type") == "m.room.member")
    listed = config.get("invite")
    invited = [*(listed if isinstance(listed, list) else []), *keys]
    rules = [one.get("content") for one in state if one.get("type") == "m.room.join_rules"]
    opened = any(isinstance(rule, dict) and rule.get("join_rule") == _OPEN for rule in rules)
    return Wanted(
        invited=[one for one in invited if isinstance(one, str)],
        alias=bool(config.get("room_alias_name")),
        public=opened
        or config.get("visibility") == "public"
        or config.get("preset") == "public_chat",
        encrypted=any(one.get("type") == "m.room.encryption" for one in state),
        inviting_3pid=bool(config.get("invite_3pid"))
        or any(one.get("type") == "m.room.third_party_invite" for one in state),
    )


def _lacking(rights: Rights, wanted: Wanted) -> Reason | None:
    if wanted.alias and not rights.aliases:
        return Reason.NO_ALIASES
    if wanted.public and not rights.publish:
        return Reason.NO_PUBLIC_ROOMS
    if wanted.encrypted and not rights.encrypt:
        return Reason.NO_ENCRYPTION
    if wanted.inviting_3pid and not rights.invite_by_3pid:
        return Reason.NO_3PID
    return None


def _stranger_among(community: Community, user_id: str, others: Collection[str]) -> bool:
    return any(not community.may_be_together(user_id, other) for other in others)
