"""Whether a source may say this event at all, beyond its form. Pure."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final

from appservice.diary.events import DiaryEvent
from appservice.diary.rejections import Rejection
from appservice.language import _

AHEAD: Final = timedelta(minutes=10)
"""By so much the clock of a source may be ahead of ours."""


def admitted(
    event: DiaryEvent, *, source: str, schools: Collection[str], now: datetime
) -> tuple[Rejection, ...]:
    """What speaks against the event; nothing, if it may be kept.

    `source` is who was let in, `schools` are the school_ids that it speaks for and that are in the
    roster.
    """
    found = []
    if event.source != source:
        found.append(
            Rejection(
                "other_source",
                "/source",
                _("You were let in as {source}. Write this name.").format(source=source),
            )
        )
    if event.school not in schools:
        found.append(
            Rejection(
                "unknown_school",
                "/school",
                _("This source does not speak for such a school. Write the id from the roster."),
            )
        )
    for key, moment in (("occurred_at", event.occurred_at), ("published_at", event.published_at)):
        if moment > now + AHEAD:
            found.append(
                Rejection(
                    "in_the_future",
                    f"/{key}",
                    _("This time has not come yet. Look at the clock and the time zone."),
                )
            )
    return tuple(found)
