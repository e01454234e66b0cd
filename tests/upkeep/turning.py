"""The tiny school a year later, and a rollover in a process that can be killed."""

import asyncio
from dataclasses import replace
from datetime import date
from multiprocessing import get_context

from appservice.school.model import (
    MemberRole,
    Membership,
    Person,
    Role,
    RoleAssignment,
    Roster,
    School,
)
from appservice.upkeep.rollover import due_rollover
from tests.ground import AppserviceSlot
from tests.upkeep.conftest import open_workplace
from tests.upkeep.tiny_school import tiny_roster

RUNS = get_context("forkserver")
RUNS.set_forkserver_preload(["tests.upkeep.turning"])


def this_year() -> Roster:
    """The tiny school, which says which year it is in."""
    return replace(tiny_roster(), schools=(School("17", "Школа № 17", year="2025/2026"),))


def next_year() -> Roster:
    """5A went on and 5B left; the source has new ids for classes and the old ones for groups."""
    old = this_year()
    five_a = old.classes["5a"]
    return replace(
        old,
        schools=(School("17", "Школа № 17", year="2026/2027"),),
        people={**old.people, "dasha": Person("dasha", "Юнг", "Дарья")},
        roles=(
            *(one for one in old.roles if one.person_id not in ("vanya", "boris")),
            RoleAssignment("dasha", "17", Role.STUDENT),
        ),
        classes={"c6": five_a._replace(class_id="c6", label="6А", grade=6)},
        groups={"5a-math": old.groups["5a-math"]._replace(class_ids=("c6",))},
        memberships=(
            Membership("lena", "c6", MemberRole.CLASS_TEACHER),
            *(Membership(who, "c6", MemberRole.STUDENT) for who in ("dasha", "masha", "petya")),
            Membership("oleg", "5a-math", MemberRole.TEACHER),
            *(Membership(who, "5a-math", MemberRole.STUDENT) for who in ("dasha", "masha")),
        ),
        guardianships=tuple(one for one in old.guardianships if one.student_id == "petya"),
    )


async def _due(slot: AppserviceSlot, dsn: str, url: str, today: date) -> None:
    async with open_workplace(slot, dsn, use_module=False, url=url) as workplace:
        await due_rollover(workplace.database, lambda _namespace: workplace, today=today)


def run_due(slot: AppserviceSlot, dsn: str, url: str, today: date) -> None:
    asyncio.run(_due(slot, dsn, url, today))
