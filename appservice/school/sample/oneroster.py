"""A roster as a OneRoster 1.1 or 1.2 CSV delivery, in bulk (docs/roster.md).

OneRoster carries no consents, no elected guardians and no relation closer than "parent"; a club is
a course of its own there, and in 1.1 a user has one role, so that a teacher is nobody's guardian.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Literal

from appservice.school.model import Roster, SchoolClass
from appservice.school.sample.csv_tables import Cells, empty_folder, text, write_table
from appservice.school.sample.oneroster_people import (
    agents_of,
    enrollments,
    roles_1_2,
    users_1_1,
    users_1_2,
)

OneRosterVersion = Literal["1.1", "1.2"]

_TABLES: dict[OneRosterVersion, str] = {
    "1.1": "academicSessions categories classes classResources courseResources courses demographics"
    " enrollments lineItems orgs resources results users",
    "1.2": "academicSessions categories classes classResources courseResources courses demographics"
    " enrollments lineItemLearningObjectiveIds lineItems lineItemScoreScales orgs resources"
    " resultLearningObjectiveIds results resultScoreScales roles scoreScales userProfiles"
    " userResources users",
}
_USERS = (
    "username userIds givenName familyName middleName identifier email sms phone agentSourcedIds"
    " grades password"
)
_HEADERS = {
    "academicSessions": "title type startDate endDate parentSourcedId schoolYear",
    "orgs": "name type identifier parentSourcedId",
    "courses": "schoolYearSourcedId title courseCode grades orgSourcedId subjects subjectCodes",
    "classes": "title grades courseSourcedId classCode classType location schoolSourcedId"
    " termSourcedIds subjects subjectCodes periods",
    "enrollments": "classSourcedId schoolSourcedId userSourcedId role primary beginDate endDate",
    "users 1.1": f"enabledUser orgSourcedIds role {_USERS}",
    "users 1.2": f"enabledUser {_USERS} userMasterIdentifier preferredGivenName preferredMiddleName"
    " preferredFamilyName primaryOrgSourcedId pronouns",
    "roles": "userSourcedId roleType role beginDate endDate orgSourcedId userProfileSourcedId",
    "demographics": "birthDate sex americanIndianOrAlaskaNative asian blackOrAfricanAmerican"
    " nativeHawaiianOrOtherPacificIslander white demographicRaceTwoOrMoreRaces"
    " hispanicOrLatinoEthnicity countryOfBirthCode stateOfBirthAbbreviation cityOfBirth"
    " publicSchoolResidenceStatus",
}


def write_oneroster(roster: Roster, directory: Path, version: OneRosterVersion) -> None:
    """Raises Refused when the folder holds other files."""
    tables = dict(_tables(roster, version))
    empty_folder(directory, ["manifest.csv", *(f"{name}.csv" for name in tables)])
    write_table(
        directory / "manifest.csv",
        ("propertyName", "value"),
        [
            ("manifest.version", "1.0"),
            ("oneroster.version", version),
            *(
                (f"file.{name}", "bulk" if name in tables else "absent")
                for name in _TABLES[version].split()
            ),
        ],
    )
    for name, rows in tables.items():
        header = _HEADERS[f"users {version}" if name == "users" else name]
        write_table(
            directory / f"{name}.csv",
            ("sourcedId", "status", "dateLastModified", *header.split()),
            ((sourced_id, "", "", *cells) for sourced_id, *cells in rows),
        )


def _tables(roster: Roster, version: OneRosterVersion) -> Iterator[tuple[str, Iterable[Cells]]]:
    agents = agents_of(roster, version)
    yield "academicSessions", _sessions(roster)
    yield "orgs", ((one.school_id, text(one.name), "school", "", "") for one in roster.schools)
    yield "courses", _courses(roster)
    yield "classes", _classes(roster)
    yield "enrollments", enrollments(roster)
    if version == "1.1":
        yield "users", users_1_1(roster, agents)
    else:
        yield "users", users_1_2(roster, agents)
        yield "roles", roles_1_2(roster)
    yield (
        "demographics",
        (
            (person.person_id, person.birth_date, *[""] * 12)
            for person in roster.people.values()
            if person.birth_date is not None
        ),
    )


def _years(roster: Roster) -> list[int]:
    """The calendar years in which the school years of the classes end."""
    years = {one.year for one in roster.classes.values()} | {one.year for one in roster.schools}
    return sorted({int(year[:4]) + 1 for year in years if year})


def _sessions(roster: Roster) -> Iterator[Cells]:
    for end in _years(roster):
        year, title = f"year-{end}", f"{end - 1}/{end}"
        yield year, title, "schoolYear", f"{end - 1}-09-01", f"{end}-09-01", "", end
        yield f"{year}-1", f"{title} 1", "semester", f"{end - 1}-09-01", f"{end}-01-01", year, end
        yield f"{year}-2", f"{title} 2", "semester", f"{end}-01-01", f"{end}-09-01", year, end


def _course_ids(roster: Roster) -> dict[tuple[str, str], str]:
    """(school, subject) → course: a club has one of its own, the classes that without a name."""
    pairs = {(school.school_id, ""): 0 for school in roster.schools}
    pairs |= {
        (group.school_id, group.subject or group.title): 0 for group in roster.groups.values()
    }
    return {pair: f"{pair[0]}-course{number}" for number, pair in enumerate(sorted(pairs), start=1)}


def _courses(roster: Roster) -> Iterator[Cells]:
    year = f"year-{_years(roster)[-1]}"
    languages = {school.school_id: school.language for school in roster.schools}
    for (school_id, subject), course_id in _course_ids(roster).items():
        together = "Класс" if languages[school_id] == "ru" else "Homeroom"
        yield course_id, year, text(subject or together), "", "", school_id, text(subject), ""


def _classes(roster: Roster) -> Iterator[Cells]:
    courses = _course_ids(roster)
    terms = {one.class_id: _terms(one) for one in roster.classes.values()}
    last = _years(roster)[-1]
    for one in roster.classes.values():
        yield (
            one.class_id,
            text(one.label),
            _grades([one]),
            courses[one.school_id, ""],
            "",
            "homeroom",
            "",
            one.school_id,
            terms[one.class_id],
            "",
            "",
            "",
        )
    for group in roster.groups.values():
        of_group = [roster.classes[class_id] for class_id in group.class_ids]
        yield (
            group.group_id,
            text(group.title),
            _grades(of_group),
            courses[group.school_id, group.subject or group.title],
            "",
            "scheduled",
            "",
            group.school_id,
            terms[of_group[0].class_id] if of_group else f"year-{last}-1,year-{last}-2",
            text(group.subject),
            "",
            "",
        )


def _terms(school_class: SchoolClass) -> str:
    end = int(school_class.year[:4]) + 1
    return f"year-{end}-1,year-{end}-2"


def _grades(classes: Sequence[SchoolClass]) -> str:
    return ",".join(sorted({f"{one.grade:02}" for one in classes if one.grade is not None}))
