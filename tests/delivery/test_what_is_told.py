"""What becomes of what a diary says, over hours and days."""

from dataclasses import replace
from typing import Any

from appservice.storage.lanes import LaneStore
from tests.delivery.conftest import DiaryOnTrial
from tests.upkeep.proxy import Fault, Passing, let_pass
from tests.upkeep.tiny_school import tiny_roster


def grade(
    value: str, *, name: str = "g1", revision: int = 1, removed: bool = False
) -> dict[str, Any]:
    """Of Petya, whose guardian is Anna."""
    payload = {"student": "petya", "subject": "Математика"}
    if not removed:
        payload |= {"value": value, "day": "2026-10-01"}
    kind = "removed" if removed else "posted" if revision == 1 else "changed"
    return {
        "event_id": f"{name}-{revision}",
        "source": "journal",
        "type": f"grade.{kind}",
        "school": "17",
        "external_id": name,
        "revision": revision,
        "occurred_at": "2026-10-01T11:00:00Z",
        "published_at": "2026-10-01T11:00:00Z",
        "payload": payload,
    }


def absence(name: str, state: str) -> dict[str, Any]:
    """Of Petya, today."""
    payload = {"student": "petya", "day": "2026-10-01"}
    return {**grade("", name=name), "type": f"absence.{state}", "payload": payload}


async def bodies(diary: DiaryOnTrial, person: str) -> list[str]:
    return [content["body"].replace("\n", " | ") for content in await diary.said(person)]


async def test_what_is_changed_within_the_settle_delay_is_one_message(diary: DiaryOnTrial) -> None:
    await diary.take(grade("3"), grade("2", name="g2"))
    await diary.passes(minutes=10)
    await diary.take(grade("4", revision=2), grade("", name="g2", revision=2, removed=True))
    await diary.passes(minutes=5)
    await diary.passes(minutes=15)

    assert await bodies(diary, "petya") == ["Математика: оценка теперь 4"]
    assert await bodies(diary, "anna") == ["Пётр: Математика: оценка теперь 4"]
    assert [await bodies(diary, other) for other in ("masha", "boris", "lena")] == [[], [], []]


async def test_a_change_edits_the_message_and_after_a_day_corrects_it(diary: DiaryOnTrial) -> None:
    await diary.take(grade("3"))
    await diary.passes(minutes=15)
    await diary.take(grade("4", revision=2))
    await diary.passes(minutes=15)
    await diary.passes(hours=24)
    await diary.take(grade("5", revision=3))
    await diary.passes(minutes=15)

    first, edit, correction = await diary.said("petya")
    assert edit["m.relates_to"] == {"rel_type": "m.replace", "event_id": first["event_id"]}
    assert edit["m.mentions"] == {}
    assert correction["m.relates_to"] == {"m.in_reply_to": {"event_id": first["event_id"]}}
    assert correction["m.mentions"] == {"user_ids": [diary.school.user("petya")]}


async def test_who_reads_once_a_day_gets_one_digest_that_is_kept_true(diary: DiaryOnTrial) -> None:
    await diary.choose("petya", grade="off")
    await diary.choose("anna", grade="daily")
    await diary.take(grade("3"), grade("4", name="g2"), grade("2", name="g3"))
    await diary.passes(minutes=15)
    await diary.take(grade("", name="g3", revision=2, removed=True))
    await diary.passes(minutes=15)
    assert await diary.said("anna") == []

    await diary.passes(hours=2.5)
    assert await bodies(diary, "anna") == [
        "Diary: 2 entries | Пётр | • Математика: grade 3; grade 4"
    ]
    await diary.take(grade("5", revision=2))
    await diary.passes(minutes=15)

    digest, edit = await diary.said("anna")
    assert digest["m.mentions"] == {"user_ids": [diary.school.user("anna")]}
    assert edit["m.relates_to"] == {"rel_type": "m.replace", "event_id": digest["event_id"]}
    assert edit["m.new_content"]["body"].endswith("the grade is now 5; grade 4")
    assert await diary.said("petya") == []


