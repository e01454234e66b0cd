"""The bot that answers, put together from the parts that are open: commands, the administrators'
room, reports.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Final
from zoneinfo import ZoneInfo

from appservice.app import House, examine, today_at
from appservice.command_house import Answers, ServiceHouse, command_entrypoints
from appservice.commands.answering import heeds
from appservice.commands.house import Check
from appservice.commands.reporting import AdminReports
from appservice.doctor.facts import Verdict
from appservice.helper.answering import heeds as helper_heeds
from appservice.rooms.observed import InboundEvent, InboundMessage
from appservice.school.problem import Delivery
from appservice.service.office import Office
from appservice.storage import jobs
from appservice.storage.inbound import Watch
from appservice.storage.jobs import Entrypoint, Regularly
from appservice.turning import turn_of

ADMIN_ROOM_JOB: Final = "admin_room"
"""See that the administrators' room stands, with those in it whom it is for."""

_EVERY_TEN_MINUTES: Final = "*/10 * * * *"
_SIGNS: Final = {
    Verdict.OK: "✓",
    Verdict.WARNING: "!",
    Verdict.FAILED: "✗",
    Verdict.NOT_SEEN: "?",
}

log = logging.getLogger(__name__)


class Hearing:
    """A watch that also hears what is said to the bot. `other` judges the events; `helps`: the
    diary can be asked.
    """

    def __init__(self, other: Watch | None = None, *, helps: bool = False) -> None:
        self._other = other
        self._helps = helps

    @property
    def version(self) -> int:
        return self._other.version if self._other is not None else 0

    def departs(self, event: InboundEvent) -> bool:
        return self._other is not None and self._other.departs(event)

    def heeds(self, message: InboundMessage) -> bool:
        return (
            heeds(message)
            or (self._helps and helper_heeds(message))
            or (self._other is not None and self._other.heeds(message))
        )


class RoomReporter:
    """Tells the administrators in their room; in the log while there is none."""

    def __init__(self, office: Office) -> None:
        self._reports = AdminReports(office.homeserver, office.database)

    async def report(self, matter: str, text: str, whole: str = "") -> None:
        # Whoever calls us has seen to it that a matter is told once.
        if not await self._reports.report_to_admin_room(text, whole=whole):
            log.warning("%s", text)


def talking_house(office: Office) -> ServiceHouse:
    """What the commands work on."""
    config = office.config

    @asynccontextmanager
    async def opened(delivery: Delivery) -> AsyncIterator[House]:
        yield await office.house_of(delivery)

    async def checks() -> Sequence[Check]:
        return [
            Check(_SIGNS[found.verdict], found.title, found.text, found.advice)
            for found in await examine(config)
        ]

    return ServiceHouse(
        settings=config.commands,
        homeserver=office.homeserver,
        database=office.database,
        living=office.living,
        today=lambda: today_at(config),
        workplace_of=office.workplace,
        read=office.deliver,
        opened=opened,
        examine=checks,
        turn=turn_of(config, office.database, office.homeserver),
        alias_prefix=config.rooms.alias_prefix,
        room_version=config.rooms.version,
        language=config.language,
        zone=ZoneInfo(config.roster.school.time_zone or "UTC"),
    )


def talking_entrypoints(house: ServiceHouse, helper: Answers | None = None) -> list[Entrypoint]:
    """Answers what is said, and keeps the administrators' room."""

    async def keep_room(_payload: bytes) -> None:
        await house.keep_room()

    return [*command_entrypoints(house, helper), Entrypoint(ADMIN_ROOM_JOB, keep_room, at_once=1)]


def talking_regularly(house: ServiceHouse) -> tuple[Regularly, ...]:
    """Roles begin and end with the day, and accounts come into being."""

    async def keep_room() -> None:
        await house.keep_room()

    return (Regularly(ADMIN_ROOM_JOB, _EVERY_TEN_MINUTES, keep_room),)


async def ask_for_room(office: Office) -> None:
    """At the start; it is tried again until the homeserver answers."""
    async with office.database.transaction() as connection:
        await jobs.put(connection, ADMIN_ROOM_JOB, [""], once=True)
