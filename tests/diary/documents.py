"""Events as a diary sends them: written down, made up from the schema, and spoilt."""

from __future__ import annotations

import re
from collections.abc import Mapping
from copy import deepcopy
from datetime import date, datetime, timedelta, timezone
from functools import cache
from typing import Any

from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from appservice.diary.events import DiaryEvent, parse
from appservice.diary.schema import event_schema

PAYLOADS: Mapping[str, Mapping[str, Any]] = {
    "grade.posted": {"student": "anna", "subject": "Математика", "value": "5", "day": "2026-10-01"},
    "grade.changed": {
        "student": "anna",
        "subject": "Математика",
        "value": "4",
        "day": "2026-10-01",
        "work": "Контрольная работа",
        "previous": "5",
    },
    "grade.removed": {"student": "anna", "subject": "Математика"},
    "homework.assigned": {
        "place": "5a-maths",
        "subject": "Математика",
        "text": "§ 12, № 3\n№ 5",
        "due": "2026-10-02",
    },
    "homework.changed": {
        "place": "5a-maths",
        "subject": "Математика",
        "text": "§ 12",
        "due": "2026-10-05",
    },
    "homework.cancelled": {"place": "5a-maths", "subject": "Математика"},
    "timetable.changed": {
        "change": "cancelled",
        "place": "5a-maths",
        "subject": "Математика",
        "day": "2026-10-02",
        "lesson": 1,
    },
    "absence.recorded": {"student": "anna", "day": "2026-10-01", "lessons": [1, 2]},
    "absence.late": {"student": "anna", "day": "2026-10-01", "lesson": 1, "minutes": 10},
    "absence.excused": {"student": "anna", "day": "2026-10-01", "reason": "Болезнь"},
    "exam.scheduled": {
        "place": "5a-maths",
        "subject": "Математика",
        "title": "Контрольная работа",
        "day": "2026-10-09",
        "begins": "09:00",
    },
    "remark.added": {"student": "anna", "text": "Помогала однокласснику", "tone": "praise"},
    "term.result": {
        "student": "anna",
        "subject": "Математика",
        "term": "1 четверть",
        "value": "5",
    },
    "meeting.scheduled": {
        "to": [{"kind": "place", "id": "5a", "audience": "guardians"}],
        "title": "Родительское собрание",
        "begins": "2026-10-08T18:30:00+03:00",
        "where": "Кабинет 12",
    },
    "announcement": {"to": [{"kind": "school"}], "title": "Завтра субботник"},
}
"""One of each type."""


def document(event_type: str = "grade.posted", /, **changes: Any) -> dict[str, Any]:
    """An event of this type. Keys of the envelope replace it, others go into the payload."""
    made: dict[str, Any] = {
        "event_id": "e-1",
        "source": "journal",
        "type": event_type,
        "school": "17",
        "external_id": "x-1",
        "revision": 1,
        "occurred_at": "2026-10-01T10:15:00+03:00",
        "published_at": "2026-10-01T10:20:00+03:00",
        "payload": deepcopy(dict(PAYLOADS[event_type])),
    }
    for key, value in changes.items():
        (made if key in made or key == "urgency" else made["payload"])[key] = value
    return made


def event(event_type: str = "grade.posted", /, **changes: Any) -> DiaryEvent:
    """The same, read."""
    read = parse(document(event_type, **changes))
    assert isinstance(read, DiaryEvent), read
    return read


@cache
def validator() -> Draft202012Validator:
    schema = event_schema()
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def of_schema(schema: Mapping[str, Any], root: Mapping[str, Any]) -> st.SearchStrategy[Any]:
    """Everything that a schema of ours accepts."""
    match schema:
        case {"$ref": ref}:
            return st.deferred(lambda: of_schema(root["$defs"][ref.rpartition("/")[2]], root))
        case {"oneOf": alternatives}:
            return st.one_of([of_schema(each, root) for each in alternatives])
        case {"const": value}:
            return st.just(value)
        case {"enum": values}:
            return st.sampled_from(values)
        case {"type": "string", "pattern": pattern}:
            return _texts(re.compile(pattern))
        case {"type": "integer", "minimum": least, "maximum": most}:
            return st.one_of(
                st.integers(least, most), st.integers(least, min(most, 2**50)).map(float)
            )
        case {"type": "array", "items": items}:
            return st.lists(
                of_schema(items, root),
                min_size=schema.get("minItems", 0),
                max_size=min(schema["maxItems"], 4),
            )
        case {"type": "object", "properties": properties}:
            needed = schema.get("required", [])
            return st.fixed_dictionaries(
                {key: of_schema(properties[key], root) for key in needed},
                optional={
                    key: of_schema(each, root)
                    for key, each in properties.items()
                    if key not in needed
                },
            )
        case _:
            raise AssertionError(schema)


