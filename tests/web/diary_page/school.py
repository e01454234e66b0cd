"""A school whose diary has something to show, running with its page, and how its people come in."""

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any
from urllib.parse import quote

import aiohttp

from appservice.app import deployment_of, namespace_of
from appservice.config.model import Config
from appservice.diary import payloads as said
from appservice.diary.events import DiaryEvent, parse
from appservice.diary.revisions import standing_of, withdraws
from appservice.school.model import Guardianship, MemberRole, Role, Roster
from appservice.school.sample import sample_school, school_year_of
from appservice.service.running import running_service
from appservice.storage.database import Database
from appservice.storage.diary import Addressee, DiaryStore, Saying, Taken, Thing
from appservice.storage.standing import StandingStore
from tests.service.deployment import DeploymentOnTrial, is_ready
from tests.service.diary_school import today
from tests.upkeep.bystander import Bystander

SOURCE = "ejournal"


def a_school() -> Roster:
    """One class of four. A guardian of the first student may see the second's diary too."""
    roster = sample_school(classes=1, students=4, subjects=4, year=school_year_of(date.today()))
    first, second, *_rest = students_of(roster)
    tie = guardians_of(roster, first)[0]._replace(student_id=second, legal=False)
    return replace(roster, guardianships=tuple(sorted((*roster.guardianships, tie))))


def students_of(roster: Roster) -> list[str]:
    """Of the only class."""
    return sorted(
        each.person_id
        for each in roster.memberships
        if each.role is MemberRole.STUDENT and each.target_id in roster.classes
    )


def guardians_of(roster: Roster, student: str) -> list[Guardianship]:
    return [each for each in roster.guardianships if each.student_id == student]


def class_teacher_of(roster: Roster) -> str:
    return next(
        each.person_id for each in roster.memberships if each.role is MemberRole.CLASS_TEACHER
    )


def an_administrator_of(roster: Roster) -> str:
    return next(each.person_id for each in roster.roles if each.role is Role.SCHOOL_ADMIN)


_NUMBERS = count(1)


def event(event_type: str, school: str, **payload: Any) -> dict[str, Any]:
    """As a diary sends it; dates may be dates."""
    number = next(_NUMBERS)
    now = datetime.now(UTC).isoformat()
    return {
        "event_id": f"e{number}",
        "source": SOURCE,
        "type": event_type,
        "school": school,
        "external_id": f"x{number}",
        "revision": 1,
        "occurred_at": now,
        "published_at": now,
        "payload": {
            key: value.isoformat() if isinstance(value, date) else value
            for key, value in payload.items()
        },
    }


async def note(store: DiaryStore, documents: Sequence[Mapping[str, Any]]) -> None:
    """Nobody is told of them."""
    sayings = [_saying(document) for document in documents]
    assert set(await store.take(sayings)) <= {Taken.ACCEPTED}


def _saying(document: Mapping[str, Any]) -> Saying:
    read = parse(document)
    assert isinstance(read, DiaryEvent), read
    payload: Any = read.payload
    standing = standing_of(read)
    now = datetime.now(UTC)
    return Saying(
        thing=Thing(read.source, read.school, read.external_id, read.kind),
        standing=(standing.revision, standing.rank),
        type=read.type,
        event_id=read.event_id,
        day=getattr(payload, "due", None) or getattr(payload, "day", None) or today(),
        other_day=getattr(payload, "to_day", None),
        occurred_at=now,
        published_at=now,
        received_at=now,
        withdrawn=withdraws(read),
        document=json.dumps(document),
        due=None,
        person_id=getattr(payload, "student", ""),
        place=getattr(payload, "place", ""),
        addressees=tuple(
            Addressee(each.kind, each.audience if isinstance(each, said.ToSchool) else each.id)
            for each in getattr(payload, "to", ())
        ),
    )


