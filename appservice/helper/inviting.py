"""Somebody invites the bot: a person of the school gets the room in which the diary can be asked.

The bot enters no room that it does not keep, so it declines, and answers in the diary room, which
is made if it never was. Whoever is nobody of the school is answered nothing.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime

from appservice.commands.paper import Answer, Paragraph
from appservice.delivery.circumstances import Circumstances
from appservice.delivery.rooms import DiaryRooms
from appservice.errors import Permanent
from appservice.helper.answers import help_answer
from appservice.helper.asking import DiaryAsked
from appservice.helper.sending import react, send
from appservice.helper.understanding import buttons
from appservice.language import _, speaking
from appservice.matrix.homeserver import Homeserver
from appservice.rooms.observed import InboundMessage
from appservice.storage.outbox import PersonalRoom


class Welcome:
    """`asked` knows what people have chosen."""

    def __init__(
        self,
        rooms: DiaryRooms,
        homeserver: Homeserver,
        asked: DiaryAsked,
        *,
        has_page: bool,
    ) -> None:
        self._rooms = rooms
        self._homeserver = homeserver
        self._asked = asked
        self._has_page = has_page

    async def answer(
        self, invitation: InboundMessage, circumstances: Circumstances, now: datetime
    ) -> None:
        """In each school of the person. Raises Temporary where a room cannot be made now."""
        homes = _homes(circumstances, invitation.sender)
        if not homes:
            return
        why = ""
        for home in homes:
            own = await self._asked.wishes(home)
            students = circumstances.directory.students_of(home.school, home.person_id)
            with speaking(own.language or circumstances.language(home.school)):
                shown = help_answer(
                    is_guardian=any(one != home.person_id for one in students),
                    has_page=self._has_page,
                    reads=bool(students),
                )
                here = Paragraph(_("Here I tell you what is new in the diary, and you can ask me."))
                room_id = await self._rooms.personal(home, now)
                reply = Answer((here, *shown.blocks))
                sent = await send(self._homeserver, reply, invitation, room_id)
                keys = buttons(has_page=self._has_page, reads=bool(students))
                await react(self._homeserver, invitation, sent, keys, room_id=room_id)
                why = _("I answer in your room “{name}”.").format(name=_("Diary"))
        with suppress(Permanent):  # the invitation was taken back, or declined before
            await self._homeserver.decline(invitation.room_id, why)


def _homes(circumstances: Circumstances, user_id: str) -> list[PersonalRoom]:
    """The diary rooms of the person whose account this is, made or not."""
    person = circumstances.person_of(user_id)
    found = [
        PersonalRoom(key, school.school_id, person)
        for school in (circumstances.roster.schools if person else ())
        if (key := circumstances.directory.room_of(school.school_id, person))
    ]
    return sorted(found)
