"""The policy as values, and what it means.

A person stands in circles, on one side of each: "class:17/5a student" is the student side of the
circle of class 5A. Rules say which side may write first to which, by kind of circle; so a region
needs no list of pairs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal, NamedTuple

from appservice.language import Language

Rooms = Literal["no", "direct", "group"]


class Side(StrEnum):
    """What somebody is in a circle; also what the rights to create things are given by."""

    STUDENT = "student"
    GUARDIAN = "guardian"
    TEACHER = "teacher"  # class teachers are teachers
    STAFF = "staff"
    SCHOOL_ADMIN = "school_admin"
    OBSERVER = "observer"


class Kind(StrEnum):
    """What a circle is around."""

    FAMILY = "family"  # one child
    CLASS = "class"
    GROUP = "group"  # one teaching group, or several with the very same students
    SCHOOL = "school"
    REGION = "region"  # all schools of the deployment


class Direction(NamedTuple):
    """Whoever stands on the one side may write first to the other."""

    writer: Side
    reader: Side


class Rights(NamedTuple):
    """What people of a role may make for themselves; `rooms`: none, for two, or for several."""

    rooms: Rooms
    aliases: bool
    public_rooms: bool
    encryption: bool
    invite_by_3pid: bool


@dataclass(frozen=True, slots=True)
class Rules:
    """What the configuration says. `directions` of a kind are sorted."""

    directions: Mapping[Kind, tuple[Direction, ...]]
    rights: Mapping[Side, Rights]
    unlisted_may_contact: bool = False
    federation: bool = False


class Entry(NamedTuple):
    """One account: what it is, the language to refuse in, and its circles. Both sorted."""

    roles: tuple[Side, ...]
    language: Language
    circles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Policy:
    """Everything that the module needs to know; `people` by user id.

    `around`, for ourselves: the ids of the class or groups that a circle ("class:17/5a") is around.
    """

    rules: Rules
    people: Mapping[str, Entry]
    around: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


class Way(NamedTuple):
    """Why a conversation is allowed: the circle (kind and name), and who stands where in it."""

    kind: Kind
    name: str
    direction: Direction


def circle_of(kind: Kind, name: str) -> str:
    """A circle, as the policy writes it."""
    return f"{kind}:{name}"


def place_in(kind: Kind, name: str, side: Side) -> str:
    """A person's place in a circle, as the policy writes it."""
    return f"{circle_of(kind, name)} {side}"


def place_parts(place: str) -> tuple[Kind, str, Side]:
    """The parts of a place. Raises ValueError when it is none."""
    circle, _blank, side = place.rpartition(" ")
    kind, _colon, name = circle.partition(":")
    return Kind(kind), name, Side(side)


def may_contact(policy: Policy, writer: str, reader: str) -> bool:
    """Whether one account may open a conversation with another. What the module must answer.

    Accounts that the policy does not list are free among themselves.
    """
    listed = (writer in policy.people) + (reader in policy.people)
    if listed < 2:
        return listed == 0 or policy.rules.unlisted_may_contact
    return next(ways(policy, writer, reader), None) is not None


def ways(policy: Policy, writer: str, reader: str) -> Iterator[Way]:
    """All that allows it, in the order of the writer's circles; both are listed."""
    sides: dict[tuple[Kind, str], list[Side]] = {}
    for place in policy.people[reader].circles:
        kind, name, side = place_parts(place)
        sides.setdefault((kind, name), []).append(side)
    for place in policy.people[writer].circles:
        kind, name, side = place_parts(place)
        for other in sides.get((kind, name), ()):
            if Direction(side, other) in policy.rules.directions.get(kind, ()):
                yield Way(kind, name, Direction(side, other))
