"""The diary's entries in PostgreSQL: of each thing that was said the saying that counts.

Plain values: what an event means is read from its `document` by whoever asks
(`diary.events.parse`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any, Final, NamedTuple

from appservice.storage import jobs
from appservice.storage.database import Database
from appservice.storage.statements import statements

SETTLE_JOB: Final = "diary_settle"
"""Look at everything whose settle delay is over; no payload."""

_SQL: Final = statements("diary")


class Taken(StrEnum):
    """What became of one saying."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"  # the same again
    STALE = "stale"  # something newer is known


class Thing(NamedTuple):
    """What a saying is about; `kind` is the family of its type."""

    source: str
    school: str
    external_id: str
    kind: str


class Addressee(NamedTuple):
    """`kind` is person, place or school, or about: somebody whom the text names, who is told
    nothing thereby. `id` is a person_id, class_id or group_id, or an audience.
    """

    kind: str
    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Saying:
    """One event that may be kept.

    `standing` is (revision, rank): of one thing the greatest counts. `person_id` is the student it
    is about, `place` the class or group, "" for none; what is neither names its `addressees`. `day`
    is the one at the school that it concerns: of the lesson, the homework's due day; `other_day`
    where a lesson is moved to. `due` is when somebody is told, None for never. `document` is the
    JSON object as it came.
    """

    thing: Thing
    standing: tuple[int, int]
    type: str
    event_id: str
    day: date
    occurred_at: datetime
    published_at: datetime
    received_at: datetime
    withdrawn: bool
    document: str
    due: datetime | None
    person_id: str = ""
    place: str = ""
    other_day: date | None = None
    addressees: tuple[Addressee, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """A thing as it counts. `due` None: nobody is left to be told of it."""

    number: int
    thing: Thing
    type: str
    person_id: str
    place: str
    day: date
    occurred_at: datetime
    received_at: datetime
    withdrawn: bool
    due: datetime | None
    document: str


class MarksRow(NamedTuple):
    """Of one student in one subject, the oldest first; `term` is "" for grades."""

    person_id: str
    subject: str
    term: str
    marks: tuple[str, ...]


class DiaryStore:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def take(self, sayings: Sequence[Saying]) -> Sequence[Taken]:
        """Keep what counts, all in one transaction; a verdict for each saying, in their order.

        A saying counts over those before it in the list, too. What somebody is to be told of is
        looked at when it is due (SETTLE_JOB).
        """
        if not sayings:
            return []
        async with self._database.transaction() as connection:
            sources = sorted({saying.thing.source for saying in sayings})
            await connection.execute(_SQL["one_after_another"], sources)
            verdicts, counting = _weighed(sayings, await _standings(connection, sayings))
            if counting:
                await _keep(connection, counting)
            await _ask_to_settle(connection, counting.values())
        return verdicts

    async def entries(self, numbers: Collection[int]) -> Sequence[Entry]:
        async with self._database.connection() as connection:
            return entries_of(await connection.fetch(_SQL["entries"], list(numbers)))

    # for the page and the bot: what stands, in the order of the days; `kinds` empty: of every kind
    async def of_student(
        self, school: str, person_id: str, first: date, last: date, kinds: Collection[str] = ()
    ) -> Sequence[Entry]:
        """What is about one student on the days from `first` to `last`, both included."""
        return await self._of("of_students", school, [person_id], first, last, kinds)

    async def of_students(
        self,
        school: str,
        people: Collection[str],
        first: date,
        last: date,
        kinds: Collection[str] = (),
    ) -> Sequence[Entry]:
        """The same of several, as of a class."""
        return await self._of("of_students", school, people, first, last, kinds)

    async def marks(
        self,
        school: str,
        people: Collection[str],
        first: date,
        last: date,
        kinds: Collection[str],
    ) -> Sequence[MarksRow]:
        """Grades and results of several students, without what else is said of them."""
        async with self._database.connection() as connection:
            rows = await connection.fetch(
                _SQL["marks"], school, list(people), first, last, list(kinds)
            )
        return [MarksRow(row[0], row[1], row[2], tuple(row[3])) for row in rows]

    async def of_places(
        self,
        school: str,
        places: Collection[str],
        first: date,
        last: date,
        kinds: Collection[str] = (),
    ) -> Sequence[Entry]:
        """What is about these classes and groups on those days; a moved lesson on both of its."""
        return await self._of("of_places", school, places, first, last, kinds)

    async def _of(
        self,
        query: str,
        school: str,
        ids: Collection[str],
        first: date,
        last: date,
        kinds: Collection[str],
    ) -> Sequence[Entry]:
        async with self._database.connection() as connection:
            rows = await connection.fetch(_SQL[query], school, list(ids), first, last, list(kinds))
        return entries_of(rows)

    async def addressed(
        self, school: str, whom: Collection[Addressee], first: date, last: date
    ) -> Sequence[Entry]:
        """Meetings and announcements to any of these."""
        async with self._database.connection() as connection:
            rows = await connection.fetch(
                _SQL["addressed"],
                school,
                [each.kind for each in whom],
                [each.id for each in whom],
                first,
                last,
            )
        return entries_of(rows)


def _weighed(
    sayings: Sequence[Saying], known: Mapping[Thing, tuple[int, int]]
) -> tuple[list[Taken], dict[Thing, Saying]]:
    """The verdicts, and of each thing the saying that counts from now on."""
    standings = dict(known)
    verdicts: list[Taken] = []
    counting: dict[Thing, Saying] = {}
    for saying in sayings:
        before = standings.get(saying.thing)
        if before is None or saying.standing > before:
            standings[saying.thing] = saying.standing
            # The first of which nobody was told sets the time.
            earlier = counting.get(saying.thing)
            counting[saying.thing] = (
                saying if earlier is None else _brought_forward(saying, earlier)
            )
            verdicts.append(Taken.ACCEPTED)
        else:
            verdicts.append(Taken.DUPLICATE if saying.standing == before else Taken.STALE)
    return verdicts, counting


def _brought_forward(saying: Saying, earlier: Saying) -> Saying:
    dues = [each for each in (saying.due, earlier.due) if each is not None]
    return replace(saying, due=min(dues, default=None))


async def _standings(connection: Any, sayings: Sequence[Saying]) -> Mapping[Thing, tuple[int, int]]:
    things = list({saying.thing for saying in sayings})
    rows = await connection.fetch(_SQL["standings"], *_columns(things))
    return {
        Thing(row["source"], row["school"], row["external_id"], row["kind"]): (
            row["revision"],
            row["rank"],
        )
        for row in rows
    }


def _columns(things: Sequence[Thing]) -> list[list[str]]:
    return [list(column) for column in zip(*things, strict=True)]


async def _keep(connection: Any, counting: Mapping[Thing, Saying]) -> None:
    sayings = list(counting.values())
    rows = await connection.fetch(
        _SQL["take"],
        *_columns([each.thing for each in sayings]),
        [each.standing[0] for each in sayings],
        [each.standing[1] for each in sayings],
        [each.type for each in sayings],
        [each.event_id for each in sayings],
        [each.person_id for each in sayings],
        [each.place for each in sayings],
        [each.day for each in sayings],
        [each.other_day for each in sayings],
        [each.occurred_at for each in sayings],
        [each.published_at for each in sayings],
        [each.received_at for each in sayings],
        [each.withdrawn for each in sayings],
        [each.due for each in sayings],
        [each.document for each in sayings],
    )
    numbers = {
        Thing(row["source"], row["school"], row["external_id"], row["kind"]): row["number"]
        for row in rows
    }
    addressed = [
        (numbers[each.thing], one.kind, one.id) for each in sayings for one in each.addressees
    ]
    if addressed:
        await connection.execute(_SQL["no_addressees"], [number for number, *_one in addressed])
        await connection.execute(_SQL["addressees"], *map(list, zip(*addressed, strict=True)))


async def _ask_to_settle(connection: Any, sayings: Iterable[Saying]) -> None:
    """One job for each time at which something is due."""
    now = datetime.now(UTC)
    for due in sorted({each.due for each in sayings if each.due is not None}):
        await jobs.put(connection, SETTLE_JOB, [""], after=max(due - now, jobs.NO_WAIT))


def entries_of(rows: Iterable[Any]) -> list[Entry]:
    return [
        Entry(
            number=row["number"],
            thing=Thing(row["source"], row["school"], row["external_id"], row["kind"]),
            type=row["type"],
            person_id=row["person_id"],
            place=row["place"],
            day=row["day"],
            occurred_at=row["occurred_at"],
            received_at=row["received_at"],
            withdrawn=row["withdrawn"],
            due=row["due"],
            document=row["document"],
        )
        for row in rows
    ]
