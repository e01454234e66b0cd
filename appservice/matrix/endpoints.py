"""Which endpoint a request goes to: its path without what names a person, a room or an event."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

Observed = Callable[[str, str, str, float], None]
"""Told of each request: its method, its endpoint, how it ended ("200", "unanswered", "broken") and
how many seconds that took.
"""

ANY: Final = "{}"

_WORD: Final = re.compile(r"[A-Za-z_]{1,30}|[vr][0-9]{1,2}")
_REST_IS_FREE: Final = frozenset({"state", "send"})
"""What follows these is an event type and a key that anybody may have chosen."""


def nothing(_method: str, _endpoint: str, _outcome: str, _seconds: float) -> None:
    """For those who do not measure."""


def endpoint_of(path: str) -> str:
    """The path, every part that is no plain word replaced. `path` may be quoted, without query."""
    parts: list[str] = []
    free = False
    for part in path.strip("/").split("/"):
        parts.append(part if not free and _WORD.fullmatch(part) else ANY)
        free = free or (part in _REST_IS_FREE and len(parts) > 1)
    return "/" + "/".join(parts)
