"""What Synapse has stored for an application service and not sent, in Synapse's own database."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import NamedTuple

import asyncpg

from tests.ground import AppserviceSlot

PATIENCE_S = 60.0
_LOOKS_IN_VAIN = 150


class Unsent(NamedTuple):
    """One transaction; `event_ids` is a JSON array."""

    txn_id: int
    event_ids: str


async def reached(slot: AppserviceSlot, something_happens: Callable[[], Awaitable[object]]) -> None:
    """Returns when Synapse knows that the service is there, and has nothing left for it.

    Should Synapse have forgotten something, `something_happens` in a room from time to time.
    """
    connection = await asyncpg.connect(slot.synapse_dsn)
    try:
        async with asyncio.timeout(PATIENCE_S):
            looks = 0
            while await connection.fetchval(_IS_WAITING, slot.id):
                await asyncio.sleep(0.02)
                looks += 1
                if looks % _LOOKS_IN_VAIN == 0:
                    await something_happens()
    finally:
        await connection.close()


async def forgotten_with(slot: AppserviceSlot, event_id: str) -> Sequence[Unsent]:
    """All that Synapse has stored for the service, which is away, taken out of there up to this
    event.
    """
    found: list[Unsent] = []
    connection = await asyncpg.connect(slot.synapse_dsn)
    try:
        async with asyncio.timeout(PATIENCE_S):
            while not any(event_id in each.event_ids for each in found):
                found += [Unsent(*row) for row in await connection.fetch(_TAKE_OUT, slot.id)]
                await asyncio.sleep(0.05)
    finally:
        await connection.close()
    return found


async def put_back(slot: AppserviceSlot, unsent: Sequence[Unsent]) -> None:
    """As if they had been stored and not sent."""
    connection = await asyncpg.connect(slot.synapse_dsn)
    try:
        await connection.executemany(_PUT_BACK, [(slot.id, *each) for each in unsent])
    finally:
        await connection.close()


_IS_WAITING = """
    SELECT EXISTS (SELECT FROM application_services_txns WHERE as_id = $1)
        OR EXISTS (SELECT FROM application_services_state WHERE as_id = $1 AND state <> 'up')
"""
_TAKE_OUT = "DELETE FROM application_services_txns WHERE as_id = $1 RETURNING txn_id, event_ids"
_PUT_BACK = "INSERT INTO application_services_txns (as_id, txn_id, event_ids) VALUES ($1, $2, $3)"
