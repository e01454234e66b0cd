"""Which events can be made of the rows of a table, and of which fields."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from appservice.diary.pull.comparing import Types

Family = Literal["grade", "homework", "absence", "late", "exam", "remark", "result"]


@dataclass(frozen=True, slots=True)
class EventTable:
    """`needed` and `others` are fields of the payload; `same` tell one thing from another where the
    file has no external_id; `goes` is what is said of one that is gone; `day` names its day.
    """

    types: Types
    needed: tuple[str, ...]
    others: tuple[str, ...]
    same: tuple[str, ...]
    goes: tuple[str, ...] = ()
    day: str = "day"

    @property
    def fields(self) -> tuple[str, ...]:
        return (*self.needed, *self.others)

    @property
    def known(self) -> frozenset[str]:
        """All fields that a column map may name."""
        return frozenset((*self.fields, *OF_ENVELOPE))


OF_ENVELOPE: Final = ("external_id", "revision")

FAMILIES: Final[Mapping[Family, EventTable]] = {
    "grade": EventTable(
        Types("grade.posted", "grade.changed", "grade.removed"),
        ("student", "subject", "value", "day"),
        ("work", "comment"),
        ("student", "subject", "day", "work"),
        ("student", "subject", "day"),
    ),
    "homework": EventTable(
        Types("homework.assigned", "homework.changed", "homework.cancelled"),
        ("place", "subject", "text", "due"),
        (),
        ("place", "subject", "due"),
        ("place", "subject", "due"),
        day="due",
    ),
    "absence": EventTable(
        Types("absence.recorded"), ("student", "day"), ("lessons",), ("student", "day")
    ),
    "late": EventTable(
        Types("absence.late"), ("student", "day"), ("lesson", "minutes"),
        ("student", "day", "lesson"),
    ),
    "exam": EventTable(
        Types("exam.scheduled"),
        ("place", "subject", "title", "day"),
        ("begins", "room", "topics"),
        ("place", "subject", "title"),
    ),
    "remark": EventTable(
        Types("remark.added"),
        ("student", "text"),
        ("tone", "subject", "teacher"),
        ("student", "text", "subject"),
        day="",
    ),
    "result": EventTable(
        Types("term.result"), ("student", "subject", "term", "value"), (),
        ("student", "subject", "term"), day="",
    ),
}  # fmt: skip

WHOLE_NUMBERS: Final = frozenset({"lesson", "minutes", "revision"})
DAYS: Final = frozenset({"day", "due"})
