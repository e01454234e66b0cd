"""What one lane says next: worked out anew from the roster of today, right before it is sent."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from appservice.delivery.circumstances import Circumstances, Preferring, event_in
from appservice.delivery.excuses import excused_among
from appservice.delivery.rooms import DiaryRooms
from appservice.delivery.settling import sent_of
from appservice.diary.events import DiaryEvent
from appservice.diary.preferences import NO_WISHES, Preferences
from appservice.diary.revisions import (
    Correct,
    Deed,
    Edit,
    Post,
    Silence,
    deed,
    deed_where_it_does_not_belong,
)
from appservice.diary.routing import Reader, Recipient
from appservice.diary.timing import held_until, is_wanted
from appservice.diary.urgency import is_urgent
from appservice.diary.wording.messages import (
    Corrects,
    Entry,
    Relation,
    Replaces,
    digest,
    notice,
    taken_back,
)
from appservice.rooms.state import JsonObject
from appservice.storage.diary import DiaryStore
from appservice.storage.lanes import LaneStore, Outcome, Outgoing, Told
from appservice.storage.outbox import SentRow


@dataclass(frozen=True, slots=True)
class Composed:
    """One message, and what is true once it has arrived. `held_until`: before that it may call
    nobody; None: it may call people now.
    """

    content: JsonObject
    outcome: Outcome
    held_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Nothing:
    """There is nothing to say any more; `over` no longer wait for a digest."""

    over: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class Held:
    """Quiet hours have begun while it waited: `entries` go into the digest of `at`."""

    entries: Sequence[int]
    at: datetime


@dataclass(frozen=True, slots=True)
class WordedBefore:
    """How it is today with a message that was written down before. `stands`: whoever is in its room
    may still read all that it tells; `rings`: it may call people now.
    """

    stands: bool
    rings: bool


@dataclass(frozen=True, slots=True)
class _Part:
    """One entry as it concerns this room; `recipient` None: it does not any more. `own` is what the
    reader has chosen. `is_known`: see `revisions.deed`.
    """

    number: int
    document: str
    event: DiaryEvent
    recipient: Recipient | None
    own: Preferences
    sent: SentRow | None
    is_known: bool

    def deed(self, now: datetime) -> Deed:
        return deed(self.event, sent_of(self.sent), now=now, is_known=self.is_known)

    def is_wanted(self, here: Circumstances) -> bool:
        """Not where the reader has turned it off since it was queued."""
        return self.recipient is not None and is_wanted(
            self.event, self.recipient, self.own, here.settings
        )

    def held_until(self, here: Circumstances, now: datetime) -> datetime | None:
        if self.recipient is None:
            return None
        calendar = here.calendar(self.event.school)
        return held_until(self.event, self.recipient, self.own, here.settings, calendar, now=now)

    def told(self) -> Told:
        return Told(self.number, self.document, _child(self.recipient))


class Composing:
    def __init__(
        self, diary: DiaryStore, lanes: LaneStore, rooms: DiaryRooms, preferring: Preferring
    ) -> None:
        self._diary = diary
        self._lanes = lanes
        self._rooms = rooms
        self._preferring = preferring

    async def compose(
        self, head: Outgoing, here: Circumstances, now: datetime
    ) -> Composed | Held | Nothing:
        """What the head of a lane comes to now."""
        if head.entry is None:
            entries = await self._lanes.waiting(head.room, now)
            found = await self._digest(head.room, entries, here, now)
        else:
            entries = [head.entry]
            parts = await self._parts(head.room, entries, here)
            found = await self._single(head.room, parts[0], here, now) if parts else Nothing()
        if isinstance(found, Nothing) or found.held_until is None:
            return found
        if found.outcome.edits or head.first_tried is not None:
            return found  # an edit calls nobody; what was tried may arrive yet, under its own id
        return Held(entries, found.held_until)

    async def worded_before(
        self, head: Outgoing, here: Circumstances, now: datetime
    ) -> WordedBefore:
        """Asked before what did not arrive is sent again: hours may have passed."""
        parts = await self._parts(head.room, head.tells, here)
        if not all(part.recipient is not None for part in parts):
            return WordedBefore(stands=False, rings=False)
        return WordedBefore(stands=True, rings=_held_until(parts, here, now) is None)

    async def _parts(
        self, room: str, numbers: Sequence[int], here: Circumstances
    ) -> Sequence[_Part]:
        sent = {row.entry: row for row in await self._lanes.sent_of(numbers) if row.room == room}
        if sent:
            # A room that was made anew holds nothing of what the one before it was told.
            room_id = await self._rooms.known(room)
            sent = {number: row for number, row in sent.items() if row.room_id == room_id}
        entries = await self._diary.entries(numbers)
        events = {
            entry.number: event
            for entry in entries
            if (event := event_in(entry.document)) is not None
        }
        known = await excused_among(self._diary, events)
        recipients = {number: _in_room(room, event, here) for number, event in events.items()}
        own = await self._own(events, recipients.values())
        return [
            _Part(
                entry.number,
                entry.document,
                events[entry.number],
                recipients[entry.number],
                own,
                sent.get(entry.number),
                entry.number in known,
            )
            for entry in entries
            if entry.number in events
        ]

    async def _single(
        self, room: str, part: _Part, here: Circumstances, now: datetime
    ) -> Composed | Nothing:
        if part.recipient is None:
            gone = deed_where_it_does_not_belong(sent_of(part.sent))
            if isinstance(gone, Silence) or part.sent is None:
                return Nothing()
            return await self._taken_back(room, part, part.sent, here)
        relation: Relation = None
        match part.deed(now):
            case Silence():
                return Nothing()
            case Post():
                pass
            case Edit(message=message):
                if part.sent is not None and part.sent.digest:
                    return await self._digest_anew(room, part.sent, here)
                relation = Replaces(message)
            case Correct(message=message):
                relation = Corrects(message)
        if not isinstance(relation, Replaces) and not part.is_wanted(here):
            return Nothing()
        return self._notice(part, part.recipient, relation, here, now)

    def _notice(
        self,
        part: _Part,
        recipient: Recipient,
        relation: Relation,
        here: Circumstances,
        now: datetime,
        *,
        over: Sequence[int] = (),
    ) -> Composed:
        """A message about one entry; `over` no longer wait for a digest."""
        school = part.event.school
        voice = here.voice(school, recipient, part.own)
        urgent = is_urgent(part.event, today=here.calendar(school).today(now))
        content = notice(part.event, recipient, voice, urgent=urgent, relation=relation)
        edits = relation.message if isinstance(relation, Replaces) else ""
        return Composed(
            content,
            Outcome(tells=(part.told(),), edits=edits, over=over),
            held_until=part.held_until(here, now),
        )

    async def _taken_back(
        self, room: str, part: _Part, sent: SentRow, here: Circumstances
    ) -> Composed:
        if sent.digest:
            anew = await self._digest_anew(room, sent, here)
            if isinstance(anew, Composed):
                return anew
        voice = here.voice(part.event.school, None, NO_WISHES)
        return Composed(
            taken_back(voice, of=sent.message),
            Outcome(edits=sent.message, forgets=(part.number,)),
        )

    async def _digest(
        self, room: str, numbers: Sequence[int], here: Circumstances, now: datetime
    ) -> Composed | Nothing:
        deeds = [
            (part, part.deed(now))
            for part in await self._parts(room, numbers, here)
            if part.is_wanted(here)
        ]
        parts = [part for part, done in deeds if not isinstance(done, Silence)]
        if not parts:
            return Nothing(tuple(numbers))
        corrected = {part.number: done.message for part, done in deeds if isinstance(done, Correct)}
        if len(parts) == 1 and corrected and (recipient := parts[0].recipient) is not None:
            # Alone it can answer what it corrects.
            relation = Corrects(corrected[parts[0].number])
            return self._notice(parts[0], recipient, relation, here, now, over=tuple(numbers))
        content = self._digest_of(parts, here, None, corrected)
        tells = tuple(part.told() for part in parts)
        return Composed(
            content,
            Outcome(tells=tells, digest=True, over=tuple(numbers)),
            held_until=_held_until(parts, here, now),
        )

    async def _digest_anew(
        self, room: str, sent: SentRow, here: Circumstances
    ) -> Composed | Nothing:
        """All that one digest stands for, as it is today."""
        numbers = [row.entry for row in await self._lanes.together(sent.message, room)]
        parts = await self._parts(room, numbers, here)
        stay = [part for part in parts if part.recipient is not None]
        if not stay:
            return Nothing()
        content = self._digest_of(stay, here, Replaces(sent.message))
        here_no_more = tuple(part.number for part in parts if part.recipient is None)
        return Composed(
            content,
            Outcome(
                tells=tuple(part.told() for part in stay),
                edits=sent.message,
                digest=True,
                forgets=here_no_more,
            ),
        )

    def _digest_of(
        self,
        parts: Sequence[_Part],
        here: Circumstances,
        relation: Relation,
        corrected: Collection[int] = (),
    ) -> JsonObject:
        recipient = parts[0].recipient
        assert recipient is not None
        voice = here.voice(parts[0].event.school, recipient, parts[0].own)
        entries = [
            Entry(part.event, _child(part.recipient), part.number in corrected) for part in parts
        ]
        return digest(entries, recipient, voice, relation=relation)

    async def _own(
        self, events: Mapping[int, DiaryEvent], recipients: Iterable[Recipient | None]
    ) -> Preferences:
        """Of the one who reads in this room, of one school as all rooms are."""
        reader = next((one for one in recipients if isinstance(one, Reader)), None)
        if reader is None:
            return NO_WISHES
        school = next(iter(events.values())).school
        found = await self._preferring.of(school, [reader.person_id])
        return found.get(reader.person_id, NO_WISHES)


def _in_room(room: str, event: DiaryEvent, here: Circumstances) -> Recipient | None:
    found = [one for one in here.route(event).recipients if one.room == room]
    return found[0] if found else None


def _held_until(parts: Sequence[_Part], here: Circumstances, now: datetime) -> datetime | None:
    """What may go out of them now takes the others along."""
    held = [at for part in parts if (at := part.held_until(here, now)) is not None]
    return min(held) if held and len(held) == len(parts) else None


def _child(recipient: Recipient | None) -> str:
    return recipient.child if isinstance(recipient, Reader) else ""
