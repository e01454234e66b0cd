"""What a command comes to, once everybody and everything in it is known: values with a digest, so
that a confirmation is bound to exactly what was shown. Pure.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Final, assert_never

from appservice.commands.vocabulary import Step, Verb
from appservice.rooms.measures import Measure, MeasureKind
from appservice.rooms.state import canonical

DIGEST_DIGITS: Final = 12
USUAL_LENGTH: Final = timedelta(days=1)
"""Of a mute or a removal when nothing else was said."""


@dataclass(frozen=True, slots=True)
class Take:
    """Measures against a person, or of a room (`user` is ""). `places` are (school id, room key),
    the key "" for all rooms of the school. `length` and `until` None: until somebody lifts it.
    """

    verb: Verb
    kind: MeasureKind
    places: tuple[tuple[str, str], ...]
    user: str
    length: timedelta | None = None
    until: datetime | None = None
    reason: str = ""

    def measures(self, *, by: str, now: datetime) -> tuple[Measure, ...]:
        until = now + self.length if self.length is not None else self.until
        return tuple(
            Measure(0, self.kind, school, room, self.user, by, now, until, reason=self.reason)
            for school, room in self.places
        )


@dataclass(frozen=True, slots=True)
class Lift:
    """Ends measures before their time. `numbers` sorted."""

    verb: Verb
    kind: MeasureKind
    numbers: tuple[int, ...]
    places: tuple[tuple[str, str], ...]
    user: str


@dataclass(frozen=True, slots=True)
class Resync:
    """Brings rooms in line: these, or all in which the person is or must be."""

    rooms: tuple[str, ...]
    user: str = ""


@dataclass(frozen=True, slots=True)
class ApplyPlan:
    digest: str


@dataclass(frozen=True, slots=True)
class SetPin:
    room_id: str
    event_id: str
    pinned: bool


@dataclass(frozen=True, slots=True)
class TurnYear:
    """A step of the rollover of this digest; never to show or to draft one."""

    step: Step
    digest: str


Deed = Take | Lift | Resync | ApplyPlan | SetPin | TurnYear


def deed_digest(deed: Deed) -> str:
    """12 hexadecimal digits: what a person confirms."""
    match deed:
        case ApplyPlan(digest):
            return digest
        case Take(verb, kind, places, user, length, until, reason):
            values: list[object] = [
                *(verb, kind, [list(place) for place in places], user),
                length.total_seconds() if length is not None else None,
                until.isoformat() if until is not None else None,
                reason,
            ]
        case Lift(verb, kind, numbers, places, user):
            values = [verb, kind, list(numbers), [list(place) for place in places], user]
        case Resync(rooms, user):
            values = ["resync", list(rooms), user]
        case SetPin(room_id, event_id, pinned):
            values = ["pin", room_id, event_id, pinned]
        case TurnYear(step, digest):
            values = ["rollover", step, digest]
        case _:
            assert_never(deed)
    return blake2b(canonical(values), digest_size=DIGEST_DIGITS // 2).hexdigest()


def taken(
    verb: Verb,
    places: tuple[tuple[str, str], ...],
    user: str,
    *,
    length: timedelta | None,
    until: datetime | None,
    reason: str,
) -> Take:
    """The measure that mute, remove, ban, lock and suspend come to."""
    kinds = {
        Verb.MUTE: MeasureKind.MUTE,
        Verb.LOCK: MeasureKind.LOCK,
        Verb.SUSPEND: MeasureKind.SUSPEND,
    }
    if length is None and until is None and verb in (Verb.MUTE, Verb.REMOVE):
        length = USUAL_LENGTH
    kind = kinds.get(verb, MeasureKind.BAN)
    return Take(verb, kind, places, user, length, until, reason)


LIFTED_BY: Final = {
    Verb.UNMUTE: MeasureKind.MUTE,
    Verb.UNBAN: MeasureKind.BAN,
    Verb.UNLOCK: MeasureKind.LOCK,
    Verb.UNSUSPEND: MeasureKind.SUSPEND,
}
