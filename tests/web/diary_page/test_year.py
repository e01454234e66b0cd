"""The page shows the whole week of the timetable, and a whole year of everything."""

from datetime import date, timedelta

from appservice.demo.school_day import BELLS, timetable
from appservice.storage.database import Database
from appservice.storage.diary import DiaryStore
from tests.service.deployment import DeploymentOnTrial, until
from tests.service.diary_school import DIARY, DiarySchool
from tests.web.diary_page.school import (
    a_school,
    class_teacher_of,
    event,
    guardians_of,
    note,
    school_with_page,
    students_of,
)
from tests.web.diary_page.test_links import room_of_the_class, speaker, until_sent

TODAY = date.today()
MONDAY = TODAY - timedelta(days=TODAY.weekday())


async def test_the_week_has_every_lesson_of_the_timetable_with_its_changes(
    deployment: DeploymentOnTrial,
) -> None:
    roster = a_school()
    (class_id,) = roster.classes
    masha = students_of(roster)[0]
    folder = deployment.folder / "timetable"
    folder.mkdir()
    text = timetable(roster, class_id, MONDAY)
    bells = ", ".join(f'"{bell}"' for bell in BELLS)
    pull = f"""  pull:
    lessons:
      kind: icalendar
      path: {folder}
      timetable: {{bells: [{bells}], places: {{5.ics: {class_id}}}}}
"""
    school = await school_with_page(deployment, more=DIARY + pull)
    subject = text.partition("SUMMARY:")[2].partition("\r\n")[0]
    async with school.runs():
        session = await school.session_by_openid(masha)

        async def is_read() -> bool:
            async with database.connection() as connection:
                return bool(await connection.fetchval("SELECT count(*) FROM diary_lesson"))

        (folder / "5.ics").write_text(text, encoding="utf-8", newline="")
        async with Database.connect(deployment.database, connections=1) as database:
            await until(is_read)
        monday = (await school.view(session, "week")).split("<section")[1]
        assert monday.count('<span class="when">08:30</span>') == 1
        assert f"<b>{subject}</b>" in monday
        async with Database.connect(deployment.database) as database:
            change = event(
                "timetable.changed",
                roster.schools[0].school_id,
                change="cancelled",
                place=class_id,
                subject=subject,
                day=MONDAY,
                lesson=1,
            )
            await note(DiaryStore(database), [change])
        changed = (await school.view(session, "week")).split("<section")[1]
        assert changed.count(f"<b>{subject}</b>") == monday.count(f"<b>{subject}</b>")
        assert changed.count("change cancelled") == monday.count("change cancelled") + 1

        # The bot says the same week.
        student = await speaker(school, masha)
        await until_sent(student, await room_of_the_class(school, "class_chat"), "!school diary")
        diary = DiarySchool(deployment, roster)
        told = await student.asks(await diary.room_id(diary.personal(masha)), "расписание")
        week = [line for line in told.splitlines() if line.startswith("• ")]
        assert [line for line in week if line.startswith(f"• 1. {BELLS[0]} {subject} (")] != []
        changes = [line for line in week if line.startswith(f"• ⚠ {subject}: пн, ")]
        assert [line for line in changes if line.endswith("урок 1: отменён")] != []


async def test_remarks_results_tests_and_meetings_are_shown_to_those_whom_they_concern(
    deployment: DeploymentOnTrial,
) -> None:
    school = await school_with_page(deployment)
    masha, second, third, _fourth = students_of(school.roster)
    mother = guardians_of(school.roster, masha)[0].guardian_id
    at = school.roster.schools[0].school_id
    began = date(TODAY.year if TODAY.month >= 9 else TODAY.year - 1, 9, 1)
    everyone = [{"kind": "school", "audience": "everyone"}]
    documents = [
        event("remark.added", at, student=masha, text="Помогла новенькой", tone="praise"),
        event("remark.added", at, student=third, text="Опоздал с обеда", tone="complaint"),
        event("grade.posted", at, student=second, subject="Химия", value="2", day=began),
        event("grade.posted", at, student=second, subject="Химия", value="5", day=TODAY),
        event(
            "meeting.scheduled",
            at,
            to=everyone,
            title="Собрание родителей",
            begins=f"{TODAY + timedelta(days=2)}T15:00:00Z",
        ),
    ]
    async with Database.connect(deployment.database) as database:
        await note(DiaryStore(database), documents)
    async with school.runs():
        own = await school.session_by_openid(masha)
        guardian = await school.session_by_openid(mother)
        teacher = await school.session_by_openid(class_teacher_of(school.roster))

        async def view(session: str, name: str, span: str = "") -> str:
            asked = {"view": name, "span": span}
            status, text = await school.call("POST", "view", asked, session=session)
            assert status == 200, text
            return text

        remarks = [await view(each, "remarks") for each in (own, guardian, teacher)]
        assert [("Помогла" in page, "Опоздал" in page) for page in remarks] == [
            (True, False),
            (True, False),
            (True, True),
        ]
        assert school.roster.people[third].given_name in remarks[2]
        ahead = [await view(each, "ahead") for each in (own, guardian, teacher)]
        assert ["Собрание родителей" in page for page in ahead] == [True] * 3
        assert ["Контрольная работа" in page for page in ahead] == [True] * 3
        year = await view(teacher, "grades", "year")
        assert "оценок: 2" in year
        assert '<span class="mark">3,5</span>' in year
        assert "1 четверть:</span> <b>5</b>" in year
        recent = await view(teacher, "grades")
        assert ("Химия" in recent, "четверть" in recent) == (True, False)
        assert "Учебный год" in await view(own, "homework", "year")
        assert "Учебный год" in await view(teacher, "absences", "year")
