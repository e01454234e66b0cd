"""What a verdict needs to know, read in one transaction of Synapse's database.

Everything that is kept in memory belongs to one state of the policies. Each verdict reads their
versions first (a row for each owner) and drops the memory when they are others: so every process
goes by a new policy from the moment that it is stored.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from synapse.module_api import ModuleApi

from .decisions import Room
from .document import parse_entry, parse_rules
from .policy import Community, Entry, Rules
from .store import PolicyStore

if TYPE_CHECKING:
    from synapse.storage.database import LoggingTransaction

_AT_ONCE = 500
_REMEMBERED = 20_000

Versions = Mapping[str, tuple[int, str]]


@dataclass
class _Memory:
    """Policies as they stood at these versions, and the people asked about since."""

    versions: Versions
    rules: Mapping[str, Rules]
    people: dict[str, Mapping[str, Entry]] = field(default_factory=dict)


@dataclass(frozen=True)
class Moment:
    """What held at one moment. `room` is None where none was asked about."""

    community: Community
    room: Room | None


class CommunityReader:
    """Reads for one Synapse process."""

    def __init__(self, api: ModuleApi, store: PolicyStore, bots: Collection[str]) -> None:
        self._api = api
        self._store = store
        self._bots = frozenset(bots)
        self._memory = _Memory({}, {})

    async def moment(
        self, people: Collection[str], room_id: str | None = None, joining: str | None = None
    ) -> Moment | None:
        """The people, and the members of a room; None while there is no policy at all.

        `joining`: whose invitation to the room is looked for.
        """
        await self._store.ready()
        return await self._api.run_db_interaction(
            "school_spaces_moment", self._read, people, room_id, joining
        )

    def _read(
        self,
        txn: LoggingTransaction,
        people: Collection[str],
        room_id: str | None,
        joining: str | None,
    ) -> Moment | None:
        memory = self._memory_now(txn)
        if not memory.rules:
            return None
        asked = set(people)
        room = None
        if room_id is not None:
            room = _room(txn, room_id, joining, self._bots)
            asked |= room.joined | room.invited | ({room.inviter} if room.inviter else set())
        # Another thread may empty the memory's people meanwhile: what is needed is held here.
        found = {user_id: memory.people.get(user_id) for user_id in asked}
        missing = [user_id for user_id, entries in found.items() if entries is None]
        fresh = _people(txn, missing)
        memory.people.update(fresh)
        community = Community(
            server_name=self._api.server_name,
            bots=self._bots,
            rules=memory.rules,
            people={
                user_id: {
                    owner: entry
                    for owner, entry in (entries or fresh.get(user_id, {})).items()
                    if owner in memory.rules
                }
                for user_id, entries in found.items()
            },
            admins=_admins(txn, asked),
        )
        return Moment(community, room)

    def _memory_now(self, txn: LoggingTransaction) -> _Memory:
        txn.execute("SELECT owner, version, digest FROM school_spaces_policies")
        # An owner that the configuration no longer names has no say.
        versions = {
            str(row[0]): (int(row[1]), str(row[2]))
            for row in txn.fetchall()
            if row[0] in self._bots
        }
        memory = self._memory
        if memory.versions != versions:
            txn.execute("SELECT owner, rules FROM school_spaces_policies")
            rules = {
                str(row[0]): parse_rules(json.loads(row[1]))
                for row in txn.fetchall()
                if row[0] in versions
            }
            memory = self._memory = _Memory(versions, rules)
        elif len(memory.people) > _REMEMBERED:
            memory = self._memory = _Memory(versions, memory.rules)
        return memory


def _people(txn: LoggingTransaction, user_ids: Collection[str]) -> dict[str, dict[str, Entry]]:
    found: dict[str, dict[str, Entry]] = {user_id: {} for user_id in user_ids}
    for part in _parts(user_ids):
        txn.execute(
            "SELECT e.user_id, e.owner, e.entry FROM school_spaces_people e"  # noqa: S608
            " JOIN school_spaces_policies p ON p.owner = e.owner AND p.generation = e.generation"
            f" WHERE e.user_id IN ({_marks(part)})",
            part,
        )
        for user_id, owner, entry in txn.fetchall():
            found[user_id][owner] = parse_entry(json.loads(entry))
    return found


def _admins(txn: LoggingTransaction, user_ids: Collection[str]) -> frozenset[str]:
    found: set[str] = set()
    for part in _parts(user_ids):
        txn.execute(
            f"SELECT name FROM users WHERE admin = 1 AND name IN ({_marks(part)})",  # noqa: S608
            part,
        )
        found.update(row[0] for row in txn.fetchall())
    return frozenset(found)


def _room(txn: LoggingTransaction, room_id: str, joining: str | None, bots: frozenset[str]) -> Room:
    txn.execute("SELECT creator FROM rooms WHERE room_id = ?", (room_id,))
    row = txn.fetchone()
    if row is not None and row[0] in bots:
        return Room(room_id, kept=True)
    txn.execute(
        "SELECT state_key, membership FROM current_state_events"
        " WHERE room_id = ? AND type = 'm.room.member' AND membership IN ('join', 'invite')",
        (room_id,),
    )
    members: dict[str, set[str]] = {"join": set(), "invite": set()}
    for user_id, membership in txn.fetchall():
        members[membership].add(user_id)
    inviter = None
    if joining is not None:
        txn.execute(
            "SELECT m.sender FROM local_current_membership l"
            " JOIN room_memberships m ON m.event_id = l.event_id"
            " WHERE l.room_id = ? AND l.user_id = ? AND l.membership = 'invite'",
            (room_id, joining),
        )
        row = txn.fetchone()
        inviter = None if row is None else str(row[0])
    return Room(
        room_id,
        joined=frozenset(members["join"]),
        invited=frozenset(members["invite"]),
        inviter=inviter,
    )


def _parts(values: Collection[str]) -> Iterator[list[str]]:
    ordered = sorted(values)
    for start in range(0, len(ordered), _AT_ONCE):
        yield ordered[start : start + _AT_ONCE]


def _marks(values: Collection[str]) -> str:
    return ", ".join("?" * len(values))
