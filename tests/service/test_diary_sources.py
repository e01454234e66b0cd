"""Files that a diary leaves in a folder reach people as what is sent does; a broken one is told."""

from pathlib import Path

from appservice.service.running import running_service
from appservice.storage.database import Database
from tests.service.deployment import DeploymentOnTrial, is_ready, until, variant
from tests.service.diary_school import DiarySchool, today
from tests.service.test_talking import administrator, is_admin_room

HEADER = "student;subject;value;day\n"


def sources(folder: Path) -> str:
    return f"""
diary:
  pull:
    exports:
      kind: csv
      path: {folder}
      tables:
        - file: grades.csv
          into: grade
          columns: {{student: student, subject: subject, value: value, day: day}}
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


async def test_a_broken_file_is_told_once_in_the_administrators_room(
    deployment: DeploymentOnTrial,
) -> None:
    folder, _school = await opened(deployment)
    head = await administrator(deployment)
    alias = f"#{deployment.slot.id}.admin:{deployment.slot.server_name}"
    async with running_service(deployment.config()):
        await is_ready(deployment.slot.port)

        async def is_in() -> bool:
            joined = await head.client.ask("GET", "/_matrix/client/v3/joined_rooms")
            rooms = joined["joined_rooms"]
            assert isinstance(rooms, list)
            return any([await is_admin_room(head, room, alias) for room in rooms])

        await until(is_in)
        room_id = await deployment.bot.room_id(alias)
        begin = await head.says(room_id, "!school help plan")
        write(folder, "nobody;Математика;5;31.02.2026\n")
        _help, told = await head.hears(room_id, begin, count=2)
        assert told["content"]["body"] == (
            "The diary source exports has 1 problem. What is sound was read.\n"
            "grades.csv:2:day — Write a day of this century that exists: 2026-10-01."
        )


async def opened(deployment: DeploymentOnTrial) -> tuple[Path, DiarySchool]:
    folder = deployment.folder / "diary"
    folder.mkdir()
    deployment.more = sources(folder)
    roster = variant(0)
    await deployment.stands(roster)
    return folder, DiarySchool(deployment, roster)


def write(folder: Path, rows: str) -> None:
    """As it should be done: a finished file is moved into its place."""
    fresh = folder.parent / "grades.csv"
    fresh.write_text(HEADER + rows, encoding="utf-8")
    fresh.replace(folder / "grades.csv")


async def has_read(deployment: DeploymentOnTrial, entries: int) -> None:
    async with Database.connect(deployment.database, connections=1) as database:

        async def read() -> bool:
            async with database.connection() as connection:
                found = await connection.fetchval("SELECT count(*) FROM diary_entry")
            return bool(found == entries)

        await until(read)
