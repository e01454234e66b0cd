"""A small school whose policy is in force, and what its people try."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import quote

from tests.synapse_module.caller import DOOR, Answer, Json, School

_BOTH_WAYS = (("teacher", "student"), ("teacher", "guardian"))
DIRECTIONS = {
    "class": [
        ["student", "student"],
        ["guardian", "guardian"],
        *(list(pair) for pair in _BOTH_WAYS),
        *(list(reversed(pair)) for pair in _BOTH_WAYS),
    ],
    "family": [["student", "guardian"], ["guardian", "student"]],
    "school": [["staff", "student"], ["staff", "guardian"], ["staff", "staff"]],
}
PEOPLE: Mapping[str, tuple[str, ...]] = {
    "ann": ("student", "class:1/5a student", "family:ann student", "school:1 student"),
    "ben": ("student", "class:1/5a student", "family:ben student", "school:1 student"),
    "mia": ("student", "class:1/5a student", "class:1/5b student", "school:1 student"),
    "leo": ("student", "class:1/5b student", "school:1 student"),
    "mother": ("guardian", "class:1/5a guardian", "family:ann guardian", "school:1 guardian"),
    "father": ("guardian", "class:1/5a guardian", "family:ben guardian", "school:1 guardian"),
    "teacher": ("teacher", "class:1/5a teacher", "school:1 teacher"),
    "head": ("staff", "school:1 staff"),
}
OUTSIDER = "outsider"


def role(rooms: str, *, may: Sequence[str] = ()) -> Json:
    rights = ("create_aliases", "publish_rooms", "encrypt", "invite_by_3pid")
    return {"create_rooms": rooms} | {right: right in may for right in rights}


def rules(**change: Json) -> Json:
    return {
        "directions": DIRECTIONS,
        "roles": {
            "student": role("direct"),
            "guardian": role("direct", may=["encrypt"]),
            "teacher": role("group", may=["create_aliases", "encrypt"]),
            "staff": role("group", may=["create_aliases", "publish_rooms", "encrypt"]),
        },
        "unlisted_may_contact": False,
        "federation": False,
    } | change


def entry(person_role: str, *circles: str, language: str = "en") -> Json:
    return {"roles": [person_role], "language": language, "circles": list(circles)}


def document(version: int, people: Json, **change: Json) -> Json:
    """The body of PUT policy, whole unless `base` says otherwise."""
    return {
        "version": version,
        "base": None,
        "digest": f"{version:032x}",
        "rules": rules(),
        "people": people,
        "removed": [],
    } | change


@dataclass
class Town:
    """The people of PEOPLE and an outsider, each signed in."""

    school: School
    ids: Mapping[str, str]
    tokens: Mapping[str, str]
    _rooms: list[str] = field(default_factory=list)

    @classmethod
    async def build(cls, school: School) -> Town:
        """Accounts, no policy yet."""
        names = [*PEOPLE, OUTSIDER]
        ids = dict(zip(names, await school.people(len(names)), strict=True))
        tokens = {name: await school.sign_in(user_id) for name, user_id in ids.items()}
        return cls(school, ids, tokens)

    def entries(self) -> dict[str, Json]:
        """Everybody but the outsider, as the policy has them."""
        return {self.ids[name]: entry(*told) for name, told in PEOPLE.items()}

    async def put(self, body: Json) -> Answer:
        return await self.school.ask("PUT", f"{DOOR}/policy", body)

    async def close(self, version: int = 1, **change: Json) -> None:
        """The usual policy comes in force."""
        answer = await self.put(document(version, self.entries(), **change))
        assert answer.status == 200, answer

    async def make(self, name: str, *invited: str, **change: Json) -> Answer:
        """Somebody makes a room and invites people."""
        body = {"invite": [self.ids.get(one, one) for one in invited]} | change
        return await self.act(name, "POST", "/_matrix/client/v3/createRoom", body)

    async def room(self, name: str, *invited: str, **change: Json) -> str:
        """A room that is made without a fault, where all who are invited joined."""
        answer = await self.make(name, *invited, **change)
        assert answer.status == 200, answer
        room_id: str = answer.body["room_id"]
        for one in invited:
            assert (await self.join(one, room_id)).status == 200
        return room_id

    async def invite(self, name: str, room_id: str, invited: str) -> Answer:
        path = f"/_matrix/client/v3/rooms/{quote(room_id)}/invite"
        return await self.act(name, "POST", path, {"user_id": self.ids.get(invited, invited)})

    async def join(self, name: str, room_id: str) -> Answer:
        return await self.act(name, "POST", f"/_matrix/client/v3/join/{quote(room_id)}", {})

    async def set_state(self, name: str, room_id: str, type_: str, content: Json) -> Answer:
        path = f"/_matrix/client/v3/rooms/{quote(room_id)}/state/{type_}"
        return await self.act(name, "PUT", path, content)

    async def found(self, name: str, wanted: str) -> set[str]:
        """Whom a search for people shows, by their names here."""
        path = "/_matrix/client/v3/user_directory/search"
        answer = await self.act(name, "POST", path, {"search_term": wanted, "limit": 50})
        names = {user_id: one for one, user_id in self.ids.items()}
        return {names.get(one["user_id"], one["user_id"]) for one in answer.body["results"]}

    async def directory_is_filled(self, wanted: str) -> None:
        """Returns once a search by the head, who may write to most, shows them."""
        patience = 600  # Synapse fills its directory in the background
        while len(await self.found("head", wanted)) < 6:
            patience -= 1
            assert patience, "Synapse's directory is not filled"
            await asyncio.sleep(0.1)

    async def act(self, name: str, method: str, path: str, body: Json = None) -> Answer:
        return await self.school.ask(method, path, body, token=self.tokens[name])

    async def blocked(self, **query: str) -> Json:
        return await self.school.well("GET", f"{DOOR}/policy/blocked", **query)


def why(answer: Answer) -> str:
    """`yes`, or the reason of a refusal."""
    if answer.status == 200:
        return "yes"
    assert (answer.status, answer.body["errcode"]) == (403, "M_FORBIDDEN"), answer
    reason: str = answer.body["org.schoolspaces.reason"]
    return reason
