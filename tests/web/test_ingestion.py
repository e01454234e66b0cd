"""What a diary system is answered: let in or not, taken or not, and why."""

import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from pydantic import SecretStr

from appservice.delivery.intake import Intake
from appservice.diary.settings import DiarySettings, SourceSettings
from appservice.storage.database import Database
from appservice.storage.diary import DiaryStore
from appservice.storage.standing import StandingStore
from appservice.embedded.homeserver_config import free_port
from appservice.school.problem import Delivery
from appservice.school.sample import sample_school
from appservice.upkeep.living import LivingWish
from appservice.web.ingestion.answering import EVENTS, MOST_BYTES, add_ingestion
from appservice.web.ingestion.credentials import SIGNATURE, SOURCE, TIMESTAMP, signature
from appservice.web.listening import listening
from tests.upkeep.conftest import deployment_for

ROSTER = sample_school(classes=1, students=2, subjects=1)
SCHOOL = ROSTER.schools[0].school_id
TOKEN, SECRET = "t" * 32, "s" * 32
SETTINGS = DiarySettings(
    sources={
        "journal": SourceSettings(token=SecretStr(TOKEN)),
        "timetable": SourceSettings(hmac_secret=SecretStr(SECRET)),
        "other": SourceSettings(token=SecretStr("o" * 32), schools=("elsewhere",)),
    }
)
NOON = datetime(2026, 10, 1, 12, tzinfo=UTC)
BEARER = {"Authorization": f"Bearer {TOKEN}"}


def event(**changed: object) -> dict[str, Any]:
    return {
        "event_id": "e1",
        "source": "journal",
        "type": "grade.removed",
        "school": SCHOOL,
        "external_id": "g1",
        "revision": 1,
        "occurred_at": "2026-10-01T11:00:00Z",
        "published_at": "2026-10-01T11:00:00Z",
        "payload": {"student": "anna", "subject": "Математика"},
        **changed,
    }


@dataclass(frozen=True)
class Gate:
    url: str
    counted: dict[str, int]

    async def post(self, body: bytes, headers: Mapping[str, str]) -> tuple[int, Any]:
        async with (
            aiohttp.ClientSession(headers=dict(headers)) as session,
            session.post(self.url + EVENTS, data=body) as answer,
        ):
            return answer.status, await answer.json()

    async def send(self, *events: object) -> list[Mapping[str, Any]]:
        status, said = await self.post(json.dumps(events).encode(), BEARER)
        assert status == 202, said
        verdicts: list[Mapping[str, Any]] = said["verdicts"]
        return verdicts
