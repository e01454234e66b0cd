"""The observed state in PostgreSQL: kept rooms, their state and members, managed accounts."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Collection, Iterable, Mapping
from datetime import date
from hashlib import blake2b
from typing import Any, Final

from appservice.rooms.desired import Desired
from appservice.rooms.observed import (
    InboundEvent,
    InboundMessage,
    ObservedAccount,
    ObservedRoom,
    RoomOutline,
)
from appservice.rooms.planning.plan import Totals
from appservice.rooms.state import GOVERNED, ROOM_KEY, JsonObject, StateKey, canonical
from appservice.storage import writing
from appservice.storage.database import Database
from appservice.storage.facts import KeyFact, MemberFact, facts_of, key_in, seen, state_fact
from appservice.storage.inbound import Watch, keep
from appservice.storage.statements import statements
from appservice.year.archive import archived_in
from appservice.year.leavers import AccountStanding, Past

__all__ = ["InboundEvent", "ObservedStore"]

_SQL: Final = statements("observed")
_ROOMS_AT_ONCE: Final = 500
_DAY_MS: Final = 24 * 3600 * 1000


class ObservedStore:
    """Writes come from three sides: our own actions (as soon as they are answered), inbound
    transactions, audits.

    `at` is the time in ms when the fact was true: of our own actions, the moment before the request
    was sent. An older fact never replaces a newer one. `bot` is the bot's user id: it is no member,
    and its word alone makes a room a kept one.
    """

    def __init__(self, database: Database, *, bot: str) -> None:
        self._database = database
        self._bot = bot

    # what a plan reads
    async def outlines(self) -> AsyncIterator[RoomOutline]:
        """Every kept room, streamed from a cursor in the order of its key (C collation).

        The reader holds a connection and one view of the database until it ends.
        """
        async with self._database.transaction() as connection:
            cursor = connection.cursor(
                _SQL["outlines"], self._bot, ROOM_KEY, prefetch=_ROOMS_AT_ONCE
            )
            async for key, room_id, version, digest, joined, invited, mark in cursor:
                archived = None if mark is None else archived_in(json.loads(mark))
                yield RoomOutline(key, room_id, version, digest.bytes, joined, invited, archived)

    async def rooms(self, keys: Collection[str]) -> Mapping[str, ObservedRoom]:
        """The kept rooms among these keys, in full."""
        async with self._database.transaction() as connection:
            found = await connection.fetch(_SQL["kept_rooms"], list(keys))
            numbers = [row["number"] for row in found]
            state: dict[int, dict[StateKey, JsonObject]] = {number: {} for number in numbers}
            members: dict[int, dict[str, str]] = {number: {} for number in numbers}
            for number, type_, state_key, content in await connection.fetch(
                _SQL["state_of_rooms"], numbers
            ):
                state[number][type_, state_key] = json.loads(content)
            for number, user_id, membership in await connection.fetch(
                _SQL["members_of_rooms"], numbers, self._bot
            ):
                members[number][user_id] = membership
        return {
            key: ObservedRoom(key, room_id, version, state[number], members[number])
            for number, key, room_id, version in found
        }

    async def room_ids(self) -> Mapping[str, str]:
        """key → room id of every kept room."""
        async with self._database.connection() as connection:
            return dict(await connection.fetch(_SQL["room_ids"]))

    async def accounts(self) -> Mapping[str, ObservedAccount]:
        """Every account we made or were told to manage, by user id."""
        async with self._database.connection() as connection:
            return {
                row["user_id"]: _account(row) for row in await connection.fetch(_SQL["accounts"])
            }

    async def knows_nothing(self) -> bool:
        """Whether there is no account and no kept room at all."""
        async with self._database.connection() as connection:
            nothing: bool = await connection.fetchval(_SQL["knows_nothing"])
        return nothing

    async def totals(self) -> Totals:
        async with self._database.connection() as connection:
            return Totals(**await connection.fetchrow(_SQL["totals"], self._bot, ROOM_KEY))

    # what our own actions write
    async def room_made(self, room: ObservedRoom, *, at: int) -> None:
        """A room that now exists, whole (also one found again: replaces what was known of it).

        What became known of it after `at` stays.
        """
        when = seen(at)
        state = {
            key: state_fact(key, content, when)
            for key, content in room.state.items()
            if key[0] in GOVERNED and content
        }
        members = {user: MemberFact(membership, when) for user, membership in room.members.items()}
        members[self._bot] = MemberFact("join", when)
        async with self._database.transaction() as connection:
            known = (await writing.lock_rooms(connection, [room.room_id]))[room.room_id]
            number = known.number
            await connection.execute(_SQL["adopt_room"], number, room.version, room.key, when)
            await writing.drop_others(connection, number, state, members, when)
            await writing.note_state(connection, {(number, key): state[key] for key in state})
            await writing.note_members(
                connection, {(number, user): members[user] for user in members}
            )
            await writing.renew_digests(connection, [number])
            await writing.settle(connection, [number], {known.key, room.key}, self._bot)

    async def state_set(self, room_id: str, key: StateKey, content: JsonObject, *, at: int) -> None:
        """A state event that we sent. Empty content takes the state away."""
        if key[0] not in GOVERNED:
            return
        fact = state_fact(key, content, seen(at))
        async with self._database.transaction() as connection:
            known = (await writing.lock_rooms(connection, [room_id]))[room_id]
            await writing.note_state(connection, {(known.number, key): fact})
            await writing.renew_digests(connection, [known.number])
            if key == (ROOM_KEY, ""):
                claim = KeyFact(key_in(content), fact.seen)
                await writing.claim_keys(connection, {known.number: claim})
                await writing.settle(connection, [known.number], {known.key, claim.key}, self._bot)

    async def members_changed(self, room_id: str, changed: Mapping[str, str], *, at: int) -> None:
        """Memberships by user id ("join", "leave", "ban"). Nothing happens when the room is not
        known.
        """
        if changed:
            async with self._database.connection() as connection:
                await connection.execute(
                    _SQL["change_members"], room_id, list(changed), list(changed.values()), seen(at)
                )

    async def account_kept(self, accounts: Iterable[ObservedAccount]) -> None:
        """Accounts as they now are, by user id."""
        latest = {account.user_id: account for account in accounts}
        if latest:
            async with self._database.connection() as connection:
                await connection.execute(
                    _SQL["keep_accounts"],
                    list(latest),
                    [account.display_name for account in latest.values()],
                    [canonical(account.external_ids).decode() for account in latest.values()],
                    [account.standing.value for account in latest.values()],
                    [account.server_admin for account in latest.values()],
                    [account.past.left_on for account in latest.values()],
                )

    async def account_stands(self, user_id: str, standing: AccountStanding, *, on: date) -> None:
        """How an account of ours stands since the day `on`; its first day without use counts."""
        async with self._database.connection() as connection:
            await connection.execute(_SQL["account_stands"], user_id, standing.value, on)

    async def remember_roles(self, desired: Desired) -> None:
        """What the roster says now of those who have an account, for the day when they are gone."""
        if desired.leavers is None:
            return
        offices = [
            (user, school) for school, users in desired.admins.items() for user in sorted(users)
        ]
        async with self._database.connection() as connection:
            await connection.execute(
                _SQL["remember_roles"],
                list(desired.accounts),
                list(desired.leavers.graduates),
                [user for user, _school in offices],
                [school for _user, school in offices],
            )

    async def room_lost(self, room_id: str) -> None:
        """Forget a room that we cannot reach any more."""
        async with self._database.connection() as connection:
            await connection.execute(_SQL["lose_room"], room_id)

    # what the homeserver tells
    async def take_transaction(
        self,
        transaction_id: str,
        told: Iterable[InboundEvent | InboundMessage],
        *,
        watch: Watch | None = None,
    ) -> bool:
        """Store a transaction and bring the observed state up to date, in one database transaction.

        False when this id was taken before with the same events. A room that bears our key event
        and our bot's creation becomes a kept room; until both were seen, what is known of it waits.
        What `watch` finds worth a look is kept for it.
        """
        told = list(told)
        digest = blake2b("\n".join(one.event_id for one in told).encode(), digest_size=16)
        facts = facts_of((one for one in told if isinstance(one, InboundEvent)), self._bot)
        async with self._database.transaction() as connection:
            if not await connection.fetchval(
                _SQL["take_transaction"], transaction_id, digest.digest()
            ):
                return False
            await connection.execute(_SQL["forget_old_transactions"])
            await writing.note(connection, facts, self._bot)
            if watch is not None:
                await keep(connection, told, watch, bot=self._bot)
        return True

    async def forget_old(self, *, now: int) -> None:
        """Drop what no late event can contradict any more. `now` in ms.

        After 90 days the traces of who left and of state that was taken away, after 30 days rooms
        that did not turn out to be ours.
        """
        async with self._database.transaction() as connection:
            before = seen(now - 90 * _DAY_MS)
            await connection.execute(_SQL["forget_old_leavers"], before)
            await connection.execute(_SQL["forget_old_state"], before)
            await connection.execute(_SQL["forget_old_strangers"])


def _pairs(external_ids: str) -> tuple[tuple[str, str], ...]:
    return tuple((provider, id_) for provider, id_ in json.loads(external_ids))


def _account(row: Any) -> ObservedAccount:
    return ObservedAccount(
        row["user_id"],
        row["display_name"],
        _pairs(row["external_ids"]),
        AccountStanding(row["standing"]),
        row["server_admin"],
        Past(row["left_on"], row["graduate"], tuple(row["administered"])),
    )
