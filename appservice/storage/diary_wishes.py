"""What people have chosen of the diary, in PostgreSQL."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import time
from typing import Any, Final

from appservice.storage.database import Database
from appservice.storage.statements import statements

_SQL: Final = statements("diary")


@dataclass(frozen=True, slots=True)
class Wishes:
    """Of one person in one school; None, and kinds that are not named: as the school has it.

    `paces`: immediate, daily, weekly or off by kind. `quiet_weekend`: quiet days, 1 (Monday) to 7.
    """

    paces: Mapping[str, str] = field(default_factory=dict)
    quiet_begin: time | None = None
    quiet_end: time | None = None
    quiet_weekend: tuple[int, ...] | None = None
    quiet_holidays: bool | None = None
    hide_values: bool = False
    language: str | None = None

    def as_json(self) -> Mapping[str, object]:
        return {
            "paces": dict(self.paces),
            "quiet_begin": _clock(self.quiet_begin),
            "quiet_end": _clock(self.quiet_end),
            "quiet_weekend": None if self.quiet_weekend is None else list(self.quiet_weekend),
            "quiet_holidays": self.quiet_holidays,
            "hide_values": self.hide_values,
            "language": self.language,
        }


class WishStore:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, school: str, people: Collection[str]) -> Mapping[str, Wishes]:
        """By person_id, of those who have chosen something."""
        async with self._database.connection() as connection:
            rows = await connection.fetch(_SQL["preferences"], school, list(people))
        return {row["person_id"]: wishes_of(row) for row in rows}

    async def choose(self, school: str, person_id: str, wishes: Wishes) -> None:
        """From now on exactly this."""
        async with self._database.connection() as connection:
            await connection.execute(
                _SQL["prefer"],
                school,
                person_id,
                json.dumps(dict(wishes.paces), sort_keys=True),
                wishes.quiet_begin,
                wishes.quiet_end,
                None if wishes.quiet_weekend is None else list(wishes.quiet_weekend),
                wishes.quiet_holidays,
                wishes.hide_values,
                wishes.language,
            )


def wishes_of(row: Any) -> Wishes:
    weekend = row["quiet_weekend"]
    return Wishes(
        paces=json.loads(row["paces"]),
        quiet_begin=row["quiet_begin"],
        quiet_end=row["quiet_end"],
        quiet_weekend=None if weekend is None else tuple(weekend),
        quiet_holidays=row["quiet_holidays"],
        hide_values=row["hide_values"],
        language=row["language"],
    )


def _clock(moment: time | None) -> str | None:
    return None if moment is None else moment.isoformat("minutes")
