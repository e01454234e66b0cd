"""A guardian reports a child ill; the class teacher confirms. The events of both. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from hashlib import blake2b
from typing import Final, NamedTuple

from appservice.diary.settings import OUR_OWN
from appservice.language import _

SOURCE: Final = OUR_OWN
"""The name of the bot among the sources of events."""

_REPORT = "absence-report"


class Report(NamedTuple):
    """That a student will not come on this day."""

    student: str
    day: date


def report_event(
    report: Report,
    *,
    school: str,
    teachers: Sequence[str],
    child: str,
    label: str,
    guardian: str,
    by: str,
    now: datetime,
) -> dict[str, object]:
    """What the class teachers are told, each in their own room; `by` is the person_id of the
    guardian. The reason is not asked for: it is about health.
    """
    about = f"{child} ({label})" if label else child
    text = _("{guardian} reports: {child} will be absent on {day}.").format(
        guardian=guardian, child=about, day=report.day.strftime("%d.%m.%Y")
    )
    return _envelope(
        "announcement",
        f"{_REPORT}/{report.day.isoformat()}/{report.student}",
        {
            "to": [{"kind": "person", "id": each} for each in teachers],
            "about": [report.student, by],
            "title": _("Absence reported"),
            "text": text + "\n" + _("✅ on this message: the absence is excused."),
        },
        school=school,
        now=now,
        urgency="urgent",
    )


def reported(external_id: str) -> Report | None:
    """The report that an event of ours told; None for any other event."""
    kind, _slash, rest = external_id.partition("/")
    day, _slash, student = rest.partition("/")
    if kind != _REPORT or not student:
        return None
    try:
        return Report(student, date.fromisoformat(day))
    except ValueError:
        return None


def excused_event(report: Report, *, school: str, now: datetime) -> dict[str, object]:
    """That the absence is known and excused: for the student and those who may read the diary."""
    return _envelope(
        "absence.excused",
        f"absence/{report.day.isoformat()}/{report.student}",
        {"student": report.student, "day": report.day.isoformat()},
        school=school,
        now=now,
    )


def _envelope(
    event_type: str,
    external_id: str,
    payload: dict[str, object],
    *,
    school: str,
    now: datetime,
    urgency: str = "normal",
) -> dict[str, object]:
    moment = now.isoformat(timespec="seconds")
    return {
        "event_id": blake2b(f"{event_type} {external_id}".encode(), digest_size=12).hexdigest(),
        "source": SOURCE,
        "type": event_type,
        "school": school,
        "external_id": external_id,
        "revision": 0,
        "occurred_at": moment,
        "published_at": moment,
        "urgency": urgency,
        "payload": payload,
    }
