"""The `calendar:` section of the configuration: which days are no days for a sync, and what starts
when.
"""

from __future__ import annotations

from datetime import date
from typing import Self

from pydantic import Field, model_validator

from appservice.language import _
from appservice.school.settings import Section


class BlackoutSettings(Section):
    """Days on which nothing is synced, the first and the last included."""

    begin: date = Field(alias="from")
    end: date = Field(alias="to")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.end < self.begin:
            raise ValueError(_("the last day (`to`) is before the first (`from`)."))
        return self


class WaveSettings(Section):
    """What starts on one day.

    Without `schools`: in every school. Without `grades` and `classes`: whole schools; with them,
    the classes that one of the two names.
    """

    on: date
    schools: tuple[str, ...] = ()
    grades: tuple[int, ...] = ()
    classes: tuple[str, ...] = ()  # class ids


class CalendarSettings(Section):
    """Blackout dates and rollout waves; see docs/rollover.md."""

    blackout: tuple[BlackoutSettings, ...] = ()
    # Once a wave is named, only what waves name starts at all.
    rollout: tuple[WaveSettings, ...] = ()
