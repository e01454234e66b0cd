"""What is remembered of a diary's files between two readings."""

from datetime import UTC, datetime

from appservice.delivery.pulling import without_person
from appservice.storage.database import Database
from appservice.storage.diary_pull import PullStore, Remembered

NOON = datetime(2026, 10, 1, 12, tzinfo=UTC)
LESSON = ["5a", "2026-10-02", 1, "08:30", "Математика", "12", False]


async def test_a_source_remembers_its_last_reading(memory: Database) -> None:
    store = PullStore(memory)
    assert await store.of("exports") == Remembered()
    await store.keep("exports", "one", {"rows": {}}, [], NOON)
    await store.keep("exports", "two", {"rows": {"г": [1]}}, [LESSON], NOON)
    assert await store.of("exports") == Remembered("two", {"rows": {"г": [1]}})
    assert await store.lessons(["exports", "other"]) == [LESSON]
    assert await store.lessons(["other"]) == []


async def test_who_is_erased_is_named_in_no_memory(memory: Database) -> None:
    store = PullStore(memory)
    masha = [0, "digest", "grade.removed", {"student": "masha", "subject": "Х"}, "2026-10-01"]
    petya = [0, "digest", "grade.removed", {"student": "petya", "subject": "Х"}, "2026-10-01"]
    await store.keep("exports", "one", {"0 grade": {"rows": {"a": masha, "b": petya}}}, [], NOON)
    await store.rewrite(lambda kept: without_person(kept, "masha"))
    forgotten = [0, "digest", "", {}, "2026-10-01"]
    assert await store.of("exports") == Remembered(
        "one", {"0 grade": {"rows": {"a": forgotten, "b": petya}}}
    )
