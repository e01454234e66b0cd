"""The running service begins a rollover on its day."""

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

from appservice.app import deployment_of, today_at
from appservice.config.model import Config
from appservice.school.model import Roster
from appservice.school.sample import write_native
from appservice.service.clock import turn_of_the_year
from appservice.service.office import Office
from appservice.storage.rollover import RolloverState
from appservice.storage.standing import StandingStore
from appservice.storage.sync_state import SyncStateStore
from appservice.turning import open_turn
from appservice.upkeep.living import LivingWish
from appservice.upkeep.turning import TurnOfTheYear
from appservice.web.metrics import Metrics
from tests.service.deployment import DeploymentOnTrial, variant


def a_year_later(roster: Roster) -> Roster:
    """The same classes, about to leave."""
    return replace(
        roster,
        schools=tuple(school._replace(year="2099/2100") for school in roster.schools),
        classes={
            name: each._replace(label="Выпускной", year="2099/2100")
            for name, each in roster.classes.items()
        },
    )


def office_of(config: Config, turn: TurnOfTheYear) -> Office:
    return Office(
        config=config,
        database=turn.database,
        homeserver=turn.workplace_of("").homeserver,
        store=turn.workplace_of("").store,
        living=LivingWish(
            turn.database,
            lambda namespace: deployment_of(config, namespace),
            lambda: today_at(config),
        ),
        metrics=Metrics(),
    )


async def test_the_service_begins_a_rollover_on_its_day_unless_it_is_paused(
    deployment: DeploymentOnTrial, tmp_path: Path
) -> None:
    await deployment.stands(variant(0))
    config = deployment.config(direct=True)
    later = tmp_path / "later"
    write_native(a_year_later(variant(0)), later)
    async with open_turn(config) as turn:
        office, state = office_of(config, turn), SyncStateStore(turn.database)
        await turn.draft(later, on=date.today())
        await state.pause(by="@head:school.test", at=datetime.now(UTC))
        await turn_of_the_year(office)
        assert await state_of(turn) is RolloverState.DRAFTED

        await state.resume()
        await turn_of_the_year(office)
        assert await state_of(turn) is RolloverState.APPLIED
        standing = await StandingStore(turn.database).latest()
        assert standing is not None
        assert standing.delivery.roster is not None
        assert [one.label for one in standing.delivery.roster.classes.values()] == ["Выпускной"]
    deployment.receives(a_year_later(variant(0)))
    assert (await deployment.plan()).actions == ()


async def state_of(turn: TurnOfTheYear) -> RolloverState | None:
    latest = await turn.latest()
    return latest.state if latest else None
