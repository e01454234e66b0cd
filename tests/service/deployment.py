"""A deployment of one's own: a configuration, a roster in its folder, services over both."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import date
from multiprocessing import get_context
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from urllib.parse import quote

import aiohttp
from aiohttp import web

from appservice.app import open_house, read_delivery
from appservice.config.load import load_with_secrets
from appservice.config.model import Config
from appservice.embedded.homeserver_config import free_port
from appservice.embedded.postgres import EmbeddedPostgres
from appservice.rooms.planning.plan import Plan
from appservice.school.model import MemberRole, Roster
from appservice.school.sample import sample_school, school_year_of, write_native
from appservice.service.parts import PartsOf, parts_of
from appservice.service.running import running_service
from appservice.storage.database import migrate
from appservice.storage.exclusive import LockTaken
from tests.ground import AppserviceSlot
from tests.matrix.unsent import reached
from tests.upkeep.bystander import Bystander
from tests.upkeep.reader import Reader, SeenSchool, as_wanted

PATIENCE_S = 120.0

CONFIG = """\
homeserver: {{url: {url}, server_name: {server_name}, patience: {patience}}}
appservice:
  id: {id}
  address: http://127.0.0.1:{address_port}
  port: {port}
  bot: {bot}
  as_token: {as_token}
  hs_token: {hs_token}
accounts: {{localpart_secret: {as_token}, localpart_prefix: "{id}-"}}
rooms:
  alias_prefix: {id}
  kinds: {{announcements: off, school_guardians: off, school_students: off, staff_room: off,
          class_announcements: off, guardians_with_teacher: off, guardians_only: off}}
