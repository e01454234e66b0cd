"""Telling the administrators, each matter once."""

from __future__ import annotations

import logging
from typing import Final

from appservice.commands.answering import transaction_id
from appservice.commands.paper import Answer, pages, said
from appservice.errors import Permanent
from appservice.matrix.homeserver import Homeserver
from appservice.matrix.transport import File
from appservice.storage.admin_room import AdminRoomStore
from appservice.storage.database import Database

_LONGEST_MATTER: Final = 500
_FILE_NAME: Final = "roster-problems.txt"
_TEXT: Final = "text/plain; charset=utf-8"

log = logging.getLogger(__name__)


class AdminReports:
    """Says things in the administrators' room. Any process may: of two that say the same, one
    message stands.
    """

    def __init__(self, homeserver: Homeserver, database: Database) -> None:
        self._homeserver = homeserver
        self._store = AdminRoomStore(database)

    async def report_to_admin_room(
        self, text: str | Answer, *, matter: str = "", whole: str = ""
    ) -> bool:
        """Say it. `matter` tells what it is about ("roster broken <digest>"): the same matter is
        told once until it is `settled`; "" is told always (but not twice the same text within the
        half hour that the homeserver remembers it). `whole` goes with it as a file, where it is not
        "".

        False when it was told before, or there is no room yet.
        """
        room_id = await self._store.room_id()
        matter = matter[:_LONGEST_MATTER]
        if room_id is None or (matter and await self._store.was_reported(matter)):
            return False
        answer = said(*text.split("\n")) if isinstance(text, str) else text
        made = pages(answer)
        cause = matter or "\n".join(page.plain for page in made)
        for number, page in enumerate(made):
            content: dict[str, object] = {
                "msgtype": "m.text",
                "body": page.plain,
                "format": "org.matrix.custom.html",
                "formatted_body": page.html,
                "m.mentions": {},
            }
            await self._homeserver.send(
                room_id, "m.room.message", content, txn=transaction_id(f"report {cause}", number)
            )
        if whole:
            await self._attach(room_id, whole, transaction_id(f"whole {cause}"))
        if matter:
            await self._store.reported(matter)
        return True

    async def _attach(self, room_id: str, whole: str, txn: str) -> None:
        """A file that the homeserver does not take is missed; the text says where it is, too."""
        content = whole.encode("utf-8", errors="replace")
        try:
            uri = await self._homeserver.upload(File(_TEXT, content), _FILE_NAME)
        except Permanent as error:
            log.warning("%s", error)
            return
        message: dict[str, object] = {
            "msgtype": "m.file",
            "body": _FILE_NAME,
            "filename": _FILE_NAME,
            "url": uri,
            "info": {"mimetype": "text/plain", "size": len(content)},
            "m.mentions": {},
        }
        await self._homeserver.send(room_id, "m.room.message", message, txn=txn)

    async def settled(self, beginning: str) -> None:
        """The matters that begin like this are over: should they come up again, tell them again."""
        await self._store.settled(beginning)
