"""The turn of the year: the table that a person reads, and the roster of the next year under the
ids that its rooms are known by. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from appservice.school.model import Roster
from appservice.school.problem import Delivery
from appservice.year.cohorts import Cohorts, cohorts


@dataclass(frozen=True, slots=True)
class Turn:
    """How the ids of a source become those that rooms are known by, from one rollover to the next.

    `classes`: class id in the source → id of the class that it continues. A class that continues
    none keeps its own id, or, where that is `taken` by a class of any year before, gets the mark
    behind it; so does every group with a subject. `marks` are those of earlier turns; `before` and
    `after` the school years by school id, where the rosters name them.
    """

    mark: str
    classes: Mapping[str, str]
    taken: frozenset[str] = frozenset()
    marks: tuple[str, ...] = ()
    before: Mapping[str, str] | None = None
    after: Mapping[str, str] | None = None

    def class_key(self, class_id: str) -> str:
        """The id that the rooms of a class are known by."""
        if class_id in self.classes:
            return self.classes[class_id]
        return self._marked(class_id) if class_id in self.taken else class_id

    def group_key(self, group_id: str, subject: str) -> str:
        """The same of a group: a club goes on, a subject starts afresh."""
        return self._marked(group_id) if subject else group_id

    def _marked(self, name: str) -> str:
        return f"{name}@{self.mark}"


class Fate(StrEnum):
    """What becomes of a class."""

    CONTINUES = "continues"
    BEGINS = "begins"
    GRADUATES = "graduates"  # it ends, out of the highest grade of its school
    ENDS = "ends"


class ClassTurn(NamedTuple):
    """A line of the table. Labels are empty where there is no such class.

    `stay` students go along, `come` and `go` are the others. `origins` and `heirs` are the labels
    of other classes that at least a quarter of it comes from (a merge) or goes to (a split).
    """

    school_id: str
    fate: Fate
    before: str
    after: str
    stay: int
    come: int
    go: int
    origins: tuple[str, ...] = ()
    heirs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Turnover:
    """What the turn does, for a person to read. People are person ids, sorted."""

    classes: tuple[ClassTurn, ...]
    repeaters: tuple[str, ...]
    graduates: tuple[str, ...]
    leavers: tuple[str, ...]
    newcomers: tuple[str, ...]


def turn_between(
    old: Roster, new: Roster, *, today: date, on: date, last: Turn | None = None
) -> tuple[Turn, Turnover]:
    """`old` is the accepted roster, under the ids of its rooms; `new` comes from the source; `last`
    is the turn in force.
    """
    known_as = last.class_key if last else str
    found = cohorts(old, new, today=today, on=on, known_as=known_as)
    marks = (*last.marks, last.mark) if last else ()
    mark = str(on.year)
    while mark in marks:
        mark += "+"
    turn = Turn(
        mark=mark,
        classes=found.continues,
        taken=frozenset(old.classes) | (last.taken | frozenset(last.classes) if last else set()),
        marks=marks,
        before=years_of(old),
        after=years_of(new),
    )
    return turn, _turnover(old, new, found)


def years_of(roster: Roster) -> dict[str, str]:
    """School id → school year, where one is named."""
    return {school.school_id: school.year for school in roster.schools if school.year}


def turned(delivery: Delivery, turn: Turn | None) -> Delivery:
    """What a source delivered, under the ids of the rooms."""
    if turn is None:
        return delivery
    roster = delivery.roster
    return replace(
        delivery,
        roster=None if roster is None else _roster_turned(roster, turn),
        # It is not known which of a class, group or person a held id names: all of them are held.
        held=frozenset(
            name
            for one in delivery.held
            for name in (one, turn.class_key(one), turn.group_key(one, "subject"))
        ),
    )


def _roster_turned(roster: Roster, turn: Turn) -> Roster:
    classes = {name: turn.class_key(name) for name in roster.classes}
    groups = {name: turn.group_key(name, one.subject) for name, one in roster.groups.items()}
    places = classes | groups
    return replace(
        roster,
        classes={
            classes[name]: one._replace(class_id=classes[name])
            for name, one in roster.classes.items()
        },
        groups={
            groups[name]: one._replace(
                group_id=groups[name],
                class_ids=tuple(turn.class_key(each) for each in one.class_ids),
            )
            for name, one in roster.groups.items()
        },
        memberships=tuple(
            one._replace(target_id=places.get(one.target_id, one.target_id))
            for one in roster.memberships
        ),
    )


def _turnover(old: Roster, new: Roster, found: Cohorts) -> Turnover:
    before = {person: name for name, people in found.before.items() for person in people}
    after = {person: name for name, people in found.after.items() for person in people}
    highest = _highest_grades(old)
    gone = sorted(before.keys() - after.keys())
    graduates = [
        person
        for person in gone
        if old.classes[before[person]].grade is not None
        and old.classes[before[person]].grade == highest[old.classes[before[person]].school_id]
    ]
    return Turnover(
        classes=tuple(_lines(old, new, found, highest)),
        repeaters=tuple(
            sorted(
                person
                for person in before.keys() & after.keys()
                if _repeats(old.classes[before[person]].grade, new.classes[after[person]].grade)
            )
        ),
        graduates=tuple(graduates),
        leavers=tuple(sorted(set(gone) - set(graduates))),
        newcomers=tuple(sorted(after.keys() - before.keys())),
    )


def _lines(
    old: Roster, new: Roster, found: Cohorts, highest: Mapping[str, int]
) -> Iterator[ClassTurn]:
    heir_of = {old_id: new_id for new_id, old_id in found.continues.items()}
    for name, each in sorted(old.classes.items(), key=lambda pair: (pair[1].grade or 0, pair[0])):
        heir = heir_of.get(name)
        stay = found.flows.get((name, heir), 0) if heir is not None else 0
        size = len(found.before[name])
        if heir is not None:
            fate = Fate.CONTINUES
        elif each.grade is not None and each.grade == highest[each.school_id]:
            fate = Fate.GRADUATES
        else:
            fate = Fate.ENDS
        yield ClassTurn(
            school_id=each.school_id,
            fate=fate,
            before=each.label,
            after=new.classes[heir].label if heir is not None else "",
            stay=stay,
            come=len(found.after[heir]) - stay if heir is not None else 0,
            go=size - stay,
            origins=_origins(old, found, heir, name) if heir is not None else (),
            heirs=_heirs(new, found, name, heir),
        )
    for name, begun in sorted(new.classes.items()):
        if name not in found.continues:
            yield ClassTurn(
                school_id=begun.school_id,
                fate=Fate.BEGINS,
                before="",
                after=begun.label,
                stay=0,
                come=len(found.after[name]),
                go=0,
                origins=_origins(old, found, name, None),
            )


def _origins(old: Roster, found: Cohorts, new_id: str, but: str | None) -> tuple[str, ...]:
    size = len(found.after[new_id])
    return tuple(
        sorted(
            old.classes[origin].label
            for (origin, heir), count in found.flows.items()
            if heir == new_id and origin != but and count * 4 >= size
        )
    )


def _heirs(new: Roster, found: Cohorts, old_id: str, but: str | None) -> tuple[str, ...]:
    size = len(found.before[old_id])
    return tuple(
        sorted(
            new.classes[heir].label
            for (origin, heir), count in found.flows.items()
            if origin == old_id and heir != but and count * 4 >= size
        )
    )


def _highest_grades(roster: Roster) -> dict[str, int]:
    highest: dict[str, int] = {}
    for each in roster.classes.values():
        if each.grade is not None:
            highest[each.school_id] = max(each.grade, highest.get(each.school_id, each.grade))
    return highest


def _repeats(before: int | None, after: int | None) -> bool:
    return before is not None and after is not None and after <= before
