"""Whatever a source delivers is of one school year, and under ids of its own: both are set right
before anything is made of it.
"""

from __future__ import annotations

from collections.abc import Mapping

from appservice.errors import Refused
from appservice.language import _
from appservice.school.problem import Delivery
from appservice.storage.database import Database
from appservice.storage.rollover import Rollover, RolloverState, RolloverStore
from appservice.year.rollover import turned, years_of


async def as_turned(delivery: Delivery, database: Database) -> Delivery:
    """What a source delivered, under the ids of the rooms: everything read from a source has to go
    through here before a wish is made of it.

    Raises Refused when the source is in another year than the school, and while a rollover is
    under way.
    """
    store = RolloverStore(database)
    found = await store.latest()
    if found is not None and delivery.roster is not None:
        _refuse_other_years(found, years_of(delivery.roster))
    return turned(delivery, await store.turn())


def _refuse_other_years(found: Rollover, years: Mapping[str, str]) -> None:
    here, elsewhere = _years(found)
    for school, year in years.items():
        if year == elsewhere.get(school) != here.get(school):
            raise Refused(
                _(
                    "The roster delivers the school year {year}, but school {school} is in"
                    " {here}. Nothing was changed. Deliver that year, or see `school-spaces"
                    " rollover show`."
                ).format(year=year, school=school, here=here.get(school, "?"))
            )


def _years(found: Rollover) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """The school years that the school is in, and those on the other side of the turn."""
    before, after = found.turn.before or {}, found.turn.after or {}
    match found.state:
        case RolloverState.APPLYING | RolloverState.RETURNING:
            raise Refused(
                _(
                    "A rollover was begun and is not finished. `school-spaces rollover apply`"
                    " finishes it, `school-spaces rollover back` takes it back."
                )
            )
        case RolloverState.APPLIED | RolloverState.CONFIRMED:
            return after, before
        case RolloverState.DRAFTED | RolloverState.RETURNED:
            return before, after
