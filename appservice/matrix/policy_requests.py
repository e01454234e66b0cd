"""The contact policy in the School Spaces module: who may write to whom, and who tried to.

The shapes are those of docs/synapse-module.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from mautrix.api import Method, PathBuilder

from appservice.errors import Permanent
from appservice.language import _
from appservice.matrix import answers
from appservice.matrix.connection import Connection
from appservice.matrix.values import JsonObject


class Attempt(NamedTuple):
    """Something that one account was not let do. `other` is a user id, a room id or empty;
    `reason` a code; `times` how often within the hour.
    """

    id: int
    at_ms: int
    kind: str
    user_id: str
    other: str = ""
    reason: str = ""
    times: int = 1


@dataclass(frozen=True, slots=True)
class Blocked:
    """Attempts, the oldest first, and how many there were of each kind."""

    attempts: tuple[Attempt, ...]
    counts: Mapping[str, int]


_POLICY: Final = PathBuilder("_synapse/client/school_spaces/v1").policy
_LONG_S: Final = 300.0


class PolicyRequests(Connection):
    """Requests about the policy. The caller asks `abilities` first: "policy" must be among them."""

    async def policy(self) -> JsonObject | None:
        """{"version", "digest", "people": how many}; None while the module has none of ours."""
        doing = _("asking for the contact policy")
        try:
            return answers.as_object(await self._send(doing, Method.GET, _POLICY), doing)
        except Permanent as error:
            if error.code == "M_NOT_FOUND":
                return None
            raise

    async def put_policy(self, body: JsonObject) -> JsonObject:
        """One request of appservice.contacts.document; the answer is as that of `policy`.

        Raises Permanent M_UNKNOWN where the module has another version than the body asks for.
        """
        doing = _("giving the contact policy to Synapse")
        answer = await self._send(doing, Method.PUT, _POLICY, body, within=_LONG_S)
        return answers.as_object(answer, doing)

    async def blocked(self, after: int, limit: int) -> JsonObject:
        """What the policy did not let pass since the attempt of that number, at most so many:
        {"attempts": [...], "counts": {...}}.
        """
        doing = _("asking what the contact policy did not let pass")
        answer = await self._send(
            doing, Method.GET, _POLICY.blocked, query={"after": str(after), "limit": str(limit)}
        )
        return answers.as_object(answer, doing)

    async def blocked_attempts(self, after: int, limit: int) -> Blocked:
        """The same, read."""
        doing = _("asking what the contact policy did not let pass")
        answer = await self.blocked(after, limit)
        counts = answers.as_object(answer.get("counts", {}), doing)
        return Blocked(
            tuple(
                _attempt(each, doing) for each in answers.as_objects(answer.get("attempts"), doing)
            ),
            {kind: answers.whole(counts, kind, doing) for kind in counts},
        )


def _attempt(answer: JsonObject, doing: str) -> Attempt:
    return Attempt(
        id=answers.whole(answer, "id", doing),
        at_ms=answers.whole(answer, "at_ms", doing),
        kind=answers.text(answer, "kind", doing),
        user_id=answers.text(answer, "user_id", doing),
        other=str(answer.get("other") or ""),
        reason=str(answer.get("reason") or ""),
        times=answers.whole(answer, "attempts", doing),
    )
