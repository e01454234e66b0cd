"""The rooms that the kinds give to one place: a school, a class or a group."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from appservice.rooms.desired import DesiredRoom
from appservice.rooms.identity import room_alias, room_key, space_order
from appservice.rooms.kinds.audiences import Standing
from appservice.rooms.kinds.power import BOT_LEVEL, TOPIC, Needs, integers, power_frame
from appservice.rooms.kinds.room_state import Look, RoomState
from appservice.rooms.kinds.settings import RoomsSettings
from appservice.rooms.kinds.template import NAME_LIMIT, Audience, RoomKind, Scope
from appservice.rooms.kinds.widget import widget_state
from appservice.rooms.state import WIDGET_TYPES
from appservice.school.model import School

_LEADS: Mapping[Scope, tuple[Audience, ...]] = {
    Scope.SCHOOL: (),
    Scope.CLASS: (Audience.CLASS_TEACHER,),
    Scope.SUBJECT: (Audience.TEACHER,),
    Scope.MIXED_GROUP: (Audience.TEACHER,),
    Scope.CLUB: (Audience.TEACHER, Audience.STAFF),
}
"""Without whom a room is without its teacher."""


@dataclass(frozen=True, slots=True)
class Place:
    """What a room is for: the school itself, one class, or one group."""

    scope: Scope
    school: School
    target_id: str
    class_id: str  # of a class, and of a group with exactly one
    words: Mapping[str, str]  # what stands for the placeholders
    sort: str
    standing: Standing
    held: bool


class RoomsOfKinds:
    """Makes the rooms of one place from the kinds for its scope; what a kind's rooms share is made
    once.
    """

    def __init__(self, settings: RoomsSettings, server_name: str, bot: str, page: str = "") -> None:
        """`page` is the address of the diary page, "" for none."""
        self._settings = settings
        self._server_name = server_name
        self._kinds: dict[Scope, list[_Kind]] = {scope: [] for scope in Scope}
        for name, kind in settings.kinds.items():
            self._kinds[kind.scope].append(_Kind(name, kind, settings, bot, page))
        self._admin_levels = _admin_levels(settings)

    def at(self, place: Place) -> Iterator[tuple[int, DesiredRoom]]:
        """Each room with the number of spaces above it."""
        for kind in self._kinds[place.scope]:
            members = kind.members(place.standing)
            if members or kind.template.space:
                yield kind.depth, self._room(kind, place, members)

    def _room(self, kind: _Kind, place: Place, members: dict[str, int]) -> DesiredRoom:
        school_id, template = place.school.school_id, kind.template
        key = room_key(school_id, kind.name, place.target_id)
        alias = room_alias(
            self._settings.alias_prefix, self._server_name, school_id, kind.name, place.target_id
        )
        state = RoomState(
            kind.look_in(place.school.language),
            key=key,
            alias=alias,
            name=kind.name_for(place),
            topic=kind.topic_for(place),
            members=members,
        )
        return DesiredRoom(
            key=key,
            kind=kind.name,
            school_id=school_id,
            alias=alias,
            space=template.space,
            parent=kind.parent_key(place),
            order=space_order(template.order, place.sort),
            version=kind.look.version,
            federate=self._settings.federate,
            open_to_parent=template.open_to_parent,
            suggested=template.suggested,
            state=state,
            members=members,
            leads=kind.leads(place.standing),
            lead_level=kind.lead_level,
            admin_level=self._admin_levels.get(kind.name, 0),
            free=kind.free,
            free_types=kind.free_types,
        )


class _Kind:
    """A room kind with everything worked out that does not depend on the place."""

    def __init__(
        self, name: str, template: RoomKind, settings: RoomsSettings, bot: str, page: str
    ) -> None:
        self.name = name
        self.template = template
        self.depth = settings.depth(template)
        self.look = Look(
            kind=name,
            version=settings.version,
            bot=bot,
            levels=power_frame(needs_of(template), settings.version),
            shared={
                ("m.room.guest_access", ""): {"guest_access": "forbidden"},
                ("m.room.history_visibility", ""): {"history_visibility": template.history},
            },
        )
        self._page = page if template.diary else ""
        self._looks: dict[str, Look] = {}
        self.free = frozenset({(TOPIC, "")} if template.topic_editable is not None else ())
        needed = integers(self.look.levels["events"])
        self.free_types = frozenset(
            event_type for event_type in WIDGET_TYPES if needed[event_type] < BOT_LEVEL
        )
        entries = dict(template.members)
        self._moderator = entries.pop(Audience.MODERATOR, None)
        # The highest level last, so that it wins.
        self._entries = sorted(entries.items(), key=lambda entry: entry[1])
        self._leads = [a for a in _LEADS[template.scope] if entries.get(a, 0) > 0]
        self.lead_level = min((entries[audience] for audience in self._leads), default=0)
        parent = settings.kinds.get(template.parent)
        self._parent_scope = parent.scope if parent else None

    def look_in(self, language: str) -> Look:
        """Of the rooms of a school of this language: the widget has a name."""
        if not self._page:
            return self.look
        if language not in self._looks:
            widget = widget_state(self._page, bot=self.look.bot, language=language)
            self._looks[language] = self.look._replace(shared={**self.look.shared, **widget})
        return self._looks[language]

    def members(self, standing: Standing) -> dict[str, int]:
        members: dict[str, int] = {}
        for audience, level in self._entries:
            members.update(dict.fromkeys(standing.get(audience, ()), level))
        if self._moderator is not None:
            for user in standing.get(Audience.MODERATOR, ()):
                if user in members:
                    members[user] = max(members[user], self._moderator)
        return members

    def leads(self, standing: Standing) -> frozenset[str]:
        return frozenset(user for audience in self._leads for user in standing.get(audience, ()))

    def parent_key(self, place: Place) -> str:
        match self._parent_scope:
            case None:
                return ""
            case Scope.SCHOOL:
                return room_key(place.school.school_id, self.template.parent)
            case Scope.CLASS:
                return room_key(place.school.school_id, self.template.parent, place.class_id)
            case _:
                return room_key(place.school.school_id, self.template.parent, place.target_id)

    def name_for(self, place: Place) -> str:
        return _filled(self.template.text(self.template.name, place.school.language), place)

    def topic_for(self, place: Place) -> str:
        return _filled(self.template.text(self.template.topic, place.school.language), place)


def _admin_levels(settings: RoomsSettings) -> dict[str, int]:
    """By kind, in the rooms that show who is an administrator: those of the school, else all."""
    levels = {
        name: kind.members[Audience.SCHOOL_ADMIN]
        for name, kind in settings.kinds.items()
        if kind.members.get(Audience.SCHOOL_ADMIN, 0) > 0
    }
    whole_school = {
        name: level for name, level in levels.items() if settings.kinds[name].scope is Scope.SCHOOL
    }
    return whole_school or levels


def needs_of(kind: RoomKind) -> Needs:
    """What each deed needs in a room of this kind."""
    return Needs(
        post=kind.post,
        calls=kind.call_level,
        pins=kind.pins,
        polls=kind.polls,
        room_mentions=kind.room_mentions,
        moderation=kind.moderation,
        widgets=kind.widgets,
        topic=BOT_LEVEL if kind.topic_editable is None else kind.topic_editable,
        events=kind.events,
    )


def _filled(text: str, place: Place) -> str:
    # A word that the roster leaves out must not leave double spaces or a dangling comma behind.
    words = " ".join(text.format_map(place.words).split()).strip(" ,")
    return words if len(words) <= NAME_LIMIT else words[: NAME_LIMIT - 1] + "…"
