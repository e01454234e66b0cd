"""Looking at JSON that came from outside. What has another shape raises BadBody, with the place.

Pure: no Synapse here. `at` is always the RFC 6901 pointer of the value that is looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

Parsed = TypeVar("Parsed")


class BadBody(Exception):
    """The body has another shape than the documented one. `pointer` is an RFC 6901 pointer."""

    def __init__(self, pointer: str, problem: str) -> None:
        super().__init__(f"{pointer or '/'}: {problem}")
        self.pointer = pointer


def members_of(
    value: object, at: str, *, needed: Sequence[str], optional: Sequence[str] = ()
) -> Mapping[str, object]:
    found = mapping(value, at)
    for name in needed:
        if name not in found:
            raise BadBody(f"{at}/{name}", "is missing")
    for name in found:
        if name not in needed and name not in optional:
            raise BadBody(f"{at}/{escaped(name)}", "is not known here")
    return found


def items_in(
    value: object, at: str, limit: int, parse: Callable[[object, str], Parsed]
) -> tuple[Parsed, ...]:
    if not isinstance(value, list):
        raise BadBody(at, "must be a list")
    if len(value) > limit:
        raise BadBody(at, f"has {len(value)} entries; at most {limit} go in one request")
    return tuple(parse(entry, f"{at}/{index}") for index, entry in enumerate(value))


def mapping(value: object, at: str) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise BadBody(at, "must be an object")
    return value


def text(value: object, at: str) -> str:
    if not isinstance(value, str) or not value or "\0" in value:
        raise BadBody(at, "must be a string that is not empty")
    return value


def escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")
