"""One class, one pupil, in every format: valid to the last cell, so one change is one problem."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Literal

from appservice.school.problem import Delivery, Severity
from appservice.school.read import read_roster
from appservice.school.settings import RosterRules, RosterSettings

TODAY = date(2026, 10, 1)

Files = dict[str, str | bytes]
Change = Callable[[Files], None]
Told = tuple[str, str, int, str, str]  # code, file, row, column, message

NATIVE: Mapping[str, str] = {
    "school.yaml": (
        "id: '17'\nname: School 17\ntime_zone: Europe/Samara\nlocale: en\nyear: 2026/2027\n"
    ),
    "people.csv": (
        "person_id,family_name,given_name,patronymic,birth_date,email,phone,external_ids,status\n"
        "s1,Иванова,Анна,Петровна,2015-03-02,,,,active\n"
        "g1,Иванов,Пётр,,1985-01-05,petr@example.org,+79990000001,esia:77|diary:5,\n"
        "t1,Орлова,Вера,Ильинична,,,,,active\n"
    ),
    "roles.csv": (
        "person_id,role,begin,end\ns1,student,,\ng1,guardian,,\nt1,teacher,2020-09-01,2030-06-01\n"
    ),
    "classes.csv": "class_id,label,grade,year\n5a,5А,5,\n",
    "groups.csv": "group_id,class_ids,subject,title\nalg,5a,Алгебра,\n",
    "memberships.csv": (
        "person_id,class_or_group_id,role,begin,end\n"
        "s1,5a,student,2026-09-01,2027-06-01\n"
        "t1,5a,class_teacher,,\n"
        "s1,alg,student,,\n"
        "t1,alg,teacher,,\n"
    ),
    "guardians.csv": (
        "student_id,guardian_id,relation,legal,may_view_diary\ns1,g1,father,true,true\n"
    ),
    "consents.csv": (
        "person_id,kind,document,given_by,given_at,withdrawn_at\n"
        "s1,data_processing,2026-1,g1,2026-08-20,\n"
    ),
}

_TABLES = {
    "1.1": [
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
    ],
    "1.2": [
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
    ],
}


def manifest(version: str, **modes: str) -> str:
    """A manifest in which every file that is not named is absent."""
    lines = ["propertyName,value", "manifest.version,1.0", f"oneroster.version,{version}"]
    lines += [f"file.{name},{modes.get(name, 'absent')}" for name in _TABLES[version]]
    return "\n".join(lines) + "\n"


_BULK = dict.fromkeys(
    ["academicSessions", "classes", "courses", "demographics", "enrollments", "orgs", "users"],
    "bulk",
)
_SHARED = {
    "academicSessions.csv": (
        "sourcedId,status,dateLastModified,title,type,startDate,endDate,parentSourcedId,schoolYear\n"
        "y27,,,2026/27,schoolYear,2026-09-01,2027-06-01,,2027\n"
        "q1,,,Quarter 1,term,2026-09-01,2026-11-01,y27,2027\n"
    ),
    "orgs.csv": (
        "sourcedId,status,dateLastModified,name,type,identifier,parentSourcedId\n"
        "d1,,,District,district,,\n"
        "17,,,School 17,school,,d1\n"
    ),
    "courses.csv": (
        "sourcedId,status,dateLastModified,schoolYearSourcedId,title,courseCode,grades,"
        "orgSourcedId,subjects,subjectCodes\n"
        "c0,,,y27,Homeroom,,,17,,\n"
        "c1,,,y27,Алгебра,,5,17,Алгебра,\n"
    ),
    "classes.csv": (
        "sourcedId,status,dateLastModified,title,grades,courseSourcedId,classCode,classType,"
        "location,schoolSourcedId,termSourcedIds,subjects,subjectCodes,periods\n"
        '5a,,,5А,05,c0,,homeroom,,17,"y27,q1",,,\n'
        "alg,,,Алгебра 5А,05,c1,,scheduled,,17,y27,,,\n"
    ),
    "enrollments.csv": (
        "sourcedId,status,dateLastModified,classSourcedId,schoolSourcedId,userSourcedId,role,"
        "primary,beginDate,endDate\n"
        "e1,,,5a,17,s1,student,,2026-09-01,2027-06-01\n"
        "e2,,,5a,17,t1,teacher,true,,\n"
        "e3,,,alg,17,s1,student,,,\n"
        "e4,,,alg,17,t1,teacher,true,,\n"
    ),
    "demographics.csv": (
        "sourcedId,status,dateLastModified,birthDate,sex\ns1,,,2015-03-02,\ng1,,,1985-01-05,\n"
    ),
}
ONEROSTER_11: Mapping[str, str] = _SHARED | {
    "manifest.csv": manifest("1.1", **_BULK),
    "users.csv": (
        "sourcedId,status,dateLastModified,enabledUser,orgSourcedIds,role,username,userIds,"
        "givenName,familyName,middleName,identifier,email,sms,phone,agentSourcedIds,grades,"
        "password\n"
        "s1,,,true,17,student,s1,,Анна,Иванова,Петровна,,,,,g1,05,\n"
        'g1,,,true,"d1,17",parent,g1,"{esia:77},{diary:5}",Пётр,Иванов,,,petr@example.org,'
        "+79990000001,,s1,,\n"
        "t1,,,true,17,teacher,t1,,Вера,Орлова,Ильинична,,,,,,,secret\n"
    ),
}
ONEROSTER_12: Mapping[str, str] = _SHARED | {
    "manifest.csv": manifest("1.2", **_BULK, roles="bulk"),
    "users.csv": (
        "sourcedId,status,dateLastModified,enabledUser,username,userIds,givenName,familyName,"
        "middleName,identifier,email,sms,phone,agentSourcedIds,grades,password,"
        "userMasterIdentifier,preferredGivenName,preferredMiddleName,preferredFamilyName,"
        "primaryOrgSourcedId,pronouns\n"
        "s1,,,true,s1,,Анна,Иванова,Петровна,,,,,g1,05,,,,,,17,\n"
        'g1,,,true,g1,"{esia:77},{diary:5}",Пётр,Иванов,,,petr@example.org,+79990000001,,s1,'
        ",,,,,,,\n"
        "t1,,,true,t1,,Вера,Орлова,Ильинична,,,,,,,secret,,,,,17,\n"
    ),
    "roles.csv": (
        "sourcedId,status,dateLastModified,userSourcedId,roleType,role,beginDate,endDate,"
        "orgSourcedId,userProfileSourcedId\n"
        "r1,,,s1,primary,student,,,17,\n"
        "r2,,,g1,primary,parent,,,17,\n"
        "r3,,,t1,primary,teacher,2020-09-01,2030-06-01,17,\n"
    ),
}

Format = Literal["native", "1.1", "1.2"]
TINY: Mapping[Format, Mapping[str, str]] = {
    "native": NATIVE,
    "1.1": ONEROSTER_11,
    "1.2": ONEROSTER_12,
}
# OneRoster cannot say who consented.
RULES: Mapping[Format, RosterRules] = {
    "native": RosterRules(),
    "1.1": RosterRules(consent_needed="off"),
    "1.2": RosterRules(consent_needed="off"),
}


def tiny(form: Format) -> Files:
    return dict(TINY[form])


def laid_out(files: Mapping[str, str | bytes], folder: Path) -> Path:
    """The files in a new folder."""
    folder.mkdir(parents=True)
    for name, content in files.items():
        (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


def zipped(files: Mapping[str, str | bytes], path: Path) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def read(path: Path, form: Format = "native", **settings: object) -> Delivery:
    return read_roster(
        RosterSettings.model_validate({"path": path, "rules": RULES[form], **settings}),
        today=TODAY,
    )


def told(delivery: Delivery) -> list[Told]:
    return [
        (problem.code, problem.file, problem.row, problem.column, problem.message)
        for problem in delivery.problems
    ]


def refused(delivery: Delivery) -> list[Told]:
    """What was told, of a delivery that could not be read."""
    assert delivery.roster is None
    assert {problem.severity for problem in delivery.problems} == {Severity.FATAL}
    return told(delivery)


# --- changes -----------------------------------------------------------------------------------


def cell(file: str, row: int, column: str, value: str) -> Change:
    """Writes a value into the row (1 is the header) and column. Only for rows without quotes."""

    def change(files: Files) -> None:
        lines = _text(files, file).split("\n")
        place = lines[0].split(",").index(column)
        cells = lines[row - 1].split(",")
        assert '"' not in lines[row - 1]
        cells[place] = value
        lines[row - 1] = ",".join(cells)
        files[file] = "\n".join(lines)

    return change


def line(file: str, text: str) -> Change:
    """Adds a row."""

    def change(files: Files) -> None:
        files[file] = _text(files, file) + text + "\n"

    return change


def swap(file: str, old: str, new: str) -> Change:
    """Puts one text in the place of another."""

    def change(files: Files) -> None:
        before = _text(files, file)
        assert before.count(old) == 1, f"{old!r} stands {before.count(old)} times in {file}"
        files[file] = before.replace(old, new)

    return change


def whole(file: str, content: str | bytes) -> Change:
    def change(files: Files) -> None:
        files[file] = content

    return change


def removed(*names: str) -> Change:
    def change(files: Files) -> None:
        for name in names:
            del files[name]

    return change


def renamed(old: str, new: str) -> Change:
    def change(files: Files) -> None:
        files[new] = files.pop(old)

    return change


def both(*changes: Change) -> Change:
    def change(files: Files) -> None:
        for one in changes:
            one(files)

    return change


def _text(files: Files, name: str) -> str:
    content = files[name]
    assert isinstance(content, str)
    return content
