"""The demo itself: everything started, the roster applied, kept running."""

from __future__ import annotations

import asyncio
import csv
import json
import shlex
import socket
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import aiohttp

from appservice.app import House, open_house, read_delivery
from appservice.config.model import Config
from appservice.config.registration import registration_of
from appservice.delivery.intake import saying_of
from appservice.demo.place import SERVER_NAME, Place
from appservice.demo.school_day import SOURCE, school_day
from appservice.demo.school_past import school_past
from appservice.demo.sign_ins import SignIn, sign_ins
from appservice.diary.events import DiaryEvent, parse
from appservice.diary.quiet_hours import SchoolCalendar
from appservice.embedded.homeserver_config import (
    SCHOOL_LIMITS,
    HomeserverSettings,
    SynapseModule,
    free_port,
)
from appservice.embedded.postgres import EmbeddedPostgres
from appservice.embedded.synapse import EmbeddedSynapse
from appservice.errors import Refused
from appservice.language import _
from appservice.rooms.planning.plan import Totals
from appservice.service.running import running_service
from appservice.storage.diary import DiaryStore
from appservice.storage.outbox import OutboxStore
from appservice.storage.page_sessions import PageSessions
from appservice.upkeep.execution import Progress
from appservice.upkeep.report import Report
from appservice.web.ingestion.answering import EVENTS

ACCEPTED: Final = 202
USUAL_PORT: Final = 8008
_TOLD_WITHIN_S: Final = 60.0
_SYNAPSE_DATABASE: Final = "synapse"
_MODULE: Final = "appservice.synapse_module.SchoolSpacesModule"

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Living:
    """A school that lives. `seconds`: from the start until everybody could sign in."""

    url: str
    config_file: Path
    sign_ins: tuple[SignIn, ...]
    totals: Totals
    report: Report
    seconds: float
    links: tuple[tuple[SignIn, str], ...] = ()  # to the diary page, each good once
    own_event: str = ""  # a command line that sends one more event of the diary


@asynccontextmanager
async def living_school(
    place: Place, *, port: int | None, say: Say, progress: Progress
) -> AsyncIterator[Living]:
    """Start all parts, bring the school in line with its roster, and keep both for the block.

    `port` None: the usual one, or a free one where that is taken. Raises Refused, StartFailed.
    """
    began = time.monotonic()
    with place.alone():
        config = place.prepare(
            homeserver_port=_homeserver_port(port), service_port=free_port(), today=date.today()
        )
        postgres = EmbeddedPostgres(config.database.folder)
        say(_("PostgreSQL starts"))
        await asyncio.to_thread(postgres.start)
        try:
            synapse = await asyncio.to_thread(_synapse, place, config, postgres)
            say(_("Synapse starts"))
            async with synapse, running_service(_unwatched(config)):
                say(_("The school comes to life"))
                async with open_house(config, read_delivery(config)) as house:
                    report = await house.apply(progress=progress)
                    place.timetables_arrive()
                    people = _sign_ins(config, house)
                    totals = await house.workplace.store.totals()
                    seconds = time.monotonic() - began
                    own_event = await _played(config, house, say)
                    living = Living(
                        url=f"http://localhost:{_port_of(config)}",
                        config_file=place.config_file,
                        sign_ins=people,
                        totals=totals,
                        report=report,
                        seconds=seconds,
                        links=await _links(config, house, people),
                        own_event=own_event,
                    )
                yield living
        finally:
            await asyncio.to_thread(postgres.stop)


