"""How soon what people change is put back.

    python -m benchmarks.drift [--rounds 20] [--json] [--memory 200000]

One at a time: a client with power in a room changes its name, its topic or its levels; the clock
runs from before its request until the client sees the repair in /sync. The same where somebody who
knows of the change undoes it at once is what the homeserver takes alone. Then one in a hundred of
all levels, members and room names is changed while the service is down: the time from its start
until all is as it must be, against a bare loop of the same repairs on a homeserver that was changed
the same way. With --memory so many events of a school day go through a service, and its memory is
read before and after.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import Annotated, Any, NamedTuple
from urllib.parse import quote, urlsplit

import aiohttp
import psutil
import typer
from aiohttp import web
from rich.console import Console

from appservice.accounts.identity import ComputedIdentities
from appservice.accounts.synapse import SynapseAccounts
from appservice.embedded.postgres import EmbeddedPostgres
from appservice.matrix.forgotten import QUIET_S
from appservice.matrix.homeserver import Homeserver
from appservice.matrix.transactions import TransactionReceiver
from appservice.rooms.desired import POWER_LEVELS, Desired
from appservice.rooms.kinds.power import integers
from appservice.rooms.observed import InboundEvent, InboundMessage
from appservice.school.problem import Delivery
from appservice.school.sample import sample_school
from appservice.storage import jobs
from appservice.storage.database import Database
from appservice.storage.observed import ObservedStore
from appservice.upkeep.apply import apply
from appservice.upkeep.enforcing import Enforcer, Tools, enforcement_entrypoints
from appservice.upkeep.living import LivingWish
from appservice.upkeep.reconcile import wish_of
from appservice.upkeep.watch import EnforcementWatch
from appservice.web.listening import listening
from benchmarks.ground import (
    DEPLOYMENT,
    TODAY,
    Ground,
    connected,
    fresh_homeserver,
    fresh_postgres,
    workplace,
)
from benchmarks.reading import differences

_LOOK_S = 0.02
_IDLE_S = 0.7
_PATIENCE_S = 600.0


class Watching(NamedTuple):
    """What this service heeds: drift alone."""

    enforcement: EnforcementWatch

    @property
    def version(self) -> int:
        return self.enforcement.version

    def departs(self, event: InboundEvent) -> bool:
        return self.enforcement.departs(event)

    def heeds(self, _message: InboundMessage) -> bool:
        return False


class School(NamedTuple):
    """One that stands on a homeserver. `room_ids` by key."""

    ground: Ground
    database: Database
    homeserver: Homeserver
    desired: Desired
    room_ids: Mapping[str, str]


class Client:
    """Plain HTTP with a token."""

    def __init__(self, session: aiohttp.ClientSession, token: str) -> None:
        self._session = session
        self._headers = {"Authorization": f"Bearer {token}"}

    async def ask(self, method: str, path: str, body: Any = None) -> Any:
        async with self._session.request(
            method, path, json=body, headers=self._headers
        ) as response:
            answer = await response.json()
            if response.status >= 400:
                raise RuntimeError(f"{method} {path}: {response.status} {answer}")
            return answer

    async def put_state(self, room_id: str, kind: str, key: str, content: Any) -> None:
        await self.ask("PUT", f"{_room(room_id)}/state/{kind}/{quote(key)}", content)

    async def state(self, room_id: str, kind: str, key: str = "") -> Any:
        return await self.ask("GET", f"{_room(room_id)}/state/{kind}/{quote(key)}")


def _room(room_id: str) -> str:
    return f"/_matrix/client/v3/rooms/{quote(room_id, safe='')}"


@asynccontextmanager
async def standing(postgres: EmbeddedPostgres, name: str, classes: int) -> AsyncIterator[School]:
    """A sample school, built."""
    wish = wish_of(Delivery(sample_school(classes=classes)), DEPLOYMENT, today=TODAY)
    async with (
        fresh_homeserver(postgres, name, module=True) as ground,
        Database.connect(ground.dsn) as database,
        connected(ground.url, ground.registration.as_token) as homeserver,
    ):
        report = await apply(wish, workplace(homeserver, database))
        assert report.exit_status == 0
        room_ids = await ObservedStore(database, bot=DEPLOYMENT.bot).room_ids()
        yield School(ground, database, homeserver, wish.desired, room_ids)


@asynccontextmanager
async def service(school: School) -> AsyncIterator[Watching]:
    """A service at work, that Synapse was told of."""
    people = DEPLOYMENT.identities
    assert isinstance(people, ComputedIdentities)
    store = ObservedStore(school.database, bot=DEPLOYMENT.bot)
    living = LivingWish(school.database, lambda _namespace: DEPLOYMENT, lambda: TODAY)
    watch = EnforcementWatch(living)
    backend = SynapseAccounts(school.homeserver, DEPLOYMENT.accounts, people)
    tools = Tools(school.database, school.homeserver, store, living, lambda _one: backend)
    enforcer = Enforcer(tools, watch)
    await enforcer.start()
    watching = Watching(watch)
    registration = school.ground.registration
    app = web.Application()
    take = partial(store.take_transaction, watch=watching)
    TransactionReceiver(registration.hs_token, take).add_to(app)
    async with listening(app, "127.0.0.1", urlsplit(registration.url).port or 0):
        work = asyncio.create_task(jobs.work(school.database, enforcement_entrypoints(enforcer)))
        try:
            async with aiohttp.ClientSession(school.ground.url) as session:
                bot = Client(session, registration.as_token)
                path = f"/_matrix/client/v1/appservice/{registration.id}/ping"
                with suppress(RuntimeError):  # where Synapse is about to send by itself
                    await bot.ask("POST", path, {})
            yield watching
        finally:
            work.cancel()
            with suppress(asyncio.CancelledError):
                await work


async def signed_in(session: aiohttp.ClientSession, school: School, user: str) -> Client:
    """A person of the school."""
    bot = Client(session, school.ground.registration.as_token)
    path = f"/_synapse/admin/v1/users/{quote(user, safe='')}/login"
    return Client(session, (await bot.ask("POST", path, {}))["access_token"])


async def one_at_a_time(school: School, rounds: int) -> list[float]:
    """Milliseconds from a change to its repair, each in another room or of another thing, so that
    nothing is taken for a fight.
    """
    took: list[float] = []
    rooms = [room for room in school.desired.rooms.values() if not room.space and room.members]
    kinds = ("m.room.name", "m.room.topic", "m.room.power_levels")
    async with aiohttp.ClientSession(school.ground.url) as session, service(school):
        bot = Client(session, school.ground.registration.as_token)
        await asyncio.sleep(2)  # what Synapse had kept for us
        # After a start one transaction is sent twice (appservice.matrix.forgotten).
        for room in rooms[:2]:
            await _repair_ms(school, session, bot, room.key, "m.room.avatar")
            await asyncio.sleep(2 * QUIET_S)
        for number in range(rounds):
            room = rooms[number % len(rooms)]
            kind = kinds[number // len(rooms) % len(kinds)]
            took.append(await _repair_ms(school, session, bot, room.key, kind))
    return took


async def undone_at_once(school: School, rounds: int) -> list[float]:
    """Milliseconds of the same changes where somebody who knows of them undoes them at once, with
    one request: what the homeserver alone takes.
    """
    rooms = [room for room in school.desired.rooms.values() if not room.space and room.members]
    async with aiohttp.ClientSession(school.ground.url) as session:
        bot = Client(session, school.ground.registration.as_token)
        return [
            await _repair_ms(school, session, bot, rooms[at % len(rooms)].key, "m.room.name", bot)
            for at in range(rounds)
        ]


async def _repair_ms(
    school: School,
    session: aiohttp.ClientSession,
    bot: Client,
    key: str,
    kind: str,
    undoes: Client | None = None,
) -> float:
    """`undoes`: who puts it back where no service does."""
    room = school.desired.rooms[key]
    room_id = school.room_ids[key]
    person = min(room.members)
    levels = await bot.state(room_id, "m.room.power_levels")
    powerful = {**levels, "users": {**levels["users"], person: 100}}
    await bot.put_state(room_id, "m.room.power_levels", "", powerful)
    client = await signed_in(session, school, person)
    room_filter = quote(json.dumps({"room": {"rooms": [room_id]}, "presence": {"types": []}}))
    sync = f"/_matrix/client/v3/sync?set_presence=offline&filter={room_filter}"
    synced = await client.ask("GET", sync)
    await asyncio.sleep(_IDLE_S)  # a new device is told to everybody
    wanted: Any = room.state.get((kind, ""), {})
    changed: Any = {kind.rpartition(".")[2]: "changed"}
    if kind == "m.room.power_levels":
        other = max(room.members)
        changed = {**powerful, "users": {**powerful["users"], other: 60}}
    began = time.perf_counter()
    await client.put_state(room_id, kind, "", changed)
    if undoes is not None:
        await undoes.put_state(room_id, kind, "", wanted)
    since = synced["next_batch"]
    while time.perf_counter() - began < _PATIENCE_S:
        synced = await client.ask("GET", f"{sync}&timeout=30000&since={since}")
        since = synced["next_batch"]
        joined = synced.get("rooms", {}).get("join", {}).get(room_id, {})
        events = joined.get("timeline", {}).get("events", [])
        events += joined.get("state", {}).get("events", [])
        if any(
            (event["type"], event.get("state_key"), event["content"]) == (kind, "", wanted)
            for event in events
        ):
            took = (time.perf_counter() - began) * 1000
            await asyncio.sleep(0.3)  # the levels of the room are put back as well
            return took
    raise RuntimeError(f"{key}: {kind} was not put back")


class Injected(NamedTuple):
    """What was changed: users whose level, rooms whose name, and members who are out, by room."""

    levels: Sequence[str]
    names: Sequence[str]
    members: Sequence[tuple[str, str]]


async def inject(school: School) -> Injected:
    """One in a hundred of the rooms' levels and names and of the memberships, with clients."""
    rooms = [key for key, room in school.desired.rooms.items() if not room.space and room.members]
    few = rooms[:: max(1, min(100, len(rooms) // 3))] if len(rooms) < 300 else rooms[::100]
    memberships = [
        (key, user) for key in rooms for user in sorted(school.desired.rooms[key].members)
    ]
    out = [one for one in memberships[::100] if one[0] not in few]
    async with aiohttp.ClientSession(school.ground.url) as session:
        bot = Client(session, school.ground.registration.as_token)
        for key in few:
            room = school.desired.rooms[key]
            person = min(room.members)
            room_id = school.room_ids[key]
            levels = {**integers(room.state[POWER_LEVELS]["users"]), person: 100}
            await bot.put_state(
                room_id, *POWER_LEVELS, {**room.state[POWER_LEVELS], "users": levels}
            )
            client = await signed_in(session, school, person)
            await client.put_state(room_id, "m.room.name", "", {"name": "changed"})
            changed = {**room.state[POWER_LEVELS], "users": levels | {max(room.members): 60}}
            await client.put_state(room_id, *POWER_LEVELS, changed)
        for key, user in out:
            client = await signed_in(session, school, user)
            await client.ask("POST", f"{_room(school.room_ids[key])}/leave", {})
    return Injected(few, few, out)


async def until_repaired(school: School) -> float:
    """Seconds from the start of the service until everything is as it must be."""
    async with aiohttp.ClientSession(school.ground.url) as session:
        bot = Client(session, school.ground.registration.as_token)
        injected = await _still_wrong(school, bot, None)
        assert injected
        began = time.perf_counter()
        async with service(school):
            wrong = injected
            while wrong := await _still_wrong(school, bot, wrong):
                await asyncio.sleep(_LOOK_S)
                if time.perf_counter() - began > _PATIENCE_S:
                    raise RuntimeError(f"not put back: {wrong[:3]}")
            return time.perf_counter() - began


Wrong = tuple[str, str, str]  # room key, type, state key


async def _still_wrong(
    school: School, bot: Client, among: Sequence[Wrong] | None
) -> Sequence[Wrong]:
    """Of these places, or of all, those that are not as they must be; the first is enough."""
    if among is None:
        found = []
        for key in school.desired.rooms:
            state = await bot.ask("GET", f"{_room(school.room_ids[key])}/state")
            for event in state:
                place = (event["type"], event["state_key"])
                if not _is_right(school, key, place, event["content"]):
                    found.append((key, *place))
        return found
    for at, (key, kind, state_key) in enumerate(among):
        content = await bot.state(school.room_ids[key], kind, state_key)
        if not _is_right(school, key, (kind, state_key), content):
            return among[at:]
    return ()


def _is_right(school: School, key: str, place: tuple[str, str], content: Any) -> bool:
    room = school.desired.rooms[key]
    if place[0] == "m.room.member":
        return place[1] not in room.members or content["membership"] == "join"
    if place[0] in ("m.room.name", "m.room.power_levels"):
        return bool(content == room.state[place])
    return True


async def bare_loop(school: School, injected: Injected, at_once: int = 16) -> float:
    """Seconds that the same repairs take, sent by somebody who knows what to repair."""
    work: list[tuple[str, str, Any]] = []
    for key in injected.names:
        room = school.desired.rooms[key]
        base = f"{_room(school.room_ids[key])}/state"
        work.append(("PUT", f"{base}/m.room.name/", room.state["m.room.name", ""]))
        work.append(("PUT", f"{base}/m.room.power_levels/", room.state[POWER_LEVELS]))
    for key, user in injected.members:
        path = f"/_synapse/admin/v1/join/{quote(school.room_ids[key], safe='')}"
        work.append(("POST", path, {"user_id": user}))
    async with aiohttp.ClientSession(school.ground.url) as session:
        bot = Client(session, school.ground.registration.as_token)
        began = time.perf_counter()

        async def worker() -> None:
            while work:
                await bot.ask(*work.pop(0))

        await asyncio.gather(*(worker() for _ in range(at_once)))
        return time.perf_counter() - began


async def memory_mb(school: School, events: int) -> dict[str, float]:
    """Resident memory of this process before and after so many events of a school day."""
    store = ObservedStore(school.database, bot=DEPLOYMENT.bot)
    keys = list(school.room_ids)
    process = psutil.Process()
    found: dict[str, float] = {}
    async with service(school) as watching:
        sent = 0
        while sent < events:
            told = [_event(school, keys[(sent + at) % len(keys)], sent + at) for at in range(100)]
            await store.take_transaction(f"memory {sent}", told, watch=watching)
            sent += 100
            if sent == events // 4 // 100 * 100:  # everything was loaded by then
                found["memory_before_mb"] = round(process.memory_info().rss / 2**20, 1)
        found["memory_after_mb"] = round(process.memory_info().rss / 2**20, 1)
    return found


def _event(school: School, key: str, number: int) -> InboundEvent:
    """Mostly pins; now and then somebody changes what they may not."""
    room_id = school.room_ids[key]
    person = f"@someone:{DEPLOYMENT.server_name}"
    at = int(time.time() * 1000)
    if number % 500 == 0:
        name = {"name": f"changed {number}"}
        return InboundEvent(room_id, "m.room.name", "", name, person, f"$n{number}", at)
    pinned = {"pinned": [f"${number}"]}
    return InboundEvent(room_id, "m.room.pinned_events", "", pinned, person, f"$p{number}", at)


async def measure(classes: int, rounds: int, memory: int) -> dict[str, object]:
    """All of it."""
    found: dict[str, object] = {}
    with fresh_postgres() as postgres:
        async with standing(postgres, "live", classes) as school:
            took = sorted(await one_at_a_time(school, rounds))
            found["repairs"] = len(took)
            found["repair_p50_ms"] = round(statistics.median(took), 1)
            found["repair_p99_ms"] = round(took[min(len(took) - 1, int(len(took) * 0.99))], 1)
            injected = await inject(school)
            found["offline_changes"] = 2 * len(injected.names) + len(injected.members)
            ours = await until_repaired(school)
            found["offline_s"] = round(ours, 2)
            if memory:
                found |= await memory_mb(school, memory)
            token = school.ground.registration.as_token
            found["as_desired"] = not await differences(school.ground.url, token, school.desired)
        async with standing(postgres, "floor", classes) as school:
            floor = await bare_loop(school, await inject(school))
            alone = await undone_at_once(school, min(rounds, 50))
            found["homeserver_alone_p50_ms"] = round(statistics.median(alone), 1)
        found["floor_s"] = round(floor, 2)
        found["offline_over_floor"] = round(ours / floor, 2)
    return found


def main(
    classes: int = 4,
    rounds: int = 100,
    memory: int = 0,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """How soon drift is put back."""
    with Console(stderr=True).status("a school is changed …"):
        found = asyncio.run(measure(classes, rounds, memory))
    if as_json:
        sys.stdout.write(json.dumps(found) + "\n")
        return
    for name, value in found.items():
        Console().print(f"{name}: {value}")


if __name__ == "__main__":
    typer.run(main)
