"""The roster in its folder, and the school that follows it by itself."""

import stat
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from appservice.rooms.planning.plan import Plan
from appservice.school.model import Roster
from appservice.school.problem import Delivery, Problem, Severity
from appservice.storage.standing import StandingStore
from appservice.storage.sync_state import SyncStateStore
from appservice.upkeep.apply import apply, plan_of
from appservice.upkeep.reconcile import Wish
from appservice.upkeep.report import Report
from appservice.upkeep.settings import SyncSettings
from appservice.upkeep.syncing import SYNC_LOCK, Syncer, SyncOutcome
from appservice.web.metrics import Metrics
from tests.upkeep.conftest import SchoolOnTrial
from tests.upkeep.tiny_school import delivery, moved, tiny_roster, without


@dataclass
class Told:
    """Who is told; keeps what was said."""

    said: list[tuple[str, str]] = field(default_factory=list)
    whole: list[str] = field(default_factory=list)

    async def report(self, matter: str, text: str, whole: str = "") -> None:
        self.said.append((matter, text))
        self.whole.append(whole)


@dataclass
class OneHouse:
    school: SchoolOnTrial
    wish: Wish

    async def plan(self) -> Plan:
        return (await plan_of(self.wish, self.school.workplace)).plan

    async def apply(self, *, by: str) -> Report:
        return await apply(self.wish, self.school.workplace, by=by)


@dataclass
class Following:
    """A school that follows the delivery that lies in its folder."""

    school: SchoolOnTrial
    problems: Path
    lies_there: Delivery = field(default_factory=delivery)
    told: Told = field(default_factory=Told)
    day_is_free: bool = True

    def __post_init__(self) -> None:
        self.state = SyncStateStore(self.school.workplace.database)
        self.syncer = self.another()

    def another(self) -> Syncer:
        return Syncer(
            self.school.workplace.database,
            SyncSettings(problems=self.problems),
            deliver=self._deliver,
            house_of=self._house_of,
            standing=self._standing,
            reporter=self.told,
            noted=Metrics(),
            may_sync=lambda: self.day_is_free,
        )

    def receives(self, roster: Roster) -> None:
        self.lies_there = delivery(roster)

    async def _deliver(self) -> Delivery:
        return self.lies_there

    async def _house_of(self, found: Delivery) -> OneHouse:
        assert found.roster is not None
        return OneHouse(self.school, self.school.wish(found.roster))

    async def _standing(self) -> OneHouse | None:
        standing = await StandingStore(self.school.workplace.database).latest()
        if standing is None:
            return None
        wish = self.school.wish(standing.delivery.roster)
        return OneHouse(self.school, replace(wish, delivery=None))


async def test_a_small_change_is_applied_by_itself_and_once(
    school: SchoolOnTrial, tmp_path: Path
) -> None:
    following = Following(school, tmp_path / "problems.txt")
    await school.stand()
    other = moved(tiny_roster(), "petya", {"5a-math": "5b-math"})
    assert await following.syncer.sync() is SyncOutcome.UNCHANGED
    following.receives(other)

    outcomes = [await following.syncer.sync() for _time in range(2)]

    assert outcomes == [SyncOutcome.APPLIED, SyncOutcome.UNCHANGED]
    assert await school.seen() == school.wanted(other)
    assert following.told.said == []


async def test_a_plan_above_the_thresholds_changes_nothing_and_is_told_once_with_its_approval(
    school: SchoolOnTrial, tmp_path: Path
) -> None:
    following = Following(school, tmp_path / "problems.txt")
    await school.stand()
    following.receives(without(tiny_roster(), "petya", "masha", "lena"))
    digest = (await school.plan(following.lies_there.roster)).digest

    outcomes = [await following.syncer.sync(), await following.another().sync()]

    assert outcomes == [SyncOutcome.HELD, SyncOutcome.HELD]
    assert [matter for matter, _text in following.told.said] == [f"held {digest}"]
    text = following.told.said[0][1]
    assert text.splitlines()[0] == "A plan waits for approval. Nothing was changed."
    assert text.splitlines()[-1] == (
        f"If it is right: !school apply {digest} (or, on the server, school-spaces apply {digest})"
    )
    assert await school.seen() == school.wanted()
    assert (await school.apply(following.lies_there.roster)).exit_status == 0  # approved
    assert await following.syncer.sync() is SyncOutcome.UNCHANGED
    assert (await following.state.now()).told == ""


