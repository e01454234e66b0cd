"""Files that a diary leaves in a folder reach people as what is sent does; a broken one is told."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from appservice.rooms.identity import room_key
from appservice.service.running import running_service
from appservice.storage.database import Database
from appservice.storage.diary_pull import PullStore, Remembered
from tests.commands.people import Speaker
from tests.diary.pull.test_timetables import calendar, event
from tests.service.deployment import DeploymentOnTrial, is_ready, until, variant
from tests.service.diary_school import SCHOOL, DiarySchool, today
from tests.service.test_talking import administrator, is_admin_room

HEADER = "student;subject;value;day\n"


def sources(folder: Path, more: str) -> str:
    return f"""
diary:
  pull:
    exports:
      kind: csv
      path: {folder}
      tables:
        - file: grades.csv
          into: grade
          columns: {{student: student, subject: subject, value: value, day: day}}{more}
  settle: {{grade: 0}}
  quiet: {{begin: "00:00", end: "00:00", weekend: [], holidays: false}}
"""


async def test_a_grade_in_a_file_reaches_the_student_once_and_is_edited_when_the_file_changes(
    deployment: DeploymentOnTrial,
) -> None:
    folder, school = await opened(deployment)
    deployment.starts()
    await is_ready(deployment.slot.port)
    student = school.students[0]

    write(folder, f"{student};Математика;5;{today()}\n")
    await has_read(deployment, 1)
    await school.all_is_sent()
    write(folder, f"{student};Математика;4;{today()}\n{student};Химия;3;{today()}\n")
    await has_read(deployment, 2)
    await school.all_is_sent()

    first, edit, second = await school.said(school.personal(student))
    assert "5" in first["body"]
    assert edit["m.relates_to"]["rel_type"] == "m.replace"
    assert "Химия" in second["body"]


async def test_a_timetable_alone_is_enough_for_the_class_to_be_told_what_falls_out(
    deployment: DeploymentOnTrial,
) -> None:
    """No diary sends anything: calendars are the only source."""
    roster = variant(0)
    group = next(iter(roster.groups))
    folder = deployment.folder / "diary"
    folder.mkdir()
    deployment.more = f"""
diary:
  pull:
    lessons:
      kind: icalendar
      path: {folder}
      timetable: {{bells: ["08:30"], places: {{5a.ics: {group}}}}}
  settle: {{timetable: 0}}
  quiet: {{begin: "00:00", end: "00:00", weekend: [], holidays: false}}
