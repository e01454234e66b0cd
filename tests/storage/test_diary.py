"""What is kept of the diary: of each thing the saying that counts, for as long as it may be."""

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from appservice.storage.database import Database
from appservice.storage.diary import Addressee, DiaryStore, Saying, Taken, Thing
from appservice.storage.diary_wishes import Wishes, WishStore

NOON = datetime(2026, 10, 1, 12, tzinfo=UTC)
THURSDAY = date(2026, 10, 1)
GRADE = Saying(
    thing=Thing("ejournal", "17", "g1", "grade"),
    standing=(1, 0),
    type="grade.posted",
    event_id="e1",
    day=THURSDAY,
    occurred_at=NOON,
    published_at=NOON,
    received_at=NOON,
    withdrawn=False,
    document='{"grade": 1}',
    due=NOON + timedelta(minutes=15),
    person_id="masha",
)
REMOVED = replace(
    GRADE,
    standing=(1, 2),
    type="grade.removed",
    withdrawn=True,
    document='{"removed": 1}',
    due=NOON + timedelta(minutes=20),
)


def homework(name: str, place: str, due: date) -> Saying:
    return replace(
        GRADE,
        thing=Thing("ejournal", "17", name, "homework"),
        type="homework.assigned",
        person_id="",
        place=place,
        day=due,
        document=f'{{"homework": "{name}"}}',
    )


async def documents(
    store: DiaryStore, *, first: date = THURSDAY, last: date = THURSDAY
) -> list[str]:
    found = await store.of_student("17", "masha", first, last)
    return [entry.document for entry in found]


async def test_the_same_again_is_a_duplicate_and_what_is_older_is_stale(memory: Database) -> None:
    store = DiaryStore(memory)
    second = replace(GRADE, standing=(2, 0), document='{"grade": 2}')

    assert await store.take([GRADE, GRADE, second, GRADE]) == [
        Taken.ACCEPTED,
        Taken.DUPLICATE,
        Taken.ACCEPTED,
        Taken.STALE,
    ]
    assert await store.take([second, GRADE, replace(second, standing=(3, 0))]) == [
        Taken.DUPLICATE,
        Taken.STALE,
        Taken.ACCEPTED,
    ]
    assert await documents(store) == ['{"grade": 2}']


async def test_two_schools_may_number_their_grades_alike(memory: Database) -> None:
    store = DiaryStore(memory)
    other = replace(GRADE, thing=GRADE.thing._replace(school="18"))

    assert await store.take([GRADE, other]) == [Taken.ACCEPTED, Taken.ACCEPTED]


async def test_what_was_withdrawn_is_not_read_and_stays_withdrawn(memory: Database) -> None:
    store = DiaryStore(memory)

    await store.take([GRADE])
    await store.take([REMOVED])

    assert await documents(store) == []
    assert await store.take([GRADE]) == [Taken.STALE]


async def test_the_first_saying_of_which_nobody_was_told_sets_the_time(memory: Database) -> None:
    store = DiaryStore(memory)
    later = replace(GRADE, standing=(2, 0), due=NOON + timedelta(hours=1))

    await store.take([GRADE])
    await store.take([later])

    (entry,) = await store.of_student("17", "masha", THURSDAY, THURSDAY)
    assert entry.due == GRADE.due


async def test_of_many_deliveries_of_one_grade_at_a_time_each_is_accepted_once(
    memory: Database,
) -> None:
    store = DiaryStore(memory)
    batch = [
        replace(GRADE, thing=GRADE.thing._replace(external_id=f"g{number}")) for number in range(40)
    ]

    answers = await asyncio.gather(
        *(store.take(batch if number % 2 else batch[::-1]) for number in range(6))
    )

    accepted = [verdict for answer in answers for verdict in answer if verdict is Taken.ACCEPTED]
    assert len(accepted) == 40
    assert {verdict for answer in answers for verdict in answer} == {
        Taken.ACCEPTED,
        Taken.DUPLICATE,
    }


async def test_the_page_reads_what_concerns_the_days_that_it_shows(memory: Database) -> None:
    store = DiaryStore(memory)
    moved = replace(
        homework("lesson", "5a", date(2026, 9, 28)),
        thing=Thing("ejournal", "17", "lesson", "timetable"),
        type="timetable.changed",
        other_day=date(2026, 10, 2),
    )
    await store.take(
        [
            GRADE,
            homework("maths", "5a-maths", date(2026, 10, 2)),
            homework("art", "5a", date(2026, 10, 9)),
            homework("other class", "5b", date(2026, 10, 2)),
            moved,
        ]
    )

    week = await store.of_places("17", ["5a", "5a-maths"], THURSDAY, date(2026, 10, 4))
    only = await store.of_places(
        "17", ["5a", "5a-maths"], THURSDAY, date(2026, 10, 4), ["homework"]
    )

    assert [entry.thing.external_id for entry in week] == ["lesson", "maths"]
    assert [entry.thing.external_id for entry in only] == ["maths"]
    assert await documents(store, first=date(2026, 10, 2), last=date(2026, 10, 9)) == []


async def test_whom_an_announcement_names_may_change(memory: Database) -> None:
    store = DiaryStore(memory)
    first = replace(
        GRADE,
        thing=Thing("ejournal", "17", "a1", "announcement"),
        person_id="",
        addressees=(Addressee("person", "masha"), Addressee("school", "everyone")),
    )
    await store.take([first])
    await store.take([replace(first, standing=(2, 0), addressees=(Addressee("place", "5a"),))])

    async def read(*whom: Addressee) -> int:
        return len(await store.addressed("17", whom, THURSDAY, THURSDAY))

    assert await read(*first.addressees) == 0
    assert await read(Addressee("place", "5a"), Addressee("person", "masha")) == 1


async def test_what_a_person_chose_is_read_as_it_was_chosen(memory: Database) -> None:
    store = WishStore(memory)
    wishes = Wishes({"grade": "off"}, time(20, 30), None, (), False, True, "en")

    await store.choose("17", "masha", Wishes())
    await store.choose("17", "masha", wishes)
    await store.choose("18", "masha", Wishes())

    assert await store.of("17", ["masha", "petya"]) == {"masha": wishes}
