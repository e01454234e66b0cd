"""Facts about rooms into the tables, inside the caller's transaction.

Whoever changes a room holds its row first, rooms always in the same order, so that writers of one
room follow one another and never wait for each other in a ring.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final, NamedTuple

from asyncpg import BitString

from appservice.rooms.state import StateKey
from appservice.storage.facts import Facts, KeyFact, MemberFact, Origin, StateFact
from appservice.storage.statements import statements

_SQL: Final = statements("observed")


class KnownRoom(NamedTuple):
    """`ours` is None until its create event was seen."""

    number: int
    key: str | None
    ours: bool | None


async def lock_rooms(connection: Any, room_ids: Iterable[str]) -> dict[str, KnownRoom]:
    """Hold these rooms until the transaction ends; new ones are noted."""
    wanted = sorted(set(room_ids))
    await connection.execute(_SQL["meet_rooms"], wanted)
    return {
        row["room_id"]: KnownRoom(row["number"], row["key"], row["ours"])
        for row in await connection.fetch(_SQL["lock_rooms"], wanted)
    }


async def note(connection: Any, facts: Facts, bot: str) -> None:
    """All facts of a transaction; those about rooms that somebody else made are dropped."""
    rooms = await lock_rooms(connection, facts.rooms())
    numbers = {room_id: room.number for room_id, room in rooms.items() if room.ours is not False}
    origins = {numbers[room]: fact for room, fact in facts.origins.items() if room in numbers}
    keys = {numbers[room]: fact for room, fact in facts.keys.items() if room in numbers}
    state = {(numbers[r], key): fact for (r, key), fact in facts.state.items() if r in numbers}
    members = {
        (numbers[r], user): fact for (r, user), fact in facts.members.items() if r in numbers
    }

    await note_state(connection, state)
    await note_members(connection, members)
    await renew_digests(connection, {number for number, _key in state})
    if origins:
        await _note_origins(connection, origins)
    if keys:
        await claim_keys(connection, keys)
    bot_moved = {number for number, user in members if user == bot}
    if origins or keys or bot_moved:
        touched = bot_moved | origins.keys() | keys.keys()
        named = {room.key for room in rooms.values() if room.number in touched}
        named |= {fact.key for fact in keys.values()}
        await settle(connection, touched, named, bot)


async def note_state(connection: Any, facts: Mapping[tuple[int, StateKey], StateFact]) -> None:
    if facts:
        await connection.execute(
            _SQL["note_state"],
            [number for number, _key in facts],
            [key[0] for _number, key in facts],
            [key[1] for _number, key in facts],
            [fact.content for fact in facts.values()],
            [BitString.frombytes(fact.digest, bitlength=128) for fact in facts.values()],
            [fact.seen for fact in facts.values()],
        )


async def note_members(connection: Any, facts: Mapping[tuple[int, str], MemberFact]) -> None:
    if facts:
        await connection.execute(
            _SQL["note_members"],
            [number for number, _user in facts],
            [user for _number, user in facts],
            [fact.membership for fact in facts.values()],
            [fact.seen for fact in facts.values()],
        )


async def drop_others(
    connection: Any, number: int, state: Collection[StateKey], members: Collection[str], when: int
) -> None:
    """What a room was known to hold besides these, and not from later, is gone."""
    await connection.execute(
        _SQL["drop_other_state"], number, [key[0] for key in state], [key[1] for key in state], when
    )
    await connection.execute(_SQL["drop_other_members"], number, list(members), when)


async def renew_digests(connection: Any, numbers: Collection[int]) -> None:
    if numbers:
        await connection.execute(_SQL["renew_digests"], list(numbers))


async def claim_keys(connection: Any, claims: Mapping[int, KeyFact]) -> None:
    await connection.execute(
        _SQL["claim_keys"],
        list(claims),
        [claim.key for claim in claims.values()],
        [claim.seen for claim in claims.values()],
    )


async def settle(
    connection: Any, numbers: Collection[int], keys: Collection[str | None], bot: str
) -> None:
    """Decide anew which room is kept under each of the keys."""
    await connection.execute(_SQL["note_bot"], list(numbers), bot)
    named = sorted(key for key in keys if key is not None)
    await connection.execute(_SQL["unkeep"], named)
    await connection.execute(_SQL["keep"], named)


async def _note_origins(connection: Any, origins: Mapping[int, Origin]) -> None:
    numbers = list(origins)
    await connection.execute(
        _SQL["note_origins"],
        numbers,
        [origin.ours for origin in origins.values()],
        [origin.version for origin in origins.values()],
    )
    if not all(origin.ours for origin in origins.values()):
        await connection.execute(_SQL["forget_state_of_foreign"], numbers)
        await connection.execute(_SQL["forget_members_of_foreign"], numbers)
