"""The `sync:` section of the configuration: when the school is brought in line by itself."""

from __future__ import annotations

from datetime import time
from pathlib import Path

from pydantic import Field, field_validator

from appservice.language import _
from appservice.school.settings import Section


class SyncSettings(Section):
    """Times of day are those of the school's time zone."""

    # Whether the running service looks at the roster's files at all. On hosts that do not have
    # them: false.
    watch: bool = True
    # How often the roster is looked at although nothing told that it changed, in seconds.
    interval: float = Field(default=900.0, ge=5, le=86400)
    # How long the roster's files must have been left alone before they are read, in seconds.
    settle: float = Field(default=5.0, ge=0.1, le=3600)
    # When the nightly audit reads everything from the homeserver.
    audit_at: time = time(3, 0)
    # Where all problems of a roster that was not accepted are written, for its owner alone.
    problems: Path = Path("roster-problems.txt")

    @field_validator("audit_at", mode="before")
    @classmethod
    def _is_a_time_of_day(cls, value: object) -> object:
        # YAML 1.1 reads 3:00 as a number of minutes; 1.2 leaves it a text.
        if isinstance(value, str):
            try:
                return time.fromisoformat(value.zfill(5))
            except ValueError:
                pass
        elif isinstance(value, time):
            return value
        raise ValueError(_("a time of day is needed here: 03:00."))
