"""The `contacts:` section of the configuration: who may write first to whom, and make what."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal

from pydantic import Field, model_validator

from appservice.contacts.policy import Rights, Rooms, Rules, Side
from appservice.contacts.words import directions_of
from appservice.school.settings import Section

StudentWord = Literal[
    "classmates",
    "groupmates",
    "schoolmates",
    "teachers",
    "guardians",
    "class_guardians",
    "staff",
    "administrators",
]
GuardianWord = Literal[
    "teachers",
    "children",
    "co_guardians",
    "class_guardians",
    "class_students",
    "school_guardians",
    "staff",
    "administrators",
]
ColleagueWord = Literal["everyone", "staff", "administrators", "students", "guardians"]
TeacherWord = Literal[
    "everyone",
    "staff",
    "administrators",
    "students",
    "guardians",
    "own_students",
    "own_guardians",
]
AcrossWord = Literal["everyone", "staff", "administrators", "students", "guardians"]

_ROOMS: Final[Mapping[str, Rooms]] = {"none": "no", "direct": "direct", "group": "group"}


class MayWriteTo(Section):
    """Whom each may write to first, inside their school. A list replaces the default list."""

    student: tuple[StudentWord, ...] = ("classmates", "teachers", "guardians")
    guardian: tuple[GuardianWord, ...] = ("teachers", "children", "class_guardians")
    teacher: tuple[TeacherWord, ...] = ("everyone",)  # class teachers too
    staff: tuple[ColleagueWord, ...] = ("everyone",)
    school_admin: tuple[ColleagueWord, ...] = ("everyone",)
    observer: tuple[ColleagueWord, ...] = ()


class AcrossSchools(Section):
    """The same for people of other schools of the deployment."""

    student: tuple[AcrossWord, ...] = ()
    guardian: tuple[AcrossWord, ...] = ()
    teacher: tuple[AcrossWord, ...] = ()
    staff: tuple[AcrossWord, ...] = ()
    school_admin: tuple[AcrossWord, ...] = ()
    observer: tuple[AcrossWord, ...] = ()


class MayCreate(Section):
    """What people of one role may make for themselves, outside the rooms that the school keeps."""

    # none; direct: conversations of two; group: rooms for several, all of whom may write to each
    # other.
    rooms: Literal["none", "direct", "group"] = "direct"
    aliases: bool = False
    public_rooms: bool = False
    encryption: bool = True
    invite_by_email: bool = False  # or by telephone number

    def rights(self) -> Rights:
        return Rights(
            _ROOMS[self.rooms],
            self.aliases,
            self.public_rooms,
            self.encryption,
            self.invite_by_email,
        )


_MAY_CREATE: Final[Mapping[str, Mapping[str, object]]] = {
    "student": {"rooms": "direct"},
    "guardian": {"rooms": "direct"},
    "teacher": {"rooms": "group"},
    "staff": {"rooms": "group"},
    "school_admin": {"rooms": "group"},
    "observer": {"rooms": "none"},
}


class MayCreateByRole(Section):
    """Keys that are not named keep the default of their role."""

    student: MayCreate
    guardian: MayCreate
    teacher: MayCreate
    staff: MayCreate
    school_admin: MayCreate
    observer: MayCreate

    @model_validator(mode="before")
    @classmethod
    def _over_the_defaults(cls, own: Any) -> Any:
        if not isinstance(own, Mapping):
            return own
        laid: dict[Any, Any] = dict(own)
        for role, default in _MAY_CREATE.items():
            given = own.get(role, {})
            laid[role] = {**default, **given} if isinstance(given, Mapping) else given
        return laid


class ContactsSettings(Section):
    """Who may open a conversation with whom. Nobody may who is not named here."""

    may_write_to: MayWriteTo = Field(default_factory=MayWriteTo)
    across_schools: AcrossSchools = Field(default_factory=AcrossSchools)
    # Whether a guardian who is no legal representative counts as none here.
    only_legal_guardians: bool = True
    may_create: MayCreateByRole = Field(default_factory=lambda: MayCreateByRole.model_validate({}))
    # Whether accounts of the homeserver that are not in the roster may write to those that are.
    strangers: bool = False
    # Whether people of other homeservers may be invited, and may invite.
    federation: bool = False

    def own_words(self) -> Mapping[Side, tuple[str, ...]]:
        """`may_write_to` by role."""
        return {side: getattr(self.may_write_to, side.value) for side in Side}

    def across_words(self) -> Mapping[Side, tuple[str, ...]]:
        """`across_schools` by role."""
        return {side: getattr(self.across_schools, side.value) for side in Side}

    def rules(self) -> Rules:
        """The same as the policy says it."""
        return Rules(
            directions=directions_of(self.own_words(), self.across_words()),
            rights={side: getattr(self.may_create, side.value).rights() for side in Side},
            unlisted_may_contact=self.strangers,
            federation=self.federation,
        )
