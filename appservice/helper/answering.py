"""A message in a personal room: understood, looked up, answered in the same room.

A message may come here again, after a crash or on another host: answers are sent under transaction
ids made from the message, and what is done can be done twice.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from typing import Final

from appservice.commands.paper import Answer, said
from appservice.commands.pending import code_of
from appservice.delivery.circumstances import CircumstancesOfToday
from appservice.delivery.intake import Intake
from appservice.delivery.rooms import DiaryRooms
from appservice.diary.routing import first_of
from appservice.diary.settings import DiarySettings
from appservice.helper.absences import SOURCE, Report, excused_event, report_event, reported
from appservice.helper.answers import help_answer, numbers_below, which_child
from appservice.helper.asking import DiaryAsked, Scene
from appservice.helper.family import Child, children_of, class_teachers, is_staff, name_of
from appservice.helper.inviting import Welcome
from appservice.helper.opening import SENT, PageLinks, asks_for_link, room_for
from appservice.helper.sending import react, send
from appservice.helper.understanding import (
    Ask,
    Choice,
    Wanted,
    button,
    buttons,
    confirms,
    day_said,
    picked,
    wanted,
    word_of,
)
from appservice.helper.wishing import changed, settings_answer, told_in_rooms, ways_to_change
from appservice.language import _, speaking
from appservice.matrix.homeserver import Homeserver
from appservice.rooms.observed import InboundMessage, MessageKind
from appservice.school.model import Role
from appservice.storage.admin_room import AdminRoomStore, Waiting
from appservice.storage.database import Database
from appservice.storage.diary_helper import HelperStore
from appservice.upkeep.living import LivingWish

_LIST_LASTS: Final = timedelta(minutes=30)


def heeds(message: InboundMessage) -> bool:
    """Whether a message may be for us: quickly, knowing nothing of rooms and people."""
    match message.kind:
        case MessageKind.MESSAGE:
            return wanted(message.body) is not None
        case MessageKind.REACTION:
            key = message.body
            return confirms(key) or (button(key) or picked(key)) is not None
        case MessageKind.INVITATION:
            return True
        case MessageKind.REDACTION:
            return False


class Helper:
    def __init__(
        self,
        settings: DiarySettings,
        database: Database,
        living: LivingWish,
        homeserver: Homeserver,
        intake: Intake,
        rooms: DiaryRooms,
        links: PageLinks,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._settings = settings
        self._circumstances = CircumstancesOfToday(living, settings)
        self._homeserver = homeserver
        self._intake = intake
        self._links = links
        self._rooms = HelperStore(database)
        self._lists = AdminRoomStore(database)
        self._asked = DiaryAsked(database, tuple(settings.pull))
        self._welcome = Welcome(rooms, homeserver, self._asked, has_page=links.has_page)
        self._now = now

    async def answer(self, message: InboundMessage) -> bool:
        """Whether it was for us; then it is answered. Raises Temporary when it must be tried again
        later.
        """
        if not heeds(message):
            return False
        if message.kind is MessageKind.INVITATION:
            await self._welcome.answer(message, await self._circumstances.now(), self._now())
            return True
        room = await self._rooms.personal_room(message.room_id)
        if room is None:
            return asks_for_link(message) and await self._link_elsewhere(message)
        circumstances = await self._circumstances.now()
        if circumstances.user_id(room.person_id) != message.sender:
            return True  # nobody else has anything to ask here
        own = await self._asked.wishes(room)
        scene = Scene(room, circumstances, own, self._now())
        with speaking(own.language or circumstances.language(room.school)):
            reply, keys = await self._reply(message, scene)
            if reply is not None:
                sent = await send(self._homeserver, reply, message, message.room_id)
                if reply.waits:
                    await self._lists.prompted(message.event_id, sent)
                await react(self._homeserver, message, sent, keys)
        return True

    async def _link_elsewhere(self, message: InboundMessage) -> bool:
        """Asked where others read: answered in the asker's own room."""
        circumstances = await self._circumstances.now()
        person = circumstances.person_of(message.sender)
        to = room_for(circumstances, person) if person and self._links.has_page else None
        if to is None:
            return False  # the commands know what to say
        own = await self._asked.wishes(to)
        with speaking(own.language or circumstances.language(to.school)):
            reply = await self._links.answer(person)
        await send(self._homeserver, reply, message, await self._links.room_of(to))
        await react(self._homeserver, message, message.event_id, (SENT,))
        return True

    async def _reply(
        self, message: InboundMessage, scene: Scene
    ) -> tuple[Answer | None, Collection[str]]:
        """The answer, and the buttons below it."""
        request: Wanted | Choice | None
        if message.kind is MessageKind.REACTION:
            ask = button(message.body)
            request = picked(message.body) if ask is None else Wanted(ask)
            if request is None:
                return await self._confirmed(message, scene), ()
        else:
            request = wanted(message.body)
        if isinstance(request, Choice):
            request = await self._chosen(request.number, message)
        if request is None:
            return None, ()
        reply = await self._answered(request, message, scene)
        if reply.waits:
            return reply, numbers_below(reply)
        if request.ask is not Ask.HELP:
            return reply, ()
        reads = bool(
            scene.circumstances.directory.students_of(scene.room.school, scene.room.person_id)
        )
        return reply, buttons(has_page=self._links.has_page, reads=reads)

    async def _answered(self, request: Wanted, message: InboundMessage, scene: Scene) -> Answer:
        room, directory = scene.room, scene.circumstances.directory
        children = children_of(
            directory, scene.circumstances.roster, room.school, room.person_id, scene.today
        )
        mine = [each for each in children if each.person_id != room.person_id]
        match request.ask:
            case Ask.HELP:
                return help_answer(
                    is_guardian=bool(mine), has_page=self._links.has_page, reads=bool(children)
                )
            case Ask.DIARY:
                return await self._links.answer(room.person_id)
            case Ask.SETTINGS:
                return await self._settings_said(request.text, scene)
            case Ask.TIMETABLE if request.text:
                return await self._asked.class_week(scene, request.text, children)
            case Ask.ABSENCE:
                children = tuple(mine)
                if not children:
                    return said(_("Guardians report an absence, of a child whose diary they read."))
            case Ask.TIMETABLE if not children and is_staff(scene.roles):
                word = f"`{word_of(Ask.TIMETABLE)} 5А`"
                return said(_("Name the class, too: {example}.").format(example=word))
            case _:
                pass
        if request.child:
            # The list may be older than the roster.
            children = tuple(each for each in children if each.person_id == request.child)
        if not children:
            return said(_("There is no diary that you may read here."))
        if len(children) > 1:
            return await self._which(request, children, message, scene)
        return await self._of_child(request, children[0], scene)

    async def _of_child(self, request: Wanted, child: Child, scene: Scene) -> Answer:
        match request.ask:
            case Ask.TODAY:
                return await self._asked.day(scene, child, scene.today)
            case Ask.TOMORROW:
                return await self._asked.day(scene, child, scene.today + timedelta(days=1))
            case Ask.HOMEWORK:
                return await self._asked.homework(scene, child)
            case Ask.GRADES:
                return await self._asked.grades(scene, child, request.text)
            case Ask.TIMETABLE:
                return await self._asked.week(scene, child)
            case Ask.ABSENCE:
                return await self._absence(request.text, child, scene)
            case Ask.DIARY:
                return await self._links.answer(scene.room.person_id)
            case Ask.SETTINGS | Ask.HELP:
                return help_answer(is_guardian=False, has_page=self._links.has_page)

    async def _which(
        self, request: Wanted, children: Sequence[Child], message: InboundMessage, scene: Scene
    ) -> Answer:
        choices = [asdict(replace(request, child=each.person_id)) for each in children]
        await self._lists.wait(
            Waiting(
                code=code_of(message.event_id),
                asked_event=message.event_id,
                room_id=message.room_id,
                asker=message.sender,
                request=json.dumps(choices, ensure_ascii=False),
                digest="",
                expires_at=scene.now + _LIST_LASTS,
            )
        )
        return which_child(children)

    async def _chosen(self, number: int, message: InboundMessage) -> Wanted | None:
        """What is meant by this number; None where there is no such list any more."""
        waiting = await self._lists.choice(
            message.room_id, asker=message.sender, prompt=message.relates_to
        )
        if waiting is None or waiting.expires_at <= self._now():
            return None
        choices = json.loads(waiting.request)
        if not 1 <= number <= len(choices):
            return None
        one = choices[number - 1]
        return Wanted(Ask(one["ask"]), one["text"], one["child"])

    async def _settings_said(self, text: str, scene: Scene) -> Answer:
        wishes, done = scene.own, False
        if told_in_rooms(text):
            return said(
                _(
                    "Homework, tests and the timetable are told in the rooms of classes and"
                    " subjects. Your Matrix client can make such a room quiet."
                )
            )
        if text:
            new = changed(wishes, text)
            if new is None:
                return said(_("I do not understand this."), ways_to_change())
            await self._asked.choose(scene.room, new)
            wishes, done = new, True
        role = first_of(scene.roles or {Role.GUARDIAN})
        quiet = self._settings.in_school(scene.room.school).quiet_for(role, wishes.quiet)
        with speaking(wishes.language or scene.circumstances.language(scene.room.school)):
            return settings_answer(wishes, self._settings.paces, quiet, done=done)

    async def _absence(self, text: str, child: Child, scene: Scene) -> Answer:
        found = day_said(text, scene.today)
        if found is None:
            return said(_("Name today, tomorrow or a day within two months: 2026-10-01."))
        day, _rest = found
        roster, school = scene.circumstances.roster, scene.room.school
        teachers = class_teachers(roster, school, child.person_id, scene.today)
        if not teachers:
            return said(_("The class has no class teacher here. Please call the school."))
        labels = [roster.classes[one].label for one in child.places if one in roster.classes]
        event = report_event(
            Report(child.person_id, day),
            school=school,
            teachers=teachers,
            child=child.name,
            label=", ".join(labels),
            guardian=name_of(roster.people[scene.room.person_id]),
            by=scene.room.person_id,
            now=scene.now,
        )
        await self._intake.take(SOURCE, [event], (school,))
        return said(
            _("The class teacher is told that {name} will be absent on {day}.").format(
                name=child.name, day=day.strftime("%d.%m.%Y")
            ),
            _("You will read here when it is confirmed."),
        )

    async def _confirmed(self, message: InboundMessage, scene: Scene) -> Answer | None:
        """None: the message tells of no report, or is not for this teacher."""
        room, roster = scene.room, scene.circumstances.roster
        for told in await self._rooms.told(room.room, message.relates_to):
            report = reported(told.external_id) if told.source == SOURCE else None
            if report is None:
                continue
            teachers = class_teachers(roster, room.school, report.student, scene.today)
            if room.person_id not in teachers:
                continue
            event = excused_event(report, school=room.school, now=scene.now)
            await self._intake.take(SOURCE, [event], (room.school,))
            return said(_("The absence is excused; the family is told."))
        return None
