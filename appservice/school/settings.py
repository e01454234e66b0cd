"""The `roster:` section of the configuration."""

from __future__ import annotations

import codecs
from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator, model_validator

from appservice.language import Language, _
from appservice.school.sources.cells import NATIVE_ID, TIME_ZONE, BadValue
from appservice.school.sources.native_layout import LAYOUT, NativeName

Strictness = Literal["error", "warning", "off"]


class Section(BaseModel):
    """A part of the configuration: unknown keys are errors, values never change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class RosterRules(Section):
    """How strict the school is about people."""

    guardian_needed: Strictness = "error"
    consent_needed: Strictness = "error"
    class_teacher_needed: Strictness = "error"
    contact_unique: Strictness = "error"


class SchoolSettings(Section):
    """What a source does not say about its school.

    Where no school.yaml stands: all of it. OneRoster: time zone, locale and year of the school `id`
    names, or of all schools when it is empty; the name only of the one that `id` names, or of the
    only one.
    """

    id: str = ""
    name: str = ""
    time_zone: str = ""  # IANA name
    locale: Language | Literal[""] = ""
    year: str = ""  # "2026/2027"

    @field_validator("id", "time_zone")
    @classmethod
    def _can_be_used(cls, value: str, info: ValidationInfo) -> str:
        try:
            return str((NATIVE_ID if info.field_name == "id" else TIME_ZONE).parse(value))
        except BadValue as bad:
            raise ValueError(bad.message) from None


class TableSettings(Section):
    """How the rows of one export become rows of one native table (docs/roster.md).

    Several of these may read the same file: one wide row is then a person, a role, a membership and
    a guardian.
    """

    file: str  # in the folder or archive; the name of `path` where that is the file itself
    sheet: str = ""  # of a spreadsheet; the first one when empty
    header_row: int = Field(default=1, ge=1, le=1000)
    into: NativeName
    columns: dict[str, str] = Field(default_factory=dict)  # native column → header in the export
    constants: dict[str, str] = Field(default_factory=dict)  # native column → value of every row
    # native column → what stands in the export → what it means here
    values: dict[str, dict[str, str]] = Field(default_factory=dict)
    # A native column: rows in which it is empty say nothing about this table.
    only_with: str = ""

    @model_validator(mode="after")
    def _columns_are_known_and_enough(self) -> Self:
        native = LAYOUT[self.into].columns
        known = {column.name for column in native}
        named = self.columns.keys() | self.constants.keys()
        unknown = (named | self.values.keys() | {self.only_with} - {""}) - known
        if unknown:
            raise ValueError(
                _("The table {into} has no column {names}. It has: {known}.").format(
                    into=self.into,
                    names=", ".join(sorted(unknown)),
                    known=", ".join(column.name for column in native),
                )
            )
        twice = self.columns.keys() & self.constants.keys()
        if twice:
            raise ValueError(
                _("{names}: give either a column or a constant, not both.").format(
                    names=", ".join(sorted(twice))
                )
            )
        lacking = [column.name for column in native if column.needed and column.name not in named]
        if lacking:
            raise ValueError(
                _("The table {into} needs {names}: name a column or a constant for it.").format(
                    into=self.into, names=", ".join(lacking)
                )
            )
        return self


class RosterSettings(Section):
    """Where the roster comes from and how it is judged."""

    path: Path
    format: Literal["auto", "native", "oneroster", "table"] = "auto"
    # OneRoster only: a folder of delta deliveries, laid over `path` in the order of their names.
    deltas: Path | None = None
    # Of CSV files; anything but UTF-8 has to be declared.
    encoding: str = "utf-8"
    # Names the space of person ids: two sources that share it share accounts. Default: the school's
    # id.
    namespace: str = ""
    rules: RosterRules = Field(default_factory=RosterRules)
    tolerate_errors: int = Field(default=0, ge=0)
    school: SchoolSettings = Field(default_factory=SchoolSettings)
    # Exports that are neither native nor OneRoster, and how to read them.
    tables: tuple[TableSettings, ...] = ()

    @field_validator("encoding")
    @classmethod
    def _encoding_is_known(cls, encoding: str) -> str:
        try:
            codecs.lookup(encoding)
            b"a".decode(encoding, "ignore")  # codecs that are no text encodings refuse here
        except LookupError:
            raise ValueError(
                _("We do not know the encoding {name}. Write utf-8 or cp1251.").format(
                    name=encoding
                )
            ) from None
        return encoding
