from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from appservice.language import _
from appservice.school.masking import masked
from appservice.school.model import School, SchoolClass, TeachingGroup
from appservice.school.settings import SchoolSettings
from appservice.school.sources.findings import Findings
from appservice.school.sources.oneroster_layout import TableName
from appservice.school.sources.oneroster_reports import (
    report_backwards,
    report_dangling,
    report_duplicate,
)
from appservice.school.sources.oneroster_tables import LayeredTable

Tables = Mapping[TableName, LayeredTable]


class _Org(NamedTuple):
    name: str
    type: str
    parent: str
    row: int


@dataclass(slots=True)
class Ground:
    """`school_of`: organisation → the school it is or belongs to, "" for those above the schools.

    The groups do not know their classes yet: that depends on who is enrolled.
    """

    school_of: dict[str, str] = field(default_factory=dict)
    schools: dict[str, School] = field(default_factory=dict)
    classes: dict[str, SchoolClass] = field(default_factory=dict)
    groups: dict[str, TeachingGroup] = field(default_factory=dict)


def read_ground(tables: Tables, settings: SchoolSettings, findings: Findings) -> Ground:
    orgs = _read_orgs(tables["orgs"], findings)
    if findings.stopped():
        return Ground()
    years = _read_sessions(tables["academicSessions"], findings)
    courses = _read_courses(tables["courses"], years, orgs, findings)
    ground = Ground(school_of=_schools_above(orgs))
    newest = _read_classes(tables["classes"], ground, years, courses, findings)
    ground.schools = _schools(orgs, newest, max(years.values(), default=0), settings)
    return ground


def _read_orgs(table: LayeredTable, findings: Findings) -> dict[str, _Org]:
    orgs: dict[str, _Org] = {}
    for row, (own, _status, _time, name, type_, parent) in table.read(findings):
        if own in orgs:
            report_duplicate(findings, table.file, row, own)
        else:
            orgs[own] = _Org(name, type_, parent, row)
    for org in orgs.values():
        if org.parent and org.parent not in orgs:
            report_dangling(
                findings, table.file, org.row, "parentSourcedId", org.parent, table.file
            )
    _report_cycles(table.file, orgs, findings)
    if not findings.errors and not any(org.type == "school" for org in orgs.values()):
        findings.add(
            "empty_table",
            table.file,
            0,
            "type",
            _("No organisation here has the type school. Add the school."),
        )
    return orgs


def _report_cycles(file: str, orgs: Mapping[str, _Org], findings: Findings) -> None:
    """Each circle once, at its first row."""
    settled: set[str] = set()
    for start in orgs:
        path: dict[str, None] = {}
        name = start
        while name in orgs and name not in settled and name not in path:
            path[name] = None
            name = orgs[name].parent
        if name in path:
            trail = list(path)
            circle = trail[trail.index(name) :]
            findings.add(
                "org_cycle",
                file,
                min(orgs[member].row for member in circle),
                "parentSourcedId",
                _("{value} stands below itself. Correct which organisation it belongs to.").format(
                    value=masked(min(circle, key=lambda member: orgs[member].row))
                ),
            )
        settled.update(path)


def _schools_above(orgs: Mapping[str, _Org]) -> dict[str, str]:
    above: dict[str, str] = {}
    for start in orgs:
        name = start
        passed: set[str] = set()
        while name in orgs and orgs[name].type != "school" and name not in passed:
            passed.add(name)
            name = orgs[name].parent
        above[start] = name if name in orgs and orgs[name].type == "school" else ""
    return above


def _read_sessions(table: LayeredTable, findings: Findings) -> dict[str, int]:
    """Session → the year in which its school year ends."""
    years: dict[str, int] = {}
    parents: list[tuple[int, str]] = []
    for row, values in table.read(findings):
        own, _status, _time, _title, _type, start, end, parent, year = values
        if own in years:
            report_duplicate(findings, table.file, row, own)
            continue
        report_backwards(findings, table.file, row, start, end)
        years[own] = year
        if parent:
            parents.append((row, parent))
    for row, parent in parents:
        if parent not in years:
            report_dangling(findings, table.file, row, "parentSourcedId", parent, table.file)
    return years


