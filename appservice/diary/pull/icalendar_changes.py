"""Two readings of a timetable compared: which lessons fell out, moved, changed, or were added.

What happened to a lesson has three sides, each with a lineage of its own: when it is (cancelled,
moved, added), what it is (substitution), where it is (room). So a lesson that is moved and then
cancelled is one message, edited, and a change of its room stays beside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from appservice.diary.pull.reading import Asked, digest, document, is_too_many


class Slot(NamedTuple):
    """A lesson as it is now. `key` names it for ever, `teacher` is the raw one of the calendar."""

    key: str
    place: str
    day: str
    lesson: int
    begins: str
    subject: str
    room: str
    teacher: str
    cancelled: bool
    sequence: int
    row: int


class Change(NamedTuple):
    """One side of one lesson: `side` is "when", "what" or "where"."""

    slot: Slot
    side: str
    payload: Mapping[str, object]


class TooManyGone(Exception):
    def __init__(self, count: int) -> None:
        super().__init__(str(count))
        self.count = count


def changes(
    before: Sequence[Slot],
    after: Sequence[Slot],
    *,
    first: str,
    until: str,
    teachers: Mapping[str, str],
    gone_indeed: bool = False,
) -> tuple[Change, ...]:
    """What to tell of the days [first, until), which both readings know. Raises TooManyGone, unless
    they are gone indeed.
    """
    old = {each.key: each for each in before}
    new = {each.key: each for each in after}
    gone = {key: old[key] for key in old.keys() - new.keys() if first <= old[key].day < until}
    came = {key: new[key] for key in new.keys() - old.keys() if first <= new[key].day < until}
    pairs = [(old[key], new[key]) for key in old.keys() & new.keys()]
    pairs += _known_again(gone, came)
    standing = sum(1 for each in before if first <= each.day < until and not each.cancelled)
    going = [each for each in gone.values() if not each.cancelled]
    if is_too_many(len(going), standing) and not gone_indeed:
        raise TooManyGone(len(going))
    found = [Change(each, "when", _said("cancelled", each)) for each in going]
    found += [
        Change(each, "when", _said("added", each) | _if_any(room=each.room))
        for each in came.values()
        if not each.cancelled
    ]
    for was, now in pairs:
        if first <= max(was.day, now.day) and min(was.day, now.day) < until:
            found += _between(was, now, teachers)
    return tuple(sorted(found, key=lambda each: (each.slot.day, each.slot.lesson, each.slot.key)))


def _known_again(gone: dict[str, Slot], came: dict[str, Slot]) -> list[tuple[Slot, Slot]]:
    """Calendars that give every lesson a new UID each time: the same class at the same hour with
    the same subject is the same lesson. Those are taken out of both.
    """
    by_hour = {(each.place, each.day, each.lesson, each.subject): key for key, each in came.items()}
    pairs = []
    for key, was in sorted(gone.items()):
        twin = by_hour.pop((was.place, was.day, was.lesson, was.subject), None)
        if twin is not None:
            pairs.append((was, came.pop(twin)))
            del gone[key]
    return pairs


def _between(was: Slot, now: Slot, teachers: Mapping[str, str]) -> Iterable[Change]:
    if now.cancelled:
        if not was.cancelled:
            yield Change(was, "when", _said("cancelled", was))
        return
    if was.cancelled:
        yield Change(now, "when", _said("added", now) | _if_any(room=now.room))
        return
    if (was.day, was.lesson) != (now.day, now.lesson):
        moved = {"to_day": now.day, "to_lesson": now.lesson}
        yield Change(now, "when", _said("moved", was) | moved)
    if was.subject != now.subject or was.teacher != now.teacher:
        what = _if_any(
            teacher=teachers.get(now.teacher, "") if was.teacher != now.teacher else "",
            new_subject=now.subject if was.subject != now.subject else "",
        )
        said = _said("substitution", now) | {"subject": was.subject}
        yield Change(now, "what", said | what)
    if was.room != now.room and now.room:
        yield Change(now, "where", _said("room", now) | {"room": now.room})


def _said(change: str, slot: Slot) -> dict[str, object]:
    return {
        "change": change,
        "place": slot.place,
        "subject": slot.subject,
        "day": slot.day,
        "lesson": slot.lesson,
    }


def _if_any(**values: str) -> dict[str, object]:
    return {name: value for name, value in values.items() if value}


def told(
    change: Change, asked: Asked, revisions: Mapping[str, Any], sequences: Mapping[str, int]
) -> tuple[dict[str, object], int]:
    """The event, and its revision: SEQUENCE, or one more than was told where that stands still.

    `revisions`: external_id → [the last revision told, day]; `sequences`: UID digest → SEQUENCE.
    """
    external_id = digest(change.slot.key, change.side)
    series = change.slot.key.partition(" ")[0]
    revision = max(change.slot.sequence, sequences.get(series, 0))
    if external_id in revisions:
        revision = max(revision, revisions[external_id][0] + 1)
    event = document(
        asked,
        "timetable.changed",
        change.payload,
        external_id=external_id,
        revision=revision,
    )
    return event, revision
