"""What routing, timing and wording need to know of the school of today."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from zoneinfo import ZoneInfo

from appservice.accounts.settings import TO_BE_GENERATED
from appservice.diary.events import DiaryEvent, parse
from appservice.diary.payloads import Kind
from appservice.diary.preferences import Pace, Preferences, QuietWish
from appservice.diary.quiet_hours import SchoolCalendar
from appservice.diary.routing import Directory, Reader, Recipient, Route
from appservice.diary.settings import DiarySettings
from appservice.diary.wording.messages import hidden_kinds
from appservice.diary.wording.phrases import Voice
from appservice.errors import Refused, Temporary
from appservice.language import Language, _
from appservice.school.model import Roster, School
from appservice.storage.database import Database
from appservice.storage.diary_wishes import Wishes, WishStore
from appservice.upkeep.living import Living, LivingWish


class Circumstances:
    """The accepted roster as of today, for as long as it holds. `living` is where it came from."""

    def __init__(self, living: Living, roster: Roster, settings: DiarySettings) -> None:
        self.living = living
        self.settings = settings
        self.roster = roster
        wish = living.wish
        self._user_ids = wish.user_ids
        self._schools = {school.school_id: school for school in roster.schools}
        self.directory = Directory(
            roster,
            accounts=wish.user_ids.keys(),
            rooms=wish.desired.rooms.keys(),
            kinds=settings.rooms,
            secret=_secret(living),
            today=wish.today,
        )

    def route(self, event: DiaryEvent) -> Route:
        return self.directory.route(event)

    def user_id(self, person_id: str) -> str:
        """ "" for somebody without an account."""
        return self._user_ids.get(person_id, "")

    def person_of(self, user_id: str) -> str:
        """The person_id behind an account; "" for nobody's."""
        return next((each for each, user in self._user_ids.items() if user == user_id), "")

    def calendar(self, school: str) -> SchoolCalendar:
        return SchoolCalendar(
            ZoneInfo(self._school(school).time_zone), self.settings.in_school(school).is_holiday
        )

    def language(self, school: str) -> Language:
        return "ru" if self._school(school).language == "ru" else "en"

    def voice(self, school: str, recipient: Recipient | None, own: Preferences) -> Voice:
        """How somebody is spoken to in this school; None: whoever is in the room."""
        user = self._user_ids.get(recipient.person_id, "") if isinstance(recipient, Reader) else ""
        return Voice(
            language=own.language or self.language(school),
            people=self.roster.people,
            zone=ZoneInfo(self._school(school).time_zone),
            hidden=hidden_kinds(own, self.settings.in_school(school)),
            user_id=user,
        )

    def _school(self, school_id: str) -> School:
        return self._schools.get(school_id) or School(school_id, school_id)


class CircumstancesOfToday:
    """Kept until the roster or the day is another."""

    def __init__(self, living: LivingWish, settings: DiarySettings) -> None:
        self._living = living
        self._settings = settings
        self._made: tuple[object, Circumstances] | None = None

    async def now(self) -> Circumstances:
        """Raises Temporary while no roster was accepted."""
        living = await self._living.now()
        roster = None if living is None else living.standing.delivery.roster
        if living is None or roster is None:
            raise Temporary(_("No roster was accepted yet: nobody can be told of the diary."))
        stamp = (living.standing.version, living.wish.today)
        if self._made is None or self._made[0] != stamp:
            self._made = (stamp, Circumstances(living, roster, self._settings))
        return self._made[1]


class Preferring:
    """What people have chosen, as the diary knows it."""

    def __init__(self, database: Database) -> None:
        self._store = WishStore(database)

    async def of(self, school: str, people: Collection[str]) -> Mapping[str, Preferences]:
        found = await self._store.of(school, people)
        return {person: preferences_of(wishes) for person, wishes in found.items()}


def preferences_of(wishes: Wishes) -> Preferences:
    """Kinds and paces that this version does not know are left out."""
    kinds, paces = {each.value for each in Kind}, {each.value for each in Pace}
    weekend = wishes.quiet_weekend
    return Preferences(
        paces={
            Kind(kind): Pace(pace)
            for kind, pace in wishes.paces.items()
            if kind in kinds and pace in paces
        },
        quiet=QuietWish(
            wishes.quiet_begin,
            wishes.quiet_end,
            None if weekend is None else frozenset(weekend),
            wishes.quiet_holidays,
        ),
        hide_values=wishes.hide_values,
        language="ru" if wishes.language == "ru" else "en" if wishes.language == "en" else None,
    )


def event_in(document: str) -> DiaryEvent | None:
    """The event of a document that was kept; None for one that this version cannot read."""
    event = parse(json.loads(document))
    return event if isinstance(event, DiaryEvent) else None


def _secret(living: Living) -> bytes:
    secret = living.deployment.accounts.localpart_secret.get_secret_value()
    if secret in ("", TO_BE_GENERATED):
        raise Refused(
            _(
                "accounts.localpart_secret is not set: the rooms in which the diary speaks to one"
                " person are named with it. Let the registration be generated."
            )
        )
    return secret.encode()
