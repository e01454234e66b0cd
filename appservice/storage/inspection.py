"""A look at a database that changes nothing in it: for the doctor."""

from __future__ import annotations

from typing import Final, NamedTuple

from appservice.storage.community import PolicyPushed, policy_pushed
from appservice.storage.failures import translated
from appservice.storage.migration import migrations
from appservice.storage.opening import open_connection, place

_TIMEOUT_S: Final = 5.0


class Inspection(NamedTuple):
    """The server's version (such as "18.0"), the database's schema, the newest that we know, and
    the contact policy that the homeserver was last given.
    """

    version: str
    schema: int
    newest_schema: int
    policy: PolicyPushed = PolicyPushed()


async def inspect(dsn: str) -> Inspection:
    """What stands at this address. Raises Temporary, Permanent or Refused; nothing is retried."""
    with translated(place(dsn)):
        connection = await open_connection(dsn, statement_timeout=_TIMEOUT_S)
        try:
            version: str = await connection.fetchval("SHOW server_version")
            known = await connection.fetchval("SELECT to_regclass('schema_version')")
            schema: int = (
                0
                if known is None
                else await connection.fetchval(
                    "SELECT coalesce(max(version), 0) FROM schema_version"
                )
            )
            asked = await connection.fetchval("SELECT to_regclass('community_policy')")
            policy = PolicyPushed() if asked is None else await policy_pushed(connection)
        finally:
            await connection.close()
    return Inspection(version.split()[0], schema, migrations()[-1].version, policy)
