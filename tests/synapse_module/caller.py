"""A school's application service, as the tests play it: plain HTTP to a real Synapse."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import aiohttp

from appservice.embedded.synapse import EmbeddedSynapse
from tests.ground import AppserviceSlot

DOOR = "/_synapse/client/school_spaces/v1"

Json = Any
"""A JSON answer, looked at by a test."""


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    body: Json


@dataclass
class School:
    """One application service and its people, on one homeserver."""

    slot: AppserviceSlot
    session: aiohttp.ClientSession
    homeserver: EmbeddedSynapse
    way: str
    _made: int = field(default=0)

    @property
    def bot(self) -> str:
        return self.slot.bot_id

    async def ask(
        self,
        method: str,
        path: str,
        body: Json = None,
        *,
        token: str | None = None,
        query: Mapping[str, str] | None = None,
    ) -> Answer:
        headers = {} if token == "" else {"Authorization": f"Bearer {token or self.slot.as_token}"}
        async with self.session.request(
            method, self.slot.homeserver_url + path, json=body, headers=headers, params=query
        ) as response:
            return Answer(response.status, await response.json(content_type=None))

    async def well(
        self, method: str, path: str, body: Json = None, *, token: str | None = None, **query: str
    ) -> Json:
        """A request that must succeed; its body."""
        answer = await self.ask(method, path, body, token=token, query=query)
        assert answer.status in (200, 201), answer
        return answer.body

    async def people(self, count: int) -> list[str]:
        """New accounts, each with a display name."""
        numbers = range(self._made, self._made + count)
        self._made += count
        user_ids = [f"@{self.slot.id}-{number:03}:{self.slot.server_name}" for number in numbers]
        for start in range(0, count, 8):
            await asyncio.gather(
                *(
                    self.change_account(user_id, displayname=display_name(user_id))
                    for user_id in user_ids[start : start + 8]
                )
            )
        return user_ids

    async def change_account(self, user_id: str, **change: Json) -> None:
        await self.well("PUT", f"/_synapse/admin/v2/users/{quote(user_id)}", change)

    async def suspend(self, user_id: str) -> None:
        path = f"/_synapse/admin/v1/suspend/{quote(user_id)}"
        await self.well("PUT", path, {"suspend": True})

    async def sign_in(self, user_id: str) -> str:
        """An access token of this person."""
        path = f"/_synapse/admin/v1/users/{quote(user_id)}/login"
        token: str = (await self.well("POST", path, {}))["access_token"]
        return token

    def wanted(self, version: str = "12", **change: Json) -> Json:
        """The body of a rooms/create for a class chat."""
        users = {self.bot: 100} if version == "11" else {}
        return {
            "room_version": version,
            "room_alias_name": f"{self.slot.id}.chat",
            "creation_content": {"m.federate": False},
            "power_levels": {
                "users": users,
                "users_default": 0,
                "events": {"m.room.power_levels": 100, "m.room.tombstone": 150},
                "events_default": 0,
                "state_default": 100,
                "invite": 100,
                "kick": 50,
                "ban": 50,
                "redact": 50,
            },
            "initial_state": [
                state("m.room.join_rules", {"join_rule": "restricted", "allow": []}),
                state("m.room.history_visibility", {"history_visibility": "shared"}),
                state("m.room.guest_access", {"guest_access": "forbidden"}),
                state("m.room.name", {"name": "5А: общий чат"}),
                state("org.schoolspaces.room", {"key": "class-chat/5a"}),
            ],
            "members": [],
        } | change

    async def create(self, wanted: Json) -> Answer:
        return await self.ask("POST", f"{DOOR}/rooms/create", wanted)

    async def room(self, version: str = "12", members: Sequence[str] = (), **change: Json) -> str:
        """A room that was created without a fault; its id."""
        answer = await self.create(self.wanted(version, members=list(members), **change))
        assert answer.status == 200, answer
        assert {member["outcome"] for member in answer.body["members"]} <= {"done"}, answer
        room_id: str = answer.body["room_id"]
        return room_id

    async def batch(self, room_id: str, events: Sequence[Json]) -> Answer:
        body = {"room_id": room_id, "events": list(events)}
        return await self.ask("POST", f"{DOOR}/rooms/batch", body)

    async def outcomes(self, room_id: str, events: Sequence[Json]) -> list[str]:
        """What became of each item: `done`, `unchanged` or the errcode of a failed one."""
        answer = await self.batch(room_id, events)
        assert answer.status == 200, answer
        return told(answer.body["results"])

    async def state(self, room_id: str) -> dict[tuple[str, str], Json]:
        events = await self.well("GET", f"/_matrix/client/v3/rooms/{quote(room_id)}/state")
        return {(event["type"], event["state_key"]): event["content"] for event in events}

    async def members(self, room_id: str) -> dict[str, str]:
        """The membership of everybody the room's state tells of."""
        return {
            key: content["membership"]
            for (type_, key), content in (await self.state(room_id)).items()
            if type_ == "m.room.member"
        }

    async def history(self, room_id: str) -> list[tuple[str, str, str]]:
        """All events of a room, oldest first: type, state key, membership if it has one."""
        path = f"/_matrix/client/v3/rooms/{quote(room_id)}/messages"
        chunk = (await self.well("GET", path, dir="f", limit="1000"))["chunk"]
        return [
            (event["type"], event.get("state_key", ""), event["content"].get("membership", ""))
            for event in chunk
        ]

    async def look(self, token: str, since: str | None = None) -> Json:
        """A /sync; with `since`, one that hangs until there is something new."""
        query = {"timeout": "0"} if since is None else {"timeout": "30000", "since": since}
        return await self.well("GET", "/_matrix/client/v3/sync", token=token, **query)


def state(type_: str, content: Json, state_key: str = "") -> Json:
    """An entry of initial_state."""
    return {"type": type_, "state_key": state_key, "content": content}


def put(type_: str, content: Json, state_key: str = "") -> Json:
    """A batch item that sets state."""
    return {"kind": "state", **state(type_, content, state_key)}


def join(user_id: str) -> Json:
    """A batch item that joins somebody."""
    return {"kind": "join", "user_id": user_id}


def kick(user_id: str, reason: str = "left the class") -> Json:
    """A batch item that removes somebody."""
    return {"kind": "kick", "user_id": user_id, "reason": reason}


def told(results: Sequence[Json]) -> list[str]:
    """Results, each as one word."""
    assert [result["index"] for result in results] == list(range(len(results)))
    return [result.get("errcode", result["outcome"]) for result in results]


def display_name(user_id: str) -> str:
    """The name that `people` gives an account."""
    return f"Ученик {user_id[1:].partition(':')[0]}"
