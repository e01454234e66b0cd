"""What one room is compared in: everything desired, and whom and what of the rest it must know."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Final

from appservice.rooms.desired import Desired, DesiredRoom, children_of
from appservice.rooms.state import SharedDigests

PRESENT: Final = frozenset({"join", "invite", "knock"})
"""The memberships of those who are in a room, or before its door."""


@dataclass(frozen=True, slots=True)
class Scene:
    """What the rooms are compared in: everything desired, and what of the whole deployment one room
    needs to know.

    `room_ids` are the ids of the kept rooms by key; `managed` are the accounts we made or were told
    to manage.
    """

    desired: Desired
    room_ids: Mapping[str, str]
    managed: Collection[str]
    children: Mapping[str, tuple[DesiredRoom, ...]]
    keys: Mapping[str, str]  # room id → key
    digests: SharedDigests
    # By school id, everybody in its rooms; filled when it is first asked for.
    present: dict[str, set[str]] = field(default_factory=dict)

    @staticmethod
    def of(desired: Desired, room_ids: Mapping[str, str], managed: Collection[str]) -> Scene:
        """With the indexes made."""
        return Scene(
            desired=desired,
            room_ids=room_ids,
            managed=managed,
            children=children_of(desired),
            keys={room_id: key for key, room_id in room_ids.items()},
            digests=SharedDigests(),
        )

    def may_move(self, user: str) -> bool:
        """Whether somebody who is in a kept room, and has no place there, is to go."""
        desired = self.desired
        if user in desired.held_users or user in desired.tolerated or user == desired.bot:
            return False
        return not desired.keep_strangers or user in self.managed

    def is_ours(self, user: str) -> bool:
        """Whether we were told to manage this member of a kept room, and nothing holds us."""
        return user in self.managed and user not in self.desired.held_users

    def has_left(self, user: str, school_id: str) -> bool:
        """Whether a member of a kept room is ours to remove and is in no living room of the school
        any more.
        """
        return self.may_move(user) and user not in self._present(school_id)

    def _present(self, school_id: str) -> Collection[str]:
        if not self.present:
            for room in self.desired.rooms.values():
                self.present.setdefault(room.school_id, set()).update(room.members)
        return self.present.get(school_id, ())

    def is_stranger(self, user: str) -> bool:
        """Whether a member of a kept room stays although nobody told us what to make of them."""
        desired = self.desired
        if not desired.keep_strangers or user in desired.tolerated:
            return False
        return user not in self.managed and user not in desired.held_users
