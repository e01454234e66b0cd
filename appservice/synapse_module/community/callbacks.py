"""Synapse asks, the decisions answer.

No call from here raises, and none waits for anything but Synapse's own database. What could not be
decided is refused: a closed community stays closed while something is broken.
"""

from __future__ import annotations

import inspect
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING

from synapse.api.errors import Codes
from synapse.module_api import NOT_SPAM, ModuleApi

from .attempts import Attempts
from .decisions import (
    JUDGED_STATE,
    Blocked,
    Kind,
    judge_creation,
    judge_federated_invite,
    judge_invite,
    judge_join,
    judge_state,
    parse_wanted,
)
from .policy import Community, Reason
from .reading import CommunityReader, Moment
from .texts import text_for

if TYPE_CHECKING:
    from typing import Literal

    from synapse.events import EventBase
    from synapse.module_api import UserProfile
    from synapse.types import RoomAlias

    Answer = Literal["NOT_SPAM"] | tuple[Codes, dict[str, object]]

logger = logging.getLogger(__name__)

Judge = Callable[[Moment], "Blocked | None"]
REASON_FIELD = "org.schoolspaces.reason"


class CommunityCallbacks:
    """The verdicts of one Synapse process. `language`: of those whom no policy names."""

    def __init__(
        self, api: ModuleApi, reader: CommunityReader, attempts: Attempts, language: str
    ) -> None:
        self._api = api
        self._reader = reader
        self._attempts = attempts
        self._language = language
        self._bots: frozenset[str] = frozenset()
        self._broken = False

    def register(self, bots: frozenset[str]) -> None:
        """Answer whatever this Synapse asks (its versions differ in that)."""
        self._bots = bots
        asked = inspect.signature(self._api.register_spam_checker_callbacks).parameters
        callbacks: dict[str, Callable[..., Awaitable[object]]] = {
            "user_may_invite": self.user_may_invite,
            "federated_user_may_invite": self.federated_user_may_invite,
            "user_may_send_3pid_invite": self.user_may_send_3pid_invite,
            "user_may_join_room": self.user_may_join_room,
            "user_may_create_room": self.user_may_create_room,
            "user_may_create_room_alias": self.user_may_create_room_alias,
            "user_may_publish_room": self.user_may_publish_room,
            "check_username_for_spam": self.check_username_for_spam,
            # Not user_may_send_state_event (Synapse 1.132): it takes no text for the person.
            "check_event_for_spam": self.check_event_for_spam,
        }
        known = {name: callback for name, callback in callbacks.items() if name in asked}
        register: Callable[..., None] = self._api.register_spam_checker_callbacks
        register(**known)

    async def user_may_invite(self, inviter: str, invitee: str, room_id: str) -> Answer:
        """Older versions also ask this about invitations from other homeservers."""
        if not self._api.is_mine(inviter):
            return await self._federated(inviter, invitee)

        def judge(moment: Moment) -> Blocked | None:
            assert moment.room is not None, "asked for below"
            return judge_invite(moment.community, inviter, invitee, moment.room)

        return await self._answer(
            inviter, judge, lambda: self._reader.moment([inviter, invitee], room_id)
        )

    async def federated_user_may_invite(self, event: EventBase) -> Answer:
        """An invitation that another homeserver sends."""
        return await self._federated(event.sender, str(event.state_key))

    async def user_may_send_3pid_invite(
        self,
        inviter_userid: str,
        medium: str,
        address: str,
        room_id: str,
    ) -> Answer:
        """By mail or telephone number; neither is kept."""
        return await self._right(
            inviter_userid,
            "invite_by_3pid",
            lambda community: (
                None if community.rights(inviter_userid).invite_by_3pid else Reason.NO_3PID
            ),
        )

    async def user_may_join_room(self, user_id: str, room_id: str, is_invited: bool) -> Answer:
        """Not asked about who makes the room."""
        joining = user_id if is_invited else None

        def judge(moment: Moment) -> Blocked | None:
            assert moment.room is not None, "asked for below"
            return judge_join(moment.community, user_id, moment.room)

        return await self._answer(
            user_id, judge, lambda: self._reader.moment([user_id], room_id, joining)
        )

    async def user_may_create_room(
        self, user_id: str, config: Mapping[str, object] | None = None
    ) -> Answer:
        """`config` is the body of the request, since Synapse 1.132."""
        wanted = None if config is None else parse_wanted(config)

        def judge(moment: Moment) -> Blocked | None:
            return judge_creation(moment.community, user_id, wanted)

        people = [user_id, *(wanted.invited if wanted else ())]
        return await self._answer(user_id, judge, lambda: self._reader.moment(people))

    async def user_may_create_room_alias(self, user_id: str, room_alias: RoomAlias) -> Answer:
        """The alias itself is not kept: a person chose its words."""
        return await self._right(
            user_id,
            "create_alias",
            lambda community: None if community.rights(user_id).aliases else Reason.NO_ALIASES,
        )

    async def user_may_publish_room(self, user_id: str, room_id: str) -> Answer:
        """In the server's public room list."""
        return await self._right(
            user_id,
            "publish_room",
            lambda community: None if community.rights(user_id).publish else Reason.NO_PUBLIC_ROOMS,
            room_id,
        )

    async def check_event_for_spam(self, event: EventBase) -> Answer:
        """Asked about every event. Those of createRoom do not pass here, and what other
        homeservers send was let pass there.
        """
        if event.type not in JUDGED_STATE or not event.is_state():
            return NOT_SPAM
        user_id = event.sender
        if not self._api.is_mine(user_id):
            return NOT_SPAM

        def judge(moment: Moment) -> Blocked | None:
            rights = moment.community.rights(user_id)
            refused = judge_state(rights, event.type, event.content)
            if refused is None:
                return None
            kind, reason = refused
            return Blocked(kind, user_id, event.room_id, reason)

        return await self._answer(user_id, judge, lambda: self._reader.moment([user_id]))

    async def check_username_for_spam(
        self, user_profile: UserProfile, requester_id: str | None = None
    ) -> bool:
        """Whether the search for people leaves somebody out. It is no attempt: nothing is counted.

        An older Synapse does not tell who searches: then nobody whom a policy names is shown.
        """
        shown = user_profile["user_id"]
        if requester_id in self._bots:
            return False
        try:
            moment = await self._reader.moment([shown, *([requester_id] if requester_id else [])])
            self._broken = False
            if moment is None:
                return False
            if requester_id is None:
                return moment.community.is_listed(shown)
            return moment.community.why_not(requester_id, shown) is not None
        except Exception:
            self._complain()
            return True

    async def _federated(self, inviter: str, invitee: str) -> Answer:
        def judge(moment: Moment) -> Blocked | None:
            return judge_federated_invite(moment.community, inviter, invitee)

        return await self._answer(
            inviter, judge, lambda: self._reader.moment([inviter, invitee]), about=invitee
        )

    async def _right(
        self,
        user_id: str,
        kind: Kind,
        lacking: Callable[[Community], Reason | None],
        other: str = "",
    ) -> Answer:
        def judge(moment: Moment) -> Blocked | None:
            reason = lacking(moment.community)
            return None if reason is None else Blocked(kind, user_id, other, reason)

        return await self._answer(user_id, judge, lambda: self._reader.moment([user_id]))

    async def _answer(
        self,
        user_id: str,
        judge: Judge,
        look: Callable[[], Awaitable[Moment | None]],
        about: str | None = None,
    ) -> Answer:
        """`about`: who is concerned besides the person who acts."""
        if user_id in self._bots:
            return NOT_SPAM
        try:
            moment = await look()
            blocked = None if moment is None else judge(moment)
            self._broken = False
        except Exception:
            self._complain()
            return _refusal(Reason.FAILED, self._language)
        if moment is None or blocked is None:
            return NOT_SPAM
        await self._record(moment.community, blocked, about)
        return _refusal(blocked.reason, moment.community.language(user_id) or self._language)

    async def _record(self, community: Community, blocked: Blocked, about: str | None) -> None:
        """For the owners of who acted; of an outsider, for those of the other."""
        owners = community.people.get(blocked.user_id) or community.people.get(
            about or blocked.other, {}
        )
        try:
            await self._attempts.record(blocked, owners, int(time.time() * 1000))
        except Exception:
            self._complain()

    def _complain(self) -> None:
        """Once, until it works again: it would be a line for every attempt."""
        if not self._broken:
            logger.exception("A contact rule could not be looked at: refused until it can be")
        self._broken = True


def _refusal(reason: Reason, language: str) -> Answer:
    # `error` stands in for Synapse's own English sentence.
    text = text_for(reason, language)
    return Codes.FORBIDDEN, {"error": text, REASON_FIELD: reason.value}
