"""Power levels: the complete map of a room kind, and the two halves of a change, what it takes and
what it gives.

Matrix spec, "m.room.power_levels"; the server's default types: Synapse, handlers/room.py. A map
sent at creation replaces the server's whole, so nothing may be missing in it. All levels are
integers (required from room version 10).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from appservice.rooms.actions import GrantPower, RevokePower
from appservice.rooms.state import ROOM_KEY, WIDGET_TYPES, JsonObject

BOT_LEVEL: Final = 100
FIRST_CREATOR_VERSION: Final = 12
"""From this room version on the creator is above all levels and must not be listed (MSC4289)."""

TOMBSTONE: Final = "m.room.tombstone"
TOPIC: Final = "m.room.topic"
FIXED_TYPES: Final = frozenset(
    {
        ROOM_KEY,
        TOMBSTONE,
        TOPIC,
        "m.room.name",
        "m.room.avatar",
        "m.room.canonical_alias",
        "m.room.power_levels",
        "m.room.history_visibility",
        "m.room.join_rules",
        "m.room.guest_access",
        "m.room.encryption",
        "m.room.server_acl",
        "m.space.child",
        "m.space.parent",
    }
)
"""State that only the bot may set: what we govern, and what would take the room out of our hands.
"""

CALL_TYPES: Final = (
    "m.call",
    "m.call.invite",
    "m.call.member",
    "m.call.notify",
    "m.rtc.member",
    "m.rtc.notification",
    "org.matrix.msc3401.call",
    "org.matrix.msc3401.call.member",
    "org.matrix.msc4075.call.notify",
    "org.matrix.msc4075.rtc.notification",
    "org.matrix.msc4143.rtc.member",
)
POLL_TYPES: Final = (
    "m.poll.start",
    "m.poll.end",
    "org.matrix.msc3381.poll.start",
    "org.matrix.msc3381.poll.end",
)
ANSWER_TYPES: Final = (
    "m.poll.response",
    "m.reaction",
    "m.room.redaction",
    "org.matrix.msc3381.poll.response",
)
"""Everyone may answer a poll, react, and take back what they sent, in announcements too."""

MESSAGE_TYPES: Final = frozenset(
    {
        *ANSWER_TYPES,
        *POLL_TYPES,
        "m.call.invite",
        "m.call.notify",
        "m.rtc.notification",
        "m.room.encrypted",
        "m.room.message",
        "m.sticker",
        "org.matrix.msc4075.call.notify",
        "org.matrix.msc4075.rtc.notification",
    }
)
"""Types that are no state: what is not listed in `events` falls to events_default, other types to
state_default.
"""

SCALAR_DEFAULTS: Final[Mapping[str, int]] = {
    "users_default": 0,
    "events_default": 0,
    "state_default": 50,
    "ban": 50,
    "kick": 50,
    "redact": 50,
    "invite": 0,
    "historical": 100,
}
"""What holds where a power level event leaves a key out (spec; `historical` is Synapse's)."""

NOTIFICATION_DEFAULT: Final = 50


def creator_rules(version: str) -> bool:
    """Whether the creator of a room of this version has power without being listed."""
    return not version.isdigit() or int(version) >= FIRST_CREATOR_VERSION


@dataclass(frozen=True, slots=True)
class Needs:
    """What a room kind demands for each deed; integers from 0 to 100."""

    post: int = 0
    calls: int = 0
    pins: int = 50
    polls: int = 50
    room_mentions: int = 50
    moderation: int = 50
    widgets: int = BOT_LEVEL
    topic: int = BOT_LEVEL
    events: Mapping[str, int] | None = None


def event_levels(needs: Needs, version: str) -> dict[str, int]:
    """The `events` map: each type whose level matters, whatever the server's defaults."""
    levels = dict.fromkeys(FIXED_TYPES, BOT_LEVEL)
    levels[TOMBSTONE] = 150 if creator_rules(version) else BOT_LEVEL
    levels[TOPIC] = needs.topic
    levels["m.room.pinned_events"] = needs.pins
    levels.update(dict.fromkeys(CALL_TYPES, needs.calls))
    levels.update(dict.fromkeys(POLL_TYPES, needs.polls))
    levels.update(dict.fromkeys(ANSWER_TYPES, 0))
    levels.update(dict.fromkeys(WIDGET_TYPES, needs.widgets))
    levels.update(needs.events or {})
    return dict(sorted(levels.items()))


def power_frame(needs: Needs, version: str) -> dict[str, object]:
    """Everything of m.room.power_levels but `users`: the same for every room of a kind."""
    return {
        "ban": needs.moderation,
        "events": event_levels(needs, version),
        "events_default": needs.post,
        "historical": BOT_LEVEL,
        "invite": BOT_LEVEL,
        "kick": needs.moderation,
        "notifications": {"room": needs.room_mentions},
        "redact": needs.moderation,
        "state_default": BOT_LEVEL,
        "users_default": 0,
    }


def power_levels(
    frame: Mapping[str, object], members: Mapping[str, int], *, version: str, bot: str
) -> JsonObject:
    """The whole event. Members at 0 are not listed; the bot only where a creator has to be."""
    users = {user: level for user, level in members.items() if level}
    if not creator_rules(version):
        users[bot] = BOT_LEVEL
    return {**frame, "users": users}


def in_version(content: JsonObject, *, version: str, bot: str) -> JsonObject:
    """The same levels for a room of another version: rooms keep theirs when the setting changes."""
    users = integers(content.get("users"))
    events = integers(content.get("events"))
    users.pop(bot, None)
    if creator_rules(version):
        events[TOMBSTONE] = 150
    else:
        events[TOMBSTONE] = BOT_LEVEL
        users[bot] = BOT_LEVEL
    return {**content, "users": users, "events": events}


def integers(content: object) -> dict[str, int]:
    """A map of levels as found in a room, without what is no level."""
    if not isinstance(content, Mapping):
        return {}
    return {
        str(key): level
        for key, level in content.items()
        if isinstance(level, int) and not isinstance(level, bool)
    }


def scalar(content: JsonObject, key: str) -> int:
    """One level of a power level event, or what holds without it."""
    level = content.get(key)
    if isinstance(level, int) and not isinstance(level, bool):
        return level
    return SCALAR_DEFAULTS.get(key, 0)


def user_level(content: JsonObject, user: str) -> int:
    """The level of a user who is not the creator of a version-12 room."""
    users = content.get("users")
    level = users.get(user) if isinstance(users, Mapping) else None
    if isinstance(level, int) and not isinstance(level, bool):
        return level
    return scalar(content, "users_default")


def with_levels_kept(after: JsonObject, before: JsonObject, kept: Iterable[str]) -> JsonObject:
    """`after` with the levels that the users `kept` have in `before`: people we may not touch."""
    old = integers(before.get("users"))
    users = integers(after.get("users"))
    for user in kept:
        users.pop(user, None)
        if user in old:
            users[user] = old[user]
    return {**after, "users": users}


def split_power(
    room: str, before: JsonObject, after: JsonObject
) -> tuple[RevokePower | None, GrantPower | None]:
    """The two steps from `before` to `after`: first what takes power away, then what gives it."""
    lower = _lower_of(before, after)
    touched = sorted(integers(before.get("users")).keys() | integers(after.get("users")).keys())
    lowered = _moves(touched, before, lower)
    stricter = lowered or _thresholds(lower) != _thresholds(before, like=lower)
    revoke = RevokePower(room, lowered, lower) if stricter else None
    between = lower if revoke else before
    grant = GrantPower(room, _moves(touched, between, after), after) if between != after else None
    return revoke, grant


def _moves(
    users: Iterable[str], before: JsonObject, after: JsonObject
) -> tuple[tuple[str, int, int], ...]:
    levels = ((user, user_level(before, user), user_level(after, user)) for user in users)
    return tuple(move for move in levels if move[1] != move[2])


def _thresholds(content: JsonObject, like: JsonObject | None = None) -> dict[str, int]:
    """Every level that something needs, by name; `like` names the types to be asked about."""
    types = integers((like or content).get("events"))
    levels = {f"event {kind}": _needed(content, kind) for kind in types}
    for key in SCALAR_DEFAULTS:
        levels[key] = -scalar(content, key) if key == "users_default" else scalar(content, key)
    for key in integers((like or content).get("notifications")):
        levels[f"notify {key}"] = _notification(content, key)
    return levels


def _needed(content: JsonObject, event_type: str) -> int:
    listed = integers(content.get("events")).get(event_type)
    if listed is not None:
        return listed
    return scalar(content, "events_default" if event_type in MESSAGE_TYPES else "state_default")


def _notification(content: JsonObject, key: str) -> int:
    return integers(content.get("notifications")).get(key, NOTIFICATION_DEFAULT)


def _lower_of(before: JsonObject, after: JsonObject) -> JsonObject:
    """The least power of both: the lower level of every user, the higher need of every deed."""
    new_users = integers(after.get("users"))
    default = min(scalar(before, "users_default"), scalar(after, "users_default"))
    users: dict[str, int] = {}
    for user in integers(before.get("users")).keys() | new_users.keys():
        level = min(user_level(before, user), user_level(after, user))
        if level != default or new_users.get(user) == level:
            users[user] = level
    new_events = integers(after.get("events"))
    events: dict[str, int] = {}
    for kind in integers(before.get("events")).keys() | new_events.keys():
        level = max(_needed(before, kind), _needed(after, kind))
        if kind in new_events or level != _needed(after, kind):
            events[kind] = level
    new_notifications = integers(after.get("notifications"))
    notifications = {
        key: max(_notification(before, key), _notification(after, key))
        for key in integers(before.get("notifications")).keys() | new_notifications.keys()
        if key in new_notifications or _notification(before, key) > _notification(after, key)
    }
    scalars: dict[str, object] = {
        key: default if key == "users_default" else max(scalar(before, key), scalar(after, key))
        for key in SCALAR_DEFAULTS
        if key in after or scalar(before, key) > scalar(after, key)
    }
    return {**after, **scalars, "users": users, "events": events, "notifications": notifications}