def _texts(form: re.Pattern[str]) -> st.SearchStrategy[str]:
    """Texts that have the form; made from the expression itself they would come slowly."""
    if form.search("2026-10-01T10:15:00Z") and not form.search("x"):
        zones = st.timedeltas(timedelta(hours=-14), timedelta(hours=14)).map(
            lambda offset: timezone(timedelta(minutes=offset // timedelta(minutes=1)))
        )
        return st.datetimes(datetime(2000, 1, 1), datetime(2099, 12, 31), timezones=zones).map(
            datetime.isoformat
        )
    if form.search("2026-10-01") and not form.search("x"):
        return st.dates(date(2000, 1, 1), date(2099, 12, 31)).map(date.isoformat)
    if form.search("08:30") and not form.search("x"):
        return st.times().map(lambda clock: f"{clock:%H:%M}")
    if not form.search("X"):
        return st.sampled_from(["journal", "a", "a-1_b"])
    return st.text(max_size=8).map(lambda text: text if form.search(text) else "x")


@cache
def accepted_documents() -> st.SearchStrategy[Any]:
    schema = event_schema()
    return of_schema(schema, schema)


ODD: st.SearchStrategy[Any] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.sampled_from(
        [
            *("", " ", "\n", "5\n", "a\nb", "\x00", "a\x00b", "\u202egnp.exe", "\u2028", "\ud800"),
            *("2026-02-29", "2028-02-29", "2026-13-01", "0000-00-00", "2026-10-01\n", "1999-12-31"),
            *("2026-10-01T10:15:00", "2026-10-01T10:15:00Z", "2026-10-01T24:00:00Z"),
            *("2026-10-01T10:15:00+99:00", "9999-12-31T23:59:59Z", "2026-10-01 10:15:00Z"),
            *("grade.posted", "timetable.changed", "cancelled", "room", "urgent", "person"),
            *("x" * 20, "x" * 21, "x" * 200, "x" * 201, "x" * 255, "x" * 256, "ё" * 4001),
            *(-1, 0, 20, 21, 3.0, 3.5, 2**53, 10**400, 1e300, True),
            *([], [[]], [1] * 21, {}, {"kind": "person"}, [{"kind": "school"}]),
        ]
    ),
    st.text(max_size=5),
)


@st.composite
def spoilt_documents(draw: st.DrawFn) -> Any:
    """An event in which something was taken away, added or replaced, up to three times."""
    base = draw(st.one_of(st.sampled_from(sorted(PAYLOADS)).map(document), accepted_documents()))
    made = deepcopy(base)
    for _time in range(draw(st.integers(1, 3))):
        spots = list(_spots(made))
        holder, key = draw(st.sampled_from(spots))
        deed = draw(st.sampled_from(["replace", "drop", "add"]))
        if deed == "replace":
            holder[key] = deepcopy(draw(ODD))
        elif deed == "drop":
            del holder[key]
        elif isinstance(holder, dict):
            holder[draw(st.sampled_from(["room", "kind", "x/~y", "", "\ud800", "audience"]))] = (
                deepcopy(draw(ODD))
            )
        if not made:
            break
    return made


def _spots(inside: Any) -> Any:
    keys = list(inside) if isinstance(inside, dict) else range(len(inside))
    for key in keys:
        yield inside, key
        if isinstance(inside[key], dict | list):
            yield from _spots(inside[key])


def anything() -> st.SearchStrategy[Any]:
    """Whatever a JSON reader can make."""
    return st.recursive(
        ODD,
        lambda inner: st.one_of(
            st.lists(inner, max_size=4),
            st.dictionaries(
                st.one_of(st.text(max_size=4), st.sampled_from(["type", "payload", "\ud800"])),
                inner,
                max_size=4,
            ),
        ),
        max_leaves=8,
    )
