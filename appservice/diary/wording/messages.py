"""One notice, and one digest, as message contents."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from appservice.diary.events import DiaryEvent
from appservice.diary.payloads import Kind, OfStudent
from appservice.diary.preferences import Preferences
from appservice.diary.routing import Reader, Recipient, Room
from appservice.diary.settings import DiarySettings
from appservice.diary.wording.content import (
    SILENT,
    Part,
    Ring,
    correction,
    edit,
    message,
    shortened,
)
from appservice.diary.wording.phrases import Voice, phrase, subject_of
from appservice.language import _, n_, speaking
from appservice.rooms.state import JsonObject
from appservice.school.model import Role

MOST_LINES: Final = 14
"""Of a digest: what can be read in ten seconds."""

_SHORT: Final = 120  # characters of one saying in a digest
_LINE: Final = 300  # of all that is said of one subject

_HIDEABLE: Final = (Kind.GRADE, Kind.RESULT)


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing in a digest, and the child it is about ("" for none). `corrects`: what was said of
    it too long ago to be edited.
    """

    event: DiaryEvent
    child: str = ""
    corrects: bool = False


@dataclass(frozen=True, slots=True)
class Replaces:
    """The message with this event id is edited."""

    message: str


@dataclass(frozen=True, slots=True)
class Corrects:
    """The message with this event id is answered."""

    message: str


Relation = Replaces | Corrects | None


def hidden_kinds(own: Preferences, settings: DiarySettings) -> frozenset[Kind]:
    """Of which this reader is told only that there is something new: what the school hides of
    everybody, and marks where the reader wishes so.
    """
    by_school = {kind for kind in Kind if settings.hides(kind)}
    return frozenset(by_school.union(_HIDEABLE if own.hide_values else ()))


def notice(
    event: DiaryEvent,
    recipient: Recipient,
    voice: Voice,
    *,
    urgent: bool,
    relation: Relation = None,
) -> JsonObject:
    """A message about one event. To one person it rings; in a room only if it is `urgent`."""
    _may_be_told(event, recipient)
    with speaking(voice.language):
        found = phrase(event.payload, event.kind, voice)
        named = isinstance(recipient, Reader) and recipient.role is Role.GUARDIAN
        child = _child(recipient.child, voice) if named and isinstance(recipient, Reader) else ""
        heading = _joined(child, subject_of(event.payload), found.line)
        ring = Ring(voice.user_id) if isinstance(recipient, Reader) else Ring(room=urgent)
        return _related((Part(heading, found.below),), ring, relation)


def digest(
    entries: Sequence[Entry], recipient: Recipient, voice: Voice, *, relation: Relation = None
) -> JsonObject:
    """One message about several, at least one: by child, then by subject. Calls its reader once; in
    a room nobody.
    """
    for entry in entries:
        _may_be_told(entry.event, recipient)
    with speaking(voice.language):
        count = len(entries)
        title = n_("Diary: {count} entry", "Diary: {count} entries", count).format(count=count)
        ring = Ring(voice.user_id) if isinstance(recipient, Reader) else SILENT
        return _related((Part(title), *_by_child(entries, recipient, voice)), ring, relation)


def taken_back(voice: Voice, *, of: str) -> JsonObject:
    """What takes the place of a message that should not stand where it stands."""
    with speaking(voice.language):
        return edit((Part(_("This entry of the diary was withdrawn.")),), of=of)


def _may_be_told(event: DiaryEvent, recipient: Recipient) -> None:
    # Routing never makes such a pair; a mark in a room of many could not be taken back.
    if isinstance(recipient, Room) and isinstance(event.payload, OfStudent):
        raise ValueError(f"{event.type} is about one student and is told in no room of others")


def _related(parts: Sequence[Part], ring: Ring, relation: Relation) -> JsonObject:
    match relation:
        case None:
            return message(parts, ring)
        case Replaces(of):
            return edit(parts, of=of)
        case Corrects(of):
            return correction(parts, of=of, ring=ring)


def _by_child(entries: Sequence[Entry], recipient: Recipient, voice: Voice) -> tuple[Part, ...]:
    of_child: dict[str, list[Entry]] = {}
    for entry in entries:
        own = isinstance(recipient, Reader) and entry.child == recipient.person_id
        of_child.setdefault("" if own else entry.child, []).append(entry)
    names = _names(of_child, voice)
    parts: list[Part] = []
    left = MOST_LINES
    unsaid = 0
    for child in sorted(of_child, key=lambda each: (each != "", names[each], each)):
        groups = _by_subject(of_child[child], voice)
        shown = groups[:left]
        left -= len(shown)
        unsaid += sum(number for _line, number in groups[len(shown) :])
        if shown:
            parts.append(Part(names[child], tuple(line for line, _number in shown), listed=True))
    if unsaid:
        more = n_("{count} more is in the diary.", "{count} more are in the diary.", unsaid)
        parts.append(Part("", (more.format(count=unsaid),)))
    return tuple(parts)


def _by_subject(entries: Iterable[Entry], voice: Voice) -> list[tuple[str, int]]:
    """A line for each subject with the number of events in it; what has no subject stands first,
    each in a line of its own.
    """
    alone: list[tuple[str, int]] = []
    of_subject: dict[str, list[str]] = {}
    for entry in sorted(entries, key=lambda each: (each.event.occurred_at, each.event.external_id)):
        subject = subject_of(entry.event.payload)
        if subject:
            of_subject.setdefault(subject, []).append(_brief(entry, voice))
        else:
            alone.append((_brief(entry, voice), 1))
    together = [
        (shortened(_joined(subject, "; ".join(of_subject[subject])), _LINE), len(texts))
        for subject, texts in sorted(of_subject.items())
    ]
    return alone + together


def _brief(entry: Entry, voice: Voice) -> str:
    found = phrase(entry.event.payload, entry.event.kind, voice)
    below = " ".join(" ".join(found.below).split())
    text = _joined(found.line, below)
    if entry.corrects:
        text = _("correction: {text}").format(text=text)
    return shortened(text, _SHORT)


def _names(children: Mapping[str, object], voice: Voice) -> Mapping[str, str]:
    """Given names; of two children of one given name the family names too."""
    given = {child: _child(child, voice) for child in children}
    doubled = {name for name in given.values() if list(given.values()).count(name) > 1}
    return {
        child: f"{name} {voice.people[child].family_name}"
        if name in doubled and child in voice.people
        else name
        for child, name in given.items()
    }


def _child(child: str, voice: Voice) -> str:
    return voice.people[child].given_name if child in voice.people else ""


def _joined(*texts: str) -> str:
    return ": ".join(text for text in texts if text)
