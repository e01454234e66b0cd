"""What is remembered of a diary's files between two readings, and the lessons that they bring."""

from datetime import UTC, date, datetime, timedelta

from appservice.diary.pull.memories import without_person
from appservice.storage.database import Database
from appservice.storage.diary_pull import PullStore, Remembered, Timetable
from appservice.storage.diary_retention import DiaryRetention
from appservice.storage.timetable import TimetableLesson, TimetableStore

NOON = datetime(2026, 10, 1, 12, tzinfo=UTC)
MONDAY = date(2026, 9, 28)
WEEK = timedelta(weeks=1)
MATHS = TimetableLesson("5a", MONDAY, 1, "08:30", "Математика", "12")
PHYSICS = TimetableLesson("5a", MONDAY + WEEK, 1, "08:30", "Физика", "", True)
MUSIC = TimetableLesson("5b", MONDAY + WEEK, 2, "09:25", "Музыка")


async def test_a_source_remembers_its_last_reading(memory: Database) -> None:
    store = PullStore(memory)
    assert await store.of("exports") == Remembered()
    await store.keep("exports", "one", {"rows": {}}, NOON)
    await store.keep("exports", "two", {"rows": {"г": [1]}}, NOON)
    assert await store.of("exports") == Remembered("two", {"rows": {"г": [1]}})


async def test_the_lessons_of_a_source_are_those_of_its_last_reading_and_of_the_weeks_before(
    memory: Database,
) -> None:
    store = PullStore(memory)
    timetable = TimetableStore(memory, ["lessons", "none"])

    async def known(*places: str) -> list[TimetableLesson]:
        return [*await timetable.of_places("17", places, MONDAY, MONDAY + 2 * WEEK)]

    first = Timetable("17", MONDAY, [MATHS, PHYSICS, MUSIC])
    await store.keep("lessons", "one", {}, NOON, first)
    await store.keep("other", "one", {}, NOON, first)
    assert await known("5a", "5b") == [MATHS, PHYSICS, MUSIC]
    assert await timetable.of_places("18", ["5a"], MONDAY, MONDAY + WEEK) == []
    assert await TimetableStore(memory, []).of_places("17", ["5a"], MONDAY, MONDAY) == ()

    again = PHYSICS._replace(cancelled=False)
    await store.keep("lessons", "two", {}, NOON, Timetable("17", MONDAY + WEEK, [again]))
    assert await known("5a", "5b") == [MATHS, again]
    assert await known("5b") == []

    after = datetime(2026, 10, 1, tzinfo=UTC)
    await DiaryRetention(memory).forget_before(after)
    assert await known("5a", "5b") == [again]
    assert await store.of("lessons") == Remembered("two", {})
    await DiaryRetention(memory).forget_before(NOON + timedelta(minutes=1))
    assert await store.of("lessons") == Remembered()  # nobody reads it any more


async def test_who_is_erased_is_named_in_no_memory(memory: Database) -> None:
    store = PullStore(memory)
    masha = [0, "digest", "grade.removed", {"student": "masha", "subject": "Х"}, "2026-10-01"]
    petya = [0, "digest", "grade.removed", {"student": "petya", "subject": "Х"}, "2026-10-01"]
    await store.keep("exports", "one", {"0 grade": {"rows": {"a": masha, "b": petya}}}, NOON)
    await store.rewrite(lambda kept: without_person(kept, "masha"))
    forgotten = [0, "digest", "", {}, "2026-10-01"]
    assert await store.of("exports") == Remembered(
        "one", {"0 grade": {"rows": {"a": forgotten, "b": petya}}}
    )
