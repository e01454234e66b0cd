"""Who stands at the door: accounts and people of the accepted roster of today, asked anew."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from appservice.diary.sight import Sight, Sights
from appservice.school.model import Person, Role, Roster, School
from appservice.upkeep.living import Living, LivingWish
from appservice.upkeep.reconcile import accepted
from appservice.year.waves import started


@dataclass(frozen=True, slots=True)
class Guest:
    """A person with what that person may see today, and the roster to name things by. `today` is
    the deployment's day; `at` a school it may be another. `home`: a school to which the person
    belongs, and as what; it is what is left to those who may see no diary.
    """

    person: Person
    user_id: str
    sight: Sight
    roster: Roster
    today: date
    home: tuple[str, Role] | None = None

    def school(self, school_id: str) -> School:
        return next(each for each in self.roster.schools if each.school_id == school_id)

    def zone(self, school_id: str) -> ZoneInfo:
        return ZoneInfo(self.school(school_id).time_zone)

    def at(self, school_id: str, now: datetime) -> Guest:
        """On the day that it is at this school."""
        return replace(self, today=now.astimezone(self.zone(school_id)).date())


@dataclass(frozen=True, slots=True)
class _Book:
    """Of one state of the roster on one day. `people` by user id, `accounts` by person id: of those
    who have an account today.
    """

    living: Living
    roster: Roster
    sights: Sights
    people: Mapping[str, str]
    accounts: Mapping[str, str]


class Guests:
    def __init__(self, living: LivingWish) -> None:
        self._living = living
        self._turn = asyncio.Lock()
        self._book: _Book | None = None

    async def person_of(self, user_id: str) -> str | None:
        """The person_id behind an account; None for one that is nobody's of the roster."""
        book = await self._now()
        return book.people.get(user_id) if book is not None else None

    async def guest(self, person_id: str) -> Guest | None:
        """None for somebody who has no account at the school today."""
        book = await self._now()
        if book is None or person_id not in book.accounts:
            return None
        return Guest(
            person=book.roster.people[person_id],
            user_id=book.accounts[person_id],
            sight=book.sights.of(person_id),
            roster=book.roster,
            today=book.living.wish.today,
            home=book.sights.home_of(person_id),
        )

    async def _now(self) -> _Book | None:
        living = await self._living.now()
        if living is None:
            return None
        async with self._turn:
            book = self._book
            if book is None or not _same(book.living, living):
                # A region takes seconds: the loop goes on meanwhile.
                book = self._book = await asyncio.to_thread(_book_of, living)
        return book


def _same(one: Living, other: Living) -> bool:
    """Measures (mutes, bans) change nothing of a diary."""
    return one.standing is other.standing and one.wish.today == other.wish.today


def _book_of(living: Living) -> _Book:
    wish = living.wish
    roster = started(
        accepted(living.standing.delivery), living.deployment.calendar.rollout, wish.today
    )
    accounts = {person: user for person, user in wish.user_ids.items() if person in roster.people}
    return _Book(
        living,
        roster,
        Sights(roster, wish.today),
        {user_id: person_id for person_id, user_id in accounts.items()},
        accounts,
    )
