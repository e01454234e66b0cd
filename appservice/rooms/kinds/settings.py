"""The `rooms:` section of the configuration: the kinds of room a school has, laid over the built-in
set.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, StringConstraints, model_validator

from appservice.language import _
from appservice.rooms.kinds.complaints import Complaints
from appservice.rooms.kinds.default_kinds import DEFAULT_KINDS
from appservice.rooms.kinds.template import PARENT_SCOPES, RoomKind
from appservice.school.settings import Section
from appservice.year.archive import ArchiveSettings

RoomVersion = Literal["11", "12"]
UserId = Annotated[str, StringConstraints(pattern=r"^@[^:\s]{1,200}:[^\s]{1,250}$")]
KIND_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
_DROPPED = (None, False, "off")  # YAML 1.1 reads `off` as false


def _merged(default: object, own: object) -> object:
    """`own` over `default`: maps are merged key by key, null takes a key away, everything else
    replaces.
    """
    if not (isinstance(default, Mapping) and isinstance(own, Mapping)):
        return own
    result = dict(default)
    for key, value in own.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = _merged(default.get(key), value)
    return result


def merged_kinds(own: object) -> object:
    """The kinds of a configuration over the built-in ones: null or `off` drops a kind, an unknown
    name adds one.
    """
    if not isinstance(own, Mapping):
        return own
    kinds: dict[object, object] = {}
    kinds.update(DEFAULT_KINDS)
    for name, kind in own.items():
        if any(kind is dropped or kind == dropped for dropped in _DROPPED):
            kinds.pop(name, None)
        else:
            kinds[name] = _merged(DEFAULT_KINDS.get(str(name), {}), kind)
    return kinds


class RoomsSettings(Section):
    """Which rooms the roster gives."""

    # Of rooms to be made; rooms that exist keep theirs.
    version: RoomVersion = "12"
    # Whether people of other homeservers may ever be in the rooms; fixed when a room is made.
    federate: bool = False
    # First part of every room alias: the alias namespace of the registration.
    alias_prefix: str = Field(default="school", pattern=r"^[a-z0-9_-]{1,32}$")
    # What becomes of members whom neither the roster nor we know: out they go, or they stay and are
    # noted.
    strangers: Literal["remove", "keep"] = "remove"
    # User ids that may be in the rooms whatever the roster says: a bot of the homeserver's
    # moderators, say. They keep the level they have.
    tolerated: tuple[UserId, ...] = ()
    archive: ArchiveSettings = Field(default_factory=ArchiveSettings)
    kinds: Annotated[Mapping[str, RoomKind], BeforeValidator(merged_kinds)] = Field(
        default_factory=dict, validate_default=True
    )

    @model_validator(mode="after")
    def _tree_stands(self) -> RoomsSettings:
        found = Complaints("RoomsSettings")
        for name, kind in self.kinds.items():
            if not KIND_NAME.fullmatch(name):
                found.add(
                    ("kinds", name),
                    _("the name of a kind is small Latin letters, digits and _, at most 40"),
                    name,
                )
            if complaint := self._parent_complaint(name, kind):
                found.add(("kinds", name, "parent"), complaint, kind.parent)
        found.refuse()
        return self

    def _parent_complaint(self, name: str, kind: RoomKind) -> str:
        if not kind.parent:
            return ""
        parent = self.kinds.get(kind.parent)
        if parent is None:
            return _(
                'there is no kind "{parent}": name another parent, or null, or drop "{name}" too'
            ).format(parent=kind.parent, name=name)
        if not parent.space:
            return _('"{parent}" is no space, so nothing can hang in it').format(parent=kind.parent)
        if parent.scope not in PARENT_SCOPES[kind.scope]:
            return _(
                'a room for "{scope}" cannot hang in "{parent}", which is for "{parent_scope}"'
            ).format(scope=kind.scope, parent=kind.parent, parent_scope=parent.scope)
        if name in (above := self._above(kind)):
            return _("the parents go round in a circle: {circle}").format(
                circle=" → ".join((name, *above[: above.index(name) + 1]))
            )
        return ""

    def _above(self, kind: RoomKind) -> list[str]:
        """The parents of a kind, up to the top or to where they repeat."""
        chain: list[str] = []
        while kind.parent and kind.parent not in chain and kind.parent in self.kinds:
            chain.append(kind.parent)
            kind = self.kinds[kind.parent]
        return chain

    def depth(self, kind: RoomKind) -> int:
        """How many spaces stand above a room of this kind."""
        return len(self._above(kind))
