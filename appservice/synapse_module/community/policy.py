"""What the policies of a homeserver say of the people at issue.

Pure. Ids are Matrix user ids; an owner is the bot whose service keeps the policy.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import reduce


class Rooms(Enum):
    """Which rooms a person may make: none, conversations of two, or any."""

    NO = "no"
    DIRECT = "direct"
    GROUP = "group"


_WIDTH = {Rooms.NO: 0, Rooms.DIRECT: 1, Rooms.GROUP: 2}


class Reason(Enum):
    """Why something is not allowed. The values are part of the documented answers."""

    NOT_A_CONTACT = "not_a_contact"
    OUTSIDER = "outsider"
    FEDERATION = "federation"
    GROUP = "group"
    ONLY_TWO = "only_two"
    NO_ROOMS = "no_rooms"
    NO_ALIASES = "no_aliases"
    NO_PUBLIC_ROOMS = "no_public_rooms"
    NO_ENCRYPTION = "no_encryption"
    NO_3PID = "no_3pid"
    FAILED = "failed"


@dataclass(frozen=True)
class Rights:
    """What a person may do besides writing to somebody."""

    rooms: Rooms = Rooms.NO
    aliases: bool = False
    publish: bool = False
    encrypt: bool = False
    invite_by_3pid: bool = False

    def wider(self, other: Rights) -> Rights:
        """Of each right, the more permissive of the two."""
        return Rights(
            rooms=max(self.rooms, other.rooms, key=_WIDTH.__getitem__),
            aliases=self.aliases or other.aliases,
            publish=self.publish or other.publish,
            encrypt=self.encrypt or other.encrypt,
            invite_by_3pid=self.invite_by_3pid or other.invite_by_3pid,
        )


ALL_RIGHTS = Rights(Rooms.GROUP, aliases=True, publish=True, encrypt=True, invite_by_3pid=True)


@dataclass(frozen=True)
class Rules:
    """`directions`: by kind of circle, which side may open a conversation with which."""

    directions: Mapping[str, frozenset[tuple[str, str]]]
    rights: Mapping[str, Rights]
    unlisted_may_contact: bool = False
    federation: bool = False


@dataclass(frozen=True)
class Entry:
    """A person in one policy. `circles`: by id ("class:17/5a"), the sides they stand on in it."""

    roles: Collection[str]
    language: str
    circles: Mapping[str, frozenset[str]]


@dataclass(frozen=True)
class Community:
    """Policies by owner, and the people who were asked about, each with their entries by owner.

    `admins` are the server administrators among them.
    """

    server_name: str
    bots: frozenset[str]
    rules: Mapping[str, Rules]
    people: Mapping[str, Mapping[str, Entry]]
    admins: frozenset[str] = frozenset()

    def is_free(self, user_id: str) -> bool:
        """A bot or a server administrator: whatever they do is let pass."""
        return user_id in self.bots or user_id in self.admins

    def is_listed(self, user_id: str) -> bool:
        """Whether any policy has this person."""
        return bool(self.people.get(user_id))

    def language(self, user_id: str) -> str | None:
        """The language of a listed person."""
        return next((entry.language for entry in self.people.get(user_id, {}).values()), None)

    def rights(self, user_id: str) -> Rights:
        """Of several roles, and of several policies, the most permissive. Who is in none is free:
        they are not the school's.
        """
        if self.is_free(user_id) or not self.is_listed(user_id):
            return ALL_RIGHTS
        given = (
            self.rules[owner].rights.get(role, Rights())
            for owner, entry in self.people[user_id].items()
            for role in entry.roles
        )
        return reduce(Rights.wider, given, Rights())

    def may_federate(self, user_id: str) -> bool:
        """Whether this person may have to do with other homeservers at all."""
        owners = self.people.get(user_id, {})
        return not owners or any(self.rules[owner].federation for owner in owners)

    def why_not(self, writer: str, reader: str) -> Reason | None:
        """Why `writer` may not open a conversation with `reader`; None where they may."""
        if writer == reader or self.is_free(writer) or reader in self.bots:
            return None
        one, other = self.people.get(writer, {}), self.people.get(reader, {})
        if not one and not other:
            return None
        remote = not (self._is_local(writer) and self._is_local(reader))
        if one and other:
            owners = one.keys() & other.keys()
            if any(
                _meet(self.rules[owner], one[owner], other[owner])
                and (self.rules[owner].federation or not remote)
                for owner in owners
            ):
                return None
            return Reason.NOT_A_CONTACT
        rules = [self.rules[owner] for owner in one or other]
        if remote:
            return None if any(rule.federation for rule in rules) else Reason.FEDERATION
        return None if any(rule.unlisted_may_contact for rule in rules) else Reason.OUTSIDER

    def may_be_together(self, one: str, other: str) -> bool:
        """Whether the two may be in a room: one of them may open a conversation with the other."""
        return self.why_not(one, other) is None or self.why_not(other, one) is None

    def _is_local(self, user_id: str) -> bool:
        return user_id.partition(":")[2] == self.server_name


def kind_of(circle: str) -> str:
    """The kind of a circle by its id."""
    return circle.partition(":")[0]


def _meet(rules: Rules, writer: Entry, reader: Entry) -> bool:
    few, many = sorted((writer.circles, reader.circles), key=len)
    return any(
        (side, other_side) in rules.directions.get(kind_of(circle), ())
        for circle in few
        if circle in many
        for side in writer.circles[circle]
        for other_side in reader.circles[circle]
    )
