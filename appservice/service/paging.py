"""The diary page out of an office's parts."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from appservice.service.office import Office
from appservice.storage.diary import DiaryStore
from appservice.storage.diary_wishes import WishStore
from appservice.storage.jobs import Regularly
from appservice.storage.page_sessions import PageSessions
from appservice.storage.timetable import TimetableStore
from appservice.web.diary_page.guests import Guests
from appservice.web.diary_page.pages import Pages
from appservice.web.diary_page.reading import DiaryReading
from appservice.web.diary_page.serving import DiaryPage
from appservice.web.diary_page.signing_in import Door

_HOURLY: Final = "17 * * * *"


def diary_page(office: Office) -> DiaryPage | None:
    """None where the configuration has none."""
    settings = office.config.page
    if settings.address is None:
        return None
    guests = Guests(office.living)
    sessions = PageSessions(office.database)
    wishes = WishStore(office.database)
    diary = office.config.diary
    reading = DiaryReading(
        DiaryStore(office.database), TimetableStore(office.database, tuple(diary.pull))
    )
    return DiaryPage(
        settings=settings,
        language=office.config.language or "ru",
        guests=guests,
        sessions=sessions,
        door=Door(office.homeserver, sessions, guests),
        pages=Pages(reading, wishes, office.config.diary),
        wishes=wishes,
    )


def page_regularly(office: Office) -> tuple[Regularly, ...]:
    """Also where the page is off by now: what it left behind goes."""
    sessions = PageSessions(office.database)
    return (
        Regularly("forget_page_sessions", _HOURLY, lambda: sessions.forget_old(datetime.now(UTC))),
    )
