"""Entries whose settle delay is over go into the lanes of their rooms, or wait for a digest."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Final

from appservice.delivery.circumstances import (
    Circumstances,
    CircumstancesOfToday,
    Preferring,
    event_in,
)
from appservice.delivery.excuses import excused_among
from appservice.diary.events import DiaryEvent
from appservice.diary.preferences import NO_WISHES, Preferences
from appservice.diary.revisions import Edit, Sent, Silence, deed
from appservice.diary.routing import Reader, Recipient
from appservice.diary.settling import Kept, looked_for_again
from appservice.diary.timing import Alone, InDigest, when
from appservice.storage.diary import DiaryStore
from appservice.storage.outbox import (
    OutboxStore,
    PersonalRoom,
    SentRow,
    Settlement,
    Unsettled,
)

_TOGETHER: Final = 200

log = logging.getLogger(__name__)


class Settling:
    """One a process; several processes take different entries."""

    def __init__(
        self,
        outbox: OutboxStore,
        diary: DiaryStore,
        circumstances: CircumstancesOfToday,
        preferring: Preferring,
        now: Callable[[], datetime],
    ) -> None:
        self._outbox = outbox
        self._diary = diary
        self._circumstances = circumstances
        self._preferring = preferring
        self._now = now

    async def settle(self) -> None:
        """Everything that is due now."""
        here = await self._circumstances.now()
        now = self._now()

        async def decide(unsettled: Unsettled) -> Settlement:
            return await self._decide(unsettled, here, now)

        while await self._outbox.settle(now, decide, limit=_TOGETHER) == _TOGETHER:
            pass

    async def _decide(self, unsettled: Unsettled, here: Circumstances, now: datetime) -> Settlement:
        events = {
            entry.number: event
            for entry in unsettled.entries
            if (event := event_in(entry.document)) is not None
        }
        routes = {number: here.route(event) for number, event in events.items()}
        recipients = {number: route.recipients for number, route in routes.items()}
        wishes = await self._wishes(events, recipients)
        known = await excused_among(self._diary, events)
        sent = {(row.entry, row.room): row for row in unsettled.sent}
        at_once: list[tuple[int, str]] = []
        later: list[tuple[int, str, datetime]] = []
        needed: set[PersonalRoom] = set()
        for number, event in events.items():
            for recipient in recipients[number]:
                own = _own(event, recipient, wishes)
                at = self._when(
                    event,
                    recipient,
                    own,
                    sent_of(sent.get((number, recipient.room))),
                    here,
                    now,
                    is_known=number in known,
                    under_way=recipient.room in unsettled.under_way,
                )
                if at is None:
                    continue
                if isinstance(recipient, Reader):
                    needed.add(PersonalRoom(recipient.room, event.school, recipient.person_id))
                if at <= now:
                    at_once.append((number, recipient.room))
                else:
                    later.append((number, recipient.room, at))
            rooms = {recipient.room for recipient in recipients[number]}
            # Where it does not belong any more it is taken back.
            at_once += [
                (number, room) for entry, room in sent if entry == number and room not in rooms
            ]
        received = {entry.number: entry.received_at for entry in unsettled.entries}
        told = {entry for entry, _room in sent}
        again = [
            (number, at)
            for number, event in events.items()
            if number not in told
            and (at := looked_for_again(Kept(event, received[number]), routes[number], now=now))
        ]
        return Settlement(at_once, later, needed, again)

    def _when(
        self,
        event: DiaryEvent,
        recipient: Recipient,
        own: Preferences,
        sent: Sent | None,
        here: Circumstances,
        now: datetime,
        *,
        is_known: bool,
        under_way: bool,
    ) -> datetime | None:
        """When this room is to hear of it, None for never. What is under way there may have said
        something of it: whoever sends next in this room knows.
        """
        done = deed(event, sent, now=now, is_known=is_known)
        if isinstance(done, Silence):
            return now if under_way else None
        if isinstance(done, Edit):
            return now
        calendar = here.calendar(event.school)
        match when(event, recipient, own, here.settings, calendar, now=now):
            case Alone():
                return now
            case InDigest(at=at):
                return at
            case _:
                return None

    async def _wishes(
        self, events: Mapping[int, DiaryEvent], recipients: Mapping[int, Sequence[Recipient]]
    ) -> Mapping[tuple[str, str], Preferences]:
        """By (school, person_id)."""
        people: dict[str, set[str]] = {}
        for number, event in events.items():
            for recipient in recipients[number]:
                if isinstance(recipient, Reader):
                    people.setdefault(event.school, set()).add(recipient.person_id)
        return {
            (school, person): own
            for school, some in people.items()
            for person, own in (await self._preferring.of(school, some)).items()
        }


def sent_of(row: SentRow | None) -> Sent | None:
    """What stands in a room, as the diary knows it."""
    event = None if row is None else event_in(row.document)
    return None if row is None or event is None else Sent(row.message, row.at, event)


def _own(
    event: DiaryEvent, recipient: Recipient, wishes: Mapping[tuple[str, str], Preferences]
) -> Preferences:
    if not isinstance(recipient, Reader):
        return NO_WISHES
    return wishes.get((event.school, recipient.person_id), NO_WISHES)
