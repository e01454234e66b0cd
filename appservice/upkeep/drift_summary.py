"""What was undone lately, in one message for those who run the school. No names: rooms, kinds and
user ids.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Final, assert_never

from appservice.language import _, n_
from appservice.rooms.enforcement.drift import DriftKind
from appservice.rooms.enforcement.fights import WINDOW
from appservice.storage.drift import UNDONE, DriftRecord, DriftStore

_SHOWN: Final = 10
_FOR_EVER: Final = datetime.max.replace(tzinfo=UTC)


async def drift_summary(
    store: DriftStore, since: datetime, until: datetime = _FOR_EVER
) -> str | None:
    """One message about everything undone after `since` and up to `until`; None when there was
    nothing.

    A fight is told of when it begins, not in every message while it lasts.
    """
    records = await store.since(since - WINDOW)
    lately = [one for one in records if since < one.undone_at <= until]
    if not lately:
        return None
    before = [one for one in records if one.undone_at <= since]
    return "\n".join((*_lines(lately), *_fights(lately, before)))


def kind_label(kind: DriftKind) -> str:
    """What a kind of drift is called."""
    match kind:
        case DriftKind.LEVELS:
            return _("power levels")
        case DriftKind.STATE:
            return _("what the room says")
        case DriftKind.LINK:
            return _("places in spaces")
        case DriftKind.ENCRYPTION:
            return _("encryption turned on")
        case DriftKind.STRANGER:
            return _("people who do not belong there")
        case DriftKind.OUT:
            return _("people who were out")
        case DriftKind.NAME:
            return _("names")
        case DriftKind.BOT:
            return _("our bot was out")
        case _:
            assert_never(kind)


def _lines(records: Sequence[DriftRecord]) -> Iterator[str]:
    rooms = len({one.drift.room for one in records})
    yield n_(
        "Put back what was changed in {count} room:",
        "Put back what was changed in {count} rooms:",
        rooms,
    ).format(count=rooms)
    done = [one for one in records if one.outcome == UNDONE]
    counted = Counter((one.drift.room, one.drift.kind) for one in done)
    for (room, kind), count in counted.most_common(_SHOWN):
        yield f"• {room}: {kind_label(kind)} × {count}"
    if (more := len(counted) - _SHOWN) > 0:
        yield _("and {more} more; see `school-spaces drift`").format(more=more)
    for one in records:
        if one.outcome != UNDONE:
            yield _("• {room}: {what} could not be put back ({why})").format(
                room=one.drift.room, what=kind_label(one.drift.kind), why=one.outcome
            )
    if encrypted := sorted({x.drift.room for x in done if x.drift.kind is DriftKind.ENCRYPTION}):
        yield _(
            "Encryption cannot be taken back everywhere: some apps go on encrypting in {rooms}. If"
            " they do, have the room made anew."
        ).format(rooms=", ".join(encrypted))


def _fights(lately: Iterable[DriftRecord], before: Iterable[DriftRecord]) -> Iterator[str]:
    known = {(one.drift.room, one.drift.place) for one in before if one.drift.slowed}
    told = set()
    for one in lately:
        fight = (one.drift.room, one.drift.place)
        if one.drift.slowed and fight not in known and fight not in told:
            told.add(fight)
            yield _(
                "{who} changes {what} in {room} again and again: it is put back more slowly now."
            ).format(
                who=one.drift.who or _("somebody"),
                what=kind_label(one.drift.kind),
                room=one.drift.room,
            )
