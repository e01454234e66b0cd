"""The body of PUT policy, as values.

Pure. A body of another shape raises BadBody, which points at the place.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..shapes import BadBody, escaped, items_in, mapping, members_of, text
from .policy import Entry, Rights, Rooms, Rules

MAX_PARTS = 1000
_MAX_VERSION = 2**53 - 1
_MAX_DIGEST = 128
_MAX_USER_ID = 255  # Matrix specification, "User Identifiers"
_MAX_WORD = 512
_MAX_LISTED = 10_000  # of anything that one person or one rule has
_MAX_PEOPLE = 1_000_000


@dataclass(frozen=True)
class Part:
    """Part `number` of `of`, counted from 1."""

    number: int
    of: int


@dataclass(frozen=True)
class Document:
    """A policy, a part of one, or what changes in one. `base` None replaces everything.

    `people` and `rules` are JSON as it is kept, checked by reading it once.
    """

    version: int
    base: int | None
    digest: str
    rules: str
    people: Mapping[str, str]
    removed: Sequence[str]
    part: Part | None


def parse_document(body: object) -> Document:
    """Read the body of PUT policy."""
    top = members_of(
        body,
        "",
        needed=("version", "base", "digest", "rules", "people", "removed"),
        optional=("part",),
    )
    parse_rules(top["rules"], "/rules")
    version = _whole(top["version"], "/version")
    base = None if top["base"] is None else _whole(top["base"], "/base")
    if base is not None and base >= version:
        raise BadBody("/base", "must be lower than the version")
    removed = items_in(top["removed"], "/removed", _MAX_PEOPLE, _user_id)
    if base is None and removed:
        raise BadBody("/removed", "must be empty where base is null: everybody else goes anyway")
    part = None if "part" not in top else _part(top["part"], "/part")
    if part is not None and base is not None:
        raise BadBody("/part", "goes with base null alone")
    people = mapping(top["people"], "/people")
    kept = {}
    for user_id, entry in people.items():
        at = f"/people/{escaped(user_id)}"
        parse_entry(entry, at)
        kept[_user_id(user_id, at)] = json.dumps(entry, separators=(",", ":"))
    for where, user_id in enumerate(removed):
        if user_id in kept:
            raise BadBody(f"/removed/{where}", f"{user_id} is in people too")
    return Document(
        version=version,
        base=base,
        digest=_short(top["digest"], "/digest", _MAX_DIGEST),
        rules=json.dumps(top["rules"]),
        people=kept,
        removed=removed,
        part=part,
    )


def parse_rules(value: object, at: str = "") -> Rules:
    """The rules of a policy."""
    rules = members_of(
        value, at, needed=("directions", "roles", "unlisted_may_contact", "federation")
    )
    directions = mapping(rules["directions"], f"{at}/directions")
    roles = mapping(rules["roles"], f"{at}/roles")
    return Rules(
        directions={
            kind: frozenset(
                items_in(pairs, f"{at}/directions/{escaped(kind)}", _MAX_LISTED, _direction)
            )
            for kind, pairs in directions.items()
        },
        rights={
            role: _rights(rights, f"{at}/roles/{escaped(role)}") for role, rights in roles.items()
        },
        unlisted_may_contact=_switch(rules["unlisted_may_contact"], f"{at}/unlisted_may_contact"),
        federation=_switch(rules["federation"], f"{at}/federation"),
    )


def parse_entry(value: object, at: str = "") -> Entry:
    """One person of a policy. A circle is "<kind>:<rest> <side>"."""
    entry = members_of(value, at, needed=("roles", "language", "circles"))
    circles: dict[str, set[str]] = {}
    listed = items_in(entry["circles"], f"{at}/circles", _MAX_LISTED, _word)
    for where, circle in enumerate(listed):
        name, space, side = circle.rpartition(" ")
        if not space or not side or not name.partition(":")[1]:
            raise BadBody(f"{at}/circles/{where}", 'must be "<kind>:<rest> <side>"')
        circles.setdefault(name, set()).add(side)
    return Entry(
        roles=items_in(entry["roles"], f"{at}/roles", _MAX_LISTED, _word),
        language=_short(entry["language"], f"{at}/language", 35),
        circles={name: frozenset(sides) for name, sides in circles.items()},
    )


def _rights(value: object, at: str) -> Rights:
    rights = members_of(
        value,
        at,
        needed=("create_rooms", "create_aliases", "publish_rooms", "encrypt", "invite_by_3pid"),
    )
    rooms = rights["create_rooms"]
    if rooms not in [one.value for one in Rooms]:
        raise BadBody(f"{at}/create_rooms", "must be no, direct or group")
    return Rights(
        rooms=Rooms(rooms),
        aliases=_switch(rights["create_aliases"], f"{at}/create_aliases"),
        publish=_switch(rights["publish_rooms"], f"{at}/publish_rooms"),
        encrypt=_switch(rights["encrypt"], f"{at}/encrypt"),
        invite_by_3pid=_switch(rights["invite_by_3pid"], f"{at}/invite_by_3pid"),
    )


def _direction(value: object, at: str) -> tuple[str, str]:
    sides = items_in(value, at, 2, _word)
    if len(sides) != 2:
        raise BadBody(at, "must be two sides: who writes, to whom")
    return sides[0], sides[1]


def _part(value: object, at: str) -> Part:
    numbers = items_in(value, at, 2, _whole)
    if len(numbers) != 2 or numbers[0] > numbers[1]:
        raise BadBody(at, "must be two numbers: which part, of how many")
    if numbers[1] > MAX_PARTS:
        raise BadBody(at, f"at most {MAX_PARTS} parts")
    return Part(numbers[0], numbers[1])


def _whole(value: object, at: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= _MAX_VERSION:
        raise BadBody(at, "must be a whole number from 1 on")
    return value


def _switch(value: object, at: str) -> bool:
    if not isinstance(value, bool):
        raise BadBody(at, "must be true or false")
    return value


def _user_id(value: object, at: str) -> str:
    user_id = _short(value, at, _MAX_USER_ID)
    if not user_id.startswith("@") or ":" not in user_id:
        raise BadBody(at, "must be a user id")
    return user_id


def _word(value: object, at: str) -> str:
    return _short(value, at, _MAX_WORD)


def _short(value: object, at: str, limit: int) -> str:
    found = text(value, at)
    if len(found) > limit:
        raise BadBody(at, f"must have at most {limit} characters")
    return found
