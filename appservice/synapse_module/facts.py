"""Reading what a room is, through the promised module API and two tables of Synapse's."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

from synapse.module_api import ModuleApi

from .asked import Item, SetState
from .verdicts import Facts, Person

if TYPE_CHECKING:
    from synapse.storage.database import LoggingTransaction

_CREATE = ("m.room.create", "")
_JOIN_RULES = ("m.room.join_rules", "")
_LEVELS = ("m.room.power_levels", "")
# Columns of `users` that not every Synapse has.
_LATER_COLUMNS = ("suspended", "locked")
_AT_ONCE = 500


class RoomReader:
    """Reads rooms and accounts for one bot."""

    def __init__(self, api: ModuleApi, bot: str) -> None:
        self._api = api
        self._bot = bot
        self._columns: Collection[str] | None = None

    async def facts(self, room_id: str, items: Sequence[Item]) -> Facts | None:
        """What `items` need to know of the room; None when there is no such room."""
        asked = {item.user_id for item in items if not isinstance(item, SetState)}
        people = await self.people(room_id, [self._bot, *sorted(asked - {self._bot})])
        keys = {(item.type, item.state_key) for item in items if isinstance(item, SetState)}
        state = await self._state(room_id, [_CREATE, _JOIN_RULES, *sorted(keys)])
        if _CREATE not in state:
            return None
        rule = state.get(_JOIN_RULES, {}).get("join_rule", "invite")
        return Facts(
            bot=self._bot,
            federated=state[_CREATE].get("m.federate") is not False,
            join_rule=str(rule),
            people=people,
            state=state,
        )

    async def people(self, room_id: str | None, user_ids: Sequence[str]) -> Mapping[str, Person]:
        """The local ones among `user_ids`, and their membership in a room."""
        local = [user_id for user_id in user_ids if self._is_local(user_id)]
        found: dict[str, Person] = {}
        for start in range(0, len(local), _AT_ONCE):
            part = local[start : start + _AT_ONCE]
            found.update(
                await self._api.run_db_interaction(
                    "school_spaces_people", self._people_txn, room_id or "", part
                )
            )
        return {user_id: found.get(user_id, Person(user_id, exists=False)) for user_id in local}

    async def is_whole(self, room_id: str) -> bool:
        """Whether a room that the bot is in has its power levels: they come with all the rest."""
        return _LEVELS in await self._state(room_id, [_LEVELS])

    async def has_members(self, room_id: str) -> bool:
        """Whether anybody of this homeserver is joined."""

        def look(txn: LoggingTransaction) -> bool:
            txn.execute(
                "SELECT 1 FROM local_current_membership"
                " WHERE room_id = ? AND membership = 'join' LIMIT 1",
                (room_id,),
            )
            return txn.fetchone() is not None

        return await self._api.run_db_interaction("school_spaces_has_members", look)

    async def _state(
        self, room_id: str, keys: Sequence[tuple[str, str]]
    ) -> Mapping[tuple[str, str], Mapping[str, object]]:
        events = await self._api.get_room_state(room_id, keys)
        return {key: event.content for key, event in events.items()}

    def _people_txn(
        self, txn: LoggingTransaction, room_id: str, user_ids: Sequence[str]
    ) -> dict[str, Person]:
        if self._columns is None:
            txn.execute("SELECT * FROM users LIMIT 0")
            self._columns = frozenset(str(column[0]) for column in txn.description or ())
        later = [f"u.{name}" if name in self._columns else "NULL" for name in _LATER_COLUMNS]
        marks = ", ".join("?" for _ in user_ids)
        txn.execute(
            "SELECT u.name, u.deactivated, u.is_guest, p.displayname, p.avatar_url, m.membership,"  # noqa: S608
            f" {', '.join(later)} FROM users u"
            " LEFT JOIN profiles p ON p.full_user_id = u.name"
            " LEFT JOIN local_current_membership m ON m.user_id = u.name AND m.room_id = ?"
            f" WHERE u.name IN ({marks})",
            (room_id, *user_ids),
        )
        return {
            row[0]: Person(
                user_id=row[0],
                deactivated=bool(row[1]),
                guest=bool(row[2]),
                display_name=row[3],
                avatar_url=row[4],
                membership=row[5],
                suspended=bool(row[6]),
                locked=bool(row[7]),
            )
            for row in txn.fetchall()
        }

    def _is_local(self, user_id: str) -> bool:
        return user_id.startswith("@") and self._api.is_mine(user_id)