async def _played(config: Config, house: House, say: Say) -> str:
    """Send the diary a day, as a diary system would, and how to send one more event; "" where the
    configuration has no such source any more. A day that was played already is not told again.
    """
    source = config.diary.sources.get(SOURCE)
    if source is None or source.token is None:
        return ""
    say(_("The diary tells of a day"))
    now = datetime.now(UTC)
    await _remembered(config, house, now)
    day = school_day(house.roster, now)
    url = f"http://127.0.0.1:{config.appservice.port}{EVENTS}"
    header = f"Authorization: Bearer {source.token.get_secret_value()}"
    name, _colon, value = header.partition(": ")
    async with (
        aiohttp.ClientSession(headers={name: value}) as session,
        session.post(url, json=list(day.events)) as answer,
    ):
        if answer.status != ACCEPTED:
            raise Refused(
                _("The diary did not take the day of the demo (HTTP {status}).").format(
                    status=answer.status
                )
            )
    with suppress(TimeoutError):  # what is not told yet is told while people look around
        await asyncio.wait_for(_told(OutboxStore(house.workplace.database)), _TOLD_WITHIN_S)
    body = json.dumps(day.own, ensure_ascii=False)
    line = ("curl", url, "-H", header, "-H", "Content-Type: application/json", "-d", body)
    return shlex.join(line)


async def _remembered(config: Config, house: House, now: datetime) -> None:
    """The weeks before, of which everybody was told long ago."""
    zone = ZoneInfo(house.roster.schools[0].time_zone)
    calendar = SchoolCalendar(zone, config.diary.is_holiday)
    said = []
    for document in school_past(house.roster, now):
        event = parse(document)
        assert isinstance(event, DiaryEvent)
        said.append(saying_of(event, document, calendar, received_at=now, due=None))
    await DiaryStore(house.workplace.database).take(said)


async def _links(
    config: Config, house: House, people: Sequence[SignIn]
) -> tuple[tuple[SignIn, str], ...]:
    """As the bot gives them."""
    sessions = PageSessions(house.workplace.database)
    now = datetime.now(UTC)
    secrets = [await sessions.give_link(one.person_id, now=now) for one in people]
    return tuple((one, config.page.link(each)) for one, each in zip(people, secrets, strict=True))


async def _told(outbox: OutboxStore) -> None:
    """Returns when everything is sent."""
    while not await outbox.personal_rooms() or (await outbox.gauges()).queued:  # noqa: ASYNC110
        await asyncio.sleep(0.2)


def _unwatched(config: Config) -> Config:
    """The demo applies its roster itself."""
    return config.model_copy(update={"sync": config.sync.model_copy(update={"watch": False})})


def _synapse(place: Place, config: Config, postgres: EmbeddedPostgres) -> EmbeddedSynapse:
    if not postgres.has_database(_SYNAPSE_DATABASE):
        postgres.create_database(_SYNAPSE_DATABASE)
    settings = HomeserverSettings(
        server_name=SERVER_NAME,
        database=postgres.address(_SYNAPSE_DATABASE),
        registrations=(registration_of(config),),
        port=_port_of(config),
        modules=(SynapseModule(_MODULE, {"bot": config.appservice.bot, "make_bot_admin": True}),),
        rate_limits=SCHOOL_LIMITS,
        bcrypt_rounds=4,  # passwords of invented people
    )
    return EmbeddedSynapse(place.synapse, settings)


def _sign_ins(config: Config, house: House) -> tuple[SignIn, ...]:
    people = house.workplace.deployment.identities
    user_ids = {
        person_id: user_id
        for person_id, person in house.roster.people.items()
        if (user_id := people.user_id(person)) is not None
    }
    path = config.accounts.initial_passwords.file
    passwords: dict[str, str] = {}
    if path.exists():
        with path.open(encoding="utf-8", newline="") as file:
            passwords = {row["user_id"]: row["password"] for row in csv.DictReader(file)}
    return sign_ins(house.roster, user_ids, passwords)


def _homeserver_port(wanted: int | None) -> int:
    if wanted is None:
        return USUAL_PORT if _is_free(USUAL_PORT) else free_port()
    if not _is_free(wanted):
        raise Refused(
            _(
                "Port {port} is taken by another program. Name another one with --port, or leave"
                " --port out: a free one is then found."
            ).format(port=wanted)
        )
    return wanted


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _port_of(config: Config) -> int:
    return int(config.homeserver.url.rpartition(":")[2])
