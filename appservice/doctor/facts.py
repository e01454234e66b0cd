"""What was seen, before anybody judged it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, NamedTuple

from appservice.language import _


class NotSeen(NamedTuple):
    """Something that could not be looked at, and why; `why` is "" when an earlier check says it."""

    why: str = ""


UNSEEN: Final = NotSeen()


class Reached(NamedTuple):
    """An answer of the homeserver: how long it took (s), the clock there and the clock here."""

    seconds: float
    there: datetime | None
    here: datetime


class Pinged(NamedTuple):
    """What the homeserver said to "reach the application service"; `code` is "" when it did."""

    milliseconds: int = 0
    code: str = ""  # Matrix errcode
    error: str = ""


class ModuleSeen(NamedTuple):
    """What the module in Synapse says of itself; `one_by_one` is why it cannot work in batches."""

    abilities: frozenset[str]
    one_by_one: str = ""


class PolicySeen(NamedTuple):
    """The contact policy in Synapse: its version and digest, and how many people it lists."""

    version: int
    digest: str
    people: int


class DatabaseSeen(NamedTuple):
    """The server's version (such as "18.0"), which of our migrations the database has, and the
    contact policy that Synapse was last given, with the digest of its rules.
    """

    version: str
    schema: int
    newest_schema: int
    embedded: bool
    policy_version: int = 0
    policy_digest: str = ""
    policy_rules: str = ""
    policy_checked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything the doctor looks at. Where it could not look, NotSeen."""

    reached: Reached | NotSeen
    registration: Mapping[str, object] | NotSeen | None  # None: no such file
    database: DatabaseSeen | NotSeen
    roster_is_there: bool
    service_listens: bool  # whether anybody accepts connections at our own address
    who: str | NotSeen = UNSEEN  # the user id behind our as_token
    synapse: str | NotSeen = UNSEEN  # its version
    room_versions: frozenset[str] | NotSeen = UNSEEN
    bot_is_admin: bool | NotSeen = UNSEEN
    module: ModuleSeen | NotSeen | None = UNSEEN  # None: not loaded
    policy: PolicySeen | NotSeen | None = UNSEEN  # None: the module was given none
    pinged: Pinged | NotSeen = UNSEEN
    people_in_namespaces: int | NotSeen = UNSEEN
    serves_openid: bool | NotSeen = UNSEEN  # where `homeserver.url` leads to


class Verdict(StrEnum):
    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"
    NOT_SEEN = "not_seen"


class Finding(NamedTuple):
    """One row of the doctor's sheet. `check` is stable; `advice` is "" when all is well."""

    check: str
    title: str
    verdict: Verdict
    text: str
    advice: str = ""


def not_seen(check: str, title: str, seen: NotSeen) -> Finding:
    """The finding about something that could not be looked at."""
    return Finding(check, title, Verdict.NOT_SEEN, seen.why or _("see above"))
