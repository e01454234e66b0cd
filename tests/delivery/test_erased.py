"""Who is erased is in no message that is still to come, not even where it was worded before."""

from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from appservice.delivery.farewell import Farewell
from appservice.school.model import Guardianship
from appservice.storage.diary_retention import DiaryRetention
from appservice.upkeep.living import LivingWish
from tests.delivery.conftest import DiaryOnTrial
from tests.delivery.test_late_answers import first_tries_meet
from tests.delivery.test_what_is_told import bodies, grade
from tests.upkeep.conftest import TODAY
from tests.upkeep.proxy import Fault
from tests.upkeep.tiny_school import tiny_roster


def grade_of(student: str, value: str) -> dict[str, Any]:
    found = grade(value, name=f"{student}-{value}")
    return found | {"payload": found["payload"] | {"student": student}}


def fixed(now: datetime) -> datetime:
    return now


async def anna_reads_of_two_children_once_a_day(diary: DiaryOnTrial) -> None:
    roster = tiny_roster()
    ties = (*roster.guardianships, Guardianship("masha", "anna"))
    await diary.accept(replace(roster, guardianships=ties))
    for child in ("petya", "masha"):
        await diary.choose(child, grade="off")
    await diary.choose("anna", grade="daily")


async def test_a_digest_that_is_tried_again_is_worded_without_who_was_erased(
    diary: DiaryOnTrial,
) -> None:
    await anna_reads_of_two_children_once_a_day(diary)
    diary.proxy.judge = first_tries_meet(Fault.CUT_BEFORE)
    await diary.take(grade_of("petya", "3"), grade_of("masha", "5"))
    await diary.passes(minutes=15)
    await diary.passes(hours=3)
    await DiaryRetention(diary.database).erase("petya")
    await diary.passes(minutes=1)

    assert diary.outcomes == ["failed", "sent", "nothing"]
    assert await bodies(diary, "anna") == ["Diary: 1 entry | Мария | • Математика: grade 5"]


async def test_a_digest_that_arrived_before_somebody_was_erased_does_not_come_again(
    hasty_diary: DiaryOnTrial,
) -> None:
    diary = hasty_diary
    await anna_reads_of_two_children_once_a_day(diary)
    diary.proxy.judge = first_tries_meet(Fault.LATE)
    await diary.take(grade_of("petya", "3"), grade_of("masha", "5"))
    await diary.passes(minutes=15)
    await diary.passes(hours=3)
    await DiaryRetention(diary.database).erase("petya")
    await diary.passes(minutes=1)
    await diary.take(grade_of("masha", "4"))
    await diary.passes(minutes=15)
    await diary.passes(hours=24)
    await diary.passes(minutes=1)
    await diary.proxy.let_through()

    assert diary.outcomes == ["failed", "found", "nothing"] * 2
    first, second = await bodies(diary, "anna")
    assert first.startswith("Diary: 2 entries | ")
    assert second == "Diary: 1 entry | Мария | • Математика: grade 4"


async def test_a_change_of_a_digest_that_is_tried_again_is_worded_without_who_was_erased(
    diary: DiaryOnTrial,
) -> None:
    await anna_reads_of_two_children_once_a_day(diary)
    await diary.take(grade_of("petya", "3"), grade_of("masha", "5"))
    await diary.passes(minutes=15)
    await diary.passes(hours=3)
    diary.proxy.judge = first_tries_meet(Fault.CUT_BEFORE)
    changed = grade_of("masha", "5")
    await diary.take(changed | {"revision": 2, "payload": changed["payload"] | {"value": "4"}})
    await diary.passes(minutes=15)
    await DiaryRetention(diary.database).erase("petya")
    await diary.passes(minutes=1)

    _digest, edit = await diary.said("anna")
    assert edit["m.new_content"]["body"].splitlines()[1:] == [
        "Мария",
        "• Математика: grade 4",
    ]


async def test_what_was_worded_of_who_alone_was_erased_is_never_sent(diary: DiaryOnTrial) -> None:
    await anna_reads_of_two_children_once_a_day(diary)
    diary.proxy.judge = first_tries_meet(Fault.CUT_BEFORE)
    await diary.take(grade_of("petya", "3"))
    await diary.passes(minutes=15)
    await diary.passes(hours=3)
    await DiaryRetention(diary.database).erase("petya")
    await diary.passes(minutes=1)

    assert diary.outcomes == ["failed", "nothing"]
    assert await diary.said("anna") == []


async def test_the_diary_of_who_is_removed_from_the_roster_goes_after_the_longest_grace(
    diary: DiaryOnTrial,
) -> None:
    roster = tiny_roster()
    await diary.accept(roster)
    await diary.take(grade_of("petya", "3"), grade_of("masha", "5"))
    gone = roster.people["petya"]._replace(active=False)
    await diary.accept(replace(roster, people={**roster.people, "petya": gone}))
    deployment = diary.school.workplace.deployment
    living = LivingWish(diary.database, lambda _name: deployment, lambda: TODAY)
    retention = DiaryRetention(diary.database)
    for days, kept in ((0, 1), (89, 1), (90, 0)):
        now = diary.now + timedelta(days=days)
        await Farewell(diary.database, living, keep_days=400, now=partial(fixed, now)).look()
        entries = [(await retention.export(person))["entries"] for person in ("petya", "masha")]
        assert [len(each) for each in entries if isinstance(each, list)] == [kept, 1]
