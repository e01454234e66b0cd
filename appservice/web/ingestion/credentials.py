"""Who is let in: a source shows its token, or signs what it sends. Pure."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from appservice.diary.settings import SourceSettings

SOURCE: Final = "X-Diary-Source"
TIMESTAMP: Final = "X-Diary-Timestamp"
SIGNATURE: Final = "X-Diary-Signature"

FRESH: Final = timedelta(minutes=5)
"""So far the time of a signed request may be from ours."""

_BEARER: Final = "bearer"  # names of schemes are written in any case (RFC 9110, 11.1)
_LONGEST_TIMESTAMP: Final = 12


def source_by_token(authorization: str, sources: Mapping[str, SourceSettings]) -> str | None:
    """The source whose token this Authorization header holds."""
    scheme, _space, token = authorization.partition(" ")
    if scheme.lower() != _BEARER:
        return None
    shown = _raw(token.strip())
    found = None
    for name, source in sources.items():  # all of them: how long it takes tells nothing
        if source.token is not None and hmac.compare_digest(
            shown, source.token.get_secret_value().encode()
        ):
            found = name
    return found


def source_by_signature(
    headers: Mapping[str, str],
    body: bytes,
    sources: Mapping[str, SourceSettings],
    *,
    now: datetime,
) -> str | None:
    """The source that signed this body lately: hexadecimal HMAC-SHA256 of the timestamp (seconds
    since 1970), a full stop, and the body, with "sha256=" before it.
    """
    name, timestamp = headers.get(SOURCE, ""), headers.get(TIMESTAMP, "")
    source = sources.get(name)
    if source is None or source.hmac_secret is None:
        return None
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= _LONGEST_TIMESTAMP):
        return None
    if abs(now.timestamp() - int(timestamp)) > FRESH.total_seconds():
        return None
    expected = signature(source.hmac_secret.get_secret_value(), timestamp, body)
    shown = _raw(headers.get(SIGNATURE, ""))
    return name if hmac.compare_digest(shown, expected.encode()) else None


def _raw(header: str) -> bytes:
    """As it was sent: what is no UTF-8 aiohttp keeps as halves of surrogate pairs."""
    return header.encode("utf-8", "surrogateescape")


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """What stands in the header SIGNATURE."""
    digest = hmac.digest(secret.encode(), timestamp.encode() + b"." + body, "sha256")
    return f"sha256={digest.hex()}"
