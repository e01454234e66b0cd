"""The words of the configuration ("classmates"), and what each means in circles."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final, NamedTuple

from appservice.contacts.policy import Direction, Kind, Side, Way

STAFF_SIDES: Final = (Side.TEACHER, Side.STAFF, Side.SCHOOL_ADMIN)
_EVERYONE: Final = tuple(Side)


class Reach(NamedTuple):
    """The people on these sides of the circles of one kind that the writer stands in as such."""

    kind: Kind
    sides: tuple[Side, ...]


def _in(kind: Kind, *sides: Side) -> Reach:
    return Reach(kind, sides)


_LESSONS_TEACHERS: Final = (_in(Kind.CLASS, Side.TEACHER), _in(Kind.GROUP, Side.TEACHER))
_STAFF: Final = (_in(Kind.SCHOOL, *STAFF_SIDES),)
_ADMINS: Final = (_in(Kind.SCHOOL, Side.SCHOOL_ADMIN),)
_COLLEAGUES: Final[Mapping[str, tuple[Reach, ...]]] = {
    "everyone": (_in(Kind.SCHOOL, *_EVERYONE),),
    "staff": _STAFF,
    "administrators": _ADMINS,
    "students": (_in(Kind.SCHOOL, Side.STUDENT),),
    "guardians": (_in(Kind.SCHOOL, Side.GUARDIAN),),
}

WORDS: Final[Mapping[Side, Mapping[str, tuple[Reach, ...]]]] = {
    Side.STUDENT: {
        "classmates": (_in(Kind.CLASS, Side.STUDENT),),
        "groupmates": (_in(Kind.GROUP, Side.STUDENT),),
        "schoolmates": (_in(Kind.SCHOOL, Side.STUDENT),),
        "teachers": _LESSONS_TEACHERS,
        "guardians": (_in(Kind.FAMILY, Side.GUARDIAN),),
        "class_guardians": (_in(Kind.CLASS, Side.GUARDIAN),),
        "staff": _STAFF,
        "administrators": _ADMINS,
    },
    Side.GUARDIAN: {
        "teachers": _LESSONS_TEACHERS,
        "children": (_in(Kind.FAMILY, Side.STUDENT),),
        "co_guardians": (_in(Kind.FAMILY, Side.GUARDIAN),),
        "class_guardians": (_in(Kind.CLASS, Side.GUARDIAN),),
        "class_students": (_in(Kind.CLASS, Side.STUDENT),),
        "school_guardians": (_in(Kind.SCHOOL, Side.GUARDIAN),),
        "staff": _STAFF,
        "administrators": _ADMINS,
    },
    Side.TEACHER: {
        **_COLLEAGUES,
        "own_students": (_in(Kind.CLASS, Side.STUDENT), _in(Kind.GROUP, Side.STUDENT)),
        "own_guardians": (_in(Kind.CLASS, Side.GUARDIAN), _in(Kind.GROUP, Side.GUARDIAN)),
    },
    Side.STAFF: _COLLEAGUES,
    Side.SCHOOL_ADMIN: _COLLEAGUES,
    Side.OBSERVER: _COLLEAGUES,
}
"""Whom each may be allowed to write to, inside their school."""

ACROSS: Final[Mapping[str, tuple[Side, ...]]] = {
    "everyone": _EVERYONE,
    "staff": STAFF_SIDES,
    "administrators": (Side.SCHOOL_ADMIN,),
    "students": (Side.STUDENT,),
    "guardians": (Side.GUARDIAN,),
}
"""Whom anybody may be allowed to write to in other schools."""


def directions_of(
    own: Mapping[Side, Iterable[str]], across: Mapping[Side, Iterable[str]]
) -> Mapping[Kind, tuple[Direction, ...]]:
    """Known words → directions, sorted, of those kinds that any word needs."""
    found: dict[Kind, set[Direction]] = {}
    for kind, direction in (*_own(own), *_across(across)):
        found.setdefault(kind, set()).add(direction)
    return {kind: tuple(sorted(found[kind])) for kind in Kind if kind in found}


def words_for(own: Mapping[Side, Iterable[str]], way: Way) -> tuple[str, ...]:
    """Which of the words in force allow it, in the order they stand."""
    return tuple(
        word
        for word in own.get(way.direction.writer, ())
        for reach in WORDS[way.direction.writer][word]
        if reach.kind is way.kind and way.direction.reader in reach.sides
    )


def words_across(across: Mapping[Side, Iterable[str]], way: Way) -> tuple[str, ...]:
    """The same for people of different schools."""
    return tuple(
        word
        for word in across.get(way.direction.writer, ())
        if way.direction.reader in ACROSS[word]
    )


def _own(own: Mapping[Side, Iterable[str]]) -> Iterator[tuple[Kind, Direction]]:
    for writer, words in own.items():
        for word in words:
            for kind, readers in WORDS[writer][word]:
                for reader in readers:
                    yield kind, Direction(writer, reader)


def _across(across: Mapping[Side, Iterable[str]]) -> Iterator[tuple[Kind, Direction]]:
    for writer, words in across.items():
        for word in words:
            for reader in ACROSS[word]:
                yield Kind.REGION, Direction(writer, reader)
