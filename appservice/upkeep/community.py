"""Brings the contact policy to the module inside Synapse, and remembers what it took.

Safe to repeat, and right after a crash at any moment: the module is asked what it has. When that is
what we remember, it gets what changes; in any other case all of it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Final, Literal, NamedTuple

from appservice.contacts.document import (
    PART_BYTES,
    delta,
    delta_document,
    digests_of,
    document_bytes,
    entry_of,
    entry_text,
    policy_digest,
    rules_digest,
    whole_documents,
)
from appservice.contacts.kept import kept_as_they_were
from appservice.contacts.policy import Policy
from appservice.errors import Permanent, Refused, SchoolSpacesError
from appservice.language import _
from appservice.matrix.homeserver import Homeserver
from appservice.storage.community import CommunityStore, KeptPerson, PolicyPushed
from appservice.storage.database import Database
from appservice.upkeep.apply import Workplace
from appservice.upkeep.living import LivingWish
from appservice.upkeep.reconcile import Deployment, Wish
from appservice.upkeep.report import Report
from appservice.upkeep.wanted_policy import policy_wanted

ABILITY: Final = "policy"
"""What the module must be able to do."""

_LOCK: Final = "policy"
_WAITS: Final = 60
_WAIT_S: Final = 1.0
_OTHER_VERSION: Final = "M_UNKNOWN"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PushReport:
    """What the module has now. `how`: it had it already, or got the changes, or all of it, in so
    many requests.
    """

    how: Literal["unchanged", "changes", "whole"]
    version: int
    people: int
    changed: int = 0
    removed: int = 0
    requests: int = 0


class _There(NamedTuple):
    """What the module says it has; version 0: nothing."""

    version: int = 0
    digest: str = ""


async def keep_community(
    wish: Wish, deployment: Deployment, homeserver: Homeserver, database: Database
) -> PushReport | None:
    """See that the module holds the school to its rules on the day of the wish; None where there
    is no module that can, or where the wish is without its delivery.

    Raises Temporary or Permanent when it could not be done.
    """
    delivery = wish.delivery
    if delivery is None or ABILITY not in await homeserver.abilities():
        return None
    # A region takes seconds: the loop goes on meanwhile.
    policy = await asyncio.to_thread(
        policy_wanted, delivery, wish.desired, deployment, today=wish.today
    )
    if delivery.held:
        before = await _policy_before(policy, CommunityStore(database))
        policy = kept_as_they_were(
            policy, before, held=delivery.held, held_users=wish.desired.held_users
        )
    return await push_policy(policy, homeserver, database)


async def with_contacts(report: Report, wish: Wish, workplace: Workplace) -> Report:
    """The report of an apply, after the policy was brought in line too; a note says where that
    failed, and the next run does it.
    """
    try:
        await keep_community(wish, workplace.deployment, workplace.homeserver, workplace.database)
    except SchoolSpacesError as error:
        note = _(
            "Who may write to whom is still as it was before in Synapse; the next run tries again:"
            " {error}"
        ).format(error=error)
        return replace(report, notes=(*report.notes, note))
    return report


async def push_policy(
    policy: Policy, homeserver: Homeserver, database: Database, *, part_bytes: int = PART_BYTES
) -> PushReport:
    """Give the module this policy, in requests of at most about so many bytes. Whoever else of this
    deployment does the same waits.

    Raises Temporary or Permanent; then the module still has what it had, and the next push mends
    it.
    """
    async with _alone(database):
        return await _push(policy, homeserver, CommunityStore(database), part_bytes)


class CommunityKeeper:
    """Renews the policy when the accepted roster or the day has changed since it last did."""

    def __init__(self, living: LivingWish, homeserver: Homeserver, database: Database) -> None:
        self._living = living
        self._homeserver = homeserver
        self._database = database
        self._done: tuple[int, date] | None = None

    async def look(self) -> None:
        """Costs a row of the database when nothing has changed (and a request where the module is
        not there); call it at the start and often.

        Raises Temporary, Permanent or Refused; then it is due again.
        """
        living = await self._living.now()
        if living is None:
            return
        due = (living.standing.version, living.wish.today)
        if self._done == due:
            return
        report = await keep_community(
            living.wish, living.deployment, self._homeserver, self._database
        )
        if report is not None:
            self._done = due
            log.info("Contact rules: %s, version %d.", report.how, report.version)


async def _push(
    policy: Policy, homeserver: Homeserver, store: CommunityStore, part_bytes: int
) -> PushReport:
    digests = await asyncio.to_thread(digests_of, policy)
    digest = policy_digest(policy.rules, digests)
    there = _there(await homeserver.policy())
    pushed = await store.pushed()
    remembered = there.version > 0 and there == (pushed.version, pushed.digest)
    kept = await store.digests()
    change = delta(kept, policy, digests)

    async def taken(version: int) -> None:
        await store.taken(
            PolicyPushed(version, digest, rules_digest(policy.rules), datetime.now(UTC)),
            around=policy.around,
            changed={
                user: KeptPerson(digests[user], entry_text(entry))
                for user, entry in change.changed.items()
            },
            removed=change.removed,
        )

    if there.digest == digest:
        if remembered:
            await store.checked(datetime.now(UTC))
        else:
            await taken(there.version)
        return PushReport("unchanged", there.version, len(policy.people))
    version = await store.next_version(there.version)
    if remembered:
        document = delta_document(
            change, policy.rules, version=version, base=there.version, digest=digest
        )
        if document_bytes(document) <= part_bytes and await _took(homeserver, document):
            await taken(version)
            return PushReport(
                "changes",
                version,
                len(policy.people),
                changed=len(change.changed),
                removed=len(change.removed),
                requests=1,
            )
        version = await store.next_version(version)
    requests = 0
    for part in whole_documents(policy, version=version, digest=digest, part_bytes=part_bytes):
        await homeserver.put_policy(part)
        requests += 1
    await taken(version)
    return PushReport("whole", version, len(policy.people), requests=requests)


async def _took(homeserver: Homeserver, document: Mapping[str, object]) -> bool:
    """Whether the module has the version that the changes are about."""
    try:
        await homeserver.put_policy(document)
    except Permanent as error:
        if error.code != _OTHER_VERSION:
            raise
        return False
    return True


def _there(answer: Mapping[str, object] | None) -> _There:
    if answer is None:
        return _There()
    version, digest = answer.get("version"), answer.get("digest")
    if not isinstance(version, int) or not isinstance(digest, str):
        return _There()
    return _There(version, digest)


async def _policy_before(policy: Policy, store: CommunityStore) -> Policy:
    """The policy that the module last took, as far as we remember."""
    entries = {user: entry_of(text) for user, text in (await store.entries()).items()}
    return Policy(policy.rules, entries, await store.around())


@asynccontextmanager
async def _alone(database: Database) -> AsyncIterator[None]:
    """Hold the lock, after whoever holds it; Refused after a minute."""
    async with AsyncExitStack() as stack:
        for left in reversed(range(_WAITS)):
            try:
                await stack.enter_async_context(database.exclusive(_LOCK))
            except Refused:
                if not left:
                    raise
                await asyncio.sleep(_WAIT_S)
            else:
                break
        yield