def a_diary(roster: Roster, today: date) -> list[dict[str, Any]]:
    """What was said of the class and its first two students until today."""
    school = roster.schools[0].school_id
    class_id = next(iter(roster.classes))
    first, second, *_rest = students_of(roster)
    theirs = {each.target_id for each in roster.memberships if each.person_id == first}
    groups = {
        group.subject: group
        for group in roster.groups.values()
        if group.subject and group.group_id in theirs
    }
    subjects = list(groups)
    monday = today - timedelta(days=today.weekday())
    said_of: list[dict[str, Any]] = []
    for number, value in enumerate(("5", "4", "4", "3", "5", "4-", "5", "5")):
        day = today - timedelta(days=3 * (8 - number) - 1)
        work = ("Контрольная работа", "Работа на уроке", "")[number % 3]
        said_of.append(
            event(
                "grade.posted",
                school,
                student=first,
                subject=subjects[0],
                value=value,
                day=day,
                work=work,
            )
        )
    for student, subject, value in (
        (first, subjects[1], "4"),
        (first, subjects[2], "н/а"),
        (second, subjects[0], "2"),
        (second, subjects[1], "3"),
    ):
        said_of.append(
            event("grade.posted", school, student=student, subject=subject, value=value, day=today)
        )
    said_of += [
        event(
            "grade.changed",
            school,
            student=first,
            subject=subjects[1],
            value="5",
            previous="4",
            day=today,
            work="Словарный диктант",
            comment="Исправлена ошибка в подсчёте",
        ),
        event(
            "term.result", school, student=first, subject=subjects[0], term="1 четверть", value="5"
        ),
        event("absence.recorded", school, student=first, day=today - timedelta(days=9)),
        event(
            "absence.excused",
            school,
            student=first,
            day=today - timedelta(days=8),
            lessons=[1, 2],
            reason="Справка от врача",
        ),
        event("absence.late", school, student=first, day=today, lesson=1, minutes=7),
        event("absence.recorded", school, student=second, day=today),
    ]
    for number, (subject, group) in enumerate(groups.items()):
        said_of.append(
            event(
                "homework.assigned",
                school,
                place=group.group_id,
                subject=subject,
                text=f"§ {number + 12}, упражнения 3–5 письменно.\nПовторить с. {40 + number}.",
                due=today + timedelta(days=number % 3),
            )
        )
    said_of += [
        event(
            "timetable.changed",
            school,
            change="cancelled",
            place=groups[subjects[0]].group_id,
            subject=subjects[0],
            day=today,
            lesson=1,
        ),
        event(
            "timetable.changed",
            school,
            change="substitution",
            place=groups[subjects[1]].group_id,
            subject=subjects[1],
            day=today,
            lesson=3,
            teacher=class_teacher_of(roster),
        ),
        event(
            "timetable.changed",
            school,
            change="moved",
            place=groups[subjects[2]].group_id,
            subject=subjects[2],
            day=monday,
            lesson=2,
            to_day=monday + timedelta(days=4),
            to_lesson=6,
        ),
        event(
            "timetable.changed",
            school,
            change="room",
            place=class_id,
            subject=subjects[3],
            day=today + timedelta(days=1),
            lesson=2,
            room="214",
        ),
        event(
            "exam.scheduled",
            school,
            place=class_id,
            subject=subjects[0],
            title="Контрольная работа",
            day=today + timedelta(days=1),
            begins="09:00",
            room="каб. 305",
        ),
        event(
            "remark.added",
            school,
            student=first,
            text="Помогает одноклассникам, тетрадь в порядке.",
            tone="praise",
            subject=subjects[1],
            teacher=class_teacher_of(roster),
        ),
        event("remark.added", school, student=first, text="Забыт дневник.", tone="complaint"),
        event(
            "meeting.scheduled",
            school,
            to=[{"kind": "place", "id": class_id}],
            title="Родительское собрание",
            begins=f"{today + timedelta(days=3)}T15:30:00Z",
            where="каб. 12",
        ),
        event(
            "announcement",
            school,
            to=[{"kind": "school", "audience": "everyone"}],
            title="Завтра в школе субботник",
            text="Начало в 10:00, перчатки выдаём.",
        ),
        event(
            "announcement",
            school,
            to=[{"kind": "school", "audience": "guardians"}],
            title="Родительский комитет собирается в четверг",
        ),
    ]
    return said_of


@dataclass
class SchoolWithPage:
    """`address` ends with a slash."""

    deployment: DeploymentOnTrial
    roster: Roster
    config: Config
    address: str

    @asynccontextmanager
    async def runs(self) -> AsyncIterator[None]:
        async with running_service(self.config):
            await is_ready(self.deployment.slot.port)
            yield

    def user_of(self, person_id: str) -> str:
        identities = deployment_of(self.config, namespace_of(self.config, self.roster)).identities
        user = identities.user_id(self.roster.people[person_id])
        assert user is not None
        return user

    async def client(self, person_id: str) -> Bystander:
        return await self.deployment.client(self.user_of(person_id))

    async def openid(self, person_id: str) -> Mapping[str, object]:
        """What this person's client gives to widgets."""
        user = self.user_of(person_id)
        client = await self.deployment.client(user)
        path = f"/_matrix/client/v3/user/{quote(user, safe='')}/openid/request_token"
        return await client.ask("POST", path, {})

    async def leaves(self, person_id: str) -> None:
        """The accepted roster has this person no more."""
        async with Database.connect(self.deployment.database) as database:
            store = StandingStore(database)
            standing = await store.latest()
            assert standing is not None
            roster = standing.delivery.roster
            assert roster is not None
            gone = roster.people[person_id]._replace(active=False)
            roster = replace(roster, people={**roster.people, person_id: gone})
            await store.accept(
                replace(standing.delivery, roster=roster),
                namespace=standing.namespace,
                at=datetime.now(UTC),
            )

    async def call(
        self, method: str, path: str, body: object = None, *, session: str = "", **headers: str
    ) -> tuple[int, str]:
        """Status and text."""
        if session:
            headers["Authorization"] = f"Bearer {session}"
        headers = {"Accept-Language": "ru", **headers}
        async with (
            aiohttp.ClientSession(headers=headers) as http,
            http.request(method, self.address + path, json=body) as answer,
        ):
            return answer.status, await answer.text()

    async def session_by_openid(self, person_id: str) -> str:
        given = await self.openid(person_id)
        proof = {"token": given["access_token"], "server_name": given["matrix_server_name"]}
        status, text = await self.call("POST", "session", {"openid": proof})
        assert status == 200, text
        return str(json.loads(text)["session"])

    async def view(self, session: str, view: str = "today", of: str = "") -> str:
        status, text = await self.call("POST", "view", {"view": view, "of": of}, session=session)
        assert status == 200, text
        return text


async def school_with_page(
    deployment: DeploymentOnTrial, *, clients: Sequence[str] = (), more: str = ""
) -> SchoolWithPage:
    """Applied, with its diary; not running yet."""
    roster = a_school()
    address = f"http://127.0.0.1:{deployment.slot.port}/diary-page"
    deployment.more = f"page: {{address: {address}, clients: [{', '.join(clients)}]}}\n" + more
    await deployment.stands(roster)
    async with Database.connect(deployment.database) as database:
        await note(DiaryStore(database), a_diary(roster, today()))
    return SchoolWithPage(deployment, roster, deployment.config(), f"{address}/")
