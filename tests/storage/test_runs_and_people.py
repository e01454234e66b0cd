"""What is remembered of runs and of people between them."""

from datetime import UTC, datetime

from appservice.school.fingerprint import Fingerprint
from appservice.storage.database import Database
from appservice.storage.known_people import KnownPeople
from appservice.storage.runs import Run, RunLog

MORNING = datetime(2026, 9, 1, 8, 0, tzinfo=UTC)
NOON = datetime(2026, 9, 1, 12, 0, tzinfo=UTC)


async def test_the_latest_runs_are_told_with_what_they_left_over(memory: Database) -> None:
    runs = RunLog(memory)
    first = await runs.began("apply", MORNING, digest="0123456789ab", planned={"create_room": 5})
    await runs.ended(first, NOON, "incomplete", left_over={"failed": 1, "skipped": 2})
    killed = await runs.began("audit", NOON)

    assert await runs.latest() == [
        Run(killed, "audit", NOON),
        Run(
            first,
            "apply",
            MORNING,
            NOON,
            "0123456789ab",
            {"create_room": 5},
            "incomplete",
            {"failed": 1, "skipped": 2},
        ),
    ]
    assert [run.number for run in await runs.latest(1)] == [killed]


async def test_a_person_who_was_accepted_is_known_again_in_the_same_namespace(
    memory: Database,
) -> None:
    people = KnownPeople(memory, "school-17")
    anna, boris = Fingerprint("0a", "ff", "00"), Fingerprint("10", "20")
    await people.accept({"anna": Fingerprint("01", "02"), "boris": boris})
    await people.accept({"anna": anna})

    assert await people.fingerprints(["anna", "boris", "nobody"]) == {"anna": anna, "boris": boris}
    assert await KnownPeople(memory, "school-18").fingerprints(["anna"]) == {}


async def test_ids_of_people_are_not_kept_as_they_are(memory: Database) -> None:
    await KnownPeople(memory, "17").accept({"112-233-445 95": Fingerprint("01", "02")})

    async with memory.connection() as connection:
        row = await connection.fetchrow("SELECT known_person::text FROM known_person")
    assert "112-233" not in row[0]
