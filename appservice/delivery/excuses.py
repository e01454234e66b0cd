"""Which absences are known already, for somebody excused that day."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from appservice.delivery.circumstances import event_in
from appservice.diary.absences import days_excused, is_excused
from appservice.diary.events import DiaryEvent
from appservice.diary.payloads import AbsenceExcused, AbsenceRecorded, Kind
from appservice.storage.diary import DiaryStore


async def excused_among(diary: DiaryStore, events: Mapping[int, DiaryEvent]) -> Collection[int]:
    """Of these entries (number → event) the absences of days that are excused in another."""
    found: set[int] = set()
    by_school: dict[str, dict[int, AbsenceRecorded]] = {}
    for number, event in events.items():
        absence = event.payload
        if isinstance(absence, AbsenceRecorded) and not isinstance(absence, AbsenceExcused):
            by_school.setdefault(event.school, {})[number] = absence
    for school, absences in by_school.items():
        days = [one.day for one in absences.values()]
        people = {one.student for one in absences.values()}
        beside = await diary.of_students(
            school, sorted(people), min(days), max(days), [Kind.ABSENCE.value]
        )
        excused = days_excused(_payloads(entry.document for entry in beside))
        found |= {number for number, one in absences.items() if is_excused(one, excused)}
    return found


def _payloads(documents: Iterable[str]) -> Iterable[object]:
    events = (event_in(document) for document in documents)
    return (event.payload for event in events if event is not None)
