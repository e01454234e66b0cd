"""The running service begins a rollover on its day."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from appservice.app import deployment_of, today_at
from appservice.config.model import Config
from appservice.school.model import Roster
from appservice.school.sample import write_native
from appservice.service.clock import turn_of_the_year
from appservice.service.office import Office
from appservice.service.talking import talking_house
from appservice.storage.rollover import RolloverState
from appservice.storage.standing import StandingStore
from appservice.storage.sync_state import SyncStateStore
from appservice.turning import open_turn
from appservice.upkeep.living import LivingWish
from appservice.upkeep.turning import TurnOfTheYear
from appservice.web.metrics import Metrics
from tests.commands.people import Speaker
from tests.school.sources.tiny_deliveries import (
    ONEROSTER_12,
    RULES,
    TODAY,
    laid_out,
    manifest,
    tiny,
)
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


async def test_a_rollover_that_is_refused_on_its_day_is_told_in_the_administrators_room_once(
    deployment: DeploymentOnTrial, tmp_path: Path
) -> None:
    await deployment.stands(variant(0))
    config = deployment.config(direct=True)
    today = date.today()
    early, later = tmp_path / "early", tmp_path / "later"
    begins = a_year_later(variant(0))
    write_native(begins, later)
    write_native(
        replace(
            begins,
            memberships=tuple(one._replace(begin=date(2099, 9, 1)) for one in begins.memberships),
        ),
        early,
    )
    async with open_turn(config) as turn:
        office = office_of(config, turn)
        room_id = await talking_house(office).keep_room()
        assert room_id is not None
        bot = Speaker(deployment.bot, deployment.slot.bot_id, deployment.slot.bot_id)
        begin = await bot.says(room_id, "what is told after this")

        made = await turn.draft(early, on=today)
        for _tenth_minute in range(3):
            await turn_of_the_year(office)
        assert await state_of(turn) is RolloverState.DRAFTED
        refusal = (
            f"Rollover {made.digest} was to go on today and does not: In the next roster most"
            f" students are in no class on {today}: everybody would lose their rooms. Wait for the"
            " year to begin, or draft it anew for its first day.\nIt is tried again by itself."
        )
        assert await told(bot, room_id, begin) == [refusal]

        other = await turn.draft(early, on=today - timedelta(days=1))
        await turn_of_the_year(office)
        assert await told(bot, room_id, begin) == [
            refusal,
            refusal.replace(made.digest, other.digest),
        ]

        await turn.draft(later, on=today)
        await turn_of_the_year(office)
        assert await state_of(turn) is RolloverState.APPLIED
        assert len(await told(bot, room_id, begin)) == 2


async def told(bot: Speaker, room_id: str, after: str) -> list[str]:
    return [str(one["content"]["body"]) for one in await bot.said_after(room_id, after)]


async def test_a_draft_reads_the_deltas_that_lie_over_the_next_roster(
    deployment: DeploymentOnTrial, tmp_path: Path
) -> None:
    base = laid_out(tiny("1.2"), tmp_path / "next")
    header = ONEROSTER_12["classes.csv"].split("\n")[0]
    change = {
        "classes.csv": header
        + '\n5a,active,2026-09-02T08:00:00.000Z,6А,06,c0,,homeroom,,17,"y27,q1",,,\n',
        "manifest.csv": manifest("1.2", classes="delta"),
    }
    laid_out(change, tmp_path / "deltas" / "monday")
    receives = deployment.folder / "roster"
    receives.mkdir()
    config = deployment.config(direct=True)
    roster = config.roster.model_copy(
        update={"path": base, "deltas": tmp_path / "deltas", "rules": RULES["1.2"]}
    )
    config = config.model_copy(update={"roster": roster})
    async with open_turn(config) as turn:
        before = await turn.read(base, None, TODAY)
        await StandingStore(turn.database).accept(before, namespace="17", at=datetime.now(UTC))
        alone = await turn.draft(base)
        changed = await turn.draft(base, deltas=tmp_path / "deltas")
        configured = await turn.draft()
    assert [one.after for one in alone.turnover.classes] == ["5А"]
    assert [one.after for one in changed.turnover.classes] == ["6А"]
    assert configured.digest == changed.digest


async def state_of(turn: TurnOfTheYear) -> RolloverState | None:
    latest = await turn.latest()
    return latest.state if latest else None
