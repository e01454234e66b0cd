"""Putting a roster together so that the order of the rows it came from means nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from operator import itemgetter
from typing import Any, TypeVar

from appservice.school.model import (
    Consent,
    Guardianship,
    Membership,
    Person,
    RoleAssignment,
    Roster,
    School,
    SchoolClass,
    TeachingGroup,
)

_Relation = TypeVar("_Relation", RoleAssignment, Membership, Guardianship, Consent)
_Entity = TypeVar("_Entity", Person, SchoolClass, TeachingGroup)


def assembled(
    *,
    schools: Iterable[School],
    people: Mapping[str, Person],
    roles: list[RoleAssignment],
    classes: Mapping[str, SchoolClass],
    groups: Mapping[str, TeachingGroup],
    memberships: list[Membership],
    guardianships: list[Guardianship],
    consents: list[Consent],
    files: Mapping[str, str],
    columns: Mapping[tuple[str, str], str],
) -> Roster:
    """A roster in order, in which nothing is said twice. The lists are sorted where they stand."""
    return Roster(
        schools=tuple(sorted(schools)),
        people=_by_id(people),
        roles=_in_order(roles, 5),
        classes=_by_id(classes),
        groups=_by_id(groups),
        memberships=_in_order(memberships, 5),
        guardianships=_in_order(guardianships, 7),
        consents=_in_order(consents, 6),
        files=files,
        columns=columns,
    )


def _by_id(entities: Mapping[str, _Entity]) -> dict[str, _Entity]:
    return {name: entities[name] for name in sorted(entities)}


def _in_order(relations: list[_Relation], row: int) -> tuple[_Relation, ...]:
    """Sorted, equal ones once. `row` is the place of the row number, the last field.

    Nearly all differ in their first two fields, the ends of the relation, and sorting by these
    alone is three times as fast; those that share both are then compared whole.
    """
    relations.sort(key=itemgetter(0, 1))
    kept: list[_Relation] = []
    run: list[_Relation] = []
    one: Any = None
    other: Any = None
    for relation in relations:
        if relation[0] != one or relation[1] != other:
            one, other = relation[0], relation[1]
            if len(run) > 1:
                run = _once(run, row)
            kept += run
            run = [relation]
        else:
            run.append(relation)
    kept += _once(run, row)
    return tuple(kept)


def _once(run: list[_Relation], row: int) -> list[_Relation]:
    run.sort(key=lambda relation: tuple(map(_comparable, relation)))
    return [
        relation
        for place, relation in enumerate(run)
        if not place or relation[:row] != run[place - 1][:row]
    ]


def _comparable(value: Any) -> Any:
    return date.min if value is None else value
