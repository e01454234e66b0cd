"""A school whose service listens: people type in rooms, and the bot answers."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pytest

from appservice.app import House
from appservice.command_house import ServiceHouse, command_entrypoints
from appservice.commands.answering import heeds
from appservice.commands.house import Check
from appservice.commands.settings import CommandsSettings
from appservice.rooms.observed import InboundEvent, InboundMessage
from appservice.school.model import Roster
from appservice.school.problem import Delivery
from appservice.storage import jobs
from appservice.storage.known_people import KnownPeople
from appservice.upkeep.living import LivingWish
from appservice.upkeep.reconcile import wish_of
from appservice.upkeep.turning import TurnOfTheYear
from tests.commands.people import Speaker
from tests.ground import AppserviceSlot
from tests.matrix.receiving import receiving
from tests.upkeep.bystander import Bystander
from tests.upkeep.conftest import TODAY, SchoolOnTrial, open_workplace
from tests.upkeep.tiny_school import delivery, tiny_roster
from tests.upkeep.turning import next_year


class Listening:
    """What the receiver asks: commands alone are looked at."""

    version = 0

    def departs(self, event: InboundEvent) -> bool:
        return False

    def heeds(self, message: InboundMessage) -> bool:
        return heeds(message)


@dataclass
class TalkingSchool:
    """A school on trial, with its service. `roster` is what lies in the roster's folder, and
    `next_roster` what lies beside it.
    """

    trial: SchoolOnTrial
    house: ServiceHouse
    roster: Roster = field(default_factory=tiny_roster)
    next_roster: Roster = field(default_factory=next_year)

    def user(self, person_id: str) -> str:
        return self.trial.user(person_id)

    async def speaker(self, user_id: str) -> Speaker:
        """Somebody signed in."""
        token = await self.trial.bot.ask("POST", f"/_synapse/admin/v1/users/{user_id}/login", {})
        person = Bystander(self.trial.slot.homeserver_url, str(token["access_token"]))
        return Speaker(person, user_id, self.trial.slot.bot_id)

    async def person(self, person_id: str) -> Speaker:
        return await self.speaker(self.user(person_id))

    async def admin_room(self) -> str:
        room_id = await self.house.keep_room()
        assert room_id is not None
        return room_id

    async def room(self, key: str) -> str:
        return await self.trial.room_id(key)


@asynccontextmanager
async def working(house: ServiceHouse) -> AsyncIterator[None]:
    """A process that answers."""
    worker = asyncio.create_task(jobs.work(house.database, command_entrypoints(house)))
    try:
        yield
    finally:
        worker.cancel()
        with suppress(asyncio.CancelledError):
            await worker


@asynccontextmanager
async def talking(slot: AppserviceSlot, database: str) -> AsyncIterator[TalkingSchool]:
    async with open_workplace(slot, database) as workplace:
        trial = SchoolOnTrial(workplace, slot)

        def today() -> date:
            return TODAY

        async def read() -> Delivery:
            return delivery(talked.roster)

        @asynccontextmanager
        async def opened(given: Delivery) -> AsyncIterator[House]:
            assert given.roster is not None
            yield House(
                wish=wish_of(given, workplace.deployment, today=TODAY),
                workplace=workplace,
                known=KnownPeople(workplace.database, "17"),
                roster=given.roster,
            )

        async def examine() -> tuple[Check, ...]:
            return (Check("✓", "Synapse", "1.163"), Check("✗", "PostgreSQL", "away", "start it"))

        async def read_next(_path: Path, _deltas: Path | None, _day: date) -> Delivery:
            return delivery(talked.next_roster)

        house = ServiceHouse(
            settings=CommandsSettings(administrators=(f"@{slot.id}-it:{slot.server_name}",)),
            homeserver=workplace.homeserver,
            database=workplace.database,
            living=LivingWish(workplace.database, lambda _space: workplace.deployment, today),
            today=today,
            workplace_of=lambda _deployment: workplace,
            read=read,
            opened=opened,
            examine=examine,
            turn=TurnOfTheYear(
                database=workplace.database,
                workplace_of=lambda _namespace: workplace,
                today=today,
                read=read_next,
                namespace_of=lambda _roster: "17",
                path=Path("/rosters/now"),
            ),
            alias_prefix=slot.id,
            room_version="12",
        )
        talked = TalkingSchool(trial, house)
        async with receiving(
            lambda id_, told: house.observed.take_transaction(id_, told, watch=Listening()),
            hs_token=slot.registration.hs_token,
            port=slot.port,
        ):
            yield talked


@pytest.fixture
async def quiet_school(
    appservice_slot: AppserviceSlot, database: str
) -> AsyncIterator[TalkingSchool]:
    """What is said is kept, and nobody answers."""
    async with talking(appservice_slot, database) as school:
        yield school


@pytest.fixture
async def school(quiet_school: TalkingSchool) -> AsyncIterator[TalkingSchool]:
    async with working(quiet_school.house):
        yield quiet_school
