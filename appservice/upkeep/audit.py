"""Reads the homeserver in full and corrects what we believe of it. Changes nothing there.

Over an emptied database this is the way back: every room tells what it is, every account of ours
bears our mark.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, NamedTuple

from appservice.accounts.backend import AccountBackend
from appservice.errors import Permanent
from appservice.language import _
from appservice.matrix.homeserver import Homeserver
from appservice.matrix.values import StateEvent
from appservice.rooms.observed import ObservedAccount, ObservedRoom
from appservice.side_by_side import side_by_side
from appservice.storage.observed import ObservedStore
from appservice.upkeep.found import found_room
from appservice.upkeep.site import now_ms
from appservice.year.leavers import AccountStanding

AT_ONCE: Final = 8

AuditProgress = Callable[[str, int, int], None]
"""Called with "rooms" or "accounts", how many are over, how many there are."""


RoomRead = Callable[[ObservedRoom, Sequence[StateEvent]], Awaitable[None]]
"""Told of every kept room, and the events it is made of, once what we believe of it is right."""


async def read_silently(_room: ObservedRoom, _events: Sequence[StateEvent]) -> None:
    """For those who want to know what we believed wrongly, and no more."""


class Correction(NamedTuple):
    """One thing we believed wrongly. `what` is "room_found", "room_lost", "state", "members",
    "account_found", "account" or "account_lost"; `name` a room key or user id.
    """

    what: str
    name: str


@dataclass(frozen=True, slots=True)
class AuditReport:
    """`rooms` and `accounts`: how many of ours stand. `notes`: what a person should look at."""

    rooms: int
    accounts: int
    corrections: tuple[Correction, ...] = ()
    notes: tuple[str, ...] = ()


async def audit(
    homeserver: Homeserver,
    backend: AccountBackend,
    store: ObservedStore,
    *,
    bot: str,
    expected: Collection[str],
    today: date,
    progress: AuditProgress = lambda _what, _over, _total: None,
    room_read: RoomRead = read_silently,
) -> AuditReport:
    """`expected` are the user ids that the roster gives: those that exist are managed, whoever made
    them.

    The caller holds the lock that keeps others from changing the homeserver meanwhile.
    """
    rooms = _RoomAudit(homeserver, store, bot, room_read)
    await rooms.run(progress)
    accounts, corrected = await _audit_accounts(backend, store, expected, progress, today)
    return AuditReport(
        rooms=len(rooms.found),
        accounts=accounts,
        corrections=tuple(sorted([*rooms.corrections, *corrected])),
        notes=tuple(rooms.notes),
    )


class _Standing(NamedTuple):
    room_id: str
    created_at: int
    alias: str


class _RoomAudit:
    """Room after room is read, compared and recorded, so that no more than a few are in memory."""

    def __init__(
        self, homeserver: Homeserver, store: ObservedStore, bot: str, room_read: RoomRead
    ) -> None:
        self.found: dict[str, list[_Standing]] = {}  # by key
        self.corrections: list[Correction] = []
        self.notes: list[str] = []
        self._homeserver = homeserver
        self._store = store
        self._bot = bot
        self._room_read = room_read

    async def run(self, progress: AuditProgress) -> None:
        known = dict(await self._store.room_ids())
        room_ids = await self._homeserver.joined_rooms()
        over = 0

        async def look(room_id: str) -> None:
            nonlocal over
            await self._look(room_id)
            over += 1
            progress("rooms", over, len(room_ids))

        await side_by_side(room_ids, look, at_once=AT_ONCE)
        for key, standing in sorted(self.found.items()):
            if len(standing) > 1:
                await self._choose(key, standing)
        ours = {room.room_id for rooms in self.found.values() for room in rooms}
        for key, room_id in known.items():
            if room_id not in ours:
                await self._store.room_lost(room_id)
                self.corrections.append(Correction("room_lost", key))

    async def _look(self, room_id: str) -> None:
        at = now_ms()
        try:
            events = await self._homeserver.room_state(room_id)
        except Permanent as error:
            if error.code in ("M_FORBIDDEN", "M_NOT_FOUND"):
                return  # we were removed a moment ago
            raise
        found = found_room(room_id, events, bot=self._bot)
        if found.creator != self._bot or not found.bot_is_in:
            return
        key = found.room.key
        if not key:
            return  # of another purpose; or never finished, and then the next apply finds its alias
        alias = str(found.room.state.get(("m.room.canonical_alias", ""), {}).get("alias", ""))
        self.found.setdefault(key, []).append(_Standing(room_id, found.created_at, alias))
        stored = (await self._store.rooms([key])).get(key)
        if stored != found.room:
            await self._store.room_made(found.room, at=at)
            self.corrections += _differences(stored, found.room)
        await self._room_read(found.room, events)

    async def _choose(self, key: str, standing: Sequence[_Standing]) -> None:
        """Two rooms say that they are the same one: that under the alias is it, else the older
        one.
        """
        by_alias = {
            await self._homeserver.resolve_alias(room.alias) for room in standing if room.alias
        }
        chosen = min(standing, key=lambda room: (room.room_id not in by_alias, room.created_at))
        at = now_ms()
        events = await self._homeserver.room_state(chosen.room_id)
        await self._store.room_made(found_room(chosen.room_id, events, bot=self._bot).room, at=at)
        others = ", ".join(sorted(room.room_id for room in standing if room is not chosen))
        self.notes.append(
            _("{key}: {room} is kept; {others} bear the same key and are left alone.").format(
                key=key, room=chosen.room_id, others=others
            )
        )


def _differences(stored: ObservedRoom | None, found: ObservedRoom) -> Iterable[Correction]:
    if stored is None or stored.room_id != found.room_id:
        yield Correction("room_found", found.key)
        return
    if (stored.state, stored.version) != (found.state, found.version):
        yield Correction("state", found.key)
    if stored.members != found.members:
        yield Correction("members", found.key)


async def _audit_accounts(
    backend: AccountBackend,
    store: ObservedStore,
    expected: Collection[str],
    progress: AuditProgress,
    today: date,
) -> tuple[int, Sequence[Correction]]:
    known = await store.accounts()
    standing = {
        account.user_id: account
        for account in await backend.managed(
            {*expected, *known}, lambda over, total: progress("accounts", over, total)
        )
    }
    # Who is gone from the homeserver stays ours: should the roster want them, they are made again.
    lost = [
        account._replace(standing=AccountStanding.DEACTIVATED)
        for account in known.values()
        if account.user_id not in standing and account.standing is not AccountStanding.DEACTIVATED
    ]
    remembered = (_with_past(one, known.get(one.user_id), today) for one in standing.values())
    changed = [account for account in remembered if known.get(account.user_id) != account]
    await store.account_kept([*changed, *lost])
    return len(standing), [
        *(
            Correction("account" if account.user_id in known else "account_found", account.user_id)
            for account in changed
        ),
        *(Correction("account_lost", account.user_id) for account in lost),
    ]


def _with_past(
    found: ObservedAccount, known: ObservedAccount | None, today: date
) -> ObservedAccount:
    """With what we remember of it; the grace of one that we find suspended begins today."""
    past = known.past if known else found.past
    if found.active:
        past = past._replace(left_on=None)
    elif past.left_on is None:
        past = past._replace(left_on=today)
    return found._replace(past=past)
