"""Who has left the school, and when an account that nobody needs any more is closed. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import NamedTuple

from pydantic import Field

from appservice.school.model import MemberRole, Roster
from appservice.school.settings import Section


class LeaversSettings(Section):
    """What becomes of the accounts of those who left: suspended at once, deactivated later."""

    # Days from the suspension to the deactivation.
    grace_days: int = Field(default=14, ge=0)
    # The same for those who left from the highest grade of their school.
    graduate_days: int = Field(default=90, ge=0)


class AccountStanding(StrEnum):
    """Whether an account may be used. Deactivated ones keep what they wrote."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    DEACTIVATED = "deactivated"


class Past(NamedTuple):
    """What is remembered of an account for the day its person is gone.

    `left_on`: the day it was suspended because the roster gave it nothing. The rest is what the
    roster last said: whether its person stood in the highest grade, and of which schools (sorted
    ids) they were an administrator.
    """

    left_on: date | None = None
    graduate: bool = False
    administered: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Leavers:
    """What decides about the accounts of those who left, on the day `today`.

    `mark` is the auth provider whose external id says that we made an account. `graduates` are the
    user ids of all whom the roster still shows in the highest grade, whether their time there is
    over or not.
    """

    today: date
    mark: str
    settings: LeaversSettings = field(default_factory=LeaversSettings)
    graduates: frozenset[str] = frozenset()

    def is_ours(self, external_ids: Iterable[tuple[str, str]]) -> bool:
        """Whether an account with these external ids was made by us."""
        return any(provider == self.mark for provider, _id in external_ids)

    def is_over(self, user: str, past: Past) -> bool:
        """Whether the grace of a suspended account is over; never without knowing since when."""
        if past.left_on is None:
            return False
        graduate = past.graduate or user in self.graduates
        days = self.settings.graduate_days if graduate else self.settings.grace_days
        return self.today >= past.left_on + timedelta(days=days)


def graduates(roster: Roster) -> frozenset[str]:
    """The ids of all students of the highest grade of their school, in force or not.

    A class without a grade is of no grade; where no class has one, nobody is a graduate.
    """
    highest: dict[str, int] = {}
    for each in roster.classes.values():
        if each.grade is not None:
            highest[each.school_id] = max(each.grade, highest.get(each.school_id, each.grade))
    last = {
        each.class_id
        for each in roster.classes.values()
        if each.grade is not None and each.grade == highest[each.school_id]
    }
    return frozenset(
        one.person_id
        for one in roster.memberships
        if one.target_id in last and one.role is MemberRole.STUDENT
    )


def last_administrator_of(past: Past, admins: Mapping[str, Collection[str]]) -> tuple[str, ...]:
    """The schools that have no administrator now and of which this account was one; `admins` by
    school id, of the schools that there are.
    """
    return tuple(school for school in past.administered if school in admins and not admins[school])
