"""What is kept of one person's diary goes when it must, out of every table."""

import json
from dataclasses import replace
from datetime import date, time, timedelta

from appservice.storage.database import Database
from appservice.storage.diary import Addressee, DiaryStore, Thing
from appservice.storage.diary_retention import DiaryRetention
from appservice.storage.diary_wishes import Wishes, WishStore
from appservice.storage.page_sessions import PageSessions
from tests.storage.test_diary import GRADE, NOON, THURSDAY

MEETING = {
    "payload": {"to": [{"kind": "person", "id": "masha"}, {"kind": "person", "id": "petya"}]}
}
IN_HER_ROOM = """
    INSERT INTO confirmation (code, asked_event, room_id, asker, request, digest, expires_at)
        VALUES ('c', '$0', '!r', '@anna:school.test',
            '[{"ask": "grades", "text": "", "child": "masha"}]', '', '2026-10-01 12:30Z');
    INSERT INTO diary_room VALUES ('r', '17', 'masha', '2026-10-01 12:00Z');
    INSERT INTO diary_sent SELECT number, 'r', '!r', '$1', '2026-10-01 12:00Z', document, '', false
        FROM diary_entry WHERE external_id IN ('g1', 'a2');
    INSERT INTO diary_sent
        SELECT number, 'other', '!o', '$2', '2026-10-01 12:00Z', document, '', false
        FROM diary_entry WHERE external_id IN ('a2', 'r1');
    INSERT INTO diary_waiting SELECT number, 'r', '2026-10-01 14:00Z'
        FROM diary_entry WHERE external_id = 'g1';
    INSERT INTO diary_outbox (room, entry, delivery, queued_at, next_try)
        SELECT 'r', number, 'd1', '2026-10-01 13:00Z', '2026-10-01 13:00Z'
        FROM diary_entry WHERE external_id = 'g1';
"""


async def test_who_leaves_is_erased_and_takes_nothing_of_others_along(memory: Database) -> None:
    store, kept = DiaryStore(memory), DiaryRetention(memory)
    alone = replace(
        GRADE,
        thing=Thing("ejournal", "17", "a1", "meeting"),
        person_id="",
        addressees=(Addressee("person", "masha"),),
        document='{"meeting": 1}',
    )
    both = replace(
        alone,
        thing=Thing("ejournal", "17", "a2", "meeting"),
        addressees=(Addressee("person", "masha"), Addressee("person", "petya")),
        document=json.dumps(MEETING),
    )
    petya = replace(
        GRADE,
        thing=GRADE.thing._replace(external_id="g2"),
        person_id="petya",
        document='{"grade": 2}',
    )
    told_of = replace(
        alone,
        thing=Thing("helper", "17", "absence-report", "announcement"),
        addressees=(Addressee("person", "teacher"), Addressee("about", "masha")),
        document='{"report": 1}',
    )
    remark = replace(
        petya,
        thing=Thing("ejournal", "17", "r1", "remark"),
        document='{"payload": {"student": "petya", "teacher": "masha"}}',
    )
    await store.take([GRADE, alone, both, petya, told_of, remark])
    wishes = Wishes({"grade": "daily"}, time(20), time(8), (6, 7), True, True, "ru")
    await WishStore(memory).choose("17", "masha", wishes)
    sessions = PageSessions(memory)
    await sessions.give_link("masha", now=NOON)
    await sessions.open("masha", "@masha:school.test", "link", now=NOON)
    async with memory.connection() as connection:
        await connection.execute(IN_HER_ROOM)

    assert await kept.export("masha") == {
        "entries": [{"grade": 1}, {"meeting": 1}, MEETING, {"report": 1}],
        "rooms": [{"room": "r", "school": "17", "needed_at": "2026-10-01T12:00:00+00:00"}],
        "messages": [{"room_id": "!r", "event_id": "$1", "at": "2026-10-01T12:00:00+00:00"}],
        "unsent": [
            {"room": "r", "at": "2026-10-01T13:00:00+00:00", "entry": {"grade": 1}},
            {"room": "r", "at": "2026-10-01T14:00:00+00:00", "entry": {"grade": 1}},
        ],
        "preferences": [
            {
                "school": "17",
                "paces": {"grade": "daily"},
                "quiet_begin": "20:00",
                "quiet_end": "08:00",
                "quiet_weekend": [6, 7],
                "quiet_holidays": True,
                "hide_values": True,
                "language": "ru",
            }
        ],
        "sessions": [
            {"way": "unused link", "opened_at": None, "until": "2026-10-01T12:10:00+00:00"},
            {
                "way": "link",
                "opened_at": "2026-10-01T12:00:00+00:00",
                "until": "2026-10-01T13:00:00+00:00",
            },
        ],
    }
    await kept.erase("masha")

    found = [await kept.export(person) for person in ("masha", "teacher")]
    assert found == [{key: [] for key in one} for one in found]
    assert (await kept.export("petya"))["entries"] == [
        {"payload": {"to": [{"kind": "person", "id": "petya"}]}},
        {"grade": 2},
        {"payload": {"student": "petya", "teacher": ""}},
    ]
    assert await named_somewhere(memory, "masha") == []


async def named_somewhere(memory: Database, person: str) -> list[str]:
    """The tables that still hold the id of a person; the audit log keeps who signed in."""
    async with memory.connection() as connection:
        tables = await connection.fetch(
            "SELECT tablename FROM pg_tables"
            " WHERE schemaname = 'public' AND tablename <> 'audit_log'"
        )
        return [
            row["tablename"]
            for row in tables
            if await connection.fetchval(
                f"SELECT EXISTS (SELECT FROM {row['tablename']} AS it"
                " WHERE position($1 IN it::text) > 0)",
                person,
            )
        ]


async def test_who_is_removed_from_the_roster_for_a_while_is_gone_and_who_comes_back_is_not(
    memory: Database,
) -> None:
    kept = DiaryRetention(memory)
    other = replace(GRADE, thing=GRADE.thing._replace(external_id="g2"), person_id="petya")
    await DiaryStore(memory).take([GRADE, other])
    everybody, month = {"masha", "petya"}, timedelta(days=30)

    async def gone(present: set[str], today: date) -> list[str]:
        return await kept.gone(present, today, since=today - month)

    assert await gone(everybody, THURSDAY) == []
    assert await gone({"petya"}, THURSDAY) == []
    assert await gone(set(), THURSDAY + month - timedelta(days=1)) == []
    assert await gone({"petya"}, THURSDAY + month) == ["masha"]
    assert await gone({"masha"}, THURSDAY + 2 * month) == []
    assert await gone({"masha"}, THURSDAY + 3 * month) == ["petya"]


async def test_what_is_older_than_it_may_be_is_forgotten(memory: Database) -> None:
    store = DiaryStore(memory)
    old = replace(
        GRADE,
        thing=GRADE.thing._replace(external_id="g0"),
        received_at=NOON - timedelta(days=400),
        document='{"grade": 0}',
    )
    await store.take([GRADE, old])

    assert await DiaryRetention(memory).forget_before(NOON - timedelta(days=399)) == 1
    assert (await DiaryRetention(memory).export("masha"))["entries"] == [{"grade": 1}]
