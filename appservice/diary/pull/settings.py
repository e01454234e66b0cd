"""The `diary: pull:` section: where events are fetched, and how files become events."""

from __future__ import annotations

import codecs
from collections.abc import Mapping
from datetime import time
from pathlib import Path
from typing import Any, Final, Self

from pydantic import Field, field_validator, model_validator

from appservice.diary.pull.tables import FAMILIES, Family
from appservice.language import _
from appservice.school.settings import Section

ICALENDAR, CSV, ONEROSTER = "icalendar", "csv", "oneroster"


class TimetableSettings(Section):
    """How a calendar is a timetable."""

    # When the lessons begin, from the first one on: a lesson is known by its number.
    bells: tuple[str, ...] = Field(min_length=1, max_length=20)
    # Whose timetable: name of the file, or a CATEGORIES of the event → class_id or group_id.
    places: Mapping[str, str] = Field(default_factory=dict)
    # SUMMARY → what people call the subject; others stand as they are.
    subjects: Mapping[str, str] = Field(default_factory=dict)
    # ORGANIZER (address or name) → person_id.
    teachers: Mapping[str, str] = Field(default_factory=dict)
    # So many days from today on are looked at.
    days: int = Field(default=21, ge=1, le=120)

    @field_validator("bells")
    @classmethod
    def _clocks_in_order(cls, bells: tuple[str, ...]) -> tuple[str, ...]:
        try:
            read = [time.fromisoformat(each.zfill(5)) for each in bells]
        except ValueError:
            raise ValueError(_("a time of day is needed here: 18:00.")) from None
        if read != sorted(set(read)):
            raise ValueError(_("the lessons must stand in the order of the day."))
        return tuple(each.strftime("%H:%M") for each in read)


class ExportSettings(Section):
    """How the rows of one export become events of one family."""

    file: str  # in the folder; * stands for anything: grades-*.csv
    sheet: str = ""
    header_row: int = Field(default=1, ge=1, le=1000)
    into: Family
    columns: Mapping[str, str] = Field(default_factory=dict)  # our field → header in the export
    constants: Mapping[str, str] = Field(default_factory=dict)  # our field → value of every row
    values: Mapping[str, Mapping[str, str]] = Field(default_factory=dict)
    # Whether the files hold all that there is: what is missing from them has been taken back.
    whole: bool = False

    @model_validator(mode="after")
    def _fields_are_known_and_enough(self) -> Self:
        table = FAMILIES[self.into]
        named = self.columns.keys() | self.constants.keys()
        unknown = (named | self.values.keys()) - table.known
        if unknown:
            raise ValueError(
                _("Events of {into} have no field {names}. They have: {known}.").format(
                    into=self.into,
                    names=", ".join(sorted(unknown)),
                    known=", ".join(sorted(table.known)),
                )
            )
        twice = self.columns.keys() & self.constants.keys()
        if twice:
            raise ValueError(
                _("{names}: give either a column or a constant, not both.").format(
                    names=", ".join(sorted(twice))
                )
            )
        lacking = [name for name in table.needed if name not in named]
        if lacking:
            raise ValueError(
                _("Events of {into} need {names}: name a column or a constant for it.").format(
                    into=self.into, names=", ".join(lacking)
                )
            )
        return self


class PullSettings(Section):
    """One source of files. `kind`: icalendar, csv, oneroster, or one that was installed."""

    kind: str
    # A folder or file; without one (oneroster alone): the roster's.
    path: Path | None = None
    school: str = ""  # school_id; without one: the only school there is
    encoding: str = "utf-8"  # of CSV
    timetable: TimetableSettings | None = None  # icalendar
    tables: tuple[ExportSettings, ...] = ()  # csv
    options: Mapping[str, Any] = Field(default_factory=dict)  # of a kind that was installed

    @field_validator("encoding")
    @classmethod
    def _encoding_is_known(cls, encoding: str) -> str:
        try:
            codecs.lookup(encoding)
            b"a".decode(encoding, "ignore")
        except LookupError:
            raise ValueError(
                _("We do not know the encoding {name}. Write utf-8 or cp1251.").format(
                    name=encoding
                )
            ) from None
        return encoding

    @model_validator(mode="after")
    def _fits_its_kind(self) -> Self:
        if (self.kind == ICALENDAR) != (self.timetable is not None):
            raise ValueError(_("`timetable` belongs to the kind icalendar, which needs it."))
        if (self.kind == CSV) != bool(self.tables):
            raise ValueError(_("`tables` belongs to the kind csv, which needs it."))
        if self.kind in BUILT_IN and self.options:
            raise ValueError(_("`options` are for kinds that were installed."))
        if self.path is None and self.kind != ONEROSTER:
            raise ValueError(_("`path` is needed here: a folder or a file."))
        return self


BUILT_IN: Final = (ICALENDAR, CSV, ONEROSTER)
