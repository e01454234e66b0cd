"""Who is named in what a source remembers of its files. Pure."""

from __future__ import annotations

from collections.abc import Mapping


def without_person(memory: Mapping[str, object], person_id: str) -> Mapping[str, object]:
    """A memory that names this person no more. What it forgets is never said to be gone."""
    return {key: _without(value, person_id) for key, value in memory.items()}


def rows_of(memory: object, person_id: str) -> list[object]:
    """The rows that name this person."""
    if isinstance(memory, dict):
        return [row for each in memory.values() for row in rows_of(each, person_id)]
    if isinstance(memory, list):
        if _is_of(memory, person_id):
            return [memory]
        return [row for each in memory for row in rows_of(each, person_id)]
    return []


def _without(value: object, person_id: str) -> object:
    if isinstance(value, dict):
        return {key: _without(each, person_id) for key, each in value.items()}
    if isinstance(value, list):
        if _is_of(value, person_id):
            return [*value[:2], "", {}, *value[4:]]
        return [_without(each, person_id) for each in value]
    return value


def _is_of(row: list[object], person_id: str) -> bool:
    return any(isinstance(one, dict) and one.get("student") == person_id for one in row)
