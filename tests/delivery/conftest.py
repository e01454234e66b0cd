"""The tiny school of tests/upkeep, its diary, and a clock that the test moves."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest

from appservice.delivery.intake import Intake
from appservice.delivery.office import Delivery
from appservice.delivery.rooms import DiaryRooms
from appservice.diary.personal_rooms import personal_room_key
from appservice.diary.settings import DiarySettings
from appservice.matrix.homeserver import Homeserver
from appservice.rooms.identity import key_parts, room_alias
from appservice.school.model import Roster
from appservice.school.problem import Delivery as RosterDelivery
from appservice.storage.database import Database
from appservice.storage.diary import SETTLE_JOB, DiaryStore, Taken
from appservice.storage.diary_wishes import Wishes, WishStore
from appservice.storage.outbox import DIGEST_JOB, LANE_JOB
from appservice.storage.standing import StandingStore
from appservice.upkeep.living import LivingWish
from tests.ground import AppserviceSlot
from tests.upkeep.conftest import TODAY, SchoolOnTrial, open_workplace
from tests.upkeep.proxy import Proxy, proxy_to

AFTERNOON = datetime(2026, 10, 1, 12, tzinfo=UTC)  # 15:00 at the school
SCHOOL = "17"


@dataclass
class DiaryOnTrial:
    """`now` is the test's to move. `told` are the administrators' messages."""

    school: SchoolOnTrial
    proxy: Proxy
    database: Database
    intake: Intake = field(init=False)
    delivery: Delivery = field(init=False)
    now: datetime = AFTERNOON
    told: list[tuple[str, str]] = field(default_factory=list)
    outcomes: list[str] = field(default_factory=list)

    async def take(self, *events: Mapping[str, object]) -> None:
        answers = await self.intake.take("journal", events)
        assert {answer.verdict for answer in answers} == {Taken.ACCEPTED}, answers

    async def settle(self) -> None:
        await self._job(SETTLE_JOB)
        await self._job(DIGEST_JOB)

    async def send(self) -> None:
        """One look at every lane."""
        async with self.database.connection() as connection:
            rows = await connection.fetch(
                "SELECT DISTINCT room FROM diary_outbox WHERE dead_at IS NULL"
            )
        for row in rows:
            await self._job(LANE_JOB, row["room"])

    async def passes(self, **time: float) -> None:
        """So much later everything that is due is done."""
        self.now += timedelta(**time)
        await self.settle()
        await self.send()

    async def accept(self, roster: Roster) -> None:
        await StandingStore(self.database).accept(
            RosterDelivery(roster), namespace="", at=AFTERNOON
        )

    async def choose(self, person: str, **paces: str) -> None:
        await WishStore(self.database).choose(SCHOOL, person, Wishes(paces, language="en"))

    async def said(self, person: str) -> list[Mapping[str, Any]]:
        """What the bot said to somebody, the oldest first; [] while there is no room."""
        slot = self.school.slot
        parts = key_parts(personal_room_key(SCHOOL, person, secret=slot.as_token.encode()))
        alias = room_alias(slot.id, slot.server_name, parts.school_id, parts.kind, parts.target_id)
        if await self.school.workplace.homeserver.resolve_alias(alias) is None:
            return []
        room_id = quote(await self.school.bot.room_id(alias), safe="")
        path = f"/_matrix/client/v3/rooms/{room_id}/messages?dir=f&limit=100"
        answer: Any = await self.school.bot.ask("GET", path)
        return [
            {**event["content"], "event_id": event["event_id"]}
            for event in answer["chunk"]
            if event["type"] == "m.room.message"
        ]

    async def _job(self, name: str, payload: str = "") -> None:
        handlers = {each.name: each.handler for each in self.delivery.entrypoints()}
        await handlers[name](payload.encode())


@pytest.fixture
async def diary(appservice_slot: AppserviceSlot, database: str) -> AsyncIterator[DiaryOnTrial]:
    async with _on_trial(appservice_slot, database, answers_within=45) as trial:
        yield trial


@pytest.fixture
async def hasty_diary(
    appservice_slot: AppserviceSlot, database: str
) -> AsyncIterator[DiaryOnTrial]:
    """Waits so short a time for an answer that a late one can be tried."""
    async with _on_trial(appservice_slot, database, answers_within=1.5) as trial:
        yield trial


@asynccontextmanager
async def _on_trial(
    slot: AppserviceSlot, database: str, *, answers_within: float
) -> AsyncIterator[DiaryOnTrial]:
    async with (
        open_workplace(slot, database) as workplace,
        proxy_to(slot.homeserver_url) as proxy,
        Homeserver(
            proxy.url,
            slot.as_token,
            server_name=slot.server_name,
            bot=slot.bot_id,
            patience=0,
            timeout=answers_within,
        ) as impatient,
    ):
        school = SchoolOnTrial(workplace, slot)
        await school.stand()
        trial = DiaryOnTrial(school, proxy, workplace.database)
        settings = DiarySettings()
        living = LivingWish(workplace.database, lambda _name: workplace.deployment, lambda: TODAY)
        trial.intake = Intake(
            DiaryStore(workplace.database), living, settings, now=lambda: trial.now
        )

        async def tell(matter: str, text: str) -> None:
            trial.told.append((matter, text))

        trial.delivery = Delivery(
            settings,
            workplace.database,
            living,
            DiaryRooms(
                living,
                workplace.database,
                lambda deployment: replace(workplace, deployment=deployment),
            ),
            impatient,
            tell=tell,
            noted=lambda outcome, _waited: trial.outcomes.append(outcome),
            now=lambda: trial.now,
        )
        yield trial
