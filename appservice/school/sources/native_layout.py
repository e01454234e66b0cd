from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple, get_args

from appservice.school.model import MemberRole, Role
from appservice.school.sources.cells import (
    DAY,
    EXTERNAL_IDS,
    GRADE,
    NAME,
    NATIVE_ID,
    NATIVE_IDS,
    TEXT,
    TRUE_OR_FALSE,
    choice,
)
from appservice.school.sources.rows import Column

SCHOOL_FILE = "school.yaml"

NativeName = Literal["people", "roles", "classes", "groups", "memberships", "guardians", "consents"]
NATIVE_NAMES: tuple[NativeName, ...] = get_args(NativeName)


class NativeTable(NamedTuple):
    """`optional`: the file may be left out. `may_be_empty`: it may hold a header alone."""

    file: str
    columns: tuple[Column, ...]
    optional: bool = False
    may_be_empty: bool = False


_ROLE = choice({role.value: role for role in Role})
_MEMBER_ROLE = choice({role.value: role for role in MemberRole})
_STATUS = choice({"active": True, "inactive": False}, blank=True)
TRUTHS = choice(TRUE_OR_FALSE, blank=True)


def _end(name: str) -> Column:
    return Column(name, NATIVE_ID, needed=True, essential=True, holds=True)


def _own(name: str) -> Column:
    return Column(name, NATIVE_ID, needed=True, essential=True, own=True, holds=True)


_PERSON = _end("person_id")
_BEGIN, _END = Column("begin", DAY), Column("end", DAY)

LAYOUT: Mapping[NativeName, NativeTable] = {
    "people": NativeTable(
        "people.csv",
        (
            _own("person_id"),
            Column("family_name", NAME, needed=True),
            Column("given_name", NAME, needed=True),
            Column("patronymic", NAME),
            Column("birth_date", DAY),
            Column("email", TEXT),
            Column("phone", TEXT),
            Column("external_ids", EXTERNAL_IDS),
            Column("status", _STATUS),
        ),
    ),
    "roles": NativeTable(
        "roles.csv",
        (_PERSON, Column("role", _ROLE, needed=True, essential=True), _BEGIN, _END),
    ),
    "classes": NativeTable(
        "classes.csv",
        (
            _own("class_id"),
            Column("label", NAME, needed=True),
            Column("grade", GRADE),
            Column("year", TEXT),
        ),
    ),
    "groups": NativeTable(
        "groups.csv",
        (
            _own("group_id"),
            Column("class_ids", NATIVE_IDS),
            Column("subject", NAME),
            Column("title", NAME),
        ),
        may_be_empty=True,
    ),
    "memberships": NativeTable(
        "memberships.csv",
        (
            _PERSON,
            Column("class_or_group_id", NATIVE_ID, needed=True, essential=True, touches=True),
            Column("role", _MEMBER_ROLE, needed=True, essential=True),
            _BEGIN,
            _END,
        ),
    ),
    "guardians": NativeTable(
        "guardians.csv",
        (
            _end("student_id"),
            _end("guardian_id"),
            Column("relation", TEXT),
            Column("legal", TRUTHS),
            Column("may_view_diary", TRUTHS),
        ),
        optional=True,
        may_be_empty=True,
    ),
    "consents": NativeTable(
        "consents.csv",
        (
            _PERSON,
            Column("kind", TEXT, needed=True, essential=True),
            Column("document", TEXT, needed=True),
            Column("given_by", NATIVE_ID, needed=True, essential=True, touches=True),
            Column("given_at", DAY, needed=True, essential=True),
            Column("withdrawn_at", DAY),
        ),
        optional=True,
        may_be_empty=True,
    ),
}

KIND_OF: Mapping[NativeName, str] = {  # as Roster.files and Roster.columns call it
    name: "guardianships" if name == "guardians" else name for name in NATIVE_NAMES
}
