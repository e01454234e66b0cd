"""People of a school who change its rooms with clients of their own, and what they changed."""

import json
import random
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple
from urllib.parse import quote

from appservice.school.model import Roster
from appservice.school.sample import sample_school, school_year_of
from appservice.storage.database import Database
from appservice.storage.drift import DriftStore
from tests.service.deployment import DeploymentOnTrial, until
from tests.upkeep.bystander import Bystander
from tests.upkeep.reader import SeenSchool

MODERATOR = 50
OTHER_NAME = "Директор"
AT_ONE_PLACE = 4
"""Once more, and a fight would be seen in it, which ends more and more slowly."""


def a_class() -> Roster:
    """Enough places for nobody to fight over one of them in a long run."""
    year = school_year_of(date.today())
    return sample_school(classes=1, students=8, subjects=4, year=year)


class Change(NamedTuple):
    """What was changed against the roster. `who` and `user` are user ids."""

    room: str
    who: str
    user: str
    outcome: str = "undone"


@dataclass
class People:
    """`made`: how often each change was made."""

    deployment: DeploymentOnTrial
    wanted: SeenSchool
    room_ids: Mapping[str, str]
    places: list[tuple[str, str]]
    clients: dict[str, Bystander] = field(default_factory=dict)
    made: Counter[Change] = field(default_factory=Counter)

    @classmethod
    async def of(cls, deployment: DeploymentOnTrial, chance: random.Random) -> "People":
        wanted = await deployment.wanted()
        ids = {key: await deployment.bot.room_id(room.alias) for key, room in wanted.rooms.items()}
        places = [
            (key, user)
            for key, room in wanted.rooms.items()
            for user, level in room.levels.items()
            if level < MODERATOR
        ] * AT_ONE_PLACE
        chance.shuffle(places)
        return cls(deployment, wanted, ids, places)

    async def change(self, chance: random.Random, deed: str = "") -> Change:
        """Somebody leaves, calls themself otherwise, is removed or banned, where all is in line."""
        for number, (key, user) in enumerate(self.places):
            if await self._is_in_line(key, user):
                del self.places[number]
                break
        else:
            raise AssertionError("Everybody is out: nothing is put back.")
        moderators = [
            one for one, level in self.wanted.rooms[key].levels.items() if level >= MODERATOR
        ]
        deeds = ("leave", "name", "kick", "ban") if moderators else ("leave", "name")
        deed = deed or chance.choice(deeds)
        who = user if deed in ("leave", "name") else chance.choice(sorted(moderators))
        await self._do(Change(key, who, user), deed)
        return Change(key, who, user)

    async def once_more(self, change: Change) -> None:
        """The bot lets somebody in who left, and they leave again."""
        await self.deployment.bot.admin_join(self.room_ids[change.room], change.user)
        await self._do(change, "leave")

    async def _do(self, change: Change, deed: str) -> None:
        room_id = self.room_ids[change.room]
        client = await self._client(change.who)
        match deed:
            case "leave":
                await client.act(room_id, "leave")
            case "name":
                content = {"membership": "join", "displayname": OTHER_NAME}
                await client.put_state(room_id, "m.room.member", change.user, content)
            case _:
                await client.act(room_id, deed, user_id=change.user)
        self.made[change] += 1

    async def are_put_right(self, database: Database) -> None:
        """Returns when all is as it must be: everything put back, everything recorded once, and
        nothing waits.
        """
        await self.are_recorded(database)
        await self.deployment.is_in_line()
        await until(lambda: _nothing_waits(database))
        assert await self.recorded(database) == self.made
        assert await self.deployment.seen() == self.wanted

    async def are_recorded(self, database: Database) -> None:
        async def all_recorded() -> bool:
            return (await self.recorded(database)).total() >= self.made.total()

        await until(all_recorded)

    def are_told_in(self, transactions: Iterable[bytes]) -> bool:
        """Whether these bodies tell of all that was made."""
        keys = {room_id: key for key, room_id in self.room_ids.items()}
        told: Counter[Change] = Counter()
        for event in (one for body in transactions for one in json.loads(body)["events"]):
            content = event["content"]
            if event["sender"] == self.deployment.slot.bot_id:
                continue
            if event["type"] == "m.room.member" and (
                content["membership"] != "join" or content.get("displayname") == OTHER_NAME
            ):
                told[Change(keys[event["room_id"]], event["sender"], event["state_key"])] += 1
        return told >= self.made

    async def recorded(self, database: Database) -> Counter[Change]:
        """What the service wrote down, every change as often as it says it was made."""
        since = datetime.now(UTC) - timedelta(days=1)
        found: Counter[Change] = Counter()
        for one in await DriftStore(database).since(since):
            drift = one.drift
            assert drift.type == "m.room.member"
            found[Change(drift.room, drift.who, drift.state_key, one.outcome)] += drift.times
        return found

    async def _is_in_line(self, key: str, user: str) -> bool:
        path = (
            f"/_matrix/client/v3/rooms/{quote(self.room_ids[key])}/state/m.room.member/"
            f"{quote(user)}"
        )
        content = await self.deployment.bot.ask("GET", path)
        name = self.wanted.names[user]
        return (content["membership"], content.get("displayname")) == ("join", name)

    async def _client(self, user: str) -> Bystander:
        if user not in self.clients:
            self.clients[user] = await self.deployment.client(user)
        return self.clients[user]


async def _nothing_waits(database: Database) -> bool:
    """No event is unjudged and no room is to be looked at."""
    async with database.connection() as connection:
        events = await connection.fetchval("SELECT count(*) FROM inbound_event")
        jobs = await connection.fetchval("SELECT count(*) FROM pgqueuer WHERE entrypoint = 'room'")
    return (events, jobs) == (0, 0)
