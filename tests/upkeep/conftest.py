"""A school of the test's own on the session's homeserver: its bot, its database, its accounts."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import date

import pytest
from pydantic import SecretStr

from appservice.accounts.identity import ComputedIdentities
from appservice.accounts.settings import AccountsSettings
from appservice.accounts.synapse import SynapseAccounts
from appservice.matrix.homeserver import Homeserver
from appservice.rooms.kinds.settings import RoomsSettings
from appservice.rooms.planning.plan import Plan
from appservice.rooms.planning.safety import SafetySettings
from appservice.school.model import Roster
from appservice.storage.database import Database
from appservice.storage.observed import ObservedStore
from appservice.upkeep.apply import Workplace, apply, plan_of, run_audit
from appservice.upkeep.audit import AuditReport
from appservice.upkeep.reconcile import Deployment, Wish, wish_of
from appservice.upkeep.report import Report
from tests.ground import AppserviceSlot
from tests.upkeep.bystander import Bystander
from tests.upkeep.reader import Reader, SeenSchool, as_wanted
from tests.upkeep.tiny_school import delivery

TODAY = date(2026, 10, 1)

FEW_KINDS = dict.fromkeys(
    (
        *("announcements", "school_guardians", "school_students", "staff_room"),
        *("class_announcements", "guardians_with_teacher", "guardians_only"),
    )
)
"""Leaves the school space, class spaces, class chats and subject rooms of the built-in kinds."""


def deployment_of(slot: AppserviceSlot, **accounts: object) -> Deployment:
    """What the configuration would say. The secret is the slot's: accounts are the test's own."""
    return Deployment(
        server_name=slot.server_name,
        bot=slot.bot_id,
        accounts=AccountsSettings.model_validate(
            {
                "localpart_secret": SecretStr(slot.as_token),
                "localpart_prefix": f"{slot.id}-",
                **accounts,
            }
        ),
        rooms=RoomsSettings.model_validate({"alias_prefix": slot.id, "kinds": FEW_KINDS}),
        safety=SafetySettings(),
    )


@dataclass
class SchoolOnTrial:
    """What a test does with its school, in a line each."""

    workplace: Workplace
    slot: AppserviceSlot

    @property
    def bot(self) -> Bystander:
        """The bot, when it does what no plan says."""
        return Bystander(self.slot.homeserver_url, self.slot.as_token)

    def with_rooms(self, **rooms: object) -> None:
        """From here on the configuration says this of rooms."""
        settings = RoomsSettings.model_validate({"alias_prefix": self.slot.id, **rooms})
        deployment = replace(self.workplace.deployment, rooms=settings)
        self.workplace = replace(self.workplace, deployment=deployment)

    def with_all_kinds(self) -> None:
        """From here on the school has all the built-in kinds of room."""
        self.with_rooms()

    def wish(self, roster: Roster | None = None, held: tuple[str, ...] = ()) -> Wish:
        return wish_of(delivery(roster, held=held), self.workplace.deployment, today=TODAY)

    async def plan(self, roster: Roster | None = None) -> Plan:
        return (await plan_of(self.wish(roster), self.workplace)).plan

    async def apply(self, roster: Roster | None = None, *, approved: bool = True) -> Report:
        digest = (await self.plan(roster)).digest if approved else None
        return await apply(self.wish(roster), self.workplace, digest=digest)

    async def stand(self, roster: Roster | None = None) -> None:
        """A school to begin with, by the fastest way there is."""
        workplace = replace(self.workplace, use_module=True)
        report = await apply(self.wish(roster), workplace)
        assert report.exit_status == 0

    async def audit(self, roster: Roster | None = None) -> AuditReport:
        return await run_audit(self.wish(roster), self.workplace)

    async def seen(self) -> SeenSchool:
        slot = self.slot
        return await Reader(slot.homeserver_url, slot.as_token, slot.bot_id).school()

    def wanted(self, roster: Roster | None = None) -> SeenSchool:
        return as_wanted(self.wish(roster).desired)

    def user(self, person_id: str) -> str:
        user_id = self.workplace.deployment.identities.user_id_of(person_id)
        assert user_id is not None
        return user_id

    async def room_id(self, key: str) -> str:
        return await self.bot.room_id(self.wish().desired.rooms[key].alias)


@asynccontextmanager
async def open_workplace(
    slot: AppserviceSlot,
    dsn: str,
    *,
    deployment: Deployment | None = None,
    use_module: bool = True,
    url: str = "",
    patience: float = 120.0,
) -> AsyncIterator[Workplace]:
    """Everything opened. `url` in place of the homeserver's own: something that stands before
    it.
    """
    deployment = deployment or deployment_of(slot)
    people = deployment.identities
    assert isinstance(people, ComputedIdentities)
    async with (
        Homeserver(
            url or slot.homeserver_url,
            slot.as_token,
            server_name=slot.server_name,
            bot=slot.bot_id,
            patience=patience,
        ) as homeserver,
        Database.connect(dsn) as database,
    ):
        yield Workplace(
            deployment=deployment,
            homeserver=homeserver,
            backend=SynapseAccounts(homeserver, deployment.accounts, people),
            store=ObservedStore(database, bot=slot.bot_id),
            database=database,
            use_module=use_module,
        )


@pytest.fixture
async def school(appservice_slot: AppserviceSlot, database: str) -> AsyncIterator[SchoolOnTrial]:
    """By the fastest way there is."""
    async with open_workplace(appservice_slot, database) as workplace:
        yield SchoolOnTrial(workplace, appservice_slot)


@pytest.fixture(params=["api", "module"])
async def either_way(
    request: pytest.FixtureRequest, appservice_slot: AppserviceSlot, database: str
) -> AsyncIterator[SchoolOnTrial]:
    """Once through the client and admin APIs, once through the module, where there is one."""
    async with open_workplace(appservice_slot, database) as workplace:
        by_module = request.param == "module"
        if by_module and not await workplace.homeserver.abilities():
            pytest.skip("the homeserver runs without the School Spaces module")
        yield SchoolOnTrial(replace(workplace, use_module=by_module), appservice_slot)