async def test_what_is_changed_and_removed_in_the_night_is_told_as_it_is_in_the_morning(
    diary: DiaryOnTrial,
) -> None:
    await diary.passes(hours=7)
    await diary.take(grade("3"), grade("2", name="g2"))
    await diary.passes(minutes=15)
    await diary.take(grade("4", revision=2), grade("", name="g2", revision=2, removed=True))
    await diary.passes(minutes=15)
    await diary.passes(hours=2)
    assert [await diary.said(person) for person in ("petya", "anna")] == [[], []]

    await diary.passes(hours=10)
    await diary.passes(hours=1)
    assert await bodies(diary, "petya") == ["Дневник: 1 запись | • Математика: оценка теперь 4"]
    assert await bodies(diary, "anna") == [
        "Дневник: 1 запись | Пётр | • Математика: оценка теперь 4"
    ]


async def test_an_absence_that_was_excused_is_told_once(diary: DiaryOnTrial) -> None:
    await diary.choose("petya", absence="off")
    await diary.take(absence("a1", "excused"))
    await diary.passes(minutes=5)
    await diary.take(absence("a2", "recorded"))
    await diary.passes(minutes=5)

    assert await bodies(diary, "anna") == ["Пётр: пропуск чт, 1 октября — по уважительной причине"]


async def test_what_is_corrected_in_the_night_answers_the_old_message_in_the_morning(
    diary: DiaryOnTrial,
) -> None:
    await diary.take(grade("3"))
    await diary.passes(minutes=15)
    await diary.passes(hours=31)
    await diary.take(grade("5", revision=2))
    await diary.passes(minutes=15)
    assert len(await diary.said("petya")) == 1

    await diary.passes(hours=9)
    first, correction = await diary.said("petya")
    assert correction["m.relates_to"] == {"m.in_reply_to": {"event_id": first["event_id"]}}
    assert correction["body"] == "Исправление\nМатематика: оценка теперь 5"


async def test_of_what_an_outage_held_up_into_the_night_only_what_was_tried_comes_without_a_ring(
    diary: DiaryOnTrial,
) -> None:
    is_away = True

    async def judge(passing: Passing) -> Fault:
        return Fault.CUT_BEFORE if is_away and "/send/" in passing.path else Fault.NONE

    diary.proxy.judge = judge
    await diary.take(grade("3"), grade("4", name="g2"), grade("5", name="g3"))
    await diary.passes(minutes=15)
    roster = tiny_roster()
    ties = tuple(tie._replace(may_view_diary=False) for tie in roster.guardianships)
    await diary.accept(replace(roster, guardianships=ties))
    is_away = False
    await diary.passes(hours=8)

    said = await diary.said("petya")
    assert [(each["msgtype"], each["m.mentions"]) for each in said] == [("m.notice", {})]
    await diary.passes(hours=9)
    assert (await bodies(diary, "petya"))[1:] == [
        "Дневник: 2 записи | • Математика: оценка 4; оценка 5"
    ]
    assert (await diary.said("petya"))[1]["m.mentions"] == {
        "user_ids": [diary.school.user("petya")]
    }
    assert await diary.said("anna") == []


async def test_whoever_finds_a_lane_held_has_it_looked_at_once_more(diary: DiaryOnTrial) -> None:
    await diary.choose("petya", grade="off")
    await diary.take(grade("3"))
    diary.now = diary.now.replace(minute=15)
    await diary.settle()
    (room,) = [each.room for each in await diary.delivery.outbox.personal_rooms()]
    assert await LaneStore(diary.database).take_lane(room, "stopped in the middle", diary.now)
    await diary.send()
    await diary.send()

    assert await diary.said("anna") == []
    async with diary.database.connection() as connection:
        asked = "SELECT count(*) FROM pgqueuer WHERE dedupe_key = $1 AND execute_after > now()"
        assert await connection.fetchval(asked, f"diary_lane {room}") == 1
    await diary.passes(seconds=6)
    assert await bodies(diary, "anna") == ["Пётр: Математика: оценка 3"]


