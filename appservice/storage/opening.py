"""Opening a connection to the address in the configuration, and showing that address."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import asyncpg

from appservice.errors import Refused
from appservice.language import _

CONNECT_TIMEOUT_S: Final = 10.0

# Short queries gain nothing from just-in-time compilation and wait for it.
SESSION: Final[Mapping[str, str]] = {"application_name": "school-spaces", "jit": "off"}


async def open_connection(
    dsn: str, *, statement_timeout: float, session: Mapping[str, str] = SESSION
) -> Any:
    """One connection of its own. Raises Refused for an address that cannot be read.

    `statement_timeout` in seconds. Other errors are asyncpg's: wrap them with `translated`.
    """
    try:
        return await asyncpg.connect(
            dsn,
            timeout=CONNECT_TIMEOUT_S,
            command_timeout=statement_timeout,
            server_settings=dict(session),
        )
    except ValueError as error:
        raise _unreadable() from error


def place(dsn: str) -> str:
    """The database and its host, to be shown: no user, no password."""
    try:
        parts = urlsplit(dsn)
    except ValueError as error:
        raise _unreadable() from error
    host = parts.hostname or next(iter(parse_qs(parts.query).get("host", [])), "localhost")
    return f"{parts.path.lstrip('/')} @ {host}"


def _unreadable() -> Refused:
    # It may hold a password, so it is not quoted.
    return Refused(
        _(
            "The address of the database in the configuration cannot be read. It looks like"
            " postgresql://user:password@host/database."
        )
    )
