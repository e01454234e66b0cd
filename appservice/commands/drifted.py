"""What people changed against the roster and what became of it, in lines for a phone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta, tzinfo
from typing import Final

from appservice.commands.paper import Answer, listing, said
from appservice.commands.wording import moment
from appservice.language import _, n_
from appservice.rooms.enforcement.drift import Drift
from appservice.rooms.state import JsonObject
from appservice.storage.drift import UNDONE, DriftRecord
from appservice.upkeep.drift_summary import kind_label

LOOKED_BACK: Final = timedelta(days=1)
"""How far, when nothing else was said."""

_SHOWN: Final = 30
_DIFFERENCES: Final = 3
_LONGEST_VALUE: Final = 60
_MEMBER: Final = "m.room.member"


def drift_page(
    records: Sequence[DriftRecord],
    people: Mapping[str, str],
    rooms: Mapping[str, str],
    zone: tzinfo,
) -> Answer:
    """`records` the latest first; names of `people` by user id, of `rooms` by key."""
    if not records:
        return said(_("Nobody changed anything."))
    left = len(records) - _SHOWN
    more = n_("{count} more is not shown.", "{count} more are not shown.", left).format(count=left)
    return listing(
        _("What people changed, the latest first"),
        drift_lines(records[:_SHOWN], people, zone, rooms),
        *((more,) if left > 0 else ()),
    )


def drift_lines(
    records: Iterable[DriftRecord],
    people: Mapping[str, str],
    zone: tzinfo,
    rooms: Mapping[str, str] | None = None,
) -> Iterator[str]:
    """Who, when and where above, what below; `rooms` None: all of it in one room."""
    for one in records:
        drift = one.drift
        head = [moment(drift.at, zone), people.get(drift.who, drift.who) or _("somebody")]
        if rooms is not None:
            head.insert(1, rooms.get(drift.room, drift.room))
        what = [f"{kind_label(drift.kind)}: {_difference(drift, people)}"]
        if drift.times > 1:
            what.append(n_("{count} time", "{count} times", drift.times).format(count=drift.times))
        what.append(_outcome(one))
        yield f"{' · '.join(head)}\n{' · '.join(what)}"


def users_in(records: Iterable[DriftRecord]) -> Iterator[str]:
    """The user ids whose names make the lines readable."""
    for one in records:
        yield one.drift.who
        yield one.drift.state_key
        for content in (one.drift.before, one.drift.after):
            levels = content.get("users")
            yield from levels if isinstance(levels, Mapping) else ()


def _outcome(one: DriftRecord) -> str:
    if one.outcome != UNDONE:
        return _("not put back ({why})").format(why=one.outcome)
    return (
        _("put back, slowly: it is changed again and again") if one.drift.slowed else _("put back")
    )


def _difference(drift: Drift, people: Mapping[str, str]) -> str:
    """What must be there, and what they made of it."""
    before, after = dict(_leaves(drift.before)), dict(_leaves(drift.after))
    places = list(dict.fromkeys((*before, *after)))
    if drift.type == _MEMBER and ("membership",) in places:
        places = [("membership",)]
    told = []
    for place in places[:_DIFFERENCES]:
        change = f"{_value(place, before)} → {_value(place, after)}"
        if drift.type == _MEMBER:
            told.append(f"{people.get(drift.state_key, drift.state_key)}: {change}")
        else:
            name = " ".join(people.get(step, step) for step in place if step != "users")
            told.append(f"{name}: {change}")
    if len(places) > _DIFFERENCES:
        told.append("…")
    return ", ".join(told) or drift.type


def _leaves(content: JsonObject) -> Iterator[tuple[tuple[str, ...], object]]:
    for key, value in content.items():
        if isinstance(value, Mapping):
            yield from (((key, *place), leaf) for place, leaf in _leaves(value))
        else:
            yield (key,), value


def _value(place: tuple[str, ...], among: Mapping[tuple[str, ...], object]) -> str:
    if place not in among:
        return "—"
    value = among[place]
    text = _membership(value) if place == ("membership",) else str(value)
    return text if len(text) <= _LONGEST_VALUE else text[: _LONGEST_VALUE - 1] + "…"


def _membership(value: object) -> str:
    match value:
        case "join":
            return _("in the room")
        case "leave":
            return _("out of the room")
        case "ban":
            return _("kept out")
        case "invite":
            return _("invited")
        case _:
            return str(value)