async def test_a_grade_of_somebody_whom_the_roster_learns_of_later_is_told_then(
    diary: DiaryOnTrial,
) -> None:
    roster = tiny_roster()
    others = tuple(one for one in roster.memberships if one.person_id != "petya")
    roles = tuple(one for one in roster.roles if one.person_id != "petya")
    await diary.accept(replace(roster, memberships=others, roles=roles))
    await diary.take(grade("3"))
    await diary.passes(minutes=15)
    await diary.accept(roster)
    await diary.passes(minutes=59)
    assert await diary.said("petya") == []

    await diary.passes(minutes=1)
    assert await bodies(diary, "petya") == ["Математика: оценка 3"]
    assert await bodies(diary, "anna") == ["Пётр: Математика: оценка 3"]


async def test_in_a_room_that_was_made_anew_nothing_is_edited_that_the_old_one_was_told(
    diary: DiaryOnTrial,
) -> None:
    await diary.choose("petya", grade="off")
    await diary.take(grade("3"))
    await diary.passes(minutes=15)
    async with diary.database.connection() as connection:
        await connection.execute("UPDATE diary_sent SET room_id = '!the-old-one:school.test'")
    await diary.take(grade("4", revision=2))
    await diary.passes(minutes=15)

    first, anew = await diary.said("anna")
    assert ("m.relates_to" in anew, anew["body"]) == (False, "Пётр: Математика: оценка теперь 4")
    await diary.take(grade("5", revision=3))
    await diary.passes(minutes=15)
    edit = (await diary.said("anna"))[-1]
    assert edit["m.relates_to"] == {"rel_type": "m.replace", "event_id": anew["event_id"]}
    assert first["event_id"] != anew["event_id"]


async def test_who_may_no_longer_view_the_diary_is_not_told_what_was_queued_already(
    diary: DiaryOnTrial,
) -> None:
    await diary.take(grade("3"))
    diary.now = diary.now.replace(minute=15)
    await diary.settle()
    roster = tiny_roster()
    ties = tuple(tie._replace(may_view_diary=False) for tie in roster.guardianships)
    await diary.accept(replace(roster, guardianships=ties))
    await diary.send()

    assert len(await diary.said("petya")) == 1
    assert await diary.said("anna") == []


async def test_a_grade_of_another_student_is_taken_back_where_it_was_told(
    diary: DiaryOnTrial,
) -> None:
    await diary.take(grade("3"))
    await diary.passes(minutes=15)
    await diary.passes(hours=26)
    corrected = grade("3", revision=2)
    corrected["payload"]["student"] = "masha"
    await diary.take(corrected)
    await diary.passes(minutes=15)

    first, taken_back = await diary.said("petya")
    assert taken_back["m.relates_to"] == {"rel_type": "m.replace", "event_id": first["event_id"]}
    assert "3" not in taken_back["body"]
    assert await bodies(diary, "masha") == ["Математика: оценка теперь 3"]


async def test_what_is_refused_is_given_up_told_once_and_tried_again_when_asked(
    diary: DiaryOnTrial,
) -> None:
    await diary.choose("petya", grade="off")
    refused = True

    async def judge(passing: Passing) -> Fault:
        return Fault.REFUSED if refused and "/send/" in passing.path else Fault.NONE

    diary.proxy.judge = judge
    await diary.take(grade("3"))
    await diary.passes(minutes=15)
    for _try in range(6):
        await diary.passes(minutes=5)

    assert diary.outcomes == ["failed"] * 4 + ["dead"]
    assert [matter for matter, _text in diary.told] == ["diary dead letters"]
    (letter,) = await diary.delivery.outbox.dead_letters()
    assert (letter.trouble, letter.attempts) == ("M_FORBIDDEN", 5)
    diary.proxy.judge = let_pass
    assert await diary.delivery.outbox.revive(diary.now) == 1
    await diary.send()
    assert await bodies(diary, "anna") == ["Пётр: Математика: оценка 3"]
