"""The tables of OneRoster 1.1 and 1.2 CSV: files, headers in their order, and what stands in the
columns we read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, get_args

from appservice.school.sources.cells import (
    DAY,
    MOMENT,
    NAME,
    REFERENCES,
    SOURCED_ID,
    TEXT,
    TRUE_OR_FALSE,
    USER_IDS,
    YEAR,
    Kind,
    choice,
    words,
)
from appservice.school.sources.rows import Column

Version = Literal["1.1", "1.2"]
VERSIONS: tuple[Version, ...] = get_args(Version)

TableName = Literal[
    "orgs",
    "academicSessions",
    "courses",
    "classes",
    "demographics",
    "users",
    "roles",
    "enrollments",
]
TABLES: tuple[TableName, ...] = get_args(TableName)

_FILES_11 = [
    "academicSessions",
    "categories",
    "classes",
    "classResources",
    "courseResources",
    "courses",
    "demographics",
    "enrollments",
    "lineItems",
    "orgs",
    "resources",
    "results",
    "users",
]
_FILES_12 = [
    "academicSessions",
    "categories",
    "classes",
    "classResources",
    "courseResources",
    "courses",
    "demographics",
    "enrollments",
    "lineItemLearningObjectiveIds",
    "lineItems",
    "lineItemScoreScales",
    "orgs",
    "resources",
    "resultLearningObjectiveIds",
    "results",
    "resultScoreScales",
    "roles",
    "scoreScales",
    "userProfiles",
    "userResources",
    "users",
]
FILES: Mapping[Version, Sequence[str]] = {"1.1": _FILES_11, "1.2": _FILES_12}

NEEDED: Mapping[Version, Sequence[TableName]] = {
    "1.1": ("academicSessions", "classes", "enrollments", "orgs", "users"),
    "1.2": ("academicSessions", "classes", "courses", "enrollments", "orgs", "roles", "users"),
}

_START = "sourcedId status dateLastModified "
_USERS_12 = (
    "enabledUser username userIds givenName familyName middleName identifier email sms phone"
    " agentSourcedIds grades password userMasterIdentifier {}preferredGivenName"
    " preferredMiddleName preferredFamilyName primaryOrgSourcedId pronouns"
)
_HEADERS: Mapping[TableName, Sequence[str]] = {
    "orgs": ("name type identifier parentSourcedId",),
    "academicSessions": ("title type startDate endDate parentSourcedId schoolYear",),
    "courses": ("schoolYearSourcedId title courseCode grades orgSourcedId subjects subjectCodes",),
    "classes": (
        "title grades courseSourcedId classCode classType location schoolSourcedId termSourcedIds"
        " subjects subjectCodes periods",
    ),
    "enrollments": ("classSourcedId schoolSourcedId userSourcedId role primary beginDate endDate",),
    "roles": ("userSourcedId roleType role beginDate endDate orgSourcedId userProfileSourcedId",),
}
_USERS_11 = (
    "enabledUser orgSourcedIds role username userIds givenName familyName middleName identifier"
    " email sms phone agentSourcedIds grades password"
)


def headers_of(table: TableName, version: Version) -> list[list[str]]:
    """The headers a table may have, the standard's own first; the others have been met in the wild.

    Of demographics only the beginning is named: the birth date is read and the rest is dropped.
    """
    if table == "users":
        texts = (
            [_USERS_11]
            if version == "1.1"
            else [
                _USERS_12.format(""),
                _USERS_12.format("resourceSourcedIds "),
            ]
        )
        return [(_START + text).split() for text in texts]
    if table == "demographics":
        standard = (_START + "birthDate").split()
        return [standard, ["userSourcedId", "status", "dateLastModified", "birthdate"]]
    return [(_START + text).split() for text in _HEADERS[table]]


_EXTENSION = "ext:[A-Za-z0-9._-]+"  # 1.2 alone

_REFERENCE = TEXT
_FREQUENT = Kind(TEXT.parse, repeats=True)  # few classes, schools and terms stand in many rows
_PRIMARY = choice(TRUE_OR_FALSE, blank=False)
_ENABLED = choice(TRUE_OR_FALSE, blank=True)

STATUS = {
    "1.1": words(("active", "tobedeleted", "inactive")),
    "1.2": words(("active", "tobedeleted")),
}
# In a bulk file both stand empty; where they are filled all the same, what they say is read.
_BULK = (Column("status", STATUS["1.1"]), Column("dateLastModified", TEXT))

_ID = Column("sourcedId", SOURCED_ID, needed=True)
_OWN = _ID._replace(essential=True, own=True)
_PERSON = Column("userSourcedId", _REFERENCE, needed=True, essential=True, holds=True)
_PERIOD = (Column("beginDate", DAY), Column("endDate", DAY))
_ABOUT_PERSON = (
    _OWN._replace(holds=True),
    *_BULK,
    Column("enabledUser", _ENABLED, needed=True),
    Column("username", TEXT, needed=True),
    Column("userIds", USER_IDS),
    Column("givenName", NAME, needed=True),
    Column("familyName", NAME, needed=True),
    Column("middleName", NAME),
    Column("email", TEXT),
    Column("sms", TEXT),
    Column("phone", TEXT),
    Column("agentSourcedIds", REFERENCES),
)


def _role(options: str, extension: str) -> Column:
    return Column("role", words(options.split(), pattern=extension), needed=True, essential=True)


def _kind_of(column: str, options: str, extension: str) -> Column:
    return Column(column, words(options.split(), pattern=extension), needed=True)


def _columns(extension: str) -> dict[TableName, tuple[Column, ...]]:
    return {
        "orgs": (
            _OWN,
            *_BULK,
            Column("name", NAME, needed=True),
            _kind_of("type", "department school district local state national", extension),
            Column("parentSourcedId", _REFERENCE),
        ),
        "academicSessions": (
            _OWN,
            *_BULK,
            Column("title", TEXT, needed=True),
            _kind_of("type", "gradingPeriod semester schoolYear term", extension),
            Column("startDate", DAY, needed=True),
            Column("endDate", DAY, needed=True),
            Column("parentSourcedId", _REFERENCE),
            Column("schoolYear", YEAR, needed=True),
        ),
        "courses": (
            _OWN,
            *_BULK,
            Column("schoolYearSourcedId", _REFERENCE),
            Column("title", NAME, needed=True),
            Column("orgSourcedId", _FREQUENT, needed=True),
        ),
        "classes": (
            _OWN._replace(holds=True),
            *_BULK,
            Column("title", NAME, needed=True),
            Column("grades", TEXT),
            Column("courseSourcedId", _REFERENCE, needed=True),
            _kind_of("classType", "homeroom scheduled", extension),
            Column("schoolSourcedId", _FREQUENT, needed=True),
            Column("termSourcedIds", REFERENCES, needed=True),
        ),
        "demographics": (
            _PERSON._replace(name="sourcedId"),
            *_BULK,
            Column("birthDate", DAY),
        ),
        "users": (
            *_ABOUT_PERSON,
            *(
                (Column("primaryOrgSourcedId", _FREQUENT),)
                if extension
                else (
                    Column("orgSourcedIds", REFERENCES, needed=True),
                    _role(
                        "administrator aide guardian parent proctor relative student teacher", ""
                    )._replace(essential=False),
                )
            ),
        ),
        "roles": (
            _ID,
            *_BULK,
            _PERSON,
            _kind_of("roleType", "primary secondary", ""),
            _role(
                "aide counselor districtAdministrator guardian parent principal proctor relative"
                " siteAdministrator student systemAdministrator teacher",
                extension,
            ),
            *_PERIOD,
            Column("orgSourcedId", _FREQUENT, needed=True, essential=True),
            Column("userProfileSourcedId", _REFERENCE),
        ),
        "enrollments": (
            _ID,
            *_BULK,
            Column("classSourcedId", _FREQUENT, needed=True, essential=True, touches=True),
            Column("schoolSourcedId", _FREQUENT, needed=True),
            _PERSON,
            _role("administrator proctor student teacher", extension),
            Column("primary", _PRIMARY),
            *_PERIOD,
        ),
    }


COLUMNS: Mapping[Version, Mapping[TableName, Sequence[Column]]] = {
    "1.1": _columns(""),
    "1.2": _columns(_EXTENSION),
}
"""What is read of each table: id, status, dateLastModified and what its reader expects, in this
order.
"""


def delta_columns(table: TableName, version: Version) -> list[Column]:
    """What is checked of the row of a delta before it is laid over the others: its id, status and
    time.
    """
    own, _status, _time, *others = COLUMNS[version][table]
    return [
        own,
        Column("status", STATUS[version], needed=True, essential=True),
        Column("dateLastModified", MOMENT, needed=True),
        *(
            column._replace(kind=Kind(str), needed=False, essential=False)
            for column in others
            if column.holds
        ),
    ]
