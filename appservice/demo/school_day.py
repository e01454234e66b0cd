"""A believable day at the sample school: its timetable, and what its diary says. Pure, and the same
for the same roster, day and seed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Final
from zoneinfo import ZoneInfo

from appservice.demo.sign_ins import people_shown
from appservice.language import Language, _, speaking
from appservice.school.model import MemberRole, Role, Roster, TeachingGroup

SOURCE: Final = "journal"
BELLS: Final = ("08:30", "09:25", "10:30", "11:25", "12:30", "13:25", "14:20")
_SCHOOL_DAYS: Final = ("MO", "TU", "WE", "TH", "FR")
_GRADED: Final = 5  # students of each day


@dataclass(frozen=True, slots=True)
class SchoolDay:
    """`events` are documents as they are sent to /diary/v1/events; `own` is one more, to be sent by
    hand: a grade of the student who is shown.
    """

    events: tuple[Mapping[str, object], ...]
    own: Mapping[str, object]


def language_of(roster: Roster) -> Language:
    """Of the school, whatever the one who looks at the demo speaks."""
    return "ru" if roster.schools[0].language == "ru" else "en"


def school_day(roster: Roster, now: datetime, *, seed: int = 1) -> SchoolDay:
    """What the diary says of the class whose people are shown, up to `now` (with a zone), in the
    language of the school. At the weekend it speaks of Friday.
    """
    with speaking(language_of(roster)):
        return _school_day(roster, now, seed)


def _school_day(roster: Roster, now: datetime, seed: int) -> SchoolDay:
    school = roster.schools[0]
    today = now.astimezone(ZoneInfo(school.time_zone)).date()
    chance = Random(f"{seed} {today}")  # noqa: S311 - made-up marks
    shown = {one.role: one.person_id for one in people_shown(roster)}
    place = class_of(roster, shown[Role.STUDENT])
    students = students_of(roster, place)
    at_school, tomorrow = school_day_before(today), _next_school_day(today)
    week = week_of_lessons(roster, place, seed)
    had = [group for group, _room in week[at_school.weekday()]]
    coming = [group for group, _room in week[tomorrow.weekday()]]
    others = [one for one in students if one != shown[Role.STUDENT]]
    late, ill = chance.sample(others, 2)
    graded = chance.sample([one for one in others if one != ill], min(_GRADED, len(others) - 1))
    said: list[tuple[str, Mapping[str, object]]] = []
    for student in (shown[Role.STUDENT], *graded):
        value = chance.choice("345554")
        said.append(("grade.posted", grade(student, chance.choice(had), at_school, value)))
    # Of tomorrow the second lesson is cancelled: nothing is set for it.
    for group in (coming[0], *coming[2:]):
        said.append(("homework.assigned", homework(group, tomorrow, chance)))
    teacher = shown[Role.CLASS_TEACHER]
    said += [
        (
            "timetable.changed",
            _lesson(had[3], at_school, 4, change="substitution", teacher=teacher),
        ),
        ("timetable.changed", _lesson(coming[1], tomorrow, 2, change="cancelled")),
        ("timetable.changed", _lesson(coming[2], tomorrow, 3, change="room", room="31")),
        ("absence.late", {"student": late, "day": str(at_school), "lesson": 1, "minutes": 10}),
        ("absence.recorded", {"student": ill, "day": str(at_school)}),
        (
            "exam.scheduled",
            {
                "place": coming[0].group_id,
                "subject": coming[0].subject,
                "title": _("Test"),
                "day": str(tomorrow + timedelta(days=7)),
            },
        ),
        (
            "remark.added",
            {
                "student": shown[Role.STUDENT],
                "text": _("Helped a classmate at the blackboard."),
                "tone": "praise",
                "teacher": teacher,
            },
        ),
        (
            "meeting.scheduled",
            {
                "to": [{"kind": "place", "id": place, "audience": "guardians"}],
                "title": _("Parents’ meeting"),
                "begins": datetime.combine(
                    tomorrow + timedelta(days=6), time(18), ZoneInfo(school.time_zone)
                ).isoformat(),
            },
        ),
        (
            "announcement",
            {
                "to": [{"kind": "school", "audience": "everyone"}],
                "title": _("The library is open until five o’clock this week."),
            },
        ),
        (
            "announcement",
            {
                "to": [{"kind": "person", "id": teacher}],
                "title": _("Here you are asked to confirm what guardians report."),
            },
        ),
    ]
    documents = [
        event(kind, payload, f"{today}-{number}", school.school_id, now)
        for number, (kind, payload) in enumerate(said, 1)
    ]
    own = grade(shown[Role.STUDENT], had[0], at_school, "5")
    return SchoolDay(
        tuple(documents), event("grade.posted", own, f"{today}-own", school.school_id, now)
    )


def timetable(roster: Roster, class_id: str, monday: date, *, seed: int = 1) -> str:
    """The timetable of one class as an iCalendar file: each subject on some days of the week."""
    zone = roster.schools[0].time_zone
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//School Spaces//Demo//EN"]
    week = week_of_lessons(roster, class_id, seed)
    for number, (day, lessons) in enumerate(zip(_SCHOOL_DAYS, week, strict=True)):
        for bell, (group, room) in zip(BELLS, lessons, strict=False):
            begin = datetime.combine(monday + timedelta(days=number), time.fromisoformat(bell))
            lines += [
                "BEGIN:VEVENT",
                f"UID:{group.group_id}-{day}-{bell}",
                f"DTSTART;TZID={zone}:{begin:%Y%m%dT%H%M%S}",
                f"RRULE:FREQ=WEEKLY;BYDAY={day}",
                f"SUMMARY:{group.subject}",
                f"LOCATION:{room}",
                "END:VEVENT",
            ]
    return "\r\n".join([*lines, "END:VCALENDAR", ""])


def week_of_lessons(
    roster: Roster, class_id: str, seed: int = 1
) -> list[list[tuple[TeachingGroup, int]]]:
    """Of each day of school the lessons, with their rooms."""
    chance = Random(f"{seed} {class_id}")  # noqa: S311 - a made-up timetable
    groups = sorted(one for one in roster.groups.values() if one.class_ids == (class_id,))
    return [
        [(group, chance.randint(11, 39)) for group in chance.sample(groups, min(5, len(groups)))]
        for _day in _SCHOOL_DAYS
    ]


def class_of(roster: Roster, student: str) -> str:
    return next(
        one.target_id
        for one in roster.memberships
        if one.person_id == student and one.target_id in roster.classes
    )


def students_of(roster: Roster, class_id: str) -> list[str]:
    return sorted(
        one.person_id
        for one in roster.memberships
        if one.target_id == class_id and one.role is MemberRole.STUDENT
    )


def school_day_before(today: date) -> date:
    """Or today itself."""
    return today - timedelta(days=max(0, today.isoweekday() - len(_SCHOOL_DAYS)))


def _next_school_day(today: date) -> date:
    day = today + timedelta(days=1)
    while day.isoweekday() > len(_SCHOOL_DAYS):
        day += timedelta(days=1)
    return day


def grade(student: str, group: TeachingGroup, day: date, value: str) -> Mapping[str, object]:
    return {
        "student": student,
        "subject": group.subject,
        "value": value,
        "day": str(day),
        "work": _("Answer at the blackboard"),
    }


def homework(group: TeachingGroup, due: date, chance: Random) -> Mapping[str, object]:
    pages: Sequence[int] = sorted(chance.sample(range(5, 120), 2))
    text = _("Exercises {first} and {second}").format(first=pages[0], second=pages[1])
    return {"place": group.group_id, "subject": group.subject, "text": text, "due": str(due)}


def _lesson(group: TeachingGroup, day: date, lesson: int, **more: object) -> Mapping[str, object]:
    return {
        "place": group.group_id,
        "subject": group.subject,
        "day": str(day),
        "lesson": lesson,
        **more,
    }


def event(
    kind: str, payload: Mapping[str, object], name: str, school: str, now: datetime
) -> Mapping[str, object]:
    moment = now.isoformat(timespec="seconds")
    return {
        "event_id": f"demo-{name}",
        "source": SOURCE,
        "type": kind,
        "school": school,
        "external_id": f"demo-{name}",
        "revision": 1,
        "occurred_at": moment,
        "published_at": moment,
        "payload": payload,
    }
