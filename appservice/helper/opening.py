"""Links to the diary page, in the room of the one person who may use them, and nowhere else.

A link is good once and for ten minutes: what is left of it in the room's history opens nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

from appservice.commands.paper import Answer, said
from appservice.commands.parsing import is_command
from appservice.delivery.circumstances import Circumstances
from appservice.delivery.rooms import DiaryRooms
from appservice.helper.understanding import Ask, Wanted, wanted
from appservice.language import _
from appservice.rooms.observed import InboundMessage, MessageKind
from appservice.school.model import Role
from appservice.storage.database import Database
from appservice.storage.outbox import PersonalRoom
from appservice.storage.page_sessions import PageSessions
from appservice.web.diary_page.settings import PageSettings

SENT: Final = "📨"
"""Below a question in a room of many: the answer stands where only one person reads it."""


def asks_for_link(message: InboundMessage) -> bool:
    """Whether it is said to the bot in a room of many: `!school diary`."""
    if message.kind is not MessageKind.MESSAGE or not is_command(message.body):
        return False
    request = wanted(message.body)
    return isinstance(request, Wanted) and request.ask is Ask.DIARY


class PageLinks:
    """What the bot needs to give somebody a way to the page."""

    def __init__(
        self,
        page: PageSettings,
        database: Database,
        rooms: DiaryRooms,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._page = page
        self._sessions = PageSessions(database)
        self._rooms = rooms
        self._now = now

    @property
    def has_page(self) -> bool:
        return self._page.address is not None

    async def answer(self, person_id: str) -> Answer:
        """A new link for this person, to be said in their own room alone."""
        if not self.has_page:
            return said(_("This school has no diary page."))
        secret = await self._sessions.give_link(person_id, now=self._now())
        return said(
            _("Your diary as a page:"),
            self._page.link(secret),
            _("The link works once, within ten minutes, and shows your diary: pass it to nobody."),
        )

    async def room_of(self, person: PersonalRoom) -> str:
        """The id of the room; it is made where it was never needed before. Raises Temporary."""
        return await self._rooms.personal(person, self._now())


def room_for(circumstances: Circumstances, person_id: str) -> PersonalRoom | None:
    """Where somebody may be given a link: in the first school in which they may read a diary; None
    for those who may read none.
    """
    directory = circumstances.directory
    for school in circumstances.roster.schools:
        at = school.school_id
        leads = Role.CLASS_TEACHER in directory.roles_of(at, person_id)
        if leads or directory.students_of(at, person_id):
            return PersonalRoom(directory.room_of(at, person_id), at, person_id)
    return None
