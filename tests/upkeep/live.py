"""A service that holds the school to its roster, and people with clients who change it."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TypeVar
from urllib.parse import quote

from aiohttp import web

from appservice.matrix.transactions import TransactionReceiver
from appservice.rooms.observed import InboundEvent, InboundMessage
from appservice.storage import jobs
from appservice.storage.drift import DriftRecord, DriftStore
from appservice.storage.inbound import InboundStore
from appservice.upkeep.enforcing import Enforcer, Tools, enforcement_entrypoints
from appservice.upkeep.living import LivingWish
from appservice.upkeep.watch import EnforcementWatch
from appservice.web.listening import listening
from tests.matrix.unsent import reached
from tests.upkeep.bystander import Bystander
from tests.upkeep.conftest import TODAY, SchoolOnTrial
from tests.upkeep.reader import SeenSchool

T = TypeVar("T")

PATIENCE_S = 120.0
LONG_AGO = datetime.now(UTC) - timedelta(days=1)


@dataclass(frozen=True)
class Watching:
    """What a service heeds: here, drift alone."""

    enforcement: EnforcementWatch

    @property
    def version(self) -> int:
        return self.enforcement.version

    def departs(self, event: InboundEvent) -> bool:
        return self.enforcement.departs(event)

    def heeds(self, _message: InboundMessage) -> bool:
        return False


@dataclass(frozen=True)
class Live:
    """The school with its service."""

    school: SchoolOnTrial
    enforcer: Enforcer

    async def drift(self) -> list[DriftRecord]:
        """In the order in which it was undone."""
        found = await DriftStore(self.school.workplace.database).since(LONG_AGO)
        return list(reversed(found))

    async def recorded(self, count: int) -> list[DriftRecord]:
        """At least so many, once there are."""
        return await _once(self.drift, lambda found: len(found) >= count)

    async def back_in_line(self) -> SeenSchool:
        """What stands once all is as wanted, or what stands when patience ends."""
        wanted = self.school.wanted()
        return await _once(self.school.seen, lambda seen: seen == wanted)

    async def names_of(self, person: str) -> set[object]:
        """How somebody is called in their rooms, once that is one name."""
        user = self.school.user(person)
        rooms = [
            await self.school.room_id(key)
            for key, room in self.school.wanted().rooms.items()
            if user in room.levels
        ]

        async def names() -> set[object]:
            member = self.school.workplace.homeserver.member
            return {(await member(room_id, user)).get("displayname") for room_id in rooms}

        return await _once(names, lambda found: found == {self.school.wanted().names[user]})


async def _once(ask: Callable[[], Awaitable[T]], enough: Callable[[T], bool]) -> T:
    give_up = time.monotonic() + PATIENCE_S
    while True:
        found = await ask()
        if enough(found) or time.monotonic() > give_up:
            return found
        await asyncio.sleep(0.1)


def living_of(school: SchoolOnTrial) -> LivingWish:
    """What must be true in the school."""
    workplace = school.workplace
    return LivingWish(workplace.database, lambda _namespace: workplace.deployment, lambda: TODAY)


def enforcer_of(school: SchoolOnTrial) -> tuple[Enforcer, EnforcementWatch]:
    """The parts, of one process."""
    workplace = school.workplace
    living = living_of(school)
    watch = EnforcementWatch(living)
    tools = Tools(
        workplace.database,
        workplace.homeserver,
        workplace.store,
        living,
        lambda _deployment: workplace.backend,
    )
    return Enforcer(tools, watch), watch


@asynccontextmanager
async def live(school: SchoolOnTrial) -> AsyncIterator[Live]:
    """A service at work; Synapse is told that it is there."""
    enforcer, watch = enforcer_of(school)
    await enforcer.start()
    app = web.Application()
    take = partial(school.workplace.store.take_transaction, watch=Watching(watch))
    TransactionReceiver(school.slot.registration.hs_token, take).add_to(app)
    async with listening(app, "127.0.0.1", school.slot.port):
        work = asyncio.create_task(
            jobs.work(school.workplace.database, enforcement_entrypoints(enforcer))
        )
        try:
            await _make_known(school)
            yield Live(school, enforcer)
        finally:
            work.cancel()
            with suppress(asyncio.CancelledError):
                await work


async def _make_known(school: SchoolOnTrial) -> None:
    """Synapse sends what it kept for us as soon as it is asked to ping us; it fails to where it is
    about to do so by itself. What happens before it has noted that we are back may be told much
    later (see appservice.matrix.forgotten).
    """
    path = f"/_matrix/client/v1/appservice/{school.slot.id}/ping"
    with suppress(AssertionError):
        await school.bot.ask("POST", path, {})
    chat = await school.room_id("17/class_chat/5a")
    path = f"/_matrix/client/v3/rooms/{quote(chat)}/send/m.room.message"
    await reached(
        school.slot, lambda: school.bot.ask("POST", path, {"msgtype": "m.text", "body": "…"})
    )


async def unjudged(school: SchoolOnTrial, room_id: str) -> list[InboundEvent]:
    """What waits to be judged."""
    return [one.event for one in await InboundStore(school.workplace.database).events(room_id)]


async def client(school: SchoolOnTrial, person: str) -> Bystander:
    """A person of the school, signed in."""
    path = f"/_synapse/admin/v1/users/{quote(school.user(person), safe='')}/login"
    answer = await school.bot.ask("POST", path, {})
    return Bystander(school.slot.homeserver_url, str(answer["access_token"]))


async def empower(school: SchoolOnTrial, room_id: str, person: str) -> None:
    """Give somebody all power in a room, as an operator's mistake would."""
    path = f"/_matrix/client/v3/rooms/{quote(room_id, safe='')}/state/m.room.power_levels"
    levels = dict(await school.bot.ask("GET", path))
    users = levels["users"]
    assert isinstance(users, dict)
    levels["users"] = {**users, school.user(person): 100}
    await school.bot.put_state(room_id, "m.room.power_levels", "", levels)
