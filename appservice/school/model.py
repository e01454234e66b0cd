"""The values of a roster. Immutable, compared by value.

Dates are calendar days, every `end` is exclusive. `row` is the line of the source file an entity
came from (1 = the header), for messages only: 0 when unknown.
Entities are named tuples, for a region's roster holds a million of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import NamedTuple


class Role(StrEnum):
    """What a person is in a school."""

    STUDENT = "student"
    GUARDIAN = "guardian"
    TEACHER = "teacher"
    CLASS_TEACHER = "class_teacher"
    SCHOOL_ADMIN = "school_admin"
    STAFF = "staff"
    OBSERVER = "observer"


class MemberRole(StrEnum):
    """What a person is in a class or teaching group."""

    STUDENT = "student"
    TEACHER = "teacher"
    CLASS_TEACHER = "class_teacher"
    GUARDIAN = "guardian"
    STAFF = "staff"
    OBSERVER = "observer"
    MODERATOR = "moderator"  # a guardian whom the guardians of a class elected


class School(NamedTuple):
    school_id: str
    name: str
    time_zone: str = "Europe/Moscow"  # IANA name
    language: str = "ru"
    year: str = ""  # "2026/2027"
    row: int = 0


class SchoolClass(NamedTuple):
    class_id: str  # stable from year to year
    school_id: str
    label: str  # "5А"
    grade: int | None = None
    year: str = ""
    row: int = 0


class TeachingGroup(NamedTuple):
    """A subject in one class, in several, or in part of one; without one: a club or council."""

    group_id: str
    school_id: str
    class_ids: tuple[str, ...]
    subject: str
    title: str
    row: int = 0


class Person(NamedTuple):
    person_id: str
    family_name: str
    given_name: str
    patronymic: str = ""
    birth_date: date | None = None
    email: str = ""
    phone: str = ""
    external_ids: tuple[tuple[str, str], ...] = ()  # (provider, id at that provider), sorted
    active: bool = True
    row: int = 0


class RoleAssignment(NamedTuple):
    person_id: str
    school_id: str
    role: Role
    begin: date | None = None
    end: date | None = None
    row: int = 0


class Membership(NamedTuple):
    person_id: str
    target_id: str  # class_id or group_id; the two share one name space
    role: MemberRole
    begin: date | None = None
    end: date | None = None
    row: int = 0


class Guardianship(NamedTuple):
    student_id: str
    guardian_id: str
    relation: str = ""
    legal: bool = True
    may_view_diary: bool = True
    begin: date | None = None
    end: date | None = None
    row: int = 0


class Consent(NamedTuple):
    person_id: str
    kind: str  # "data_processing", ...
    document: str  # version of the text that was signed
    given_by: str  # person_id of the signer
    given_at: date
    withdrawn_at: date | None = None
    row: int = 0


@dataclass(frozen=True, slots=True)
class Roster:
    """A whole delivery, accepted or not.

    Sequences are sorted by their ids, so the order of rows means nothing. `files` names the file
    each kind of entity came from ("people" → "users.csv"); `columns` the column a field came from
    where it is called otherwise (("people", "given_name") → "givenName").
    """

    schools: tuple[School, ...] = ()
    people: Mapping[str, Person] = field(default_factory=dict)  # by person_id
    roles: tuple[RoleAssignment, ...] = ()
    classes: Mapping[str, SchoolClass] = field(default_factory=dict)  # by class_id
    groups: Mapping[str, TeachingGroup] = field(default_factory=dict)  # by group_id
    memberships: tuple[Membership, ...] = ()
    guardianships: tuple[Guardianship, ...] = ()
    consents: tuple[Consent, ...] = ()
    files: Mapping[str, str] = field(default_factory=dict)
    columns: Mapping[tuple[str, str], str] = field(default_factory=dict)


def in_force(begin: date | None, end: date | None, day: date) -> bool:
    """Whether [begin, end) holds `day`; an open side never ends it."""
    return (begin is None or begin <= day) and (end is None or day < end)
