"""kill -9 at twenty points of an apply, then a second run."""

import asyncio
from dataclasses import dataclass

import pytest

from appservice.school.model import (
    MemberRole,
    Membership,
    Person,
    Role,
    RoleAssignment,
    Roster,
    School,
    SchoolClass,
    TeachingGroup,
)
from tests.upkeep.conftest import SchoolOnTrial
from tests.upkeep.killed_run import RUNS, run_apply
from tests.upkeep.proxy import Fault, Passing, Proxy, proxy_to

POINTS = 20


def school_of(classes: int) -> Roster:
    """Each class has a teacher, two students and a subject: three rooms, and about 20 requests."""
    numbers = [f"{number:02}" for number in range(classes)]
    people = [
        Person(f"{kind}{number}", name, "Саша")
        for number in numbers
        for kind, name in (("t", "Учитель"), ("s", "Ученик"), ("z", "Ученица"))
    ]
    return Roster(
        schools=(School("17", "Школа № 17"),),
        people={person.person_id: person for person in people},
        roles=tuple(
            RoleAssignment(
                person.person_id,
                "17",
                Role.TEACHER if person.person_id.startswith("t") else Role.STUDENT,
            )
            for person in people
        ),
        classes={f"c{number}": SchoolClass(f"c{number}", "17", number) for number in numbers},
        groups={
            f"g{number}": TeachingGroup(f"g{number}", "17", (f"c{number}",), "Труд", "Труд")
            for number in numbers
        },
        memberships=tuple(
            Membership(f"{kind}{number}", f"{place}{number}", role)
            for number in numbers
            for place, kind, role in (
                ("c", "t", MemberRole.CLASS_TEACHER),
                ("c", "s", MemberRole.STUDENT),
                ("c", "z", MemberRole.STUDENT),
                ("g", "t", MemberRole.TEACHER),
                ("g", "s", MemberRole.STUDENT),
                ("g", "z", MemberRole.STUDENT),
            )
        ),
    )


@dataclass
class Killer:
    """Kills a run at its request number `point`, every other time after the homeserver got it."""

    proxy: Proxy
    point: int
    killed: bool = False

    async def run(self, school: SchoolOnTrial, dsn: str, roster: Roster) -> None:
        process = RUNS.Process(
            target=run_apply,
            args=(school.slot, dsn, self.proxy.url, school.workplace.use_module, roster),
        )
        began = self.proxy.seen

        async def judge(passing: Passing) -> Fault:
            if passing.number - began < self.point:
                return Fault.NONE
            self.killed = True
            process.kill()
            return Fault.CUT_AFTER if self.point % 2 else Fault.CUT_BEFORE

        self.proxy.judge = judge
        process.start()
        await asyncio.to_thread(process.join)
        assert process.exitcode == (-9 if self.killed else 0)


async def test_a_run_killed_at_any_point_is_finished_by_the_next_one(
    either_way: SchoolOnTrial, database: str
) -> None:
    """One class joins the school at each point, so every run has the same work to do."""
    killed = 0
    roster = school_of(0)
    async with proxy_to(either_way.slot.homeserver_url) as proxy:
        for point in range(1, POINTS + 1):
            roster = school_of(point)
            killer = Killer(proxy, point)
            await killer.run(either_way, database, roster)
            killed += killer.killed

            report = await either_way.apply(roster)
            assert (report.failed, report.skipped) == ((), ()), point
            assert (await either_way.plan(roster)).actions == (), point
            # A room made twice or left behind would stay, so not every point needs a whole look.
            if point % 5 == 0:
                assert await either_way.seen() == either_way.wanted(roster), point
            if either_way.workplace.use_module and not killer.killed:
                break  # a run has no more requests than this
    assert killed >= (POINTS if not either_way.workplace.use_module else 5)
    assert await either_way.seen() == either_way.wanted(roster)
    assert (await either_way.audit(roster)).corrections == ()


@pytest.mark.parametrize("point", [2, 5, 6, 8])
async def test_a_first_run_killed_at_any_point_is_finished_by_the_next_one(
    either_way: SchoolOnTrial, database: str, point: int
) -> None:
    """Nothing of what was done may be on record yet."""
    async with proxy_to(either_way.slot.homeserver_url) as proxy:
        killer = Killer(proxy, point)
        await killer.run(either_way, database, school_of(1))
        assert killer.killed
    report = await either_way.apply(school_of(1), approved=False)
    assert report.exit_status == 0
    assert await either_way.seen() == either_way.wanted(school_of(1))
