"""Rows of two readings compared: what is new, what has changed, what is gone."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final, NamedTuple

from appservice.diary.events import parse
from appservice.diary.pull.reading import (
    TOO_MANY_GONE,
    Asked,
    Found,
    Memory,
    digest,
    document,
    is_too_many,
    problem,
)
from appservice.diary.rejections import Rejection
from appservice.language import _
from appservice.school.problem import Problem

TOLD_BACK: Final = timedelta(days=14)
"""What is older when it is first seen is remembered and told to nobody."""

KEPT: Final = timedelta(days=60)
"""So long a row that stands in no file any more is remembered."""


class Types(NamedTuple):
    """The types of event for a row that is new, has changed, is gone ("": nothing is said)."""

    new: str
    changed: str = ""
    gone: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row as an event. `goes` is the payload that says that it is gone; `columns`: what the
    keys of the payload are called in the file; `revision` where the file counts itself. `is_gone`:
    the row says that the thing is no more.
    """

    external_id: str
    types: Types
    payload: Mapping[str, object]
    goes: Mapping[str, object]
    day: date | None
    file: str
    number: int
    columns: Mapping[str, str]
    revision: int | None = None
    is_gone: bool = False


class Compared(NamedTuple):
    found: tuple[Found, ...]
    problems: tuple[Problem, ...]
    memory: dict[str, Any]


def compared(rows: Iterable[Row], memory: Memory, asked: Asked, *, whole: bool) -> Compared:
    """`whole`: the files hold all rows there are, so those that are missing are gone.

    Memory: external_id → [revision, digest, type that says it is gone, its payload, day last seen].
    """
    before: Mapping[str, Any] = memory.get("rows", {})
    after: dict[str, Any] = {}
    found: list[Found] = []
    problems: list[Problem] = []
    going: list[str] = []
    for row in rows:
        if row.is_gone:
            going += [row.external_id] if _stands(before.get(row.external_id)) else []
            continue
        if row.external_id in after:
            problems.append(_twice(row))
            continue
        known = before.get(row.external_id)
        event, entry, rejected = _looked_at(row, known, asked)
        if rejected:
            problems += (_of(rejection, row) for rejection in rejected)
            if known is not None:
                after[row.external_id] = known
            continue
        after[row.external_id] = entry
        if event is not None:
            found.append(Found(event, row.file, row.number))
    missing = [each for each in before if each not in after]
    absent = [each for each in missing if whole and each not in going and _stands(before[each])]
    if is_too_many(len(absent), len(before)) and not asked.gone_indeed:
        problems.append(_too_many_gone(len(absent)))
        absent = []
    for external_id in (*dict.fromkeys(going), *absent):
        revision, _digest, gone, payload, _seen = before[external_id]
        event = document(asked, gone, payload, external_id=external_id, revision=revision + 1)
        found.append(Found(event, "", 0))
        after[external_id] = [revision + 1, "", gone, payload, asked.today.isoformat()]
    oldest = (asked.today - KEPT).isoformat()
    for external_id in missing:
        if external_id not in after and before[external_id][4] >= oldest:
            after[external_id] = before[external_id]
    return Compared(tuple(found), tuple(problems), {"rows": after})


def _stands(known: Any) -> bool:
    """Whether it was there, and its going can be said."""
    return known is not None and bool(known[1] and known[2])


def _looked_at(
    row: Row, known: Any, asked: Asked
) -> tuple[dict[str, object] | None, list[Any], tuple[Rejection, ...]]:
    """(the event, if there is one to tell; what is remembered; what is wrong)."""
    types = row.types
    now = digest(types.new, json.dumps(row.payload, sort_keys=True, ensure_ascii=False))
    revision = row.revision if row.revision is not None else 0
    is_told = True
    event_type = types.new
    if known is None:
        is_told = row.day is None or row.day >= asked.today - TOLD_BACK
    elif known[1] == now:
        is_told, revision = False, known[0]
    else:
        revision = max(revision, known[0] + 1)
        event_type = types.new if not known[1] else types.changed or types.new
    event = document(asked, event_type, row.payload, external_id=row.external_id, revision=revision)
    read = parse(event)
    entry = [revision, now, types.gone, dict(row.goes) if types.gone else {}]
    entry.append(asked.today.isoformat())
    if isinstance(read, tuple):
        return None, entry, read
    return (event if is_told else None), entry, ()


def _of(rejection: Rejection, row: Row) -> Problem:
    key = rejection.pointer.split("/")[2 if rejection.pointer.startswith("/payload/") else 1 :]
    column = row.columns.get(key[0], key[0]) if key else ""
    return problem(rejection.code, row.file, row.number, column, rejection.text)


def _twice(row: Row) -> Problem:
    return problem(
        "duplicate_id",
        row.file,
        row.number,
        row.columns.get("external_id", ""),
        _("The same thing stands in another row too. Keep one of them."),
    )


def _too_many_gone(count: int) -> Problem:
    return problem(
        TOO_MANY_GONE,
        "",
        0,
        "",
        _(
            "{count} rows are gone at once, more than half. Nobody is told that they are. Look"
            " whether the export is complete."
        ).format(count=count),
    )
