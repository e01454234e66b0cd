"""The people of OneRoster: users, their roles, who is whose guardian."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from appservice.language import _
from appservice.school.model import Person, Role, RoleAssignment
from appservice.school.sources.findings import Findings
from appservice.school.sources.oneroster_ground import Ground, Tables
from appservice.school.sources.oneroster_layout import Version
from appservice.school.sources.oneroster_reports import (
    report_backwards,
    report_dangling,
    report_duplicate,
)
from appservice.school.sources.oneroster_tables import LayeredTable

ROLES: Mapping[str, Role] = {
    "student": Role.STUDENT,
    "teacher": Role.TEACHER,
    "guardian": Role.GUARDIAN,
    "parent": Role.GUARDIAN,
    "relative": Role.GUARDIAN,
    "administrator": Role.SCHOOL_ADMIN,
    "principal": Role.SCHOOL_ADMIN,
    "siteAdministrator": Role.SCHOOL_ADMIN,
    "aide": Role.STAFF,
    "counselor": Role.STAFF,
    "proctor": Role.STAFF,
    "systemAdministrator": Role.STAFF,
    "districtAdministrator": Role.OBSERVER,
}


@dataclass(slots=True)
class People:
    """`words`: person → the role words of their rows; `agents`: person → (row, the people named as
    their agents).
    """

    people: dict[str, Person] = field(default_factory=dict)
    roles: list[RoleAssignment] = field(default_factory=list)
    words: dict[str, tuple[str, ...]] = field(default_factory=dict)
    agents: dict[str, tuple[int, tuple[str, ...]]] = field(default_factory=dict)
    homeless: set[str] = field(default_factory=set)  # whose roles name no school


def read_people(
    tables: Tables, profiles: set[str] | None, ground: Ground, version: Version, findings: Findings
) -> People:
    """`profiles`: the ids of userProfiles.csv, None where the delivery has none."""
    births = _read_births(tables["demographics"], findings)
    found = People()
    if version == "1.1":
        _read_users_11(tables["users"], births, ground, found, findings)
    else:
        _read_users_12(tables["users"], births, ground, found, findings)
        _read_roles(tables["roles"], profiles, ground, found, findings)
    for person_id in births.keys() - found.people.keys():
        report_dangling(
            findings,
            tables["demographics"].file,
            births[person_id][1],
            "sourcedId",
            person_id,
            tables["users"].file,
            holds=(person_id,),
        )
    return found


def _read_births(table: LayeredTable, findings: Findings) -> dict[str, tuple[date | None, int]]:
    births: dict[str, tuple[date | None, int]] = {}
    if table.present:
        for row, (own, _status, _time, birth) in table.read(findings):
            if own in births:
                report_duplicate(findings, table.file, row, own, holds=(own,))
            else:
                births[own] = (birth, row)
    return births


_UNBORN: tuple[None, int] = (None, 0)


def _read_users_11(
    table: LayeredTable,
    births: Mapping[str, tuple[date | None, int]],
    ground: Ground,
    found: People,
    findings: Findings,
) -> None:
    people, words, agents_of, roles = found.people, found.words, found.agents, found.roles
    school_of = ground.school_of
    for row, values in table.read(findings):
        (
            own,
            _s,
            _t,
            enabled,
            _login,
            ids,
            given,
            family,
            middle,
            email,
            sms,
            phone,
            agents,
            orgs,
            word,
        ) = values
        if own in people:
            report_duplicate(findings, table.file, row, own, holds=(own,))
            continue
        people[own] = Person(
            own,
            family,
            given,
            middle,
            births.get(own, _UNBORN)[0],
            email,
            sms or phone,
            tuple(sorted(ids)),
            enabled,
            row,
        )
        words[own] = (word,)
        if agents:
            agents_of[own] = (row, agents)
        schools: set[str] = set()
        for org in orgs:
            school = school_of.get(org)
            if school is None:
                report_dangling(
                    findings, table.file, row, "orgSourcedIds", org, "orgs.csv", holds=(own,)
                )
            elif school:
                schools.add(school)
        role = ROLES.get(word)
        if role is None:
            continue
        for school in schools:
            roles.append(RoleAssignment(own, school, role, None, None, row))
        if not schools:
            found.homeless.add(own)


def _read_users_12(
    table: LayeredTable,
    births: Mapping[str, tuple[date | None, int]],
    ground: Ground,
    found: People,
    findings: Findings,
) -> None:
    people, agents_of, school_of = found.people, found.agents, ground.school_of
    for row, values in table.read(findings):
        own, _s, _t, enabled, _login, ids, given, family, middle, email, sms, phone, agents, org = (
            values
        )
        if own in people:
            report_duplicate(findings, table.file, row, own, holds=(own,))
            continue
        people[own] = Person(
            own,
            family,
            given,
            middle,
            births.get(own, _UNBORN)[0],
            email,
            sms or phone,
            tuple(sorted(ids)),
            enabled,
            row,
        )
        if agents:
            agents_of[own] = (row, agents)
        if org and org not in school_of:
            report_dangling(
                findings, table.file, row, "primaryOrgSourcedId", org, "orgs.csv", holds=(own,)
            )


def _read_roles(
    table: LayeredTable,
    profiles: set[str] | None,
    ground: Ground,
    found: People,
    findings: Findings,
) -> None:
    people, words, roles = found.people, found.words, found.roles
    school_of = ground.school_of
    seen: set[str] = set()
    primary: dict[str, str] = {}  # person → the organisation of their first primary role
    more_primary: set[tuple[str, str]] = set()
    placed: set[str] = set()
    unknown: set[str] = set()
    for row, values in table.read(findings):
        own, _s, _t, user, type_, word, begin, end, org, profile = values
        if own in seen:
            report_duplicate(findings, table.file, row, own, holds=(user,))
            continue
        if own:
            seen.add(own)
        person = people.get(user)
        if person is None:
            report_dangling(
                findings, table.file, row, "userSourcedId", user, "users.csv", holds=(user,)
            )
            continue
        user = person[0]
        school = school_of.get(org)
        if school is None:
            report_dangling(
                findings, table.file, row, "orgSourcedId", org, "orgs.csv", holds=(user,)
            )
        if begin is not None and end is not None:
            report_backwards(findings, table.file, row, begin, end, holds=(user,))
        if profile:
            _check_profile(table.file, row, user, profile, profiles, findings)
        if type_ == "primary":
            first = primary.get(user)
            if first is None:
                primary[user] = org
            elif first == org or (user, org) in more_primary:
                _report_two_primary(table.file, row, user, findings)
            else:
                more_primary.add((user, org))
        said = words.get(user)
        words[user] = (word,) if said is None else (*said, word)
        role = ROLES.get(word)
        if role is None:
            if word not in unknown:
                unknown.add(word)
                findings.add(
                    "unknown_metadata",
                    table.file,
                    row,
                    "role",
                    _("We do not know the role {value}. It gives no right in any room.").format(
                        value=word
                    ),
                )
        elif school:
            placed.add(user)
            roles.append(RoleAssignment(user, school, role, begin, end, row))
    found.homeless.update(words.keys() - placed)


def _report_two_primary(file: str, row: int, user: str, findings: Findings) -> None:
    findings.add(
        "two_primary_roles",
        file,
        row,
        "roleType",
        _("This person has a primary role in this organisation already. Make one secondary."),
        holds=(user,),
    )


def _check_profile(
    file: str, row: int, user: str, profile: str, profiles: set[str] | None, findings: Findings
) -> None:
    if profiles is None:
        if "userProfiles.csv" not in {problem.file for problem in findings.problems}:
            findings.add(
                "missing_file",
                "userProfiles.csv",
                0,
                "",
                _(
                    "Other files refer to rows of this one. Add it, and announce it in the"
                    " manifest."
                ),
            )
    elif profile not in profiles:
        report_dangling(
            findings, file, row, "userProfileSourcedId", profile, "userProfiles.csv", holds=(user,)
        )
