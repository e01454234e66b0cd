"""Carrying out a list of changes in one room."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from synapse.api.errors import Codes, LimitExceededError, NotFoundError, SynapseError

from .asked import Item, SetState
from .bulk import PERSISTED_AT_ONCE, BulkWriter, DraftsRefused, NotInBulk
from .facts import RoomReader
from .one_by_one import OneByOne
from .verdicts import Done, Draft, Facts, Failed, Outcome, Send, judge

logger = logging.getLogger(__name__)

Mode = Literal["bulk", "one_by_one"]
Numbered = tuple[int, Item]

# Each try leaves out what was refused. More than this is not one bad item, it is another fault.
_BULK_TRIES = 4


@dataclass(frozen=True)
class BatchDone:
    """One outcome per item, and whether any part of it went in bulk."""

    mode: Mode
    outcomes: Sequence[Outcome]


class Batches:
    """Carries out batches, in bulk where that can be."""

    def __init__(self, reader: RoomReader, single: OneByOne, bulk: BulkWriter | None) -> None:
        self._reader = reader
        self._single = single
        self.bulk = bulk
        """The bulk way; None when it is off."""
        self.bulk_broke: str | None = None
        """What showed that the bulk way does not work on this Synapse, if something did."""

    async def carry_out(self, room_id: str, items: Sequence[Item]) -> BatchDone:
        """Do all items in order. One that fails leaves the others alone.

        Raises SynapseError when the room is not there or not the bot's.
        """
        run = _Run(outcomes={})
        await self._check_room(room_id)
        for chunk in _chunks(list(enumerate(items))):
            await self._chunk(room_id, chunk, run)
        return BatchDone(run.mode, [run.outcomes[index] for index in range(len(items))])

    async def _check_room(self, room_id: str) -> None:
        facts = await self._reader.facts(room_id, [])
        if facts is None:
            raise NotFoundError("There is no such room")
        if facts.people[facts.bot].membership != "join":
            raise SynapseError(403, "The bot is not in the room", Codes.FORBIDDEN)
        if self.bulk is not None and await self.bulk.is_blocked(room_id):
            raise SynapseError(403, "The room is blocked on this server", Codes.FORBIDDEN)

    async def _chunk(self, room_id: str, pending: list[Numbered], run: _Run) -> None:
        for _ in range(_BULK_TRIES):
            if not pending:
                return
            if self.bulk is None or not _goes_in_bulk(pending[0][1]):
                break
            try:
                pending = await self._in_bulk(self.bulk, room_id, pending, run)
            except NotInBulk as why:
                logger.info("Not in bulk in %s: %s", room_id, why)
                await self._one(room_id, pending[0], run)
                pending = pending[1:]
            except SynapseError as error:
                logger.info("A bulk in %s failed: %s", room_id, error.errcode)
                break
            except (AttributeError, TypeError) as error:
                # The probe passed, and yet a part is another than expected.
                logger.exception("The bulk way does not work on this Synapse; off until restarted")
                self.bulk, self.bulk_broke = None, repr(error)
            except Exception:
                logger.exception("A bulk in %s failed", room_id)
                break
        for numbered in pending:
            await self._one(room_id, numbered, run)

    async def _in_bulk(
        self, bulk: BulkWriter, room_id: str, pending: list[Numbered], run: _Run
    ) -> list[Numbered]:
        """Try all in one go. Returns what is left to do, without what was refused."""
        async with bulk.alone_in(room_id):
            facts = await self._facts(room_id, pending)
            drafts: list[Draft] = []
            sending: list[tuple[Numbered, range]] = []
            for numbered, verdict in zip(
                pending, judge([item for _, item in pending], facts), strict=True
            ):
                if isinstance(verdict, Send):
                    where = range(len(drafts), len(drafts) + len(verdict.drafts))
                    sending.append((numbered, where))
                    drafts.extend(verdict.drafts)
                else:
                    run.outcomes[numbered[0]] = verdict
            if not drafts:
                return []
            try:
                event_ids = await bulk.send(room_id, drafts, federated=facts.federated)
            except DraftsRefused as refusal:
                for (index, _), where in sending:
                    errors = [refusal.refused[at] for at in where if at in refusal.refused]
                    if errors:
                        run.outcomes[index] = failed(errors[0])
                        pending = [numbered for numbered in pending if numbered[0] != index]
                return pending
        run.mode = "bulk"
        for (index, _), where in sending:
            run.outcomes[index] = Done(event_ids[where[-1]])
        return []

    async def _one(self, room_id: str, numbered: Numbered, run: _Run) -> None:
        index, item = numbered
        try:
            if self.bulk is not None and _goes_in_bulk(item):
                try:
                    await self._in_bulk(self.bulk, room_id, [numbered], run)
                except NotInBulk:
                    pass
                else:
                    return
            (verdict,) = judge([item], await self._facts(room_id, [numbered]))
            if isinstance(verdict, Send):
                run.outcomes[index] = Done(await self._single.carry_out(room_id, item, verdict))
            else:
                run.outcomes[index] = verdict
        except SynapseError as error:
            run.outcomes[index] = failed(error)
        except Exception:
            logger.exception("An item of a batch in %s failed", room_id)
            run.outcomes[index] = Failed("M_UNKNOWN", "Synapse's log says more")

    async def _facts(self, room_id: str, numbered: Sequence[Numbered]) -> Facts:
        facts = await self._reader.facts(room_id, [item for _, item in numbered])
        if facts is None:
            raise NotFoundError("There is no such room")
        return facts


@dataclass
class _Run:
    outcomes: dict[int, Outcome]
    mode: Mode = "one_by_one"


def failed(error: SynapseError) -> Failed:
    """A refusal by Synapse, as an outcome."""
    wait = error.retry_after_ms if isinstance(error, LimitExceededError) else None
    # An error's own errcode may be finer than the one that Synapse gives to clients.
    errcode = error.error_dict(None)["errcode"]
    return Failed(str(getattr(errcode, "value", errcode)), error.msg, wait)


def _chunks(numbered: Sequence[Numbered]) -> Iterator[list[Numbered]]:
    """Cut a list into what goes in one bulk each."""
    chunk: list[Numbered] = []
    for index, item in numbered:
        alone = not _goes_in_bulk(item)
        if chunk and (alone or len(chunk) == PERSISTED_AT_ONCE):
            yield chunk
            chunk = []
        if alone:
            yield [(index, item)]
        else:
            chunk.append((index, item))
    if chunk:
        yield chunk


def _goes_in_bulk(item: Item) -> bool:
    # Persisting this one, Synapse may make guests leave, and would wait for a lock of ours.
    return not (isinstance(item, SetState) and item.type == "m.room.guest_access")
