"""Timetables as iCalendar files: one for all, or one for each class."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from appservice.diary.events import parse
from appservice.diary.pull.icalendar_changes import Slot, TooManyGone, changes, told
from appservice.diary.pull.icalendar_events import events_of
from appservice.diary.pull.icalendar_lines import MOST_BYTES, BrokenCalendar
from appservice.diary.pull.icalendar_occurrences import Occurrence, occurrences, window
from appservice.diary.pull.reading import (
    TOO_MANY_GONE,
    Asked,
    Found,
    Lesson,
    Memory,
    Reading,
    digest,
    problem,
)
from appservice.diary.pull.settings import TimetableSettings
from appservice.language import _
from appservice.school.problem import Problem
from appservice.school.sources.opening import RosterFiles

SUFFIXES: Final = (".ics", ".ical")
_NEAR: Final = 10 * 60  # seconds between a bell and a lesson that begins with it
_REMEMBERED: Final = timedelta(days=60)


class TimetableSource:
    """The first reading of a file tells nothing: it is the timetable."""

    def __init__(self, settings: TimetableSettings) -> None:
        self._settings = settings

    def read(self, files: RosterFiles, memory: Memory, asked: Asked) -> Reading:
        """Memory: `files`: name → [slots, the day until which they are known]; `told`: external_id
        → [revision, day]. A file that cannot be read stays as it was.
        """
        known: dict[str, Any] = dict(memory.get("files", {}))
        revisions: dict[str, Any] = dict(memory.get("told", {}))
        found: list[Found] = []
        problems: list[Problem] = []
        names = sorted(name for name in files.names if name.lower().endswith(SUFFIXES))
        if not names:
            text = _("There is no iCalendar file (.ics) here. Check the path.")
            problems.append(problem("missing_file", files.label, 0, "", text))
        for name in names:
            before = [Slot(*one) for one in known[name][0]] if name in known else []
            slots = self._slots(files, name, asked, {one.key: one for one in before}, problems)
            if slots is None:
                continue
            if name in known:
                try:
                    news = self._news(before, slots, str(known[name][1]), asked, revisions)
                except TooManyGone as many:
                    problems.append(_too_many_gone(name, many.count))
                    continue
                for event, row in news:
                    if isinstance(wrong := parse(event), tuple):
                        problems += (
                            problem(each.code, name, row, each.pointer, each.text) for each in wrong
                        )
                    else:
                        found.append(Found(event, name, row))
            end = (asked.today + timedelta(days=self._settings.days)).isoformat()
            known[name] = [[list(slot) for slot in slots], end]
        oldest = (asked.today - _REMEMBERED).isoformat()
        return Reading(
            found=tuple(found),
            problems=tuple(problems),
            memory={
                "files": known,
                "told": {key: one for key, one in revisions.items() if one[1] >= oldest},
            },
            lessons=_lessons(known),
        )

    def _news(
        self,
        before: Sequence[Slot],
        after: Sequence[Slot],
        until: str,
        asked: Asked,
        revisions: dict[str, Any],
    ) -> list[tuple[dict[str, object], int]]:
        sequences: dict[str, int] = {}
        for slot in after:
            series = slot.key.partition(" ")[0]
            sequences[series] = max(slot.sequence, sequences.get(series, 0))
        first = asked.today.isoformat()
        news = []
        for change in changes(
            before,
            after,
            first=first,
            until=until,
            teachers=self._settings.teachers,
            gone_indeed=asked.gone_indeed,
        ):
            event, revision = told(change, asked, revisions, sequences)
            revisions[str(event["external_id"])] = [revision, change.slot.day]
            news.append((event, change.slot.row))
        return news

    def _slots(
        self,
        files: RosterFiles,
        name: str,
        asked: Asked,
        before: Mapping[str, Slot],
        problems: list[Problem],
    ) -> list[Slot] | None:
        """The lessons of a file in the window; None where it cannot be read. One that cannot be
        understood stays as it was.
        """
        try:
            with files.open(name) as stream:
                raw = stream.read(MOST_BYTES + 1)
        except OSError as error:
            text = _("The file cannot be read ({reason}). Check that it is a file we may read.")
            reason = error.strerror or type(error).__name__
            problems.append(problem("unreadable_file", name, 0, "", text.format(reason=reason)))
            return None
        begin, end = window(asked.today, asked.zone, self._settings.days)
        try:
            found = occurrences(events_of(raw, asked.zone), begin, end)
        except BrokenCalendar as broken:
            problems.append(problem(broken.code, name, broken.row, "", broken.message))
            return None
        wrong: dict[tuple[str, int], Problem] = {}
        slots = []
        for one in found:
            slot = self._slot(one, name, asked)
            if isinstance(slot, Problem):
                wrong.setdefault((slot.code, slot.row), slot)  # once for each event
                if (known := before.get(_key(one))) is not None:
                    slots.append(known)
            else:
                slots.append(slot)
        problems += wrong.values()
        return slots

    def _slot(self, one: Occurrence, name: str, asked: Asked) -> Slot | Problem:
        event, settings = one.event, self._settings
        place = _place(event.categories, name, settings.places)
        if not place:
            text = _(
                "Nothing says whose lesson this is. Name the file or one of its CATEGORIES under"
                " timetable: places."
            )
            return problem("no_place", name, event.row, "CATEGORIES", text)
        local = one.starts.astimezone(asked.zone)
        lesson = _lesson(local, settings.bells)
        if not lesson:
            text = _("No lesson begins at {time}. Correct the event, or timetable: bells.")
            clock = local.strftime("%H:%M")
            return problem("no_lesson", name, event.row, "DTSTART", text.format(time=clock))
        subject = settings.subjects.get(event.subject, event.subject)
        if not subject:
            text = _("The event that begins here has no SUMMARY: the subject.")
            return problem("missing_value", name, event.row, "SUMMARY", text)
        return Slot(
            key=_key(one),
            place=place,
            day=local.date().isoformat(),
            lesson=lesson,
            begins=local.strftime("%H:%M"),
            subject=subject,
            room=event.room,
            teacher=event.teacher,
            cancelled=event.cancelled,
            sequence=event.sequence,
            row=event.row,
        )


def _key(one: Occurrence) -> str:
    return f"{digest(one.event.uid)} {one.original.strftime('%Y%m%dT%H%MZ')}"


def _place(categories: Sequence[str], name: str, places: Mapping[str, str]) -> str:
    for each in categories:
        if each in places:
            return places[each]
    return places.get(name, "")


def _lesson(local: datetime, bells: Sequence[str]) -> int:
    """The number of the lesson that begins about now, from 1; 0: none does."""
    second = local.hour * 3600 + local.minute * 60 + local.second
    nearest, number = min(
        (abs(second - int(bell[:2]) * 3600 - int(bell[3:]) * 60), number)
        for number, bell in enumerate(bells, 1)
    )
    return number if nearest <= _NEAR else 0


def _lessons(known: Mapping[str, Any]) -> tuple[Lesson, ...]:
    slots = [Slot(*one) for name in known for one in known[name][0]]
    return tuple(
        sorted(
            Lesson(each.place, each.day, each.lesson, each.begins, each.subject, each.room,
                   each.cancelled)
            for each in slots
        )
    )  # fmt: skip


def _too_many_gone(name: str, count: int) -> Problem:
    text = _(
        "{count} lessons are gone at once, more than half. Nobody is told that they are. Look"
        " whether the export is complete."
    )
    return problem(TOO_MANY_GONE, name, 0, "", text.format(count=count))
