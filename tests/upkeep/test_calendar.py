"""A school that starts class by class, and days on which nothing is synced."""

from dataclasses import replace

import pytest

from appservice.errors import Refused
from appservice.upkeep.apply import apply
from appservice.year.settings import CalendarSettings
from tests.upkeep.conftest import SchoolOnTrial


def keeping(school: SchoolOnTrial, **calendar: object) -> None:
    """From here on the configuration says this."""
    settings = CalendarSettings.model_validate(calendar)
    deployment = replace(school.workplace.deployment, calendar=settings)
    school.workplace = replace(school.workplace, deployment=deployment)


async def test_a_school_starts_class_by_class(school: SchoolOnTrial) -> None:
    waves = [{"on": "2026-09-01", "classes": ["5b"]}, {"on": "2026-11-01", "grades": [5]}]
    keeping(school, rollout=waves)
    assert (await school.plan()).notes == ("1 class has not started yet (calendar.rollout).",)
    assert (await school.apply()).exit_status == 0
    seen = await school.seen()
    assert seen == school.wanted()
    assert seen.rooms.keys() == {
        "17/school_space",
        "17/class_space/5b",
        "17/class_chat/5b",
        "17/subject_room/5b-math",
    }

    keeping(school, rollout=[{"on": "2026-09-01"}])
    assert (await school.apply()).exit_status == 0
    assert await school.seen() == school.wanted()
    assert "17/class_chat/5a" in school.wanted().rooms


async def test_in_a_blackout_nothing_is_applied_but_by_a_person_who_insists(
    school: SchoolOnTrial,
) -> None:
    keeping(school, blackout=[{"from": "2026-09-30", "to": "2026-10-02"}])
    with pytest.raises(Refused, match="Nothing is synced from 2026-09-30 to 2026-10-02"):
        await apply(school.wish(), school.workplace)
    assert (await school.seen()).rooms == {}
    report = await apply(school.wish(), school.workplace, anyway=True)
    assert report.exit_status == 0
    assert await school.seen() == school.wanted()