def broken(*problems: Problem) -> Delivery:
    counts: dict[str, int] = {}
    for problem in problems:
        counts[problem.code] = counts.get(problem.code, 0) + 1
    return Delivery(None, problems, counts)


def problems(count: int) -> Sequence[Problem]:
    return [
        Problem("duplicate_id", Severity.ERROR, "people.csv", row, "id", "Twice: p***.")
        for row in range(2, 2 + count)
    ]


async def test_a_broken_roster_changes_nothing_and_is_told_once_with_where_all_problems_stand(
    school: SchoolOnTrial, tmp_path: Path
) -> None:
    file = tmp_path / "problems.txt"
    following = Following(school, file)
    await school.stand()
    following.lies_there = broken(*problems(7))

    outcomes = [await following.syncer.sync(), await following.another().sync()]

    assert outcomes == [SyncOutcome.BROKEN, SyncOutcome.BROKEN]
    assert [text.splitlines() for _matter, text in following.told.said] == [
        [
            "The roster was not accepted: 7 problems. Nothing was changed.",
            *(f"• people.csv:{row} (id): Twice: p***." for row in range(2, 7)),
            f"All of them: {file} on the server, or `school-spaces roster check`.",
        ]
    ]
    assert file.read_text(encoding="utf-8").splitlines() == [
        f"error\tduplicate_id\tpeople.csv:{row} (id): Twice: p***." for row in range(2, 9)
    ]
    assert following.told.whole == [file.read_text(encoding="utf-8")]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert await school.seen() == school.wanted()
    # What the accepted roster asks for is done all the same.
    await school.bot.act(
        await school.room_id("17/class_chat/5a"), "kick", user_id=school.user("petya")
    )
    await school.audit()
    assert await following.syncer.look() is SyncOutcome.APPLIED
    assert await school.seen() == school.wanted()

    following.lies_there = broken(*problems(3))  # mended in part: another matter
    await following.syncer.sync()
    assert len(following.told.said) == 2


async def test_the_first_apply_of_a_deployment_is_a_persons(
    school: SchoolOnTrial, tmp_path: Path
) -> None:
    following = Following(school, tmp_path / "problems.txt")
    assert await following.syncer.sync() is SyncOutcome.HELD
    assert await following.syncer.look() is SyncOutcome.UNCHANGED
    assert [text.splitlines()[0] for _matter, text in following.told.said] == [
        "The first plan of this deployment waits for a person. Nothing was changed."
    ]
    assert (await school.seen()).rooms == {}


async def test_while_it_is_paused_in_a_blackout_or_done_elsewhere_nothing_is_changed(
    school: SchoolOnTrial, tmp_path: Path
) -> None:
    following = Following(school, tmp_path / "problems.txt")
    await school.stand()
    other = moved(tiny_roster(), "petya", {"5a-math": "5b-math"})
    following.receives(other)
    await following.state.pause(by="@head:school.test", at=datetime(2026, 10, 1, tzinfo=UTC))
    assert await following.another().sync() is SyncOutcome.PAUSED
    await following.state.resume()
    async with school.workplace.database.exclusive(SYNC_LOCK):
        assert await following.syncer.sync() is SyncOutcome.ELSEWHERE
    following.day_is_free = False
    assert await following.syncer.sync() is SyncOutcome.BLACKOUT
    following.day_is_free = True
    assert await school.seen() == school.wanted()
    assert await following.syncer.sync() is SyncOutcome.APPLIED
    assert await school.seen() == school.wanted(other)
