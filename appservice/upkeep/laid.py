"""What lies over the roster of the day: personal rooms that were needed, measures in force."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from appservice.rooms.kinds.personal import Personal, with_personal_rooms
from appservice.rooms.measures import with_measures
from appservice.storage.database import Database
from appservice.storage.measures import MeasureStore
from appservice.storage.outbox import OutboxStore
from appservice.upkeep.reconcile import Deployment, Wish


async def laid_over(
    wish: Wish, deployment: Deployment, database: Database, *, now: datetime
) -> Wish:
    """The wish with both."""
    measures = await MeasureStore(database).told(now)
    personal = await OutboxStore(database).personal_rooms()
    desired = with_personal_rooms(
        wish.desired,
        (Personal(*each) for each in personal),
        user_ids=wish.user_ids,
        schools=wish.schools,
        settings=deployment.rooms,
        page=deployment.page,
    )
    return replace(wish, desired=with_measures(desired, measures, now=now))
