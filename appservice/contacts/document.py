"""The policy as the module takes it: JSON in parts, known by a version and a digest, whole or as
what changed (docs/synapse-module.md).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from hashlib import blake2b
from typing import Final, NamedTuple

from appservice.contacts.policy import Entry, Kind, Policy, Rules, Side

JsonObject = dict[str, object]

PART_BYTES: Final = 3 * 1024 * 1024
_DIGEST_BYTES: Final = 16
_ENCODER: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True)


class Change(NamedTuple):
    """What turns the people of one policy into those of another."""

    changed: Mapping[str, Entry]
    removed: tuple[str, ...]  # sorted


def entry_text(entry: Entry) -> str:
    """Canonical JSON of an entry: equal entries give equal texts."""
    return _ENCODER.encode(_entry_object(entry))


def entry_of(text: str) -> Entry:
    """What `entry_text` made a text of. Raises ValueError where it is none."""
    content = json.loads(text)
    language = content["language"]
    return Entry(
        tuple(Side(role) for role in content["roles"]),
        "en" if language == "en" else "ru",
        tuple(map(str, content["circles"])),
    )


def entry_digest(entry: Entry) -> bytes:
    """16 bytes that stand for an entry."""
    return blake2b(entry_text(entry).encode(), digest_size=_DIGEST_BYTES).digest()


def digests_of(policy: Policy) -> dict[str, bytes]:
    """The digest of every entry, by user id."""
    return {user: entry_digest(entry) for user, entry in policy.people.items()}


def rules_digest(rules: Rules) -> str:
    """Hexadecimal; equal for equal rules."""
    text = _ENCODER.encode(rules_object(rules))
    return blake2b(text.encode(), digest_size=_DIGEST_BYTES).hexdigest()


def policy_digest(rules: Rules, people: Mapping[str, bytes]) -> str:
    """Hexadecimal; equal for equal policies, in whatever order their people come."""
    digest = blake2b(rules_digest(rules).encode(), digest_size=_DIGEST_BYTES)
    for user in sorted(people):
        digest.update(f"\0{user}\0".encode())
        digest.update(people[user])
    return digest.hexdigest()


def delta(before: Mapping[str, bytes], policy: Policy, now: Mapping[str, bytes]) -> Change:
    """`before` and `now`: digests by user id, of what is in force and of `policy`."""
    return Change(
        {user: entry for user, entry in policy.people.items() if before.get(user) != now[user]},
        tuple(sorted(before.keys() - policy.people.keys())),
    )


def rules_object(rules: Rules) -> JsonObject:
    return {
        "directions": {
            str(kind): [list(map(str, direction)) for direction in rules.directions[kind]]
            for kind in Kind
            if kind in rules.directions
        },
        "roles": {
            str(side): {
                "create_rooms": rights.rooms,
                "create_aliases": rights.aliases,
                "publish_rooms": rights.public_rooms,
                "encrypt": rights.encryption,
                "invite_by_3pid": rights.invite_by_3pid,
            }
            for side, rights in rules.rights.items()
        },
        "unlisted_may_contact": rules.unlisted_may_contact,
        "federation": rules.federation,
    }


def whole_documents(
    policy: Policy, *, version: int, digest: str, part_bytes: int = PART_BYTES
) -> Iterator[JsonObject]:
    """The requests that replace everything: one, or several parts of at most about so many bytes
    that take effect together with the last.
    """
    parts = _parted(policy.people, part_bytes)
    for number, users in enumerate(parts, start=1):
        yield {
            "version": version,
            "base": None,
            "digest": digest,
            "rules": rules_object(policy.rules),
            "people": {user: _entry_object(policy.people[user]) for user in users},
            "removed": [],
            **({"part": [number, len(parts)]} if len(parts) > 1 else {}),
        }


def delta_document(
    change: Change, rules: Rules, *, version: int, base: int, digest: str
) -> JsonObject:
    """The request that changes the version `base` into `version`."""
    return {
        "version": version,
        "base": base,
        "digest": digest,
        "rules": rules_object(rules),
        "people": {user: _entry_object(change.changed[user]) for user in sorted(change.changed)},
        "removed": list(change.removed),
    }


def document_bytes(document: JsonObject) -> int:
    """How long a request is."""
    return len(json.dumps(document))


def _parted(people: Mapping[str, Entry], part_bytes: int) -> list[list[str]]:
    """The user ids of each part; an empty policy is one part too."""
    parts: list[list[str]] = [[]]
    size = 0
    for user in sorted(people):
        # As it is sent: with blanks and escapes.
        length = len(json.dumps({user: _entry_object(people[user])}))
        if parts[-1] and size + length > part_bytes:
            parts.append([])
            size = 0
        parts[-1].append(user)
        size += length
    return parts


def _entry_object(entry: Entry) -> JsonObject:
    return {
        "roles": list(map(str, entry.roles)),
        "language": entry.language,
        "circles": list(entry.circles),
    }
