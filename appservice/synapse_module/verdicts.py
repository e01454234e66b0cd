"""What each asked item comes to, given what the room is: events to send, nothing, or a refusal.

Pure: the facts go in as values. Whether Synapse's authorisation rules let an event pass is for
Synapse to say; here is only what is known beforehand.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from canonicaljson import encode_canonical_json

from .asked import Ban, Item, Join, Kick, SetState, Unban

_OPEN_RULES = frozenset({"public", "restricted", "knock_restricted"})
_AUTHORISED_RULES = frozenset({"restricted", "knock_restricted"})


@dataclass(frozen=True)
class Person:
    """A local account, and how it stands in the room in question (None: it never had to do)."""

    user_id: str
    exists: bool = True
    deactivated: bool = False
    suspended: bool = False
    locked: bool = False
    guest: bool = False
    display_name: str | None = None
    avatar_url: str | None = None
    membership: str | None = None


@dataclass(frozen=True)
class Facts:
    """What is known of a room: its people (local ones that were asked about), rule and state.

    `federated` is False where the create event keeps every other server out for ever.
    """

    bot: str
    federated: bool
    join_rule: str
    people: Mapping[str, Person]
    state: Mapping[tuple[str, str], Mapping[str, object]]


@dataclass(frozen=True)
class Draft:
    """A state event that is to be sent."""

    type: str
    state_key: str
    sender: str
    content: Mapping[str, object]


@dataclass(frozen=True)
class Send:
    """These events make it so; the last one is the item's own."""

    drafts: Sequence[Draft]


@dataclass(frozen=True)
class Done:
    """It is so now, by this event."""

    event_id: str


@dataclass(frozen=True)
class Unchanged:
    """It was so already."""


@dataclass(frozen=True)
class Failed:
    """It was refused; `errcode` is a Matrix error code."""

    errcode: str
    error: str
    retry_after_ms: int | None = None


Outcome = Done | Unchanged | Failed
Verdict = Send | Unchanged | Failed


def judge(items: Sequence[Item], facts: Facts) -> list[Verdict]:
    """One verdict per item. Each item is judged as if all before it had succeeded."""
    membership = {person.user_id: person.membership for person in facts.people.values()}
    state = dict(facts.state)
    verdicts: list[Verdict] = []
    for item in items:
        if isinstance(item, SetState):
            verdict = _judge_state(item, state, facts.bot)
        else:
            verdict = _judge_member(item, membership.get(item.user_id), facts)
        verdicts.append(verdict)
        if isinstance(verdict, Send):
            made = verdict.drafts[-1]
            if isinstance(item, SetState):
                state[item.type, item.state_key] = item.content
            else:
                membership[item.user_id] = str(made.content["membership"])
    return verdicts


def join_drafts(person: Person, bot: str, join_rule: str) -> list[Draft]:
    """The events that bring a person into a room by its join rule.

    Source: the authorisation rules of room version 8 and later, "If membership is join". A
    restricted join needs a joined member with the power to invite to vouch for it; the allow list
    is the homeserver's own affair, not theirs.
    """
    profile = {
        key: value
        for key, value in (("displayname", person.display_name), ("avatar_url", person.avatar_url))
        if value is not None
    }
    content: dict[str, object] = {"membership": "join", **profile}
    drafts = []
    if person.membership != "invite":
        if join_rule in _AUTHORISED_RULES:
            content["join_authorised_via_users_server"] = bot
        elif join_rule not in _OPEN_RULES:
            drafts.append(
                Draft("m.room.member", person.user_id, bot, {"membership": "invite", **profile})
            )
    return [*drafts, Draft("m.room.member", person.user_id, person.user_id, content)]


def joinable(person: Person | None) -> Person | Failed:
    """The person, or why nobody can join them anywhere. None is somebody not of this server."""
    if person is None:
        return Failed("M_INVALID_PARAM", "Not a user id of this homeserver")
    if not person.exists:
        return Failed("M_NOT_FOUND", "No such account")
    if person.deactivated:
        return Failed("M_USER_DEACTIVATED", "The account is deactivated")
    if person.guest:
        return Failed("M_GUEST_ACCESS_FORBIDDEN", "The account is a guest")
    if person.suspended:
        return Failed("M_USER_SUSPENDED", "The account is suspended")
    if person.locked:
        return Failed("M_USER_LOCKED", "The account is locked")
    return person


def same_content(one: Mapping[str, object], other: Mapping[str, object]) -> bool:
    """Whether two event contents are the same JSON (True is not 1 there)."""
    try:
        return encode_canonical_json(one) == encode_canonical_json(other)
    except ValueError:  # not JSON that Matrix takes; Synapse will say so
        return False


def _judge_state(
    item: SetState, state: Mapping[tuple[str, str], Mapping[str, object]], bot: str
) -> Verdict:
    now = state.get((item.type, item.state_key))
    if now is not None and same_content(now, item.content):
        return Unchanged()
    return Send((Draft(item.type, item.state_key, bot, item.content),))


def _judge_member(item: Join | Kick | Ban | Unban, membership: str | None, facts: Facts) -> Verdict:
    person = facts.people.get(item.user_id)
    if isinstance(item, Join):
        return _judge_join(person, membership, facts)
    if person is None:
        return Failed("M_INVALID_PARAM", "Not a user id of this homeserver")
    if item.user_id == facts.bot:
        return Failed("M_FORBIDDEN", "The bot does not leave the rooms that it keeps")
    already = {
        Kick: membership not in ("join", "invite", "knock"),
        Ban: membership == "ban",
        Unban: membership != "ban",
    }
    if already[type(item)]:
        return Unchanged()
    content = {"membership": "ban" if isinstance(item, Ban) else "leave"}
    if item.reason is not None:
        content["reason"] = item.reason
    return Send((Draft("m.room.member", item.user_id, facts.bot, content),))


def _judge_join(person: Person | None, membership: str | None, facts: Facts) -> Verdict:
    if membership == "join":
        return Unchanged()
    found = joinable(person)
    if isinstance(found, Failed):
        return found
    if membership == "ban":
        return Failed("M_BAD_STATE", "The person is banned from the room")
    standing = replace(found, membership=membership)
    return Send(tuple(join_drafts(standing, facts.bot, facts.join_rule)))
