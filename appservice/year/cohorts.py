"""Which class of the next year is which class of this year: by its id, or by who is in it. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from appservice.school.model import MemberRole, Membership, Roster, SchoolClass, in_force

Students = Mapping[str, frozenset[str]]
"""The person ids of the students of each class, by class id."""


@dataclass(frozen=True, slots=True)
class Cohorts:
    """`before`: as each class of this year stood last; `after`: as each class of the next begins.

    `continues`: class id of the next year → id of the class of this year that it continues; no
    class is continued twice. `flows`: (this year's class, next year's) → how many go that way.
    """

    before: Students
    after: Students
    continues: Mapping[str, str]
    flows: Mapping[tuple[str, str], int]


def cohorts(
    old: Roster,
    new: Roster,
    *,
    today: date,
    on: date,
    known_as: Callable[[str], str] = str,
) -> Cohorts:
    """Match the classes of two years; the next one begins `on`.

    A class continues the one with its id unless their students say otherwise: in some exports the
    id is the label, and next year's 5А are other children. Whatever else has a class of this year
    in it, as at least half of its students, continues that one; the most students first. Only
    within a school. `known_as`: the id that `old` has for an id of the source.
    """
    before, after = stood_last(old, today), begins_with(new, on)
    home = {person: name for name, people in before.items() for person in people}
    flows: Counter[tuple[str, str]] = Counter(
        (home[person], name)
        for name, people in after.items()
        for person in people
        if person in home
    )
    within = {
        pair: count
        for pair, count in flows.items()
        if old.classes[pair[0]].school_id == new.classes[pair[1]].school_id
    }
    found = {
        name: known_as(name)
        for name in new.classes
        if _is_itself((known_as(name), name), old, new, within, after)
    }
    taken = set(found.values())
    for old_id, new_id in sorted(within, key=lambda pair: _rank(pair, within[pair], old, new)):
        half = within[old_id, new_id] * 2 >= len(after[new_id])
        if half and new_id not in found and old_id not in taken:
            found[new_id] = old_id
            taken.add(old_id)
    return Cohorts(before, after, dict(sorted(found.items())), dict(flows))


def stood_last(roster: Roster, today: date) -> Students:
    """Who was in each class today or, where that is over, on its last day."""
    return {
        name: _on(members, _last_day(members, today)) for name, members in _by_class(roster).items()
    }


def begins_with(roster: Roster, on: date) -> Students:
    """Who is in each class on the day `on` or, where nobody is yet, on its first day."""
    return {
        name: _on(members, _first_day(members, on)) for name, members in _by_class(roster).items()
    }


def has_begun(roster: Roster, today: date) -> bool:
    """Whether at least half of those who will be in a class are in it today."""
    coming = frozenset[str]().union(*begins_with(roster, today).values())
    here = {person for members in _by_class(roster).values() for person in _on(members, today)}
    return len(here) * 2 >= len(coming)


def _is_itself(
    pair: tuple[str, str],
    old: Roster,
    new: Roster,
    flows: Mapping[tuple[str, str], int],
    after: Students,
) -> bool:
    """Whether the class with the id of an old one is that class."""
    old_id, new_id = pair
    before, now = old.classes.get(old_id), new.classes[new_id]
    if before is None or before.school_id != now.school_id:
        return False
    common = flows.get(pair, 0)
    goes = [count for (origin, _heir), count in flows.items() if origin == old_id]
    comes = [count for (_origin, heir), count in flows.items() if heir == new_id]
    if not goes and not comes:
        return before.grade is None or before.grade != now.grade
    return common > 0 and (common == max(goes) or common * 2 >= len(after[new_id]))


def _rank(
    pair: tuple[str, str], count: int, old: Roster, new: Roster
) -> tuple[int, bool, bool, tuple[str, str]]:
    """The most students first; of equals the one that is a grade higher, with the same letter."""
    before, after = old.classes[pair[0]], new.classes[pair[1]]
    next_grade = before.grade is not None and after.grade == before.grade + 1
    return -count, not next_grade, _letter(before) != _letter(after), pair


def _letter(each: SchoolClass) -> str:
    return each.label.strip().lstrip("0123456789").strip(" -").casefold()


def _by_class(roster: Roster) -> dict[str, list[Membership]]:
    found: dict[str, list[Membership]] = {name: [] for name in roster.classes}
    for one in roster.memberships:
        if one.role is MemberRole.STUDENT and one.target_id in found:
            found[one.target_id].append(one)
    return found


def _on(members: Iterable[Membership], day: date) -> frozenset[str]:
    return frozenset(one.person_id for one in members if in_force(one.begin, one.end, day))


def _last_day(members: Iterable[Membership], today: date) -> date:
    ends = [
        today + timedelta(days=1) if one.end is None else one.end for one in _begun(members, today)
    ]
    return min(today, max(ends, default=today) - timedelta(days=1))


def _begun(members: Iterable[Membership], today: date) -> Iterator[Membership]:
    return (one for one in members if one.begin is None or one.begin <= today)


def _first_day(members: Iterable[Membership], on: date) -> date:
    begins = [
        one.begin or on for one in members if one.end is None or one.end > max(on, one.begin or on)
    ]
    return max(on, min(begins, default=on))
