"""One absence that several say: a guardian's excuse, and what the journal records of that day."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date
from typing import NamedTuple

from appservice.diary.payloads import AbsenceExcused, AbsenceRecorded


class ExcusedDay(NamedTuple):
    student: str
    day: date


def days_excused(payloads: Iterable[object]) -> frozenset[ExcusedDay]:
    """The whole days that are excused; payloads of other kinds say nothing of that."""
    return frozenset(
        ExcusedDay(one.student, one.day)
        for one in payloads
        if isinstance(one, AbsenceExcused) and not one.lessons
    )


def is_excused(absence: object, excused: Collection[ExcusedDay]) -> bool:
    """Whether this absence is one of a day that is excused. An excuse itself and coming late are
    none.
    """
    return (
        isinstance(absence, AbsenceRecorded)
        and not isinstance(absence, AbsenceExcused)
        and ExcusedDay(absence.student, absence.day) in excused
    )
