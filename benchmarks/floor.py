"""The floor: the fewest client and admin API requests that build a school, in a bare loop.

No plan, no database, no retries, nothing written down: one PUT an account, one createRoom with the
whole state, one space link, one admin join a membership. Whatever is slower than this is ours;
whatever is faster needs another way in.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Mapping
from itertools import zip_longest
from typing import TypeVar
from urllib.parse import quote

import aiohttp

from appservice.rooms.desired import Desired, DesiredRoom, initial_state, link_content
from appservice.rooms.state import JsonObject

T = TypeVar("T")


class Floor:
    """One bare loop over one homeserver."""

    def __init__(self, url: str, as_token: str, desired: Desired, *, at_once: int) -> None:
        self._url = url
        self._token = as_token
        self._desired = desired
        self._at_once = at_once
        self._room_ids: dict[str, str] = {}
        self.requests = 0

    async def build(self) -> None:
        connector = aiohttp.TCPConnector(limit=self._at_once)
        async with aiohttp.ClientSession(
            self._url, connector=connector, headers={"Authorization": f"Bearer {self._token}"}
        ) as self._session:
            rooms = self._desired.rooms.values()
            await self._all(self._desired.accounts, self._account)
            for level in _levels(self._desired):
                await self._all(level, self._room)
            await self._all((room for room in rooms if room.parent), self._link)
            await self._all(_spread(self._desired), self._join)

    async def _account(self, user_id: str) -> None:
        account = self._desired.accounts[user_id]
        await self._send(
            "PUT",
            f"/_synapse/admin/v2/users/{quote(user_id, safe='')}",
            {
                "displayname": account.display_name,
                "external_ids": [
                    {"auth_provider": provider, "external_id": id}
                    for provider, id in account.external_ids
                ],
            },
        )

    async def _room(self, room: DesiredRoom) -> None:
        state = initial_state(room, self._room_ids.get, server_name=self._desired.server_name)
        answer = await self._send(
            "POST",
            "/_matrix/client/v3/createRoom",
            {
                "room_version": room.version,
                "room_alias_name": room.alias[1:].partition(":")[0],
                "preset": "private_chat",
                "creation_content": {
                    "m.federate": room.federate,
                    **({"type": "m.space"} if room.space else {}),
                },
                "power_level_content_override": room.state["m.room.power_levels", ""],
                "initial_state": [
                    {"type": type, "state_key": key, "content": content}
                    for (type, key), content in state.items()
                    if type != "m.room.power_levels"
                ],
            },
        )
        self._room_ids[room.key] = str(answer["room_id"])

    async def _link(self, room: DesiredRoom) -> None:
        parent, child = self._room_ids[room.parent], self._room_ids[room.key]
        await self._send(
            "PUT",
            f"/_matrix/client/v3/rooms/{quote(parent)}/state/m.space.child/{quote(child)}",
            link_content(room, self._desired.server_name),
        )

    async def _join(self, membership: tuple[str, str]) -> None:
        key, user_id = membership
        room_id = quote(self._room_ids[key])
        await self._send("POST", f"/_synapse/admin/v1/join/{room_id}", {"user_id": user_id})

    async def _send(self, method: str, path: str, content: JsonObject) -> Mapping[str, object]:
        self.requests += 1
        async with self._session.request(method, path, json=content) as response:
            answer: dict[str, object] = await response.json()
            if response.status >= 400:
                raise RuntimeError(f"{method} {path}: {response.status} {answer}")
            return answer

    async def _all(self, items: Iterable[T], send: Callable[[T], Awaitable[None]]) -> None:
        waiting = deque(items)

        async def work() -> None:
            while waiting:
                await send(waiting.popleft())

        async with asyncio.TaskGroup() as group:
            for _ in range(self._at_once):
                group.create_task(work())


def _levels(desired: Desired) -> Iterable[list[DesiredRoom]]:
    """The rooms by depth: what needs the room id of its parent comes after it."""
    depth: dict[str, int] = {}
    levels: list[list[DesiredRoom]] = []
    for room in desired.rooms.values():
        depth[room.key] = depth[room.parent] + 1 if room.parent else 0
        if depth[room.key] == len(levels):
            levels.append([])
        levels[depth[room.key]].append(room)
    return levels


def _spread(desired: Desired) -> Iterable[tuple[str, str]]:
    """Every membership, the rooms taking turns: in Synapse the joins of a room go one by one."""
    lanes = [[(room.key, user) for user in room.members] for room in desired.rooms.values()]
    return (item for turn in zip_longest(*lanes) for item in turn if item is not None)