"""
    await deployment.stands(roster)
    deployment.starts()
    await is_ready(deployment.slot.port)
    school = DiarySchool(deployment, roster)

    day = f"{today() + timedelta(days=2):%Y%m%d}T083000"
    lesson = event("maths", RRULE="", start=day)
    put(folder, "5a.ics", calendar(lesson))
    await until(lambda: was_read(deployment, "lessons"))
    put(folder, "5a.ics", calendar(event("maths", "STATUS:CANCELLED", RRULE="", start=day)))
    await has_read(deployment, 1)
    await school.all_is_sent()
    (told,) = await school.said(room_key(SCHOOL, "subject_room", group))
    assert (told["msgtype"], "Математика" in told["body"]) == ("m.notice", True)


async def test_a_broken_file_is_told_once_in_the_administrators_room(
    deployment: DeploymentOnTrial,
) -> None:
    folder, _school = await opened(deployment)
    head = await administrator(deployment)
    async with running_service(deployment.config()):
        await is_ready(deployment.slot.port)
        room_id = await admin_room(deployment, head)
        begin = await head.says(room_id, "!school help plan")
        write(folder, "nobody;Математика;5;31.02.2026\n")
        _help, told = await head.hears(room_id, begin, count=2)
        assert told["content"]["body"] == (
            "The diary source exports has 1 problem. What is sound was read.\n"
            "grades.csv:2:day — Write a day of this century that exists: 2026-10-01."
        )


async def test_what_vanished_in_a_mass_is_taken_back_once_an_administrator_says_so(
    deployment: DeploymentOnTrial,
) -> None:
    folder, school = await opened(deployment, "\n          whole: true")
    student = school.students[0]
    rows = [f"{student};Предмет {number};5;{today()}\n" for number in range(30)]
    head = await administrator(deployment)
    async with running_service(deployment.config()):
        await is_ready(deployment.slot.port)
        room_id = await admin_room(deployment, head)
        assert await head.asks(room_id, "!school accept") == (
            "Ни один источник дневника этого не ждёт."
        )
        write(folder, "".join(rows))
        await has_read(deployment, 30)
        await school.all_is_sent()

        begin = await head.says(room_id, "!школа помощь план")
        write(folder, rows[0])
        _help, told = await head.hears(room_id, begin, count=2)
        assert told["content"]["body"].splitlines()[-1] == (
            "If all of that is gone indeed, write `!school accept exports`."
        )
        assert (await head.asks(room_id, "!школа принять")).splitlines()[1] == (
            "• `!школа принять exports`"
        )
        assert await head.asks(room_id, "!школа принять exports") == (
            "Принято. exports будет прочитан снова в течение минуты, и людям придут сообщения."
        )
        await has_read(deployment, 29, where="withdrawn")
        await school.all_is_sent()
        assert await head.asks(room_id, "!школа принять exports") == (
            "Ни один источник дневника этого не ждёт."
        )


async def test_what_was_accepted_is_what_was_asked_about_and_no_other_state_of_the_files(
    database: str,
) -> None:
    async with Database.connect(database, connections=1) as opened:
        store, now = PullStore(opened), datetime.now(UTC)
        await store.keep("exports", "files-1 2026-10-01", {}, now, stopped="files-1")
        await store.keep("lessons", "files-9 2026-10-01", {}, now)
        assert await store.stopped() == ["exports"]
        assert [await store.accept(one) for one in ("lessons", "exports", "exports")] == [
            False,
            True,
            False,
        ]
        assert await store.of("exports") == Remembered("", {}, accepted="files-1")
        await store.keep("exports", "files-2 2026-10-01", {}, now)
        assert await store.of("exports") == Remembered("files-2 2026-10-01", {}, accepted="")


async def admin_room(deployment: DeploymentOnTrial, head: Speaker) -> str:
    """Once the administrator is in it."""
    alias = f"#{deployment.slot.id}.admin:{deployment.slot.server_name}"

    async def is_in() -> bool:
        joined = await head.client.ask("GET", "/_matrix/client/v3/joined_rooms")
        rooms = joined["joined_rooms"]
        assert isinstance(rooms, list)
        return any([await is_admin_room(head, room, alias) for room in rooms])

    await until(is_in)
    await deployment.is_known()
    return await deployment.bot.room_id(alias)


async def opened(deployment: DeploymentOnTrial, more: str = "") -> tuple[Path, DiarySchool]:
    folder = deployment.folder / "diary"
    folder.mkdir()
    deployment.more = sources(folder, more)
    roster = variant(0)
    await deployment.stands(roster)
    return folder, DiarySchool(deployment, roster)


def write(folder: Path, rows: str) -> None:
    """As it should be done: a finished file is moved into its place."""
    put(folder, "grades.csv", HEADER + rows)


def put(folder: Path, name: str, text: str) -> None:
    fresh = folder.parent / name
    fresh.write_text(text, encoding="utf-8")
    fresh.replace(folder / name)


async def was_read(deployment: DeploymentOnTrial, source: str) -> bool:
    async with Database.connect(deployment.database, connections=1) as database:
        return (await PullStore(database).of(source)).stamp != ""


async def has_read(deployment: DeploymentOnTrial, entries: int, *, where: str = "true") -> None:
    async with Database.connect(deployment.database, connections=1) as database:

        async def read() -> bool:
            async with database.connection() as connection:
                found = await connection.fetchval(f"SELECT count(*) FROM diary_entry WHERE {where}")
            return bool(found == entries)

        await until(read)
