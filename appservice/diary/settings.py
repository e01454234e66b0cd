"""The `diary:` section of the configuration: where events come from, whom they reach when."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, time, timedelta
from typing import Annotated, Any, Final, Literal, Self

from pydantic import BeforeValidator, Field, SecretStr, model_validator

from appservice.diary.fields import SourceName
from appservice.diary.payloads import Kind
from appservice.diary.preferences import Pace, QuietWish
from appservice.diary.pull.settings import PullSettings
from appservice.diary.quiet_hours import SCHOOL_NIGHT, Quiet, nearest
from appservice.language import _
from appservice.school.model import Role
from appservice.school.settings import Section

_SHORTEST_SECRET: Final = 32
_LONGEST_HOLIDAYS: Final = timedelta(days=120)


def _clock(value: object) -> object:
    # YAML 1.1 reads 18:00 as a number of minutes; 1.2 leaves it a text.
    if isinstance(value, time):
        return value
    if isinstance(value, str):
        try:
            read = time.fromisoformat(value.zfill(5))
        except ValueError:
            pass
        else:
            if read.tzinfo is None:
                return read
    raise ValueError(_("a time of day is needed here: 18:00."))


Clock = Annotated[time, BeforeValidator(_clock)]
Weekday = Annotated[int, Field(ge=1, le=7)]  # 1: Monday


class SourceSettings(Section):
    """Who may send events, and how it is known: by a token, or by signing with a secret."""

    token: SecretStr | None = None
    hmac_secret: SecretStr | None = None
    # School ids that it speaks for; without them, all of this deployment.
    schools: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _one_key(self) -> Self:
        keys = [each for each in (self.token, self.hmac_secret) if each is not None]
        if len(keys) != 1:
            raise ValueError(_("either `token` or `hmac_secret` is needed here, not both."))
        if len(keys[0].get_secret_value()) < _SHORTEST_SECRET:
            raise ValueError(_("the secret of a source has at least 32 characters."))
        return self


OUR_OWN: Final = "helper"
"""The source of what people tell the bot."""


class SettleSettings(Section):
    """How long what was said may still be changed or taken back before anybody is told, in
    minutes. What concerns today's lessons and absences is told at once, whatever stands here.
    """

    grade: int = Field(default=15, ge=0, le=1440)
    homework: int = Field(default=5, ge=0, le=1440)
    timetable: int = Field(default=5, ge=0, le=1440)  # of other days
    absence: int = Field(default=0, ge=0, le=1440)
    exam: int = Field(default=5, ge=0, le=1440)
    remark: int = Field(default=5, ge=0, le=1440)
    result: int = Field(default=15, ge=0, le=1440)
    meeting: int = Field(default=5, ge=0, le=1440)
    announcement: int = Field(default=0, ge=0, le=1440)

    def delay(self, kind: Kind) -> timedelta:
        return timedelta(minutes=getattr(self, kind.value))


class QuietSettings(Section):
    """When nobody is told anything that can wait; keys that are not named keep what stands above.

    `begin` and `end` alike: no hour of the night is quiet.
    """

    begin: Clock | None = None
    end: Clock | None = None
    weekend: tuple[Weekday, ...] | None = None  # whole days; [] for none
    holidays: bool | None = None  # whether holidays are quiet

    @model_validator(mode="after")
    def _a_day_is_left(self) -> Self:
        if self.weekend is not None and len(set(self.weekend)) == 7:
            raise ValueError(_("one day of the week must be left on which people are told."))
        return self

    def over(self, above: QuietSettings) -> QuietSettings:
        """With what stands above where nothing is named here."""
        return above.model_copy(update=self.model_dump(exclude_none=True))

    def wish(self) -> QuietWish:
        weekend = None if self.weekend is None else frozenset(self.weekend)
        return QuietWish(self.begin, self.end, weekend, self.holidays)


class HolidaySettings(Section):
    """Days without lessons, the first and the last included."""

    begin: date = Field(alias="from")
    end: date = Field(alias="to")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.end < self.begin:
            raise ValueError(_("the last day (`to`) is before the first (`from`)."))
        if self.end - self.begin > _LONGEST_HOLIDAYS:
            raise ValueError(_("holidays are at most 120 days long."))
        return self


Hideable = Literal["grade", "result", "absence", "remark"]


class OneSchool(Section):
    """What is otherwise in one school than in all of the deployment."""

    quiet: QuietSettings = Field(default_factory=QuietSettings)
    quiet_by_role: Mapping[Role, QuietSettings] = Field(default_factory=dict)
    holidays: tuple[HolidaySettings, ...] | None = None
    hidden_values: tuple[Hideable, ...] | None = None


class DigestSettings(Section):
    """When what was gathered is told, by the clock of the school."""

    at: Clock = time(18, 0)
    weekly_on: Weekday = 5


class RoomKinds(Section):
    """In which kind of room (`rooms: kinds:`) each audience is told."""

    school_everyone: str = "announcements"
    school_guardians: str = "school_guardians"
    school_students: str = "school_students"
    school_staff: str = "staff_room"
    class_everyone: str = "class_announcements"
    class_guardians: str = "guardians_with_teacher"
    class_students: str = "class_chat"
    # Of a group: the first of these that it has.
    groups: tuple[str, ...] = ("subject_room", "mixed_group", "club")

    def of_school(self, audience: Literal["everyone", "guardians", "students", "staff"]) -> str:
        return str(getattr(self, f"school_{audience}"))

    def of_class(self, audience: str) -> str:
        return str(getattr(self, f"class_{audience}"))


_PACES: Final[Mapping[Kind, Pace]] = dict.fromkeys(Kind, Pace.IMMEDIATE)


def _over_the_defaults(own: Any) -> Any:
    return {**_PACES, **own} if isinstance(own, Mapping) else own


class DiarySettings(Section):
    """What a school tells of its diary in the chat."""

    # By the name that stands as `source` in its events.
    sources: Mapping[SourceName, SourceSettings] = Field(default_factory=dict)
    settle: SettleSettings = Field(default_factory=SettleSettings)
    # Of everybody (from 21:00 to 07:00, Sundays and holidays where nothing else stands); of a role;
    # what a person wishes goes over both.
    quiet: QuietSettings = Field(default_factory=QuietSettings)
    quiet_by_role: Mapping[Role, QuietSettings] = Field(default_factory=dict)
    holidays: tuple[HolidaySettings, ...] = ()
    digest: DigestSettings = Field(default_factory=DigestSettings)
    # What holds for people who have chosen nothing: immediate, daily, weekly or off.
    paces: Annotated[Mapping[Kind, Pace], BeforeValidator(_over_the_defaults)] = Field(
        default_factory=dict, validate_default=True
    )
    # Kinds of which a message says only that there is something new; the page shows it.
    hidden_values: tuple[Hideable, ...] = ()
    # By school_id: what is otherwise there.
    schools: Mapping[str, OneSchool] = Field(default_factory=dict)
    rooms: RoomKinds = Field(default_factory=RoomKinds)
    # Where events are fetched; by the name that stands as `source` in them.
    pull: Mapping[SourceName, PullSettings] = Field(default_factory=dict)
    # After so many days what is kept of an event is deleted.
    keep_days: int = Field(default=400, ge=30, le=3650)

    @model_validator(mode="after")
    def _each_name_is_one_source(self) -> Self:
        if OUR_OWN in self.sources or OUR_OWN in self.pull:
            raise ValueError(_("{name} is how the bot calls itself.").format(name=OUR_OWN))
        twice = sorted(self.sources.keys() & self.pull.keys())
        if twice:
            raise ValueError(
                _("{names}: a source either sends (`sources`) or is fetched (`pull`).").format(
                    names=", ".join(twice)
                )
            )
        return self

    @property
    def is_on(self) -> bool:
        """Whether events come from anywhere."""
        return bool(self.sources or self.pull)

    def in_school(self, school: str) -> DiarySettings:
        """As they hold in this school."""
        own = self.schools.get(school)
        if own is None:
            return self
        roles = dict(self.quiet_by_role)
        for role, quiet in own.quiet_by_role.items():
            roles[role] = quiet.over(roles.get(role, QuietSettings()))
        return self.model_copy(
            update={
                "quiet": own.quiet.over(self.quiet),
                "quiet_by_role": roles,
                "holidays": self.holidays if own.holidays is None else own.holidays,
                "hidden_values": self.hidden_values
                if own.hidden_values is None
                else own.hidden_values,
                "schools": {},
            }
        )

    def quiet_for(self, role: Role | None, own: QuietWish) -> Quiet:
        """The quiet hours of somebody of this role (None: of a room) who wishes this."""
        layers = [own]
        if role is not None and role in self.quiet_by_role:
            layers.append(self.quiet_by_role[role].wish())
        return nearest(*layers, self.quiet.wish(), otherwise=SCHOOL_NIGHT)

    def hides(self, kind: Kind) -> bool:
        return kind.value in self.hidden_values

    def is_holiday(self, day: date) -> bool:
        return any(each.begin <= day <= each.end for each in self.holidays)