def _read_courses(
    table: LayeredTable,
    years: Mapping[str, int],
    orgs: Mapping[str, _Org],
    findings: Findings,
) -> dict[str, str] | None:
    """Course → its title; None when the delivery has no courses."""
    if not table.present:
        return None
    titles: dict[str, str] = {}
    for row, (own, _status, _time, year, title, org) in table.read(findings):
        if own in titles:
            report_duplicate(findings, table.file, row, own)
            continue
        titles[own] = title
        if year and year not in years:
            report_dangling(
                findings, table.file, row, "schoolYearSourcedId", year, "academicSessions.csv"
            )
        if org and org not in orgs:
            report_dangling(findings, table.file, row, "orgSourcedId", org, "orgs.csv")
    return titles


def _read_classes(
    table: LayeredTable,
    ground: Ground,
    years: Mapping[str, int],
    courses: Mapping[str, str] | None,
    findings: Findings,
) -> dict[str, int]:
    """Fills the classes and groups of `ground`; returns school → the newest year any of its classes
    has.
    """
    newest: dict[str, int] = {}
    course_of: dict[str, str] = {}
    classes, groups = ground.classes, ground.groups
    for row, values in table.read(findings):
        own, _status, _time, title, grades, course, type_, org, terms = values
        held = (own,)
        if own in classes or own in groups:
            report_duplicate(findings, table.file, row, own, holds=held)
            continue
        if course and courses is None:
            _report_no_courses(findings)
        elif course and courses is not None and course not in courses:
            report_dangling(
                findings, table.file, row, "courseSourcedId", course, "courses.csv", holds=held
            )
        for term in terms:
            if term not in years:
                report_dangling(
                    findings,
                    table.file,
                    row,
                    "termSourcedIds",
                    term,
                    "academicSessions.csv",
                    holds=held,
                )
        school = _school_of_class(table.file, row, own, org, ground, findings)
        year = max((years.get(term, 0) for term in terms), default=0)
        course_of[own] = course
        newest[school] = max(newest.get(school, 0), year)
        if type_ == "homeroom":
            classes[own] = SchoolClass(own, school, title, _grade(grades), _school_year(year), row)
        else:
            groups[own] = TeachingGroup(
                own, school, (), (courses or {}).get(course, ""), title, row
            )
    # Every class must name a course: one that homerooms name is no subject, and what shares it is
    # a club or a council.
    of_homerooms = {course_of[name] for name in classes}
    for name, group in groups.items():
        if course_of[name] in of_homerooms:
            groups[name] = group._replace(subject="")
    return newest


def _school_of_class(
    file: str, row: int, own: str, org: str, ground: Ground, findings: Findings
) -> str:
    school = ground.school_of.get(org)
    if school:
        return school
    if school is None:
        if org:
            report_dangling(findings, file, row, "schoolSourcedId", org, "orgs.csv", holds=(own,))
    else:
        findings.add(
            "dangling_ref",
            file,
            row,
            "schoolSourcedId",
            _("{value} is no school and belongs to none. Name the school of the class.").format(
                value=masked(org)
            ),
            holds=(own,),
        )
    return ""


def _report_no_courses(findings: Findings) -> None:
    if "courses.csv" not in {problem.file for problem in findings.problems}:
        findings.add(
            "missing_file",
            "courses.csv",
            0,
            "",
            _("Other files refer to rows of this one. Add it, and announce it in the manifest."),
        )


def _schools(
    orgs: Mapping[str, _Org],
    newest: Mapping[str, int],
    latest: int,
    settings: SchoolSettings,
) -> dict[str, School]:
    found = {name: org for name, org in orgs.items() if org.type == "school"}
    defaults = School("", "")
    schools: dict[str, School] = {}
    for name, org in found.items():
        meant = settings.id in ("", name)
        only = settings.id == name or (meant and len(found) == 1)
        schools[name] = School(
            name,
            (settings.name if only else "") or org.name,
            (settings.time_zone if meant else "") or defaults.time_zone,
            (settings.locale if meant else "") or defaults.language,
            (settings.year if meant else "") or _school_year(newest.get(name) or latest),
            org.row,
        )
    return schools


def _grade(grades: str) -> int | None:
    for part in grades.split(","):
        part = part.strip()
        if part.isdecimal() and part.isascii() and int(part) <= 13:
            return int(part)
    return None


def _school_year(ends: int) -> str:
    """OneRoster names a school year after the calendar year in which it ends."""
    return f"{ends - 1}/{ends}" if ends else ""
