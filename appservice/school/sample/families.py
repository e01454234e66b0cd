"""Families: students with the grown-ups who answer for them.

Half as many guardians again as students: some students are siblings, some have one parent, some
parents live apart and bear different names, some a grandmother brings up. A few parents teach at
the school.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import NamedTuple

from appservice.school.model import Consent, Guardianship, Role
from appservice.school.rules.case import SIGNS_TOO, years_old
from appservice.school.rules.consents import NEEDED
from appservice.school.sample.names import FullName, Names, Sex
from appservice.school.sample.registrar import Registrar

DOCUMENT = "1.0"
_SIBLINGS = 0.16  # part of the students who have a sibling at the school
_APART, _GRANDMOTHER, _FATHER = 0.2, 0.07, 0.08


class Seat(NamedTuple):
    """A place in a class that a student takes."""

    class_index: int
    grade: int


@dataclass(frozen=True, slots=True)
class Families:
    students: tuple[str, ...]  # in the order of the seats
    guardians: tuple[tuple[str, ...], ...]  # of each of them
    teachers: tuple[str, ...]  # guardians who teach at the school
    guardianships: tuple[Guardianship, ...]
    consents: tuple[Consent, ...]


@dataclass(slots=True)
class _Household:
    seats: list[int]
    both_parents: bool
    teaches: bool = False
    family: str = ""
    father: str = ""  # his given name
    guardians: tuple[tuple[str, str], ...] = ()  # (id, relation)


def settle_families(
    registrar: Registrar, names: Names, seats: Sequence[Seat], year: int, teachers: int, rng: Random
) -> Families:
    """A student for every seat; `teachers` of the guardians teach at the school."""
    births = [_birth(seat.grade, year, rng) for seat in seats]
    households = _households(seats, births, teachers, rng)
    students: list[str] = []
    guardianships: list[Guardianship] = []
    consents: list[Consent] = []
    for number, seat in enumerate(seats):
        household, birth = households[number], births[number]
        first = not household.family
        if first:
            household.family = rng.choice(names.families)
            household.father = rng.choice(names.adults["male"])
        sex: Sex = "female" if rng.random() < 0.5 else "male"
        given = rng.choice(names.children[sex])
        student = registrar.enrol(
            names.name(sex, household.family, given, household.father), birth, Role.STUDENT
        )
        students.append(student)
        if first:
            eldest = min(births[place] for place in household.seats)
            household.guardians = _guardians(registrar, names, household, eldest, rng)
        guardianships += [
            Guardianship(student, guardian, relation) for guardian, relation in household.guardians
        ]
        signer = household.guardians[0][0]
        consents += _consents(student, birth, signer, seat.grade, year, rng)
    return Families(
        students=tuple(students),
        guardians=tuple(
            tuple(guardian for guardian, _relation in household.guardians)
            for household in households
        ),
        teachers=tuple(
            households[number].guardians[0][0]
            for number in range(len(seats))
            if households[number].teaches and households[number].seats[0] == number
        ),
        guardianships=tuple(guardianships),
        consents=tuple(consents),
    )


def _birth(grade: int, year: int, rng: Random) -> date:
    """Six and a half to seven and a half years old when the first grade begins.

    Nobody turns 14 between one 1 September and the next, so that no consent comes to be missing in
    the course of the year.
    """
    first = date(year - grade - 6, 3, 1)
    last = date(year - grade - 5, 2, 28)
    turning_from, turning_to = date(year - SIGNS_TOO, 9, 1), date(year - SIGNS_TOO + 1, 8, 31)
    if first < turning_from <= last:
        last = turning_from - timedelta(days=1)
    elif first <= turning_to < last:
        first = turning_to + timedelta(days=1)
    return first + timedelta(days=rng.randrange((last - first).days + 1))


def _households(
    seats: Sequence[Seat], births: list[date], teachers: int, rng: Random
) -> list[_Household]:
    """The household of each seat. `births` change where siblings are twins."""
    classes: dict[int, list[int]] = {}
    for number, seat in enumerate(seats):
        classes.setdefault(seat.class_index, []).append(number)
    households: list[_Household] = []
    for pair in range(int(len(seats) * _SIBLINGS / 2)):
        elder = pair % len(classes)
        younger = (elder + len(classes) // 2) % len(classes)
        both = sorted((classes[elder].pop(), classes[younger].pop()))
        if elder == younger:
            births[both[1]] = births[both[0]]
        households.append(_Household(both, both_parents=True))
    alone = sorted(number for left in classes.values() for number in left)
    rng.shuffle(alone)
    # Pairs of siblings with two parents make one guardian a student, all others one and a half.
    two_parents = len(seats) // 2
    for place, number in enumerate(alone):
        households.append(
            _Household([number], both_parents=place < two_parents, teaches=place < teachers)
        )
    by_seat = {number: household for household in households for number in household.seats}
    return [by_seat[number] for number in range(len(seats))]


def _guardians(
    registrar: Registrar, names: Names, household: _Household, eldest: date, rng: Random
) -> tuple[tuple[str, str], ...]:
    """The grown-ups with their relation to the children; who teaches stands first."""
    chance = rng.random()

    def grown_up(
        sex: Sex, family: str, given: str, youngest: int, relation: str
    ) -> tuple[str, str]:
        birth = eldest - timedelta(days=365 * youngest + rng.randrange(365 * 14))
        name: FullName = names.name(sex, family, given, rng.choice(names.adults["male"]))
        return registrar.enrol(name, birth, Role.GUARDIAN), relation

    woman = rng.choice(names.adults["female"])
    if not household.both_parents and chance < _GRANDMOTHER:
        return (grown_up("female", household.family, woman, 42, "guardian"),)
    if not household.both_parents and chance < _GRANDMOTHER + _FATHER:
        return (grown_up("male", household.family, household.father, 23, "father"),)
    apart = chance < _APART
    family = rng.choice(names.families) if apart else household.family
    mother = grown_up("female", family, woman, 21, "mother")
    if household.teaches:
        registrar.appoint(mother[0], Role.TEACHER)
    if not household.both_parents:
        return (mother,)
    return mother, grown_up("male", household.family, household.father, 23, "father")


def _consents(
    student: str, birth: date, signer: str, grade: int, year: int, rng: Random
) -> list[Consent]:
    """The guardian signs on entry or the year before, the student on turning 14."""
    if grade == 1:
        signed = date(year, 4, 1) + timedelta(days=rng.randrange(90))
    else:
        signed = date(year - 1, 8, 20) + timedelta(days=rng.randrange(20))
    consents = [Consent(student, NEEDED, DOCUMENT, signer, signed)]
    if years_old(birth, date(year, 9, 1)) >= SIGNS_TOO:
        consents.append(Consent(student, NEEDED, DOCUMENT, student, _birthday(birth, SIGNS_TOO)))
    return consents


def _birthday(birth: date, age: int) -> date:
    """The day on which somebody turns `age`."""
    if (birth.month, birth.day) == (2, 29):
        return date(birth.year + age, 3, 1)
    return birth.replace(year=birth.year + age)
