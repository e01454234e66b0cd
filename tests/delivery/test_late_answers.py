"""A homeserver answers late, or is away for half an hour: nothing is lost, nothing said twice."""

import json

from appservice.embedded.synapse import EmbeddedSynapse
from tests.delivery.conftest import DiaryOnTrial
from tests.delivery.test_what_is_told import bodies, grade
from tests.upkeep.proxy import Fault, Judge, Passing, let_pass


def first_tries_meet(fault: Fault) -> Judge:
    """Each message does so once."""
    tried: set[str] = set()

    async def judge(passing: Passing) -> Fault:
        if "/send/" not in passing.path or passing.path in tried:
            return Fault.NONE
        tried.add(passing.path)
        return fault

    return judge


async def test_what_the_homeserver_did_and_answered_too_late_is_not_done_again(
    hasty_diary: DiaryOnTrial,
) -> None:
    """A message, a digest, and the edits of both."""
    diary = hasty_diary
    await diary.choose("anna", grade="daily")
    diary.proxy.judge = first_tries_meet(Fault.LATE)
    await diary.take(grade("3"), grade("4", name="g2"))
    await diary.passes(minutes=15)
    await diary.passes(minutes=1)
    await diary.passes(minutes=1)
    await diary.passes(hours=3)
    await diary.passes(minutes=1)
    await diary.take(grade("5", revision=2))
    await diary.passes(minutes=15)
    await diary.passes(minutes=1)
    await diary.proxy.let_through()
    await diary.passes(hours=1)

    first, second, edit = await diary.said("petya")
    assert [first["body"], second["body"]] == ["Математика: оценка 3", "Математика: оценка 4"]
    assert edit["m.relates_to"] == {"rel_type": "m.replace", "event_id": first["event_id"]}
    digest, anew = await diary.said("anna")
    assert digest["body"].splitlines()[-1] == "• Математика: grade 3; grade 4"
    assert anew["m.relates_to"] == {"rel_type": "m.replace", "event_id": digest["event_id"]}
    assert sorted(diary.outcomes) == ["failed"] * 5 + ["found"] * 5 + ["nothing"]


async def test_what_arrived_is_not_sent_again_half_an_hour_and_a_restart_of_synapse_later(
    hasty_diary: DiaryOnTrial, homeserver: EmbeddedSynapse
) -> None:
    diary = hasty_diary
    diary.proxy.judge = first_tries_meet(Fault.LATE)
    await diary.take(grade("3"))
    await diary.passes(minutes=15)
    sent = [one for one in diary.proxy.passed if "/send/" in one.path]
    homeserver.kill()
    await homeserver.start()
    await diary.passes(minutes=31)

    assert diary.outcomes == ["failed", "failed", "found", "found"]
    assert await bodies(diary, "petya") == ["Математика: оценка 3"]
    assert await bodies(diary, "anna") == ["Пётр: Математика: оценка 3"]
    # Synapse itself would have said it twice: it has forgotten the transaction.
    for one in sent:
        await diary.school.bot.ask(one.method, one.path, json.loads(one.body))
    assert await bodies(diary, "petya") == ["Математика: оценка 3"] * 2


async def test_what_a_homeserver_takes_that_was_away_for_half_an_hour_comes_once_and_in_order(
    diary: DiaryOnTrial,
) -> None:
    async def away(_passing: Passing) -> Fault:
        return Fault.CUT_BEFORE

    diary.proxy.judge = away
    await diary.take(grade("3"))
    await diary.passes(minutes=15)
    await diary.take(grade("4", name="g2"))
    for _try in range(7):
        await diary.passes(minutes=5)
    diary.proxy.judge = let_pass
    await diary.passes(minutes=5)

    assert await bodies(diary, "petya") == ["Математика: оценка 3", "Математика: оценка 4"]
    assert await bodies(diary, "anna") == [
        "Пётр: Математика: оценка 3",
        "Пётр: Математика: оценка 4",
    ]


async def test_a_message_that_reaches_the_homeserver_after_its_second_try_is_said_once(
    hasty_diary: DiaryOnTrial,
) -> None:
    diary = hasty_diary
    diary.proxy.judge = first_tries_meet(Fault.HELD)
    await diary.take(grade("3"))
    await diary.passes(minutes=15)
    await diary.passes(minutes=1)
    assert diary.outcomes == ["failed", "failed", "sent", "sent"]
    await diary.proxy.let_through()

    assert await bodies(diary, "petya") == ["Математика: оценка 3"]
    assert await bodies(diary, "anna") == ["Пётр: Математика: оценка 3"]