database: {{url: "{database}"}}
roster: {{path: roster}}
safety: {{removals_percent: 100, updates_percent: 100, creations_percent: 100}}
sync: {{settle: 0.2, interval: 5, watch: {watch}, audit_at: "03:00"}}
metrics: {{enabled: {metrics}, port: {metrics_port}}}
"""

# A server that has everything imported, from which each service is forked: a start takes no time.
SERVICES = get_context("forkserver")
SERVICES.set_forkserver_preload(["tests.service.deployment"])


def variant(number: int) -> Roster:
    """One class of three students. Each variant calls the groups otherwise, and keeps another
    student out of them.
    """
    roster = sample_school(classes=1, students=3, subjects=2, year=school_year_of(date.today()))
    members = [
        each.person_id
        for each in roster.memberships
        if each.role is MemberRole.STUDENT and each.target_id in roster.classes
    ]
    out = members[number % len(members)]
    return replace(
        roster,
        groups={
            key: group._replace(title=f"{group.title} {number}")
            for key, group in roster.groups.items()
        },
        memberships=tuple(
            each
            for each in roster.memberships
            if each.person_id != out or each.target_id in roster.classes
        ),
    )


def _serve(config: Config, parts_of: PartsOf) -> None:
    os.setpgrp()
    asyncio.run(_serve_until_killed(config, parts_of))


async def _serve_until_killed(config: Config, parts_of: PartsOf) -> None:
    async with running_service(config, parts_of):
        await asyncio.Event().wait()


@dataclass
class DeploymentOnTrial:
    """`url` is where its services look for the homeserver; `more` is added to the configuration."""

    folder: Path
    slot: AppserviceSlot
    database: str
    url: str = ""
    patience: float = 10.0
    watches: bool = True
    more: str = ""  # sections of the configuration
    running: list[ForkServerProcess] = field(default_factory=list)

    def config(
        self, *, port: int | None = None, metrics_port: int = 0, direct: bool = False
    ) -> Config:
        slot = self.slot
        file = self.folder / "config.yaml"
        file.write_text(
            CONFIG.format(
                url=slot.homeserver_url if direct else self.url or slot.homeserver_url,
                server_name=slot.server_name,
                patience=self.patience,
                id=slot.id,
                address_port=slot.port,
                port=port or slot.port,
                bot=slot.registration.sender_localpart,
                as_token=slot.as_token,
                hs_token=slot.registration.hs_token,
                database=self.database,
                watch="true" if self.watches else "false",
                metrics="true" if metrics_port else "false",
                metrics_port=metrics_port or 1,
            )
            + self.more,
            encoding="utf-8",
        )
        return load_with_secrets(file)

    def receives(self, roster: Roster) -> None:
        """The folder is replaced as a careful sender does it."""
        new, place, old = (self.folder / name for name in ("new", "roster", "old"))
        for left in (new, old):
            shutil.rmtree(left, ignore_errors=True)
        write_native(roster, new)
        if place.exists():
            place.rename(old)
        new.rename(place)

    async def stands(self, roster: Roster) -> None:
        """An administrator applies for the first time."""
        self.receives(roster)
        config = self.config(direct=True)
        async with open_house(config, read_delivery(config)) as house:
            assert (await house.apply()).exit_status == 0

    async def plan(self) -> Plan:
        config = self.config(direct=True)
        async with open_house(config, read_delivery(config)) as house:
            return await house.plan()

    async def corrections(self) -> object:
        """What an audit finds wrong in the database, once a service at work lets it look."""
        config = self.config(direct=True)
        async with open_house(config, read_delivery(config)) as house, asyncio.timeout(PATIENCE_S):
            while True:
                with suppress(LockTaken):
                    return (await house.audit()).corrections
                await asyncio.sleep(0.1)

    async def seen(self) -> SeenSchool:
        """The school's rooms. Beside them stands the administrators' room, once, or not yet."""
        slot = self.slot
        found = await Reader(slot.homeserver_url, slot.as_token, slot.bot_id).school()
        assert len(found.unkept) <= 1
        return replace(found, unkept=())

    async def wanted(self) -> SeenSchool:
        config = self.config(direct=True)
        async with open_house(config, read_delivery(config)) as house:
            return as_wanted(house.wish.desired)

    async def is_in_line(self) -> None:
        """Returns when the school on the homeserver is that of the roster in the folder, and the
        database knows it.
        """
        wanted = await self.wanted()
        seen: SeenSchool | None = None
        try:
            async with asyncio.timeout(PATIENCE_S):
                while (seen := await self.seen()) != wanted:  # noqa: ASYNC110
                    await asyncio.sleep(0.1)
                while (await self.plan()).actions:  # noqa: ASYNC110
                    await asyncio.sleep(0.1)
        except TimeoutError:
            assert seen == wanted
            assert (await self.plan()).actions == ()
            raise

    async def is_known(self) -> None:
        """Returns when Synapse knows that a service is there, and has nothing left for it."""
        joined = await self.bot.ask("GET", "/_matrix/client/v3/joined_rooms")
        rooms = joined["joined_rooms"]
        assert isinstance(rooms, list)
        path = f"/_matrix/client/v3/rooms/{rooms[0]}/send/m.room.message"
        words = {"msgtype": "m.text", "body": "…"}
        await reached(self.slot, lambda: self.bot.ask("POST", path, words))

    @property
    def bot(self) -> Bystander:
        return Bystander(self.slot.homeserver_url, self.slot.as_token)

    async def client(self, user: str) -> Bystander:
        """A person of the school (user id), signed in."""
        path = f"/_synapse/admin/v1/users/{quote(user, safe='')}/login"
        answer = await self.bot.ask("POST", path, {})
        return Bystander(self.slot.homeserver_url, str(answer["access_token"]))

    def starts(self, *, port: int | None = None, parts_of: PartsOf = parts_of) -> ForkServerProcess:
        """A service in a process of its own."""
        process = SERVICES.Process(
            target=_serve, args=(self.config(port=port), parts_of), daemon=True
        )
        process.start()
        self.running.append(process)
        return process

    async def end(self) -> None:
        for process in self.running:
            process.kill()
            await asyncio.to_thread(process.join)


@asynccontextmanager
async def round_robin(port: int, behind: list[int]) -> AsyncIterator[list[int]]:
    """A plain HTTP proxy: each request to the next port of `behind`, or to the one after it when
    that one breaks the connection. Gives how many requests each of them answered.
    """
    answered = [0] * len(behind)
    turn = 0

    async def handle(request: web.Request) -> web.Response:
        nonlocal turn
        body = await request.read()
        for _try in behind:
            turn = (turn + 1) % len(behind)
            to = turn
            try:
                async with session.request(
                    request.method,
                    f"http://127.0.0.1:{behind[to]}{request.raw_path}",
                    data=body,
                    headers={"Authorization": request.headers.get("Authorization", "")},
                ) as answer:
                    content = await answer.read()
            except aiohttp.ClientError:
                continue
            answered[to] += 1
            return web.Response(
                body=content, status=answer.status, content_type=answer.content_type
            )
        return web.Response(status=502)

    async with aiohttp.ClientSession() as session:
        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.router.add_route("*", "/{path:.*}", handle)
        runner = web.AppRunner(app, shutdown_timeout=1)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", port).start()
            yield answered
        finally:
            await runner.cleanup()


@asynccontextmanager
async def own_database(folder: Path) -> AsyncIterator[tuple[EmbeddedPostgres, str]]:
    """A server that may be restarted without harm to others."""
    server = EmbeddedPostgres(folder, durable=False)
    await asyncio.to_thread(server.start)
    try:
        dsn = await asyncio.to_thread(server.create_database, "ours", c_locale=False)
        await migrate(dsn)
        yield server, dsn
    finally:
        await asyncio.to_thread(server.stop)


async def status(port: int, path: str) -> int:
    """Of an answer; 0 when nobody does."""
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)) as session,
            session.get(f"http://127.0.0.1:{port}{path}") as answer,
        ):
            return answer.status
    except (OSError, aiohttp.ClientError, TimeoutError):
        return 0


async def until(true: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not await true():  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.05)


async def is_ready(port: int) -> None:
    async def ready() -> bool:
        return await status(port, "/ready") == 200

    await until(ready)


def free_ports(count: int) -> list[int]:
    return [free_port() for _each in range(count)]
