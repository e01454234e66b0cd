"""An independent reader: what stands on the homeserver, asked over plain HTTP, shares no code with
what made it.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import aiohttp

from appservice.rooms.desired import Desired

State = Mapping[tuple[str, str], Any]  # as JSON came: this is the reader's own border


@dataclass(frozen=True)
class SeenRoom:
    """One room, in the terms in which a school would speak of it."""

    name: str
    topic: str
    alias: str
    levels: Mapping[str, int]  # everybody joined, the bot excluded
    parents: frozenset[str] = frozenset()  # aliases
    children: Mapping[str, tuple[str, bool]] = field(
        default_factory=dict
    )  # alias → order, suggested
    join_rule: str = "restricted"
    may_join_from: frozenset[str] = frozenset()  # aliases
    guests: str = "forbidden"
    history: str = "shared"
    federated: bool = False
    version: str = "12"
    creator: str = ""


@dataclass(frozen=True)
class SeenSchool:
    """`rooms` by key; `names` display names of those joined; `unkept` rooms of the bot without a
    key.
    """

    rooms: Mapping[str, SeenRoom]
    names: Mapping[str, str]
    unkept: tuple[str, ...] = ()


class Reader:
    """Reads as the bot (`as_token`), which is in all of its rooms and a server admin."""

    def __init__(self, url: str, as_token: str, bot: str) -> None:
        self._url = url
        self._headers = {"Authorization": f"Bearer {as_token}"}
        self._bot = bot

    async def school(self) -> SeenSchool:
        """Everything the bot is in. Two rooms of one key fail here."""
        async with aiohttp.ClientSession(headers=self._headers) as session:
            joined = (await self._get(session, "/_matrix/client/v3/joined_rooms"))["joined_rooms"]
            states = dict(
                zip(
                    joined,
                    await asyncio.gather(*(self._state(session, room_id) for room_id in joined)),
                    strict=True,
                )
            )
            aliases: dict[str, str] = {
                room_id: _content(state, "m.room.canonical_alias").get("alias", room_id)
                for room_id, state in states.items()
            }
            rooms: dict[str, SeenRoom] = {}
            unkept = []
            for room_id, state in states.items():
                about = _content(state, "org.schoolspaces.room")
                key = about.get("key")
                if about.get("kind") == "admin_room":
                    continue  # the administrators' is none of the school's
                if key is None:
                    unkept.append(room_id)
                else:
                    assert key not in rooms, f"two rooms of the key {key}"
                    rooms[key] = self._room(state, aliases)
            kept = [
                room_id
                for room_id in joined
                if _content(states[room_id], "org.schoolspaces.room").get("key")
            ]
            await asyncio.gather(
                *(self._check_alias(session, aliases[room_id], room_id) for room_id in kept)
            )
            people = sorted({user for room in rooms.values() for user in room.levels})
            names = await asyncio.gather(*(self._name(session, user) for user in people))
        return SeenSchool(rooms, dict(zip(people, names, strict=True)), tuple(unkept))

    async def _name(self, session: aiohttp.ClientSession, user: str) -> str:
        path = f"/_matrix/client/v3/profile/{quote(user, safe='')}"
        return str((await self._get(session, path)).get("displayname", ""))

    async def _state(self, session: aiohttp.ClientSession, room_id: str) -> State:
        path = f"/_matrix/client/v3/rooms/{quote(room_id, safe='')}/state"
        return {
            (event["type"], event["state_key"]): event for event in await self._get(session, path)
        }

    async def _check_alias(self, session: aiohttp.ClientSession, alias: str, room_id: str) -> None:
        path = f"/_matrix/client/v3/directory/room/{quote(alias, safe='')}"
        assert (await self._get(session, path))["room_id"] == room_id

    def _room(self, state: State, aliases: Mapping[str, str]) -> SeenRoom:
        power = _content(state, "m.room.power_levels")
        create = state["m.room.create", ""]
        rule = _content(state, "m.room.join_rules")
        joined = {
            user
            for (kind, user), event in state.items()
            if kind == "m.room.member" and event["content"]["membership"] == "join"
        }
        assert self._bot in joined
        return SeenRoom(
            name=_content(state, "m.room.name").get("name", ""),
            topic=_content(state, "m.room.topic").get("topic", ""),
            alias=_content(state, "m.room.canonical_alias").get("alias", ""),
            levels={
                user: power.get("users", {}).get(user, power.get("users_default", 0))
                for user in joined - {self._bot}
            },
            parents=frozenset(
                aliases[room_id]
                for (kind, room_id), event in state.items()
                if kind == "m.space.parent" and event["content"]
            ),
            children={
                aliases[room_id]: (event["content"]["order"], event["content"]["suggested"])
                for (kind, room_id), event in state.items()
                if kind == "m.space.child" and event["content"]
            },
            join_rule=rule["join_rule"],
            may_join_from=frozenset(aliases[each["room_id"]] for each in rule.get("allow", ())),
            guests=_content(state, "m.room.guest_access").get("guest_access", ""),
            history=_content(state, "m.room.history_visibility").get("history_visibility", ""),
            federated=create["content"].get("m.federate", True),
            version=create["content"]["room_version"],
            creator=create["sender"],
        )

    async def _get(self, session: aiohttp.ClientSession, path: str) -> Any:
        async with session.get(self._url + path) as response:
            response.raise_for_status()
            return await response.json()


def _content(state: State, kind: str) -> Any:
    return state.get((kind, ""), {"content": {}})["content"]


def as_wanted(desired: Desired) -> SeenSchool:
    """What the reader must see when nothing is left to do."""
    rooms = desired.rooms
    return SeenSchool(
        rooms={
            key: SeenRoom(
                name=str(room.state["m.room.name", ""]["name"]),
                topic=str(room.state.get(("m.room.topic", ""), {}).get("topic", "")),
                alias=room.alias,
                levels=dict(room.members),
                parents=frozenset({rooms[room.parent].alias} if room.parent else ()),
                children={
                    child.alias: (child.order, child.suggested)
                    for child in rooms.values()
                    if child.parent == key
                },
                may_join_from=frozenset(
                    {rooms[room.parent].alias} if room.parent and room.open_to_parent else ()
                ),
                federated=room.federate,
                version=room.version,
                creator=desired.bot,
            )
            for key, room in rooms.items()
        },
        names={
            user: desired.accounts[user].display_name
            for room in rooms.values()
            for user in room.members
        },
    )
