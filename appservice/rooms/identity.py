"""What a room is known by: its key for ever, its alias on the server, its place in the order of its
space.
"""

from __future__ import annotations

import re
from base64 import b32hexencode
from functools import cache, lru_cache
from hashlib import blake2b
from typing import NamedTuple

ALIAS_LIMIT = 255  # bytes, Matrix spec, appendix "Common identifier format"
ORDER_LIMIT = 50  # characters of m.space.child `order`

_KEY_UNSAFE = re.compile(r"[/=\x00-\x1f\x7f]")
_QUOTED = re.compile(r"((?:=[0-9A-F]{2})+)")
_ALIAS_UNSAFE = re.compile(r"[^A-Za-z0-9._@-]")
_DIGITS = re.compile(r"\d+")


class RoomName(NamedTuple):
    """The parts of a room key. `target_id` is a class or group id, "" for a room of the whole
    school.
    """

    school_id: str
    kind: str
    target_id: str


def _hex(match: re.Match[str]) -> str:
    return "".join(f"={byte:02X}" for byte in match[0].encode())


def room_key(school_id: str, kind: str, target_id: str = "") -> str:
    """ "<school_id>/<kind>" or "<school_id>/<kind>/<class_id or group_id>"; "/" and "=" inside an
    id become =XX.
    """
    parts = [_KEY_UNSAFE.sub(_hex, school_id), kind]
    if target_id:
        parts.append(_KEY_UNSAFE.sub(_hex, target_id))
    return "/".join(parts)


def _unquoted(part: str) -> str:
    return _QUOTED.sub(
        lambda match: bytes.fromhex(match[0][1:].replace("=", "")).decode("utf-8", "replace"), part
    )


def key_parts(key: str) -> RoomName:
    """The ids behind a room key (also of a room that the roster no longer knows)."""
    school, kind, target, *_rest = [*key.split("/", 2), "", ""]
    return RoomName(_unquoted(school), kind, _unquoted(target))


@cache
def _alias_school(school_id: str) -> str:
    # A dot inside the school's id would read as the border between id and kind.
    return _ALIAS_UNSAFE.sub(_hex, school_id).replace(".", "=2E")


def room_alias(
    prefix: str, server_name: str, school_id: str, kind: str, target_id: str = ""
) -> str:
    """ "#<prefix>.<school_id>.<kind>[.<id>]:server".

    Everything outside [A-Za-z0-9._@-] is written as =XX (hexadecimal UTF-8). "=" and "/" too: the
    one keeps two ids from meeting in one alias, the other gets lost in reverse proxies. An alias
    over 255 bytes is hashed.
    """
    localpart = f"{prefix}.{_alias_school(school_id)}.{kind}"
    if target_id:
        localpart += "." + _ALIAS_UNSAFE.sub(_hex, target_id)
    if len(localpart) + len(server_name.encode()) + 2 > ALIAS_LIMIT:
        localpart = f"{prefix}.{blake2b(localpart.encode(), digest_size=20).hexdigest()}"
    return f"#{localpart}:{server_name}"


def admin_alias(prefix: str, server_name: str) -> str:
    """ "#<prefix>.admin:server": the administrators' room. No school's alias is so short."""
    return f"#{prefix}.admin:{server_name}"


@lru_cache(maxsize=4096)
def space_order(head: str, text: str = "") -> str:
    """A value for m.space.child `order` that sorts as people sort: "5А" before "10А", Cyrillic by
    its alphabet.

    The server takes printable ASCII of at most 50 characters only, so the text goes in as base32hex
    of UTF-16, which keeps the order; what does not fit is cut.
    """
    if not text:
        return head[:ORDER_LIMIT]
    folded = _DIGITS.sub(lambda digits: digits[0].zfill(4), text.casefold().replace("ё", "е\uffff"))
    # 8 letters of base32 hold 5 bytes; only whole bytes may enter, padding is dropped.
    room = (ORDER_LIMIT - len(head) - 1) * 5 // 8
    code = b32hexencode(folded.encode("utf-16-be")[:room]).decode().rstrip("=")
    return f"{head}.{code}"
