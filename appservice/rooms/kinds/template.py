"""A room kind: the template from which the rooms of schools, classes and groups are made.
Configuration, not code.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from string import Formatter
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from appservice.language import LANGUAGES, Language, _
from appservice.rooms.kinds.complaints import Complaints
from appservice.rooms.kinds.power import BOT_LEVEL, FIXED_TYPES
from appservice.school.settings import Section

NAME_LIMIT = 200  # characters; a client shows far fewer
LOWEST_LEVEL = -100


class Scope(StrEnum):
    """What there is one room of the kind for."""

    SCHOOL = "school"
    CLASS = "class"
    SUBJECT = "subject"  # a teaching group of exactly one class
    MIXED_GROUP = "mixed_group"  # a teaching group of several classes, or of none
    CLUB = "club"  # a group without a subject: a club or council


class Audience(StrEnum):
    """Who may be in a room. What each word means in a school, a class or a group:
    `appservice.rooms.kinds.audiences`.
    """

    SCHOOL_ADMIN = "school_admin"
    CLASS_TEACHER = "class_teacher"
    TEACHER = "teacher"
    STAFF = "staff"
    GUARDIAN = "guardian"
    GUARDIAN_MEMBER = "guardian_member"
    STUDENT = "student"
    OBSERVER = "observer"
    MODERATOR = "moderator"  # raises a member of the room, lets nobody in


PARENT_SCOPES: Mapping[Scope, frozenset[Scope]] = {
    Scope.SCHOOL: frozenset({Scope.SCHOOL}),
    Scope.CLASS: frozenset({Scope.CLASS, Scope.SCHOOL}),
    Scope.SUBJECT: frozenset({Scope.SUBJECT, Scope.CLASS, Scope.SCHOOL}),
    Scope.MIXED_GROUP: frozenset({Scope.MIXED_GROUP, Scope.SCHOOL}),
    Scope.CLUB: frozenset({Scope.CLUB, Scope.SCHOOL}),
}
"""The scopes a parent may have: each room must find exactly one room of its parent's kind."""

_GROUP_WORDS = frozenset({"school", "year", "label", "subject", "title"})
PLACEHOLDERS: Mapping[Scope, frozenset[str]] = {
    Scope.SCHOOL: frozenset({"school", "year"}),
    Scope.CLASS: frozenset({"school", "year", "label"}),
    Scope.SUBJECT: _GROUP_WORDS,
    Scope.MIXED_GROUP: _GROUP_WORDS,
    Scope.CLUB: _GROUP_WORDS,
}


def _below_the_bot(level: int) -> int:
    if level >= BOT_LEVEL:
        raise PydanticCustomError(
            "level_of_the_bot",
            "{text}",
            {
                "text": _(
                    "level {level} is too high: nobody but the bot reaches 100, use 99 or less"
                ).format(level=level)
            },
        )
    return level


def _in_every_language(text: object) -> object:
    return dict.fromkeys(LANGUAGES, text) if isinstance(text, str) else text


MemberLevel = Annotated[int, Field(strict=True, ge=LOWEST_LEVEL), AfterValidator(_below_the_bot)]
NeededLevel = Annotated[int, Field(strict=True, ge=0, le=BOT_LEVEL)]
Texts = Annotated[Mapping[Language, str], BeforeValidator(_in_every_language)]


class RoomKind(Section):
    """One kind of room. Levels are Matrix power levels: `members` say who has which, the rest what
    needs which.
    """

    model_config = ConfigDict(populate_by_name=True)

    scope: Scope = Field(alias="for")
    space: bool = False
    # The kind of the space it hangs in; none: it stands at the top.
    parent: str = ""
    # Where among the rooms of its space: sorts as text.
    order: str = Field(default="50", pattern=r"^[ -~]{1,16}$")
    name: Texts
    topic: Texts = Field(default_factory=dict)
    # Who is in it, and at which level. Whoever is several of these has the highest level of them.
    members: Mapping[Audience, MemberLevel]
    post: NeededLevel = 0
    # None: 50 where students are, otherwise whoever may post may also call.
    calls: NeededLevel | None = None
    pins: NeededLevel = 50
    polls: NeededLevel = 50
    room_mentions: NeededLevel = 50
    moderation: NeededLevel = 50
    widgets: NeededLevel = BOT_LEVEL
    # The level from which people may change the topic; None: the topic is ours and is put back.
    topic_editable: NeededLevel | None = None
    # Event types with a level of their own.
    events: Mapping[str, NeededLevel] = Field(default_factory=dict)
    history: Literal["shared", "invited", "joined"] = "shared"
    # Whether the members of the parent space may join by themselves.
    open_to_parent: bool = False
    suggested: bool = False
    # Whether the diary page stands in it as a widget, where there is one (`page:`).
    diary: bool = False

    @property
    def call_level(self) -> int:
        """What a call needs (who joins a call sends state, so this is also who may take part)."""
        if self.calls is not None:
            return self.calls
        return max(self.post, 50) if Audience.STUDENT in self.members else self.post

    def text(self, texts: Texts, language: str) -> str:
        """The text in a school's language ("ru", "ru-RU"), else in English, else in any."""
        for wanted in (language[:2].lower(), "en", *LANGUAGES):
            for known, text in texts.items():
                if known == wanted:
                    return text
        return ""

    @model_validator(mode="before")
    @classmethod
    def _none_means_no_parent(cls, raw: object) -> object:
        if isinstance(raw, Mapping) and "parent" in raw and raw["parent"] is None:
            return {**raw, "parent": ""}
        return raw

    @model_validator(mode="after")
    def _words_fit(self) -> RoomKind:
        found = Complaints("RoomKind")
        if not self.name:
            found.add(("name",), _("a name is needed, in at least one language"), self.name)
        for field, texts in (("name", self.name), ("topic", self.topic)):
            for language, text in texts.items():
                if complaint := _placeholder_complaint(text, self.scope):
                    found.add((field, language), complaint, text)
        for event_type in sorted(FIXED_TYPES.intersection(self.events)):
            found.add(
                ("events", event_type),
                _("the level of this type is fixed: it belongs to the bot alone"),
                self.events[event_type],
            )
        found.refuse()
        return self


def _placeholder_complaint(text: str, scope: Scope) -> str:
    allowed = PLACEHOLDERS[scope]
    offered = ", ".join(f"{{{word}}}" for word in sorted(allowed))
    try:
        parts = [part for part in Formatter().parse(text) if part[1] is not None]
    except ValueError:
        return _(
            "a brace stands alone; placeholders are {offered}, a real brace is doubled"
        ).format(offered=offered)
    for _literal, field, spec, conversion in parts:
        if field not in allowed or spec or conversion:
            return _("there is no placeholder {{{field}}} here; there are {offered}").format(
                field=field, offered=offered
            )
    return ""
