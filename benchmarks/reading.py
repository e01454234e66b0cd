"""What really stands on a homeserver, read with nothing of ours in between, and what should."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import aiohttp

from appservice.rooms.desired import Desired, children_of, whole_state
from appservice.rooms.state import GOVERNED, ROOM_KEY, JsonObject, StateKey


async def differences(url: str, as_token: str, desired: Desired) -> list[str]:
    """One line for each room, member, level or state event that is not as desired."""
    states: dict[str, dict[StateKey, JsonObject]] = {}
    found: list[str] = []
    headers = {"Authorization": f"Bearer {as_token}"}
    async with aiohttp.ClientSession(url, headers=headers) as session:
        for room_id in (await _get(session, "/_matrix/client/v3/joined_rooms"))["joined_rooms"]:
            events = await _get(session, f"/_matrix/client/v3/rooms/{quote(room_id)}/state")
            states[room_id] = {
                (event["type"], event["state_key"]): event["content"] for event in events
            }
    children = children_of(desired)
    ids: dict[str, str] = {}
    for room_id, state in states.items():
        key = str(state.get((ROOM_KEY, ""), {}).get("key", ""))
        if key in ids or key not in desired.rooms:
            found.append(f"{room_id}: a room too many, with the key {key!r}")
        ids[key] = room_id
    for key, room in desired.rooms.items():
        if key not in ids:
            found.append(f"{key}: no such room")
            continue
        state = states[ids[key]]
        joined = {
            user
            for (type, user), content in state.items()
            if type == "m.room.member" and content.get("membership") == "join"
        }
        if joined != {*room.members, desired.bot}:
            apart = joined ^ {*room.members, desired.bot}
            found.append(f"{key}: members {sorted(apart)}")
        actual = {k: v for k, v in state.items() if k[0] in GOVERNED and v}
        wanted = whole_state(
            room, ids.get, server_name=desired.server_name, children=children.get(key, ())
        )
        for where in actual.keys() | wanted.keys():
            if actual.get(where) != wanted.get(where):
                found.append(f"{key}: {where}: {actual.get(where)} instead of {wanted.get(where)}")
    return found


async def _get(session: aiohttp.ClientSession, path: str) -> Any:
    async with session.get(path) as response:
        response.raise_for_status()
        return await response.json()
